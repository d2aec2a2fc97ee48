"""Patching a mapping in block style: pairs changed, removed and added, each on its own lines."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from attune_registry.yamldoc.edits import Unpatchable
from attune_registry.yamldoc.emit import entry
from attune_registry.yamldoc.keys import keep_key, pair_start, slot_of
from attune_registry.yamldoc.likeness import like_others
from attune_registry.yamldoc.lines import (
    comments_above,
    comments_below,
    full_end,
    is_first_in_line,
    line_start,
)
from attune_registry.yamldoc.matching import runs
from attune_registry.yamldoc.merging import key_changes
from attune_registry.yamldoc.rows import Row, are_apart, insert_after, insert_before, remove
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
    rows = _rows(paper, node)
    for first, last in runs(changes.removed):
        remove(paper, rows, first, last, change.slot.lead)
    is_top, apart = change.level == 0, are_apart(paper.text, rows)
    for name in _in_field_order(changes.added) if is_top else changes.added:
        find = _predecessor if is_top else _neighbour
        after = find(node, changes.kept, name, new)
        lines = _lines(paper, node, name, changes.added[name])
        if after is None:
            insert_before(paper, rows, changes.kept[0], lines, node.column)
        else:
            insert_after(paper, rows, after, lines, apart)


def _lines(paper: Paper, node: Node, name: str, value: Any) -> list[str]:
    """A new pair, its value in braces where the other values are."""
    said = like_others((value for _, value in node.pairs), value, paper.style)
    lines = entry(name, None if said else value, node.column, paper.style)
    return [lines[0].removesuffix("null") + said] if said and len(lines) == 1 else lines


def _rows(paper: Paper, node: Node) -> list[Row]:
    """The lines of each pair, with the comments directly above that are its own."""
    text, rows, floor = paper.text, [], 0
    for at, value in enumerate(node.children[1::2]):
        slot, body = slot_of(text, node, at), pair_start(text, node, at)
        start = line_start(text, body)
        if not is_first_in_line(text, body):
            start = body
        elif at or node.column:
            start = comments_above(text, start, node.column, floor)
        end = comments_below(text, full_end(text, max(value.end, slot.lead)), node.column)
        rows.append(Row(start, body, end, value))
        floor = end
    return rows


def _in_field_order(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: FIELDS.index(name) if name in FIELDS else len(FIELDS))


def _neighbour(node: Node, kept: list[int], key: str, new: dict[str, Any]) -> int:
    """The pair that a key comes after: the one before it in `new`, where that has the file's order; else the last."""
    places = {node.pairs[at][0].text: at for at in kept if not node.pairs[at][0].is_merge}
    order = [name for name in new if name in places or name == key]
    before = order[: order.index(key)]
    is_in_order = [name for name in order if name != key] == list(places)
    return places[before[-1]] if is_in_order and before else kept[-1]


def _predecessor(node: Node, kept: list[int], key: str, new: dict[str, Any]) -> int | None:
    """The pair that a top-level field comes after, None for the front."""
    if key not in FIELDS:
        return kept[-1]
    rank = FIELDS.index(key)
    ranks = {at: FIELDS.index(node.pairs[at][0].text) for at in kept if node.pairs[at][0].text in FIELDS}
    before = [at for at, other in ranks.items() if other < rank]
    if before:
        return max(before)
    return None if ranks else kept[-1]
