"""The lines that a value takes up below its key or dash."""

import re

from attune_registry.yamldoc.emit import Spelled
from attune_registry.yamldoc.lines import blank_lines_below, line_start, next_line, previous_break
from attune_registry.yamldoc.matching import by_value
from attune_registry.yamldoc.slots import Paper, Slot

_BLANKS = re.compile(r"[ \t]*")
_ROW = re.compile(r"(\r\n|[\n\r\x85\u2028\u2029])([^\n\r\x85\u2028\u2029]*)")


def clear(paper: Paper, end: int, slot: Slot) -> None:
    """Take out what stands from a value's slot to `end`, and any tab behind it, which no block may have before it.

    Behind a key it may stay: only a dash and the colon below a question mark are indentation.
    """
    text, said = paper.text, ""
    blanks = _BLANKS.match(text, end)
    starts_line = slot.lead - 1 - line_start(text, slot.lead) == slot.column
    if starts_line and blanks and "\t" in blanks.group():
        end = blanks.end()
        said = " " if text[end : end + 1] == "#" else ""
    paper.edits.replace(slot.lead, end, said)


def write_body(paper: Paper, start: int, end: int, spelled: Spelled) -> None:
    """Write a value's lines for those from `start` to `end`, where lines end; those that stay end as they did."""
    tail = ""
    if spelled.body and spelled.head[:1] in ("|", ">"):
        end, tail = _block_tail(paper, end, spelled.head)
    breaks = _breaks(paper, start, end, spelled.body)
    paper.edits.replace(start, end, "".join(map("".join, zip(breaks, spelled.body, strict=True))) + tail)


def _breaks(paper: Paper, start: int, end: int, lines: list[str]) -> list[str]:
    """What ends the line before each of some lines, in a text that may mix line breaks."""
    usual, rows = paper.newline_at(start), _ROW.findall(paper.text, start, end)
    if all(before == usual for before, _ in rows):
        return [usual] * len(lines)
    ends = [*[before for before, _ in rows[1:]], paper.newline_at(end)]
    match = by_value([row for _, row in rows], lines)
    return [usual, *(usual if was is None else ends[was] for was in match)][: len(lines)]


def _block_tail(paper: Paper, end: int, header: str) -> tuple[int, str]:
    """Where a new block scalar's old lines end, and the line break it may need after its own."""
    if "+" in header:
        after = next_line(paper.text, end)
        below = blank_lines_below(paper.text, after)
        if below > after:
            end = below if below == len(paper.text) else previous_break(paper.text, below)
    is_last = end == len(paper.text)
    return end, paper.newline if is_last and "-" not in header else ""
