"""Patching lists and mappings in brackets and braces, between their commas."""

import re
from functools import partial
from typing import Any

from attune_registry.yamldoc.edits import Unpatchable
from attune_registry.yamldoc.emit import flow
from attune_registry.yamldoc.flow_order import rearrange
from attune_registry.yamldoc.flow_parts import Entries, Part, comma_end
from attune_registry.yamldoc.flow_removal import remove_all
from attune_registry.yamldoc.in_order import InOrder
from attune_registry.yamldoc.keys import keep_key, rename_key
from attune_registry.yamldoc.lines import (
    comments_above,
    is_first_in_line,
    is_rest_free,
    line_end,
    line_start,
)
from attune_registry.yamldoc.matching import is_in_order, matched, matched_keys
from attune_registry.yamldoc.merging import key_changes
from attune_registry.yamldoc.slots import Change, Paper, Slot, Walk
from attune_registry.yamldoc.tree import Node

_COLON = re.compile(r"[ \t]*:")
_IN_FLOW = -1


def patch_flow_list(paper: Paper, walk: Walk, change: Change) -> None:
    """Writes what differs between two lists in brackets. Raises Unpatchable."""
    node, old, new = change.node, change.old, change.new

    def patch_item(at: int, index: int) -> None:
        child = node.children[at]
        place = partial(Slot, child.start, _IN_FLOW, below_dash=True, is_flow=True)
        walk(Change(child, old[at], new[index], change.level + 1, place))

    def said(index: int) -> str:
        return flow(new[index], paper.style)

    parts = [Part(child.start, child.end) for child in node.children]
    _patch_entries(paper, Entries(node.body, parts, matched(old, new), patch_item, said))


def patch_flow_mapping(paper: Paper, walk: Walk, change: Change) -> None:
    """Writes what differs between two mappings in braces. Raises Unpatchable."""
    text, node, new = paper.text, change.node, change.new
    if isinstance(new, InOrder) and list(new) != list(change.old):
        _patch_in_order(paper, walk, change)
        return
    for key, value in node.pairs:
        if not key.is_merge and key.text in new:
            keep_key(paper, key)
            place = partial(_slot, text, key)
            walk(Change(value, change.old[key.text], new[key.text], change.level + 1, place))
    changes = key_changes(node, change.old, new, paper.anchors)
    if (changes.removed or changes.added) and (not changes.kept or text[node.body] != "{"):
        raise Unpatchable
    parts = [_pair(text, key, value) for key, value in node.pairs]
    remove_all(paper, parts, changes.removed)
    for name, value in changes.added.items():
        _insert_after(paper, parts, changes.kept[-1], _said(paper, name, value))


def _patch_in_order(paper: Paper, walk: Walk, change: Change) -> None:
    """Puts the pairs in the order asked for, as items of a list; a key that `<<` brings in has no place of its own."""
    text, node, old, new = paper.text, change.node, change.old, change.new
    if text[node.body] != "{" or any(key.is_merge for key, _ in node.pairs):
        raise Unpatchable
    names = list(new)

    def patch_pair(at: int, index: int) -> None:
        key, value = node.pairs[at]
        rename_key(paper, key, names[index], flow=True)
        walk(Change(value, old[key.text], new[names[index]], change.level + 1, partial(_slot, text, key)))

    def said(index: int) -> str:
        return _said(paper, names[index], new[names[index]])

    parts = [_pair(text, key, value) for key, value in node.pairs]
    _patch_entries(paper, Entries(node.body, parts, matched_keys(old, new), patch_pair, said))


def _patch_entries(paper: Paper, entries: Entries) -> None:
    """Writes what differs between two lists, or two mappings in order. Raises Unpatchable."""
    parts, match = entries.parts, entries.match
    kept = [at for at in match if at is not None]
    if not kept:
        raise Unpatchable
    if not is_in_order(match):
        rearrange(paper, entries)
        return
    for index, at in enumerate(match):
        if at is not None:
            entries.patch(at, index)
    staying = set(kept)
    remove_all(paper, parts, [at for at in range(len(parts)) if at not in staying])
    before: int | None = None
    for index, at in enumerate(match):
        if at is not None:
            before = at
        elif before is None:
            _insert_before(paper, parts[kept[0]], entries.said(index))
        else:
            _insert_after(paper, parts, before, entries.said(index))


def _said(paper: Paper, name: str, value: Any) -> str:
    return f"{flow(name, paper.style)}: {flow(value, paper.style)}"


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
