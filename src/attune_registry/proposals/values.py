"""Three JSON values, one of which the others grew from -> the value that has the changes of both, or the conflicts."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from ..pointers import pointer
from ..yamldoc.sameness import same


class _Absent:
    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = _Absent()
# Lists in which only membership counts.
_SETS = ("/tags",)


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
        name = item.get("name") if isinstance(item, dict) else None
        if not isinstance(name, str) or name in found:
            return None
        found[name] = item
    return found


def _order(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[str] | None:
    """The names of both sides in an order that both agree with; None where they do not."""
    is_ours_moved, is_theirs_moved = _is_moved(base, ours), _is_moved(base, theirs)
    if is_ours_moved and is_theirs_moved and _is_moved(ours, theirs):
        return None
    gaps, other_gaps = _additions(base, ours), _additions(base, theirs)
    if any(gaps[after] != added for after, added in other_gaps.items() if after in gaps):
        return None
    skeleton, other = (theirs, ours) if is_theirs_moved and not is_ours_moved else (ours, theirs)
    order = list(skeleton)
    for number, name in enumerate(other):
        if name not in order and name not in base:
            before = next((known for known in reversed(other[:number]) if known in order), None)
            order.insert(order.index(before) + 1 if before is not None else 0, name)
    return order


def _is_moved(base: Sequence[str], side: Sequence[str]) -> bool:
    return [name for name in base if name in side] != [name for name in side if name in base]


def _additions(base: Sequence[str], side: Sequence[str]) -> dict[str | None, list[str]]:
    """The names that the base has not, by the one of the base that they follow."""
    found: dict[str | None, list[str]] = {}
    after = None
    for name in side:
        if name in base:
            after = name
        else:
            found.setdefault(after, []).append(name)
    return found
