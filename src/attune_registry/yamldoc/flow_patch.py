"""Patching lists and mappings in brackets and braces, between their commas."""

import re
from typing import NamedTuple

from attune_registry.yamldoc.edits import Unpatchable
from attune_registry.yamldoc.emit import flow
from attune_registry.yamldoc.lines import is_first_in_line, is_rest_free, line_end, line_start
from attune_registry.yamldoc.matching import is_in_order, matched, runs
from attune_registry.yamldoc.merging import key_changes
from attune_registry.yamldoc.slots import Change, Paper, Slot, Walk
from attune_registry.yamldoc.tree import Node

_COLON = re.compile(r"[ \t]*:")
_COMMA = re.compile(r"\s*,")
_IN_FLOW = -1


class Part(NamedTuple):
    """An item between commas."""

    start: int
    end: int


def patch_flow_list(paper: Paper, walk: Walk, change: Change) -> None:
    """Writes what differs between two lists in brackets. Raises Unpatchable."""
    node, old, new = change.node, change.old, change.new
    match = matched(old, new)
    kept = [at for at in match if at is not None]
    staying = set(kept)
    if not kept or not is_in_order(match):
        raise Unpatchable
    for at, value in zip(match, new, strict=True):
        if at is not None:
            child = node.children[at]
            slot = Slot(child.start, _IN_FLOW, below_dash=True, is_flow=True)
            walk(Change(child, old[at], value, slot, change.level + 1))
    parts = [Part(child.start, child.end) for child in node.children]
    _remove_all(paper, parts, [at for at in range(len(old)) if at not in staying])
    before: int | None = None
    for at, value in zip(match, new, strict=True):
        if at is not None:
            before = at
        elif before is None:
            paper.edits.insert(parts[kept[0]].start, flow(value, paper.style) + ", ")
        else:
            _insert_after(paper, parts, before, flow(value, paper.style))


def patch_flow_mapping(paper: Paper, walk: Walk, change: Change) -> None:
    """Writes what differs between two mappings in braces. Raises Unpatchable."""
    text, node, new = paper.text, change.node, change.new
    for key, value in node.pairs:
        if key.kind != "scalar":
            raise Unpatchable
        if not key.is_merge and key.text in new:
            if key.anchor:
                paper.anchors[key.anchor] = key.text
            slot = Slot(_after_key(text, key), _IN_FLOW, is_flow=True)
            walk(Change(value, change.old[key.text], new[key.text], slot, change.level + 1))
    changes = key_changes(node, new, paper.anchors)
    if (changes.removed or changes.added) and (not changes.kept or text[node.body] != "{"):
        raise Unpatchable
    parts = [_pair(text, key, value) for key, value in node.pairs]
    _remove_all(paper, parts, changes.removed)
    for name, value in changes.added.items():
        _insert_after(paper, parts, changes.kept[-1], f"{flow(name, paper.style)}: {flow(value, paper.style)}")


def _after_key(text: str, key: Node) -> int:
    """After the key's colon, or after the key where it has none."""
    colon = _COLON.match(text, key.end)
    return colon.end() if colon else key.end


def _pair(text: str, key: Node, value: Node) -> Part:
    end = _after_key(text, key)
    return Part(key.start, max(end, value.end) if value.start < value.end else end)


def _remove_all(paper: Paper, parts: list[Part], removed: list[int]) -> None:
    for first, last in runs(removed):
        comma = _COMMA.match(paper.text, parts[first - 1].end) if first and last + 1 == len(parts) else None
        if paper.style.is_json and comma and _is_on_lines(paper.text, parts[first], parts[last]):
            # YAML allows a comma after the last item, JSON does not.
            paper.edits.replace(comma.end() - 1, comma.end(), "")
        if first:
            start, end = parts[first - 1].end, parts[last].end
        elif last + 1 < len(parts):
            start, end = parts[0].start, parts[last + 1].start
        else:
            raise Unpatchable
        _remove(paper, start, end, parts[first].start, parts[last].end)


def _is_on_lines(text: str, first: Part, last: Part) -> bool:
    """True when nothing else but comments stands in the lines from one item to the other."""
    comma = _COMMA.match(text, last.end)
    return is_first_in_line(text, first.start) and is_rest_free(text, comma.end() if comma else last.end)


def _remove(paper: Paper, start: int, end: int, first: int, last: int) -> None:
    """Take out what stands from `start` to `end`, or just the lines from `first` to `last` if they are whole."""
    text = paper.text
    if _is_on_lines(text, Part(first, first), Part(last, last)):
        comma = _COMMA.match(text, last)
        after = comma.end() if comma else last
        below = line_end(text, after)
        paper.edits.replace(line_start(text, first), min(len(text), below + len(paper.newline)), "")
        return
    if "#" in text[start:first] or "#" in text[last:end]:
        raise Unpatchable
    paper.edits.replace(start, end, "")


def _insert_after(paper: Paper, parts: list[Part], at: int, said: str) -> None:
    text, part = paper.text, parts[at]
    if not (is_first_in_line(text, part.start) and len(parts) > 1):
        paper.edits.insert(part.end, f", {said}")
        return
    comma = _COMMA.match(text, part.end)
    pad = paper.newline + text[line_start(text, part.start) : part.start]
    end = comma.end() if comma else part.end
    below = line_end(text, end) if is_rest_free(text, end) else end
    if comma:
        paper.edits.insert(below, f"{pad}{said},")
    elif below == end:
        paper.edits.insert(end, f",{pad}{said}")
    else:
        paper.edits.insert(end, ",")
        paper.edits.insert(below, f"{pad}{said}")
