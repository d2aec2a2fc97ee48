"""Writing a value in the place of one that stands in the lines below its key or dash, among comments that stay."""

import re
from typing import NamedTuple

from attune_registry.yamldoc.bodies import clear, write_body
from attune_registry.yamldoc.emit import Spelled
from attune_registry.yamldoc.lines import is_rest_free, line_end, line_start, past_nothing, previous_break
from attune_registry.yamldoc.offsets import HEADER
from attune_registry.yamldoc.slots import Paper, Slot
from attune_registry.yamldoc.tree import Node

_BLANKS = re.compile(r"[ \t]*")


class Below(NamedTuple):
    """Where a value starts in a line below its key or dash, and where its last line, or its header, ends.

    `above` is the end of its anchor and tag where they stand behind the key or dash, else of that line.
    """

    above: int
    start: int
    end: int


def place_below(text: str, node: Node, slot: Slot) -> Below | None:
    """The place of a scalar, or of what is in brackets, that has a comment before or behind it; None for any other."""
    first_end = line_end(text, slot.lead)
    if node.style == "block" or node.body <= first_end:
        return None
    # A comment behind the key or dash stays there whatever follows, but not one behind an anchor or a tag.
    above, start = first_end, node.start
    if start <= first_end:
        above, start = start + len(text[start:first_end].partition("#")[0].rstrip()), node.body
    end = _header_end(text, node) if node.is_block_scalar else node.end
    has_comment = text[above:start].strip() or text[end : line_end(text, end)].strip()
    is_alone = past_nothing(text, above) >= start and is_rest_free(text, end)
    return Below(above, start, end) if has_comment and is_alone else None


def write_below(paper: Paper, node: Node, spelled: Spelled, slot: Slot, place: Below) -> None:
    """Write the new value there; its anchor stays where it is, a tag goes."""
    anchor = f"&{node.anchor}" if node.anchor and node.kind != "alias" else ""
    head = spelled.head
    if place.start == node.start:
        head = f"{anchor} {head}".strip(" ")
    elif node.has_tag and anchor:
        paper.edits.replace(node.start, place.above, anchor)
    elif node.has_tag:
        clear(paper, place.above, slot)
    start = _write_head(paper, place, head)
    end = node.end if node.is_block_scalar else line_end(paper.text, place.end)
    write_body(paper, start, end, spelled)


def _write_head(paper: Paper, place: Below, head: str) -> int:
    """Write what stands in the value's first line, and say where that ends: without a head and a comment it goes."""
    text, end = paper.text, line_end(paper.text, place.end)
    if head:
        paper.edits.replace(place.start, place.end, head)
        return end
    blanks = _BLANKS.match(text, place.end)
    rest = blanks.end() if blanks else place.end
    if rest == end:
        return previous_break(text, line_start(text, place.start))
    paper.edits.replace(place.start, rest, "")
    return end


def _header_end(text: str, node: Node) -> int:
    header = HEADER.match(text, node.body)
    return header.end("indicators") if header else node.end
