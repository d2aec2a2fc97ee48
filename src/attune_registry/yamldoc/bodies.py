"""The lines that a value takes up below its key or dash."""

import re

from attune_registry.yamldoc.emit import Spelled
from attune_registry.yamldoc.lines import blank_lines_below, line_start, next_line, previous_break
from attune_registry.yamldoc.slots import Paper, Slot

_BLANKS = re.compile(r"[ \t]*")


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
    """Write a value's lines for those from `start` to `end`, both where a line ends."""
    newline, tail = paper.newline_at(start), ""
    if spelled.body and spelled.head[:1] in ("|", ">"):
        end, tail = _block_tail(paper, end, spelled.head)
    paper.edits.replace(start, end, "".join(newline + line for line in spelled.body) + tail)


def _block_tail(paper: Paper, end: int, header: str) -> tuple[int, str]:
    """Where a new block scalar's old lines end, and the line break it may need after its own."""
    if "+" in header:
        after = next_line(paper.text, end)
        below = blank_lines_below(paper.text, after)
        if below > after:
            end = below if below == len(paper.text) else previous_break(paper.text, below)
    is_last = end == len(paper.text)
    return end, paper.newline if is_last and "-" not in header else ""
