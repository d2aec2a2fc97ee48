"""Arrays: their items, how many, whether they differ, and what must be among them."""

from attune_registry.compat.cases import Case, Gap, Prover
from attune_registry.compat.nodes import Node
from attune_registry.compat.scope import below_items
from attune_registry.compat.strings import check_limits, least, most
from attune_registry.compat.values import show

LONGEST_LOOK = 32
ARRAY_WORDS = frozenset(("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains", "unevaluatedItems"))


def item(case: Case, index: int | None) -> Case:
    """What is known of the item at an index; None for those after every list of first items."""
    found: list[Node] = []
    for node in case.flat:
        first = node.children("prefixItems")
        if index is not None and index < len(first):
            found.append(first[index])
        elif "items" in node.words:
            found.append(node.child("items"))
    return Case(tuple(found), scope=below_items(case.scope, index), depth=case.depth + 1)


def _width(case: Case, *more: Node) -> int:
    return max((len(node.words.get("prefixItems", ())) for node in (*case.flat, *more)), default=0)


def fewest(case: Case) -> int:
    """The least number of items: what must be among them are items, too."""
    inside = (int(node.words.get("minContains", 1)) for node in case.flat if "contains" in node.words)
    return max(least(case, "minItems"), *inside, 0)


def longest(case: Case, prover: Prover) -> int | None:
    """The greatest number of items; None for no limit."""
    limit = most(case, "maxItems")
    width = _width(case)
    for index in range(width if limit is None else min(limit, width)):
        if prover.is_impossible(item(case, index)):
            return index
    if (limit is None or limit > width) and prover.is_impossible(item(case, None)):
        return width
    return limit


def is_no_array(case: Case, prover: Prover) -> bool:
    """True only when no array fits: an item that must be there cannot."""
    if not {"minItems", "contains"} & {word for node in case.flat for word in node.words}:
        return False
    limit = longest(case, prover)
    return limit is not None and fewest(case) > limit


def check_arrays(case: Case, right: Node, prover: Prover) -> list[Gap]:
    """The arrays that the case allows beyond those that `right` allows."""
    words = right.words
    if not ARRAY_WORDS & words.keys():
        return []
    limit = longest(case, prover)
    found = check_limits(case, right, ("minItems", "maxItems"), fewest(case), limit)
    found += _check_items(case, right, prover, limit)
    may_repeat = not any(node.words.get("uniqueItems") for node in case.flat) and (limit is None or limit > 1)
    if words.get("uniqueItems") and may_repeat:
        at = right.pointer + "/uniqueItems"
        found.append(Gap("repeated items", "allowed", "not allowed", case.at, at))
    if "contains" in words:
        found += _check_contains(case, right, prover, limit)
    if "unevaluatedItems" in words:
        at = right.pointer + "/unevaluatedItems"
        found.append(Gap("unevaluatedItems", "as it was", "changed", case.at, at, False))
    return found


def _check_items(case: Case, right: Node, prover: Prover, limit: int | None) -> list[Gap]:
    found: list[Gap] = []
    first = right.children("prefixItems")
    width = _width(case, right)
    for index in range(width if limit is None else min(width, limit)):
        if index < len(first):
            found += prover.gaps(item(case, index), first[index])
        elif "items" in right.words:
            found += prover.gaps(item(case, index), right.child("items"))
    if "items" in right.words and (limit is None or limit > width):
        found += prover.gaps(item(case, None), right.child("items"))
    return found


def _check_contains(case: Case, right: Node, prover: Prover, limit: int | None) -> list[Gap]:
    wanted = right.child("contains")
    low, high = right.words.get("minContains", 1), right.words.get("maxContains")
    at = right.pointer + "/contains"
    found: list[Gap] = []
    if not (low == 0 or _has_enough(case, wanted, low, prover)):
        found.append(Gap("contains", "not needed", f"{show(wanted.schema)} needed", case.at, at, False))
    is_short = high is not None and limit is not None and limit <= high
    if high is not None and not is_short and not _has_few(case, wanted, high, prover):
        found.append(Gap("maxContains", "none", show(high), case.at, right.pointer + "/maxContains", False))
    return found


def _has_enough(case: Case, wanted: Node, low: int, prover: Prover) -> bool:
    for node in case.flat:
        if "contains" in node.words and node.words.get("minContains", 1) >= low:
            inner = Case((node.child("contains"),), scope=below_items(case.scope), depth=case.depth + 1)
            if not prover.gaps(inner, wanted):
                return True
    sure = range(min(fewest(case), LONGEST_LOOK))
    return sum(not prover.gaps(item(case, index), wanted) for index in sure) >= low


def _has_few(case: Case, wanted: Node, high: int, prover: Prover) -> bool:
    inner = Case((wanted,), scope=below_items(case.scope), depth=case.depth + 1)
    return any(
        not prover.gaps(inner, node.child("contains"))
        for node in case.flat
        if "contains" in node.words and node.words.get("maxContains", high + 1) <= high
    )
