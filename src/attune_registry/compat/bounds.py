"""Numbers: the least and the greatest value, and the steps between (`multipleOf`)."""

from fractions import Fraction
from math import ceil, floor, gcd, lcm
from typing import NamedTuple

from attune_registry.compat.cases import Case, Gap
from attune_registry.compat.nodes import Node
from attune_registry.compat.values import show


class Bound(NamedTuple):
    """A limit; a strict one is not allowed itself."""

    value: Fraction
    is_strict: bool = False


def exact(number: float) -> Fraction:
    """The decimal number that was written, not the binary one next to it."""
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


def low(case: Case, *, whole: bool = False) -> Bound | None:
    """The least value, of whole numbers if so asked."""
    found: Bound | None = None
    for node in case.flat:
        for word, is_strict in (("minimum", False), ("exclusiveMinimum", True)):
            if word in node.words:
                bound = Bound(exact(node.words[word]), is_strict)
                found = bound if found is None or bound > found else found
    if found is None or not whole:
        return found
    return Bound(Fraction(floor(found.value) + 1 if found.is_strict else ceil(found.value)))


def high(case: Case, *, whole: bool = False) -> Bound | None:
    """The greatest value, of whole numbers if so asked."""
    mirrored = low(_mirror(case), whole=whole)
    return None if mirrored is None else Bound(-mirrored.value, mirrored.is_strict)


MIRROR = {"maximum": "minimum", "exclusiveMaximum": "exclusiveMinimum"}


def _mirror(case: Case) -> Case:
    flat = [node.made({MIRROR[word]: -node.words[word] for word in MIRROR if word in node.words}) for node in case.flat]
    return Case(flat=tuple(flat))


def is_contradiction(case: Case, whole: bool) -> bool:
    """True when no number lies between the bounds."""
    least, most = low(case, whole=whole), high(case, whole=whole)
    if least is None or most is None:
        return False
    return least.value > most.value or (least.value == most.value and (least.is_strict or most.is_strict))


def step(case: Case, *, whole: bool = False) -> Fraction | None:
    """What every number of the case is a multiple of."""
    steps = [abs(exact(node.words["multipleOf"])) for node in case.flat if "multipleOf" in node.words]
    steps += [Fraction(1)] if whole else []
    if not steps:
        return None
    found = steps[0]
    for each in steps[1:]:
        found = Fraction(lcm(found.numerator, each.numerator), gcd(found.denominator, each.denominator))
    return found


def check_bounds(case: Case, right: Node, whole: bool) -> list[Gap]:
    """The numbers that the case allows beyond those that `right` allows."""
    found: list[Gap] = []
    least, most = low(case, whole=whole), high(case, whole=whole)
    for word in ("minimum", "exclusiveMinimum"):
        if word in right.words:
            wanted = Bound(exact(right.words[word]), word == "exclusiveMinimum")
            if least is None or least < wanted:
                found.append(_gap(case, right, word, _shown(least, "at least", "more than")))
    for word in ("maximum", "exclusiveMaximum"):
        if word in right.words:
            limit = exact(right.words[word])
            is_strict = word == "exclusiveMaximum"
            if most is None or (most.value, not most.is_strict) > (limit, not is_strict):
                found.append(_gap(case, right, word, _shown(most, "at most", "less than")))
    if "multipleOf" in right.words:
        have = step(case, whole=whole)
        if have is None or (have / exact(right.words["multipleOf"])).denominator != 1:
            found.append(_gap(case, right, "multipleOf", "any" if have is None else str(have)))
    return found


def _shown(bound: Bound | None, loose: str, strict: str) -> str:
    if bound is None:
        return "none"
    number = int(bound.value) if bound.value.denominator == 1 else float(bound.value)
    return f"{strict if bound.is_strict else loose} {number}"


WORDED = {
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "exclusiveMaximum": "less than",
    "multipleOf": "",
}


def _gap(case: Case, right: Node, word: str, left: str) -> Gap:
    wanted = f"{WORDED[word]} {show(right.words[word])}".strip()
    return Gap(word, left, wanted, case.at, f"{right.pointer}/{word}")
