"""Patching lists and mappings in brackets and braces, between their commas."""

import re
from functools import partial

from attune_registry.yamldoc.edits import Unpatchable
from attune_registry.yamldoc.emit import flow
from attune_registry.yamldoc.flow_order import item_change, rearrange
from attune_registry.yamldoc.flow_parts import Part, comma_end
from attune_registry.yamldoc.flow_removal import remove_all
from attune_registry.yamldoc.in_order import InOrder
from attune_registry.yamldoc.keys import keep_key
from attune_registry.yamldoc.lines import (
    comments_above,
    is_first_in_line,
    is_rest_free,
    line_end,
    line_start,
)
from attune_registry.yamldoc.matching import is_in_order, matched
from attune_registry.yamldoc.merging import key_changes
from attune_registry.yamldoc.slots import Change, Paper, Slot, Walk
from attune_registry.yamldoc.tree import Node

_COLON = re.compile(r"[ \t]*:")
_IN_FLOW = -1


def patch_flow_list(paper: Paper, walk: Walk, change: Change) -> None:
    """Writes what differs between two lists in brackets. Raises Unpatchable."""
    node, old, new = change.node, change.old, change.new
    match = matched(old, new)
    kept = [at for at in match if at is not None]
    staying = set(kept)
    if not kept:
        raise Unpatchable
    parts = [Part(child.start, child.end) for child in node.children]
    if not is_in_order(match):
        rearrange(paper, walk, change, parts, match)
        return
    for at, value in zip(match, new, strict=True):
        if at is not None:
            walk(item_change(change, at, value))
    remove_all(paper, parts, [at for at in range(len(old)) if at not in staying])
    before: int | None = None
    for at, value in zip(match, new, strict=True):
        if at is not None:
            before = at
        elif before is None:
            _insert_before(paper, parts[kept[0]], flow(value, paper.style))
        else:
            _insert_after(paper, parts, before, flow(value, paper.style))


def patch_flow_mapping(paper: Paper, walk: Walk, change: Change) -> None:
    """Writes what differs between two mappings in braces. Raises Unpatchable."""
    text, node, new = paper.text, change.node, change.new
    for key, value in node.pairs:
        if not key.is_merge and key.text in new:
            keep_key(paper, key)
            place = partial(_slot, text, key)
            walk(Change(value, change.old[key.text], new[key.text], change.level + 1, place))
    changes = key_changes(node, change.old, new, paper.anchors)
    if (changes.removed or changes.added) and (not changes.kept or text[node.body] != "{"):
        raise Unpatchable
    names = [node.pairs[at][0].text for at in changes.kept]
    if isinstance(new, InOrder) and [*names, *changes.added] != list(new):
        raise Unpatchable
    parts = [_pair(text, key, value) for key, value in node.pairs]
    remove_all(paper, parts, changes.removed)
    for name, value in changes.added.items():
        _insert_after(paper, parts, changes.kept[-1], f"{flow(name, paper.style)}: {flow(value, paper.style)}")


def _slot(text: str, key: Node) -> Slot:
    return Slot(_after_key(text, key), _IN_FLOW, is_flow=True)


def _after_key(text: str, key: Node) -> int:
    """After the key's colon, or after the key where it has none."""
    colon = _COLON.match(text, key.end)
    return colon.end() if colon else key.end


def _pair(text: str, key: Node, value: Node) -> Part:
    end = _after_key(text, key)
    return Part(key.start, max(end, value.end) if value.start < value.end else end)


def _insert_before(paper: Paper, part: Part, said: str) -> None:
    text = paper.text
    if not is_first_in_line(text, part.start):
        paper.edits.insert(part.start, f"{said}, ")
        return
    here = line_start(text, part.start)
    start = comments_above(text, here, part.start - here, 0)
    paper.edits.insert(start, f"{text[here : part.start]}{said},{paper.newline_at(part.start)}")


def _insert_after(paper: Paper, parts: list[Part], at: int, said: str) -> None:
    text, part = paper.text, parts[at]
    if not is_first_in_line(text, part.start):
        paper.edits.insert(part.end, f", {said}")
        return
    comma = comma_end(text, part.end)
    pad = paper.newline_at(part.start) + text[line_start(text, part.start) : part.start]
    end = comma or part.end
    below = line_end(text, end) if is_rest_free(text, end) else end
    if comma:
        paper.edits.insert(below, f"{pad}{said},")
    elif below == end:
        paper.edits.insert(end, f",{pad}{said}")
    else:
        paper.edits.insert(end, ",")
        paper.edits.insert(below, f"{pad}{said}")
