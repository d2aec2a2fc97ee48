"""Which items of an old list are which of a new one."""

import json
from difflib import SequenceMatcher
from typing import Any

# For each new item the index of the old one it was, or None for an item that is new.
Match = list[int | None]

# Comparing lists takes time that goes with the square of their length, or worse where items repeat.
_MOST_PAIRS = 40_000


def matched(old: list[Any], new: list[Any]) -> Match:
    """Items with names are matched by name, others by what they hold; a changed item stays the item it was."""
    old_names, new_names = _names(old), _names(new)
    if old_names is not None and new_names is not None:
        return [old_names.get(name) for name in new_names]
    return by_value([_fingerprint(item) for item in old], [_fingerprint(item) for item in new])


def _names(items: list[Any]) -> dict[str, int] | None:
    """Index by name, None unless every item has a name of its own."""
    names: dict[str, int] = {}
    for at, item in enumerate(items):
        name = item.get("name") if isinstance(item, dict) else None
        if not isinstance(name, str) or name in names:
            return None
        names[name] = at
    return names


def _fingerprint(item: Any) -> str:
    return json.dumps(item, sort_keys=True)


def by_value(old: list[str], new: list[str]) -> Match:
    """What is equal at both ends stays, and the longest equal stretches between; changed items pair up."""
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
    if len(old) * len(new) > _MOST_PAIRS:
        pairs = min(len(old), len(new))
        return [*range(pairs), *match[pairs:]]
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag in ("equal", "replace"):
            for step in range(min(old_to - old_from, new_to - new_from)):
                match[new_from + step] = old_from + step
    return match


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
