"""Keywords that combine schemas: `allOf`, `anyOf`, `oneOf`, `not`, `if`, `$ref`."""

from collections.abc import Iterator

from attune_registry.compat.cases import Case, Gap, Prover, spread
from attune_registry.compat.nodes import Node
from attune_registry.compat.objects import member, needed
from attune_registry.compat.types import types_of, written
from attune_registry.compat.values import show

MOST_VALUES = 16


def check_combined(case: Case, right: Node, prover: Prover) -> Iterator[Gap]:
    """What the case allows beyond what the schemas that `right` combines allow."""
    words = right.words
    yield from _check_reference(case, right, prover)
    for each in right.children("allOf"):
        yield from prover.gaps(case, each)
    for word in ("anyOf", "oneOf"):
        if word in words:
            yield from _check_choice(case, right, prover, word)
    if "not" in words and not prover.is_impossible(case.also(right.child("not"))):
        at, shown = right.pointer + "/not", show(words["not"])
        yield Gap("not", "as it was", shown, case.at, at, False)
    if "if" in words:
        yield from _check_conditional(case, right, prover)


def _check_reference(case: Case, right: Node, prover: Prover) -> Iterator[Gap]:
    if right.target is not None:
        yield from prover.gaps(case, right.target)
    elif "$ref" in right.words and right.outside not in case.met - {""}:
        yield Gap("$ref", "as it was", show(right.words["$ref"]), case.at, f"{right.pointer}/$ref", False)


def _check_conditional(case: Case, right: Node, prover: Prover) -> Iterator[Gap]:
    condition = right.child("if")
    if "then" in right.words:
        yield from prover.gaps(case.also(condition), right.child("then"))
    if "else" in right.words:
        yield from prover.gaps(case.also(condition.made({"not": condition.schema})), right.child("else"))


def _check_choice(case: Case, right: Node, prover: Prover, word: str) -> list[Gap]:
    branches = right.children(word)
    closest: tuple[Gap, ...] = ()
    for index, branch in enumerate(branches):
        rest = branches[:index] + branches[index + 1 :] if word == "oneOf" else []
        gaps = prover.gaps(case, branch)
        if not gaps and all(prover.is_impossible(case.also(each)) for each in rest):
            return []
        closest = gaps if not index or 0 < len(gaps) < len(closest) else closest
    pieces = _pieces(case, prover)
    if len(pieces) > 1:
        alone = right.made({word: right.words[word]})
        return [gap for piece in pieces for gap in prover.gaps(piece, alone)]
    if len(branches) == 1 and closest:
        return list(closest)
    kinds = " or ".join(written(types_of(case)))
    return [Gap(word, kinds, f"{len(branches)} alternatives", case.at, f"{right.pointer}/{word}", False)]


def _pieces(case: Case, prover: Prover) -> list[Case]:
    """The case in parts, by type or else by the values of a property that must be there."""
    kinds = written(types_of(case))
    maker = case.flat[0] if case.flat else None
    if maker is None:
        return []
    if len(kinds) > 1:
        return _spread(case.also(maker.made({"type": kind})) for kind in kinds)
    if kinds != ["object"]:
        return []
    for name in sorted(needed(case)):
        values = _known_values(case, name)
        if 1 < len(values) <= MOST_VALUES:
            tags = (maker.made({"properties": {name: {"const": value}}}) for value in values)
            return _spread(case.also(tag) for tag in tags)
    return []


def _spread(cases: Iterator[Case]) -> list[Case]:
    return [each for case in cases for each in spread(case)]


def _known_values(case: Case, name: str) -> list[object]:
    for each in member(case, name).nodes:
        if "enum" in each.words:
            return list(each.words["enum"])
    return []
