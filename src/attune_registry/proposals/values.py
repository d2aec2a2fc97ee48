"""Three JSON values, one of which the others grew from -> the value that has the changes of both, or the conflicts."""

from collections.abc import Sequence, Set
from itertools import chain, pairwise
from typing import Any, Final, NamedTuple

from ..pointers import pointer
from ..yamldoc.sameness import same


class _Absent:
    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = _Absent()
# Lists in which only membership counts.
_SETS = ("/tags",)
# Two neighbours in a list, by name; None is what is before the first, and after the last.
Gap = tuple[str | None, str | None]


class FieldConflict(NamedTuple):
    """A place that both sides changed, each in its own way; a value is ABSENT where it is not there.

    `pointer` is a place in our value, or in the base where we have none.
    """

    pointer: str
    base: Any
    ours: Any
    theirs: Any


class Merged(NamedTuple):
    """The value with both sides' changes (where they conflict, ours), and the conflicts."""

    value: Any
    conflicts: tuple[FieldConflict, ...]


def merge_values(base: Any, ours: Any, theirs: Any) -> Merged:
    """Both sides' changes to one value. Items of lists are followed by their names, where all have one."""
    conflicts: list[FieldConflict] = []
    value = _merged(base, ours, theirs, "", conflicts)
    return Merged(value, tuple(conflicts))


def _merged(base: Any, ours: Any, theirs: Any, at: str, conflicts: list[FieldConflict]) -> Any:
    if same(ours, theirs) or same(base, theirs):
        return ours
    if same(base, ours):
        return theirs
    if all(isinstance(side, dict) for side in (base, ours, theirs)):
        return _merged_objects(base, ours, theirs, at, conflicts)
    if all(isinstance(side, list) for side in (base, ours, theirs)):
        if at in _SETS:
            return [
                *[item for item in ours if item in theirs or item not in base],
                *[item for item in theirs if item not in ours and item not in base],
            ]
        found = _merged_named(base, ours, theirs, at, conflicts)
        if found is not None:
            return found
    conflicts.append(FieldConflict(at, base, ours, theirs))
    return ours


def _merged_objects(
    base: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any], at: str, conflicts: list[FieldConflict]
) -> dict[str, Any]:
    result = {}
    for name in [*ours, *(name for name in theirs if name not in ours)]:
        old, own, other = (side.get(name, ABSENT) for side in (base, ours, theirs))
        value = _merged(old, own, other, at + pointer(name), conflicts)
        if value is not ABSENT:
            result[name] = value
    return result


def _merged_named(
    base: list[Any], ours: list[Any], theirs: list[Any], at: str, conflicts: list[FieldConflict]
) -> list[Any] | None:
    """The lists merged item by item; None where items have no names, or nobody can tell their order."""
    sides = [_by_name(side) for side in (base, ours, theirs)]
    if not all(side is not None for side in sides):
        return None
    old, own, other = (side or {} for side in sides)
    numbers = {name: number for side in (old, own) for number, name in enumerate(side)}
    values = {}
    for name in {**own, **other}:
        item, own_item, other_item = (side.get(name, ABSENT) for side in (old, own, other))
        value = _merged(item, own_item, other_item, at + pointer(numbers.get(name, 0)), conflicts)
        if value is not ABSENT:
            values[name] = value
    order = _order(list(old), list(own), list(other))
    return None if order is None else [values[name] for name in order if name in values]


def _by_name(items: list[Any]) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for item in items:
        name = _name_of(item)
        if name is None or name in found:
            return None
        found[name] = item
    return found


def _name_of(item: Any) -> str | None:
    """What an item is followed by: its name, or its only key, as variables in a list have it; None where it has none.

    The two are told apart: a variable may be called as a task is.
    """
    if not isinstance(item, dict):
        return None
    if isinstance(item.get("name"), str):
        return f"name {item['name']}"
    return f"key {next(iter(item))}" if len(item) == 1 else None


def _order(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[str] | None:
    """The names of both sides in an order that both agree with; None where they do not, or nobody can tell.

    As in git's merge of lines, what a side adds goes between the two names that it stands between there. Where the
    other side has moved these apart, or puts something else there, its place is not known.
    """
    kept = {name for name in base if name in ours and name in theirs}
    was, own, others = ([name for name in side if name in kept] for side in (base, ours, theirs))
    if own != others and was not in (own, others):
        return None
    is_theirs = own == was
    gaps, other_gaps = (_additions(side, base, kept) for side in (ours, theirs))
    left = set(pairwise((None, *(others if is_theirs else own), None)))
    if not left.issuperset((*gaps, *other_gaps)) or not _is_told(gaps, other_gaps):
        return None
    skeleton, more = (theirs, ours) if is_theirs else (ours, theirs)
    order = list(skeleton)
    for number, name in enumerate(more):
        if name not in order and name not in base:
            before = next((other for other in reversed(more[:number]) if other in order), None)
            order.insert(order.index(before) + 1 if before is not None else 0, name)
    return order


def _additions(side: Sequence[str], base: Sequence[str], kept: Set[str]) -> dict[Gap, list[str]]:
    """The names that the base has not, by the two kept ones that they stand between (None: the end)."""
    places = [number for number, name in enumerate(side) if name in kept]
    found: dict[Gap, list[str]] = {}
    for start, end in pairwise((-1, *places, len(side))):
        added = [name for name in side[start + 1 : end] if name not in base]
        if added:
            found[side[start] if start >= 0 else None, side[end] if end < len(side) else None] = added
    return found


def _is_told(gaps: dict[Gap, list[str]], other_gaps: dict[Gap, list[str]]) -> bool:
    """True where the sides add different names at different places, and the same ones at the same."""
    names, others = (set(chain.from_iterable(side.values())) for side in (gaps, other_gaps))
    for gap in gaps.keys() | other_gaps.keys():
        added, more = gaps.get(gap, []), other_gaps.get(gap, [])
        if added != more and ((added and more) or not names.isdisjoint(more) or not others.isdisjoint(added)):
            return False
    return True
