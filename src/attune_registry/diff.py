"""Two JSON values -> what changed between them, place by place; things with names are followed by their names."""

import json
from bisect import bisect_left
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any, Literal, NamedTuple

from .pointers import pointer
from .yamldoc.sameness import same

Op = Literal["add", "remove", "replace", "move"]
# Comparing two long lists takes time that goes with the product of their lengths: beyond this, place by place.
_LARGEST_PRODUCT = 1_000_000


class Change(NamedTuple):
    """One change. `pointer` is a place in the new value; in the old one for what was removed.

    `old` and `new` are the values there (None where there is none). Of a move they are the pointers of the place
    in the old and in the new value; what changed inside of what was moved is told by changes of its own.
    """

    pointer: str
    op: Op
    old: Any
    new: Any


def diff_values(old: Any, new: Any, at: str = "", was_at: str | None = None) -> list[Change]:
    """The changes from one JSON value to another, in the order of the new one.

    `at` is the place of the values in the new whole, `was_at` in the old one, where that is another.
    """
    return list(_changes(old, new, at, at if was_at is None else was_at))


def _changes(old: Any, new: Any, at: str, was_at: str) -> Iterator[Change]:
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _in_objects(old, new, at, was_at)
    elif isinstance(old, list) and isinstance(new, list):
        named = _by_name(old), _by_name(new)
        if named[0] and named[1]:
            yield from _in_named(named[0], named[1], at, was_at)
        elif not same(old, new):
            yield from _in_lists(old, new, at, was_at)
    elif not same(old, new):
        yield Change(at, "replace", old, new)


def _in_objects(old: dict[str, Any], new: dict[str, Any], at: str, was_at: str) -> Iterator[Change]:
    for name, value in old.items():
        if name not in new:
            yield Change(was_at + pointer(name), "remove", value, None)
    for name, value in new.items():
        if name in old:
            yield from _changes(old[name], value, at + pointer(name), was_at + pointer(name))
        else:
            yield Change(at + pointer(name), "add", None, value)


def _by_name(items: list[Any]) -> dict[str, tuple[int, Any]] | None:
    """The items of a list by their names, with their numbers; None where some have none, or not one of their own."""
    found: dict[str, tuple[int, Any]] = {}
    for number, item in enumerate(items):
        name = item.get("name") if isinstance(item, dict) else None
        if not isinstance(name, str) or name in found:
            return None
        found[name] = (number, item)
    return found


def _in_named(
    old: dict[str, tuple[int, Any]], new: dict[str, tuple[int, Any]], at: str, was_at: str
) -> Iterator[Change]:
    for name, (number, item) in old.items():
        if name not in new:
            yield Change(was_at + pointer(number), "remove", item, None)
    stayed = _in_their_order([old[name][0] for name in new if name in old])
    for name, (number, item) in new.items():
        place = at + pointer(number)
        if name not in old:
            yield Change(place, "add", None, item)
            continue
        old_number, old_item = old[name]
        old_place = was_at + pointer(old_number)
        if old_number not in stayed:
            yield Change(place, "move", old_place, place)
        yield from _changes(old_item, item, place, old_place)


def _in_their_order(numbers: list[int]) -> set[int]:
    """A longest run of different numbers that rises from left to right: all others were moved."""
    ends: list[int] = []  # the last number of the best run of each length
    at_end: list[int] = []  # where in `numbers` that is
    before: list[int] = []
    for here, number in enumerate(numbers):
        length = bisect_left(ends, number)
        before.append(at_end[length - 1] if length else -1)
        ends[length : length + 1] = [number]
        at_end[length : length + 1] = [here]
    run = set()
    here = at_end[-1] if at_end else -1
    while here >= 0:
        run.add(numbers[here])
        here = before[here]
    return run


def _in_lists(old: list[Any], new: list[Any], at: str, was_at: str) -> Iterator[Change]:
    for op, first, end, new_first, new_end in _opcodes(old, new):
        if op == "equal":
            continue
        both = min(end - first, new_end - new_first)
        for step in range(both):
            place, old_place = at + pointer(new_first + step), was_at + pointer(first + step)
            yield from _changes(old[first + step], new[new_first + step], place, old_place)
        for number in range(first + both, end):
            yield Change(was_at + pointer(number), "remove", old[number], None)
        for number in range(new_first + both, new_end):
            yield Change(at + pointer(number), "add", None, new[number])


def _opcodes(old: list[Any], new: list[Any]) -> list[tuple[str, int, int, int, int]]:
    left, right = _keys(old), _keys(new)
    if len(left) * len(right) > _LARGEST_PRODUCT:
        return [("replace", 0, len(left), 0, len(right))]
    return list(SequenceMatcher(None, left, right, autojunk=False).get_opcodes())


def _keys(items: list[Any]) -> list[str]:
    return [json.dumps(item, sort_keys=True) for item in items]
