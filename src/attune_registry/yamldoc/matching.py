"""Which items of an old list are which of a new one."""

import json
from itertools import pairwise, takewhile
from typing import Any

from attune_registry.yamldoc.equal_items import equal_pairs
from attune_registry.yamldoc.sameness import same

# For each new item the index of the old one it was, or None for an item that is new.
Match = list[int | None]

# An item of another name with this much in common is the old one renamed.
_ENOUGH = 0.5


def matched(old: list[Any], new: list[Any]) -> Match:
    """Items with names are matched by name, others by what they hold; a changed item stays the item it was.

    So does a renamed one, where it stands between the same neighbours and is else much as it was.
    """
    old_names, new_names = _names(old), _names(new)
    if old_names is not None and new_names is not None:
        return _with_renamed([old_names.get(name) for name in new_names], old, new)
    return by_value([_fingerprint(item) for item in old], [_fingerprint(item) for item in new])


def matched_keys(old: dict[str, Any], new: dict[str, Any]) -> Match:
    """Pairs are matched by their keys; one that has another key is told as of items with names."""
    numbers = {name: at for at, name in enumerate(old)}
    match, before, after = [numbers.get(name) for name in new], list(old.values()), list(new.values())
    is_of_mappings = all(isinstance(value, dict) for value in [*before, *after])
    return _with_renamed(match, before, after) if is_of_mappings else match


def _names(items: list[Any]) -> dict[str, int] | None:
    """Index by name, None unless every item has a name of its own."""
    names: dict[str, int] = {}
    for at, item in enumerate(items):
        name = item.get("name") if isinstance(item, dict) else None
        if not isinstance(name, str) or name in names:
            return None
        names[name] = at
    return names


def _with_renamed(match: Match, old: list[Any], new: list[Any]) -> Match:
    staying = {at for at in match if at is not None}
    before = -1
    for index, at in enumerate(match):
        if at is not None:
            before = at
            continue
        gap = takewhile(lambda candidate: candidate not in staying, range(before + 1, len(old)))
        likeness, candidate = max(((_likeness(old[at], new[index]), -at) for at in gap), default=(0.0, 0))
        if likeness >= _ENOUGH:
            match[index] = before = -candidate
            staying.add(before)
    return match


def _likeness(old: dict[str, Any], new: dict[str, Any]) -> float:
    """How much of what two items say beside their names is the same: 0 to 1."""
    keys = (old.keys() | new.keys()) - {"name"}
    equal = sum(key in old and key in new and same(old[key], new[key]) for key in keys)
    return equal / max(1, len(keys))


def _fingerprint(item: Any) -> str:
    return json.dumps(item, sort_keys=True)


def by_value(old: list[str], new: list[str]) -> Match:
    """What is equal at both ends stays, and the longest equal stretches between; moved and changed items pair up."""
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    old_middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
    middle = [None if at is None else head + at for at in _stretches(old_middle, new_middle)]
    return [*range(head), *middle, *range(len(old) - tail, len(old))]


def _shared(left: list[str], right: list[str]) -> int:
    """How many items are equal from the start."""
    pairs = zip(left, right, strict=False)
    return next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(left), len(right)))


def _stretches(old: list[str], new: list[str]) -> Match:
    match: Match = [None] * len(new)
    equal = equal_pairs(old, new)
    for was, at in equal:
        match[at] = was
    _match_moved(match, old, new)
    taken = {was for was in match if was is not None}
    for (old_from, new_from), (old_to, new_to) in pairwise([(-1, -1), *equal, (len(old), len(new))]):
        changed = [at for at in range(new_from + 1, new_to) if match[at] is None]
        left = (was for was in range(old_from + 1, old_to) if was not in taken)
        for at, was in zip(changed, left, strict=False):
            match[at] = was
    return match


def _match_moved(match: Match, old: list[str], new: list[str]) -> None:
    """What is equal and not matched yet has moved; of several the first goes first."""
    left: dict[str, list[int]] = {}
    for was in sorted(set(range(len(old))) - set(match), reverse=True):
        left.setdefault(old[was], []).append(was)
    for at, said in enumerate(new):
        if match[at] is None and left.get(said):
            match[at] = left[said].pop()


def is_in_order(match: Match) -> bool:
    """True when the items that stay keep their order."""
    kept = [at for at in match if at is not None]
    return kept == sorted(kept)


def runs(removed: list[int]) -> list[tuple[int, int]]:
    """The removed indices as stretches, first and last."""
    found: list[tuple[int, int]] = []
    for at in removed:
        if found and found[-1][1] == at - 1:
            found[-1] = (found[-1][0], at)
        else:
            found.append((at, at))
    return found
