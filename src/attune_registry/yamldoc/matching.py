"""Which items of an old list are which of a new one."""

import json
from difflib import SequenceMatcher
from typing import Any

# For each new item the index of the old one it was, or None for an item that is new.
Match = list[int | None]


def matched(old: list[Any], new: list[Any]) -> Match:
    """Items with names are matched by name, others by what they hold; a changed item stays the item it was."""
    old_names, new_names = _names(old), _names(new)
    if old_names is not None and new_names is not None:
        return [old_names.get(name) for name in new_names]
    return _by_value([_fingerprint(item) for item in old], [_fingerprint(item) for item in new])


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


def _by_value(old: list[str], new: list[str]) -> Match:
    match: Match = [None] * len(new)
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
