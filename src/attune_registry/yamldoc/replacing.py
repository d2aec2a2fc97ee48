"""Writing another value behind a key or dash, whatever shape either has."""

import re
from typing import Any, NamedTuple

from attune_registry.yamldoc.below import place_below, write_below
from attune_registry.yamldoc.bodies import clear, write_body
from attune_registry.yamldoc.edits import Unpatchable
from attune_registry.yamldoc.emit import DASH, Spelled, flow, is_one_line, items, spell
from attune_registry.yamldoc.lines import depth_below, full_end, is_rest_free, line_end
from attune_registry.yamldoc.offsets import HEADER
from attune_registry.yamldoc.restyle import restyled, restyled_inline
from attune_registry.yamldoc.slots import Paper, Slot
from attune_registry.yamldoc.tree import Node

_TAG = re.compile(r"(?<!\S)!\S*")
_OF_TAGS = {"!!str": str, "!!int": int, "!!float": float, "!!bool": bool}


class Span(NamedTuple):
    """What a value takes up: on the line of its key or dash, and on the lines below."""

    head_start: int
    head_end: int
    body_start: int
    body_end: int


def replace(paper: Paper, node: Node, new: Any, slot: Slot) -> None:
    """Write `new` where `node` stands; its anchor stays. Raises Unpatchable."""
    if slot.is_flow:
        _replace_in_flow(paper, node, new, slot)
        return
    spelled = _spelled(paper, node, new, slot)
    if not slot.has_colon:
        _add_below(paper, spelled, slot)
        return
    anchor = f"&{node.anchor}" if node.anchor and node.kind != "alias" else ""
    has_other_tag = node.has_tag and not _is_of_tag(paper.text, node, new)
    is_in_place = _is_inline(node) and not has_other_tag and (node.body < node.end or not anchor)
    if not spelled.body and is_in_place and node.body > slot.lead:
        paper.edits.replace(node.body, node.end, _led(paper.text, node.body, spelled.head))
        return
    place = place_below(paper.text, node, slot)
    if place:
        write_below(paper, node, spelled, slot, place)
    else:
        _rewrite(paper, node, spelled, anchor, slot)


def _add_below(paper: Paper, spelled: Spelled, slot: Slot) -> None:
    """Write a value and its colon in the lines below its key."""
    at = line_end(paper.text, slot.lead)
    colon = " " * slot.column + (f": {spelled.head}" if spelled.head else ":")
    paper.edits.insert(at, "".join(paper.newline_at(at) + line for line in [colon, *spelled.body]))


def _led(text: str, at: int, head: str) -> str:
    """`head`, with a blank before it where it would touch what stands there."""
    return head if text[at - 1] in " \t\n\r" else " " + head


def _is_of_tag(text: str, node: Node, new: Any) -> bool:
    """True where the tag that a value has is that of the new one, too, and may stay."""
    tag = _TAG.search(text[node.start : node.body])
    return node.body < node.end and tag is not None and type(new) is _OF_TAGS.get(tag.group())


def _is_inline(node: Node) -> bool:
    return not node.is_block_scalar and node.style != "block"


def _replace_in_flow(paper: Paper, node: Node, new: Any, slot: Slot) -> None:
    is_restyled = not isinstance(new, (dict, list)) and not paper.style.is_json
    said = restyled_inline(node, new, flow=True) if is_restyled else flow(new, paper.style)
    start = node.body
    has_other_tag = node.has_tag and not _is_of_tag(paper.text, node, new)
    if has_other_tag or (node.anchor and node.body == node.end):
        start = node.start
        said = f"&{node.anchor} {said}" if node.anchor else said
    if start == node.end:
        # Nothing is written there: after a colon, or after a key that has none.
        at = max(slot.lead, 0)
        has_colon = paper.text[at - 1 : at] == ":" or slot.below_dash
        paper.edits.insert(at, f" {said}" if has_colon else f": {said}")
        return
    # After a key in quotes its value may touch the colon.
    touches = paper.text[start - 1] == ":" and paper.text[start - 2] not in "\"'"
    paper.edits.replace(start, node.end, _led(paper.text, start, said) if touches else said)


def _spelled(paper: Paper, node: Node, new: Any, slot: Slot) -> Spelled:
    """The new value in the manner of the old: brackets stay brackets, and so on."""
    if is_one_line(new) and not node.is_block_scalar:
        return Spelled(restyled_inline(node, new, flow=False), [])
    if isinstance(new, (dict, list)) and new:
        if node.style == "flow" and node.children:
            return Spelled(flow(new, paper.style), [])
        if isinstance(new, list) and node.style == "block":
            return Spelled("", items(new, _list_column(paper, node, slot), paper.style))
        room = paper.style.width - slot.column - DASH
        return spell(new, slot.column, paper.style, room=room, below_dash=slot.below_dash)
    depth = depth_below(paper.text, span_of(paper.text, node, slot).body_end, slot.column)
    return restyled(paper.text, node, new, slot.column, paper.style, below_dash=slot.below_dash, depth=depth)


def _list_column(paper: Paper, node: Node, slot: Slot) -> int:
    if slot.below_dash:
        return slot.column + DASH
    return node.column if node.kind == "sequence" else slot.column + paper.style.dash


def span_of(text: str, node: Node, slot: Slot) -> Span:
    """The characters of a value in a block, from its key or dash on."""
    first_end = line_end(text, slot.lead)
    if node.is_block_scalar and node.body <= first_end:
        header = HEADER.match(text, node.body)
        head_end = node.body + 1 + (len(header["indicators"]) if header else 0)
        return Span(node.start, head_end, first_end, node.end)
    if node.start > first_end:
        return Span(slot.lead, slot.lead, first_end, full_end(text, node.end))
    if node.style != "block":
        end = line_end(text, node.end)
        return Span(node.start, node.end, end, end)
    if node.body > first_end:
        # Only the anchor or tag stands on the first line.
        head_end = node.start + len(text[node.start : node.body].partition("#")[0].rstrip())
        return Span(node.start, head_end, first_end, full_end(text, node.end))
    end = full_end(text, node.end)
    return Span(node.start, end, end, end)


def _rewrite(paper: Paper, node: Node, spelled: Spelled, anchor: str, slot: Slot) -> None:
    text, edits = paper.text, paper.edits
    span = span_of(text, node, slot)
    if not is_rest_free(text, span.head_end):
        raise Unpatchable
    head, body = spelled
    start = span.head_start if head and span.head_end > span.head_start else slot.lead
    if slot.below_dash and not head and body and not anchor and not text[span.head_end : span.body_start].strip():
        head, body = body[0][slot.column + DASH :], body[1:]
    if anchor:
        head, start = f"{anchor} {head}".strip(" "), max(span.head_start, slot.lead)
    if head:
        edits.replace(start, span.head_end, head if start > slot.lead else f" {head}")
    else:
        clear(paper, span.head_end, slot)
    write_body(paper, span.body_start, span.body_end, spelled._replace(body=body))
