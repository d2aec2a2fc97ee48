"""The entries of a block, items or pairs: changed, removed, added and moved, each on its own lines."""

from collections.abc import Callable
from typing import NamedTuple

from attune_registry.yamldoc.block_order import Piece, arrange
from attune_registry.yamldoc.edits import Unpatchable
from attune_registry.yamldoc.lines import is_first_in_line
from attune_registry.yamldoc.matching import Match, is_in_order
from attune_registry.yamldoc.rows import Row, are_apart, insert_after, insert_before, remove_all
from attune_registry.yamldoc.slots import Change, Paper
from attune_registry.yamldoc.tails import end_tail


class Entries(NamedTuple):
    """The rows there are, and which of them each new entry is.

    `patch` changes a row, given its number, into the new entry of the other number; `lines` are those of a new one.
    """

    rows: list[Row]
    match: Match
    patch: Callable[[int, int], None]
    lines: Callable[[int], list[str]]


def patch_entries(paper: Paper, change: Change, entries: Entries) -> None:
    """Writes what differs between two lists, or two mappings in order. Raises Unpatchable."""
    rows, match = entries.rows, entries.match
    staying = {at for at in match if at is not None}
    if not staying:
        raise Unpatchable
    if not is_in_order(match):
        _rearrange(paper, entries, change.node.column)
        return
    for index, at in enumerate(match):
        if at is not None:
            entries.patch(at, index)
    removed = [at for at in range(len(rows)) if at not in staying]
    if removed:
        remove_all(paper, rows, removed, change.slot.lead)
    _add(paper, entries, change.node.column)


def _add(paper: Paper, entries: Entries, column: int) -> None:
    rows, match = entries.rows, entries.match
    apart = are_apart(paper.text, rows)
    first = next(at for at in match if at is not None)
    before: int | None = None
    for index, at in enumerate(match):
        if at is not None:
            before = at
            continue
        lines = entries.lines(index)
        if before is None:
            insert_before(paper, rows, first, lines + ([""] if apart else []), column)
        else:
            insert_after(paper, rows, before, lines, apart)


def _rearrange(paper: Paper, entries: Entries, column: int) -> None:
    """Moves whole entries with their comments."""
    text, match, pieces = paper.text, entries.match, []
    for index, at in enumerate(match):
        if at is None:
            pieces.append(Piece(paper.newline.join(entries.lines(index)), None))
            continue
        row, mark = entries.rows[at], paper.edits.mark()
        if row.end == len(text) and at != match[-1]:
            end_tail(paper, row.value)
        entries.patch(at, index)
        # What stood behind a dash may come to a line of its own.
        pad = "" if is_first_in_line(text, row.body) else " " * column
        pieces.append(Piece(pad + paper.edits.take_since(mark).apply(text, row.start, row.end), row))
    arrange(paper, entries.rows, pieces, {at for at in match if at is not None})
