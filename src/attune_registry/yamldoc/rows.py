"""The lines that an entry of a block takes up: removing them, and putting others between."""

from itertools import pairwise
from typing import NamedTuple

from attune_registry.yamldoc.edits import Unpatchable
from attune_registry.yamldoc.lines import (
    blank_lines_above,
    blank_lines_below,
    is_first_in_line,
    line_start,
    next_line,
    previous_break,
)
from attune_registry.yamldoc.offsets import HEADER
from attune_registry.yamldoc.slots import Paper
from attune_registry.yamldoc.tree import Node


class Row(NamedTuple):
    """A pair or item: where its comments or its line start, where its key or dash is, where its last line ends.

    `value` is what it holds. When it stands behind a dash, `start` is `body`.
    """

    start: int
    body: int
    end: int
    value: Node


def are_apart(text: str, rows: list[Row]) -> bool:
    """True when blank lines stand between all rows."""
    gaps = [text[row.end : after.start] for row, after in pairwise(rows)]
    return bool(gaps) and all(_has_blank_line(gap) for gap in gaps)


def _has_blank_line(gap: str) -> bool:
    return any(not line.strip() for line in gap.splitlines()[1:])


def remove(paper: Paper, rows: list[Row], first: int, last: int, lead: int) -> None:
    """Take out the rows from `first` to `last`; `lead` is the end of what stands before the first row of all."""
    text = paper.text
    start, end = rows[first].start, rows[last].end
    if not is_first_in_line(text, rows[first].body):
        _remove_first(paper, rows, last, lead)
        return
    floor = next_line(text, rows[first - 1].end) if first else start
    below = next_line(text, end)
    has_blanks_below = below < len(text) and blank_lines_below(text, below) > below
    if first and start >= floor and (last == len(rows) - 1 or has_blanks_below):
        start = blank_lines_above(text, start, floor)
    is_below_text = not first and has_blanks_below and not _is_below_blank_line(text, start)
    if is_below_text or (first and has_blanks_below and _keeps_lines(text, rows[first - 1].value)):
        below = blank_lines_below(text, below)
        end = previous_break(text, below)
    if start:
        # Not the line break after, but the one before: what is put in the removed lines' place goes between.
        paper.edits.replace(previous_break(text, start), end, "")
    else:
        paper.edits.replace(0, below, "")


def _is_below_blank_line(text: str, start: int) -> bool:
    return blank_lines_above(text, start, 0) < start


def _remove_first(paper: Paper, rows: list[Row], last: int, lead: int) -> None:
    """Take out the first rows of a block that starts behind a dash: the next row moves up to it."""
    text = paper.text
    if last + 1 >= len(rows):
        raise Unpatchable
    following = rows[last + 1].body
    if text[rows[last].end : following].strip():
        paper.edits.replace(lead, rows[last].end, "")
        return
    paper.edits.replace(rows[0].body, following, "")


def insert_after(paper: Paper, rows: list[Row], at: int, lines: list[str], apart: bool) -> None:
    """Put lines after a row, with a blank line before them where all rows have one between them."""
    row = rows[at]
    if row.end == len(paper.text):
        _end_block_scalar(paper, row.value)
    newline = paper.newline_at(row.end)
    breaks = newline * (2 if apart and not _keeps_lines(paper.text, row.value) else 1)
    paper.edits.insert(row.end, breaks + newline.join(lines))


def insert_before(paper: Paper, rows: list[Row], at: int, lines: list[str], column: int) -> None:
    """Put lines before a row and its comments."""
    row, text, newline = rows[at], paper.text, paper.newline_at(rows[at].start)
    if is_first_in_line(text, row.body):
        start = line_start(text, row.start)
        paper.edits.insert(start, "".join(line + newline for line in lines))
        return
    lines[0] = lines[0][column:]
    paper.edits.insert(row.body, newline.join(lines) + newline + " " * column)


def _end_block_scalar(paper: Paper, node: Node) -> None:
    """A block scalar without a line end at the end of the file has none in its value: say so in its header."""
    node = _last_inside(node)
    header = HEADER.match(paper.text, node.body) if node.is_block_scalar else None
    if header and "-" not in header["indicators"] and not node.text.endswith("\n"):
        digits = header["indicators"].replace("+", "")
        paper.edits.replace(node.body + 1, node.body + 1 + len(header["indicators"]), f"{digits}-")


def _keeps_lines(text: str, node: Node) -> bool:
    """True when blank lines after the value would belong to it."""
    node = _last_inside(node)
    header = HEADER.match(text, node.body) if node.is_block_scalar else None
    return header is not None and "+" in header["indicators"]


def _last_inside(node: Node) -> Node:
    while node.children:
        node = node.children[-1]
    return node
