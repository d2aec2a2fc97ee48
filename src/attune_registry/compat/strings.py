"""Strings: lengths, patterns and formats."""

from attune_registry.compat.cases import Case, Gap
from attune_registry.compat.nodes import Node
from attune_registry.compat.patterns import is_within, matches_all
from attune_registry.compat.values import show

LENGTHS = ("minLength", "maxLength")
# Every value of the format named first is one of the others too (RFC 3986, 3987, 6531, 5890).
IMPLIED = {
    "uri": {"uri-reference", "iri", "iri-reference"},
    "uri-reference": {"iri-reference"},
    "iri": {"iri-reference"},
    "email": {"idn-email"},
    "hostname": {"idn-hostname"},
}


def least(case: Case, word: str) -> int:
    """The highest of the lower limits named `word` (`minLength`, `minItems`, ...)."""
    return max((int(node.words[word]) for node in case.flat if word in node.words), default=0)


def most(case: Case, word: str) -> int | None:
    """The lowest of the upper limits named `word`; None for no limit."""
    return min((int(node.words[word]) for node in case.flat if word in node.words), default=None)


def is_contradiction(case: Case) -> bool:
    """True when no string can be that long and that short."""
    limit = most(case, "maxLength")
    return limit is not None and least(case, "minLength") > limit


def check_limits(case: Case, right: Node, words: tuple[str, str], low: int, high: int | None) -> list[Gap]:
    """A pair of limits on a count, against the least and the greatest count of the case."""
    found: list[Gap] = []
    at_least, at_most = words
    if low < right.words.get(at_least, 0):
        wanted = show(right.words[at_least])
        found.append(Gap(at_least, str(low), wanted, case.at, f"{right.pointer}/{at_least}"))
    if at_most in right.words and (high is None or high > right.words[at_most]):
        wanted, have = show(right.words[at_most]), "none" if high is None else str(high)
        found.append(Gap(at_most, have, wanted, case.at, f"{right.pointer}/{at_most}"))
    return found


def check_strings(case: Case, right: Node) -> list[Gap]:
    """The strings that the case allows beyond those that `right` allows."""
    return _check_lengths(case, right) + _check_pattern(case, right) + _check_format(case, right)


def _check_lengths(case: Case, right: Node) -> list[Gap]:
    low, high = least(case, LENGTHS[0]), most(case, LENGTHS[1])
    found: list[Gap] = []
    for gap in check_limits(case, right, LENGTHS, low, high):
        limit = int(right.words[gap.what])
        lengths = f"{limit}," if gap.what == LENGTHS[0] else f"0,{limit}"
        # To some engines `$` is the end also before a last line end, which makes a text longer by one.
        sure = lengths if gap.what == LENGTHS[0] else f"0,{limit - 1}"
        if limit == 0 or _is_implied(case, _of_length(sure)) is not True:
            found.append(gap._replace(certain=_is_implied(case, _of_length(lengths)) is False))
    return found


def _of_length(lengths: str) -> str:
    return rf"^[\s\S]{{{lengths}}}$"


def _check_pattern(case: Case, right: Node) -> list[Gap]:
    if "pattern" not in right.words:
        return []
    wanted = right.words["pattern"]
    is_met = matches_all(wanted) or _is_implied(case, wanted)
    if is_met:
        return []
    shown = " and ".join(map(show, _patterns(case))) or "any"
    return [Gap("pattern", shown, show(wanted), case.at, f"{right.pointer}/pattern", is_met is False)]


def _is_implied(case: Case, pattern: str) -> bool | None:
    """Does every string that meets the patterns of the case match this one? None when there is no telling."""
    have = _patterns(case)
    answers = [is_within(each, pattern) for each in have]
    if True in answers:
        return True
    # With several patterns, or lengths beside one, a string may be ruled out by what was not looked at.
    is_certain = not have or (answers == [False] and not set(LENGTHS) & _words(case))
    return False if is_certain else None


def _patterns(case: Case) -> list[str]:
    return [node.words["pattern"] for node in case.flat if "pattern" in node.words]


def _words(case: Case) -> set[str]:
    return {word for node in case.flat for word in node.words}


def _check_format(case: Case, right: Node) -> list[Gap]:
    if "format" not in right.words:
        return []
    wanted = right.words["format"]
    have = [node.words["format"] for node in case.flat if "format" in node.words]
    if any(each == wanted or wanted in IMPLIED.get(each, ()) for each in have):
        return []
    shown = " and ".join(show(each) for each in have) or "none"
    return [Gap("format", shown, show(wanted), case.at, f"{right.pointer}/format", not have)]
