"""The keys of a mapping: where they stand, with or without a question mark, and those that are aliases."""

from attune_registry.yamldoc.edits import Unpatchable
from attune_registry.yamldoc.lines import line_start, past_nothing
from attune_registry.yamldoc.restyle import restyled_inline
from attune_registry.yamldoc.slots import Paper, Slot
from attune_registry.yamldoc.spelling import inline
from attune_registry.yamldoc.tree import Node


def keep_key(paper: Paper, key: Node) -> None:
    """Note a key's anchor; write out an alias whose anchor goes, or will stand for something else.

    Raises Unpatchable for an alias of what may be a merge key.
    """
    if key.kind != "alias":
        if key.anchor:
            paper.anchors[key.anchor] = key.text
    elif key.text == "<<":
        raise Unpatchable
    elif paper.anchors.get(key.anchor) != key.text:
        paper.edits.replace(key.start, key.end, inline(key.text, flow=True))


def rename_key(paper: Paper, key: Node, name: str, *, flow: bool) -> None:
    """Write another key, quoted as before, where it has another name; its anchor stays. Raises Unpatchable."""
    if key.text == name:
        keep_key(paper, key)
        return
    if key.kind != "alias" and key.anchor:
        paper.anchors[key.anchor] = name
    paper.edits.replace(key.body, key.end, restyled_inline(key, name, flow=flow))


def pair_start(text: str, node: Node, at: int) -> int:
    """Where a pair of a block starts: at its key, or at the question mark before it."""
    key = node.children[2 * at]
    if key.start - line_start(text, key.start) == node.column:
        return key.start
    start = past_nothing(text, node.children[2 * at - 1].end) if at else node.body
    if text[start] != "?":
        raise Unpatchable
    return start


def slot_of(text: str, node: Node, at: int) -> Slot:
    """Where the value of a pair of a block stands. Raises Unpatchable where that cannot be told."""
    key, value = node.children[2 * at : 2 * at + 2]
    # After a question mark the colon stands in a line of its own, maybe with comments between.
    colon = past_nothing(text, key.end)
    if text[colon : colon + 1] == ":" and not text[colon + 1 : colon + 2].strip():
        return Slot(colon + 1, node.column)
    if not key.end == value.start == value.end:
        raise Unpatchable
    return Slot(key.end, node.column, has_colon=False)
