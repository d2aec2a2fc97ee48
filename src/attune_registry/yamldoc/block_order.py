"""Putting the items of a list in block style into another order, each with its comments on its own lines."""

from typing import NamedTuple

from attune_registry.yamldoc.gaps import gaps_left
from attune_registry.yamldoc.lines import blank_lines_below, is_first_in_line, next_line
from attune_registry.yamldoc.rows import Row, are_apart
from attune_registry.yamldoc.slots import Paper
from attune_registry.yamldoc.tails import below_tail


class Piece(NamedTuple):
    """An item's lines, and the row that they were; a new one has none."""

    said: str
    row: Row | None


def arrange(paper: Paper, rows: list[Row], pieces: list[Piece], staying: set[int]) -> None:
    """Write the pieces where the rows are; what stands between items stays where it is."""
    text = paper.text
    gaps = gaps_left(text, [(row.start, row.end) for row in rows], staying)
    usual = paper.newline * (2 if are_apart(text, rows) else 1)
    between = [*gaps.between, *[usual] * (len(pieces) - len(staying))]
    said = [piece.said + _below(text, piece, gap) for piece, gap in zip(pieces, between, strict=False)]
    last, end = pieces[-1], rows[-1].end
    after = _below(text, last, gaps.after)
    if not after:
        stop = blank_lines_below(text, next_line(text, end))
        after = _below(text, last, text[end:stop])
        if after == text[end:stop]:
            after = ""
        else:
            end = stop
    whole = gaps.before + "".join(said) + last.said + after
    if not is_first_in_line(text, rows[0].body):
        # Behind a dash the first of them, or the comment above it, is indented by what stands before it.
        whole = whole.lstrip(" ")
    paper.edits.replace(rows[0].start, end, whole)


def _below(text: str, piece: Piece, gap: str) -> str:
    return below_tail(text, piece.row.value, piece.row.end, gap) if piece.row else gap
