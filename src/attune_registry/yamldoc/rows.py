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
)
from attune_registry.yamldoc.matching import runs
from attune_registry.yamldoc.slots import Paper
from attune_registry.yamldoc.tails import below_tail, end_tail, keeps_lines
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


def remove_all(paper: Paper, rows: list[Row], removed: list[int], lead: int) -> None:
    """Take out the rows of these numbers; `lead` is the end of what stands before the first row of all."""
    for first, last in runs(removed):
        for start, end in _between_comments(paper.text, rows, first, last):
            _remove(paper, rows, start, end, lead)


def _between_comments(text: str, rows: list[Row], first: int, last: int) -> list[tuple[int, int]]:
    """The stretches of some rows between which nothing but blank lines stands: comments that are no row's own stay."""
    if not is_first_in_line(text, rows[first].body):
        return [(first, last)]
    ends = [at for at in range(first, last) if text[rows[at].end : rows[at + 1].start].strip()]
    return list(zip([first, *(at + 1 for at in ends)], [*ends, last], strict=True))


def _remove(paper: Paper, rows: list[Row], first: int, last: int, lead: int) -> None:
    text = paper.text
    start, end = rows[first].start, rows[last].end
    if not is_first_in_line(text, rows[first].body):
        _remove_first(paper, rows, last, lead)
        return
    floor = next_line(text, rows[first - 1].end) if first else start
    below = next_line(text, end)
    has_blanks_below = below < len(text) and blank_lines_below(text, below) > below
    takes_in = first and has_blanks_below and _would_take_in(text, rows[first - 1], end)
    if first and start >= floor and (last == len(rows) - 1 or has_blanks_below) and not takes_in:
        start = blank_lines_above(text, start, floor)
    is_below_text = not first and has_blanks_below and not _is_below_blank_line(text, start)
    if is_below_text or takes_in:
        below = blank_lines_below(text, below)
    paper.edits.remove_lines(start, below)


def _would_take_in(text: str, row: Row, end: int) -> bool:
    """True where the blank lines below `end` would become part of the text that the row ends with."""
    blank = text[end : blank_lines_below(text, next_line(text, end))]
    return below_tail(text, row.value, row.end, blank) != blank


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
        end_tail(paper, row.value)
    newline = paper.newline_at(row.end)
    breaks = newline * (2 if apart and not keeps_lines(paper.text, row.value) else 1)
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
