"""Patching a mapping in block style: pairs changed, removed and added, each on its own lines."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from attune_registry.yamldoc.block_entries import Entries, patch_entries
from attune_registry.yamldoc.block_pairs import pair_lines, pair_rows
from attune_registry.yamldoc.edits import Unpatchable
from attune_registry.yamldoc.in_order import InOrder
from attune_registry.yamldoc.keys import keep_key, rename_key, slot_of
from attune_registry.yamldoc.likeness import Likeness
from attune_registry.yamldoc.matching import matched_keys
from attune_registry.yamldoc.merging import key_changes
from attune_registry.yamldoc.rows import are_apart, insert_after, insert_before, remove_all
from attune_registry.yamldoc.slots import Change, Paper, Walk
from attune_registry.yamldoc.tree import Node

# The contract's order; a field that a file does not have yet goes where it belongs.
FIELDS = (
    "ref",
    "label",
    "description",
    "version",
    "tags",
    "enabled",
    "param_schema",
    "out_schema",
    "definition",
)


def patch_block_mapping(paper: Paper, walk: Walk, change: Change) -> None:
    """Writes what differs between two mappings. Raises Unpatchable."""
    node, new = change.node, change.new
    if isinstance(new, InOrder) and list(new) != list(change.old):
        _patch_in_order(paper, walk, change)
        return
    for at, (key, value) in enumerate(node.pairs):
        if not key.is_merge and key.text in new:
            keep_key(paper, key)
            place = partial(slot_of, paper.text, node, at)
            walk(Change(value, change.old[key.text], new[key.text], change.level + 1, place))
    changes = key_changes(node, change.old, new, paper.anchors)
    if not changes.kept:
        raise Unpatchable
    if not changes.removed and not changes.added:
        return
    rows = pair_rows(paper, node)
    if changes.removed:
        remove_all(paper, rows, changes.removed, change.slot.lead)
    is_top, apart = change.level == 0, are_apart(paper.text, rows)
    places, like = _places(node, changes.kept), Likeness(node.children[1::2])
    before = _predecessors(places) if is_top else _neighbours(places, new)
    for name in _in_field_order(changes.added) if is_top else changes.added:
        after = before.get(name, changes.kept[-1])
        lines = pair_lines(paper, node, like, name, changes.added[name])
        if after is None:
            insert_before(paper, rows, changes.kept[0], lines, node.column)
        else:
            insert_after(paper, rows, after, lines, apart)


def _patch_in_order(paper: Paper, walk: Walk, change: Change) -> None:
    """Puts the pairs in the order asked for, as items of a list; a key that `<<` brings in has no place of its own."""
    node, old, new = change.node, change.old, change.new
    if any(key.is_merge for key, _ in node.pairs):
        raise Unpatchable
    like, names = Likeness(node.children[1::2]), list(new)

    def patch_pair(at: int, index: int) -> None:
        key, value = node.pairs[at]
        rename_key(paper, key, names[index], flow=False)
        place = partial(slot_of, paper.text, node, at)
        walk(Change(value, old[key.text], new[names[index]], change.level + 1, place))

    def lines(index: int) -> list[str]:
        return pair_lines(paper, node, like, names[index], new[names[index]])

    patch_entries(paper, change, Entries(pair_rows(paper, node), matched_keys(old, new), patch_pair, lines))


def _in_field_order(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: FIELDS.index(name) if name in FIELDS else len(FIELDS))


def _places(node: Node, kept: list[int]) -> dict[str, int]:
    """The keys that stay, in the file's order, and the number of each one's pair."""
    pairs = node.pairs
    return {pairs[at][0].text: at for at in kept if not pairs[at][0].is_merge}


def _neighbours(places: dict[str, int], new: dict[str, Any]) -> dict[str, int | None]:
    """The pairs that keys come after: the one before each in `new`, where that has the file's order; else none."""
    if [name for name in new if name in places] != list(places):
        return {}
    found: dict[str, int | None] = {}
    last: int | None = None
    for name in new:
        if name in places:
            last = places[name]
        elif last is not None:
            found[name] = last
    return found


def _predecessors(places: dict[str, int]) -> dict[str, int | None]:
    """The pairs that top-level fields come after, None for the front."""
    ranks = {FIELDS.index(name): at for name, at in places.items() if name in FIELDS}
    found: dict[str, int | None] = {}
    for rank, name in enumerate(FIELDS) if ranks else ():
        found[name] = max((at for other, at in ranks.items() if other < rank), default=None)
    return found
