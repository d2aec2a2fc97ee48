"""Patching a list in block style: items changed, removed, added and moved, each on its own lines."""

from functools import partial
from typing import Any

from attune_registry.yamldoc.block_entries import Entries, patch_entries
from attune_registry.yamldoc.emit import item
from attune_registry.yamldoc.likeness import Likeness
from attune_registry.yamldoc.lines import comments_above, comments_below, full_end, is_first_in_line, line_start
from attune_registry.yamldoc.matching import matched
from attune_registry.yamldoc.rows import Row
from attune_registry.yamldoc.slots import Change, Paper, Slot, Walk
from attune_registry.yamldoc.tree import Node, dashes


def patch_block_list(paper: Paper, walk: Walk, change: Change) -> None:
    """Writes what differs between two lists. Raises Unpatchable."""
    node, new = change.node, change.new
    rows, like = _rows(paper.text, node), Likeness(node.children)

    def patch_item(at: int, index: int) -> None:
        walk(_item_change(change, rows, at, new[index]))

    def lines(index: int) -> list[str]:
        return _lines(paper, node, like, new[index])

    patch_entries(paper, change, Entries(rows, matched(change.old, new), patch_item, lines))


def _item_change(change: Change, rows: list[Row], at: int, new: Any) -> Change:
    place = partial(Slot, rows[at].body + 1, change.node.column, below_dash=True)
    return Change(change.node.children[at], change.old[at], new, change.level + 1, place)


def _lines(paper: Paper, node: Node, like: Likeness, value: Any) -> list[str]:
    """A new item, in braces where the other items are."""
    said = like.said(value, paper.style)
    return [f"{' ' * node.column}- {said}"] if said else item(value, node.column, paper.style)


def _rows(text: str, node: Node) -> list[Row]:
    rows: list[Row] = []
    floor = 0
    for dash, value in zip(dashes(text, node), node.children, strict=True):
        start = dash
        if is_first_in_line(text, dash):
            start = comments_above(text, line_start(text, dash), node.column, floor)
        end = comments_below(text, full_end(text, max(value.end, dash + 1)), node.column)
        rows.append(Row(start, dash, end, value))
        floor = end
    return rows
