"""Patching a list in block style: items changed, removed, added and moved, each on its own lines."""

from functools import partial
from typing import Any

from attune_registry.yamldoc.block_order import Piece, arrange
from attune_registry.yamldoc.edits import Unpatchable
from attune_registry.yamldoc.emit import item
from attune_registry.yamldoc.likeness import Likeness
from attune_registry.yamldoc.lines import comments_above, comments_below, full_end, is_first_in_line, line_start
from attune_registry.yamldoc.matching import Match, is_in_order, matched, runs
from attune_registry.yamldoc.rows import Row, are_apart, insert_after, insert_before, remove
from attune_registry.yamldoc.slots import Change, Paper, Slot, Walk
from attune_registry.yamldoc.tails import end_tail
from attune_registry.yamldoc.tree import Node, dashes


def patch_block_list(paper: Paper, walk: Walk, change: Change) -> None:
    """Writes what differs between two lists. Raises Unpatchable."""
    node, old, new = change.node, change.old, change.new
    match = matched(old, new)
    kept = [at for at in match if at is not None]
    staying = set(kept)
    if not kept:
        raise Unpatchable
    rows = _rows(paper.text, node)
    if not is_in_order(match):
        _rearrange(paper, walk, change, rows, match)
        return
    for at, value in zip(match, new, strict=True):
        if at is not None:
            walk(_item_change(change, rows, at, value))
    for first, last in runs([at for at in range(len(old)) if at not in staying]):
        remove(paper, rows, first, last, change.slot.lead)
    _add(paper, node, rows, match, new)


def _item_change(change: Change, rows: list[Row], at: int, new: Any) -> Change:
    place = partial(Slot, rows[at].body + 1, change.node.column, below_dash=True)
    return Change(change.node.children[at], change.old[at], new, change.level + 1, place)


def _add(paper: Paper, node: Node, rows: list[Row], match: Match, new: list[Any]) -> None:
    apart, like = are_apart(paper.text, rows), Likeness(node.children)
    first = next(at for at in match if at is not None)
    before: int | None = None
    for at, value in zip(match, new, strict=True):
        if at is not None:
            before = at
            continue
        lines = _lines(paper, node, like, value)
        if before is None:
            insert_before(paper, rows, first, lines + ([""] if apart else []), node.column)
        else:
            insert_after(paper, rows, before, lines, apart)


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


def _rearrange(paper: Paper, walk: Walk, change: Change, rows: list[Row], match: Match) -> None:
    """Moves whole items with their comments."""
    text, node = paper.text, change.node
    like, pieces = Likeness(node.children), []
    for at, value in zip(match, change.new, strict=True):
        if at is None:
            pieces.append(Piece(paper.newline.join(_lines(paper, node, like, value)), None))
            continue
        row, mark = rows[at], paper.edits.mark()
        if row.end == len(text) and at != match[-1]:
            end_tail(paper, row.value)
        walk(_item_change(change, rows, at, value))
        # What stood behind a dash may come to a line of its own.
        pad = "" if is_first_in_line(text, row.body) else " " * node.column
        pieces.append(Piece(pad + paper.edits.take_since(mark).apply(text, row.start, row.end), row))
    arrange(paper, rows, pieces, {at for at in match if at is not None})
