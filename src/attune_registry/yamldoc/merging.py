"""What a patch does to a mapping's keys, with those that `<<` brings in."""

from typing import Any, NamedTuple

from attune_registry.yamldoc.sameness import same
from attune_registry.yamldoc.tree import Node, has_aliases

_UNKNOWN = object()


class KeyChanges(NamedTuple):
    """Indices of the pairs to keep (with their new values to come) and to remove, and the pairs to add."""

    kept: list[int]
    removed: list[int]
    added: dict[str, Any]


def key_changes(node: Node, old: dict[str, Any], new: dict[str, Any], anchors: dict[str, Any]) -> KeyChanges:
    """How to get from the pairs written out in `node` to those that have to be, keeping `<<` if it can stay."""
    pairs = node.pairs
    explicit = {key.text for key, _ in pairs if not key.is_merge}
    merges = [at for at, (key, _) in enumerate(pairs) if key.is_merge]
    kept = [at for at, (key, _) in enumerate(pairs) if not key.is_merge and key.text in new]
    inherited: dict[str, Any] = {}
    for at in merges:
        brought = _brought(pairs[at][1], old, anchors)
        if brought is None or not brought.keys() <= new.keys():
            continue
        inherited.update(brought)
        kept.append(at)
    removed = sorted(set(range(len(pairs))) - set(kept))
    added = {
        key: value
        for key, value in new.items()
        if key not in explicit and not same(inherited.get(key, _UNKNOWN), value)
    }
    return KeyChanges(sorted(kept), removed, added)


def _brought(node: Node, old: dict[str, Any], anchors: dict[str, Any]) -> dict[str, Any] | None:
    """The keys behind a `<<`, None where they cannot be told: its anchor is gone, or it is no simple reference."""
    if node.kind == "alias":
        value = anchors.get(node.anchor)
        return value if isinstance(value, dict) else None
    if node.kind == "sequence":
        merged: dict[str, Any] = {}
        for source in reversed(node.children):
            brought = _brought(source, old, anchors)
            if brought is None:
                return None
            merged.update(brought)
        return merged
    if node.kind == "mapping" and not has_aliases(node):
        # A key that is written out beside, or that another source brings too, has that value in `old`, and keeps it.
        return {key.text: old[key.text] for key, _ in node.pairs}
    return None
