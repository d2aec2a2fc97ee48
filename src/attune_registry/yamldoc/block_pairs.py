"""The pairs of a mapping in block style: the lines that they take up, and those of new ones."""

from typing import Any

from attune_registry.yamldoc.emit import entry
from attune_registry.yamldoc.keys import pair_start, slot_of
from attune_registry.yamldoc.likeness import Likeness
from attune_registry.yamldoc.lines import (
    comments_above,
    comments_below,
    full_end,
    is_first_in_line,
    line_start,
)
from attune_registry.yamldoc.rows import Row
from attune_registry.yamldoc.slots import Paper
from attune_registry.yamldoc.tree import Node


def pair_lines(paper: Paper, node: Node, like: Likeness, name: str, value: Any) -> list[str]:
    """A new pair, its value in braces where the other values are."""
    said = like.said(value, paper.style)
    lines = entry(name, None if said else value, node.column, paper.style)
    return [lines[0].removesuffix("null") + said] if said and len(lines) == 1 else lines


def pair_rows(paper: Paper, node: Node) -> list[Row]:
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
