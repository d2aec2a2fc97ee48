"""Bytes and new data -> bytes: a person's YAML with only the values that changed written anew."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from attune_registry.errors import PatchRefused, TooMuch
from attune_registry.yamldoc.block_list import patch_block_list
from attune_registry.yamldoc.block_mapping import patch_block_mapping
from attune_registry.yamldoc.compose import MAX_DEPTH
from attune_registry.yamldoc.document import Document
from attune_registry.yamldoc.edits import Unpatchable
from attune_registry.yamldoc.emit import emit, entries, refuse_too_much
from attune_registry.yamldoc.flow_patch import patch_flow_list, patch_flow_mapping
from attune_registry.yamldoc.lines import full_end, line_break
from attune_registry.yamldoc.recent import parse_again
from attune_registry.yamldoc.replacing import replace
from attune_registry.yamldoc.sameness import same
from attune_registry.yamldoc.slots import Change, Paper, Slot
from attune_registry.yamldoc.steps import steps
from attune_registry.yamldoc.tree import Node, has_aliases, layout, spelled_tree
from attune_registry.yamldoc.upper_part import upper_part

_BOM = b"\xef\xbb\xbf"
_HARMLESS = frozenset({"yaml-surprise"})
_ROOT = Slot(0, 0)

# A patch by steps reads the whole text once a step: so many steps, and so many bytes in all.
_MOST_STEPS = 200
_MOST_WORK = 2_000_000
# Two for each level, and the whole file.
_MOST_ATTEMPTS = 2 * MAX_DEPTH + 2


def patch(raw: bytes, new: dict[str, Any]) -> bytes:
    """The text of `raw` changed so that it says `new`: other values, comments and layout keep their bytes.

    Where that cannot be, the smallest block around is written anew. Raises PatchRefused when `raw` cannot be read
    or `new` cannot be written.
    """
    document = parse_again(raw)
    faults = [fault for fault in document.faults if fault.rule not in _HARMLESS]
    if not document.loadable or faults:
        raise PatchRefused(f"The file cannot be changed before it is mended: {faults[0].message}")
    if same(document.data, new):
        return raw
    refuse_too_much(new)
    made = _patched(raw, document, new, most=1)
    return made if made is not None else _step_by_step(raw, document, new)


def _step_by_step(raw: bytes, document: Document, new: dict[str, Any]) -> bytes:
    """The patch as many small ones, so that one which cannot be made does not coarsen the others."""
    most = min(_MOST_STEPS, _MOST_WORK // len(raw))
    walk = list(islice(steps(document.data, new), most + 1))
    # The steps say nothing of an order that says something: what has not come to it by then does so last.
    for data in [*walk, new] if len(walk) <= most else [new]:
        if same(document.data, data):
            continue
        made = _patched(raw, document, data)
        if made is None:
            raise PatchRefused("The change cannot be written as YAML that reads back as what was asked for")
        raw, document = made, parse_again(made)
    return raw


def _patched(raw: bytes, document: Document, new: dict[str, Any], most: int = _MOST_ATTEMPTS) -> bytes | None:
    """The first of at most so many attempts that reads back as `new`."""
    for text in islice(_attempts(document, new), most):
        if text is None:
            continue
        # A file without a last line end may need one now, after a block scalar.
        for ending in ("", line_break(text)):
            result = _encoded(text + ending, raw)
            if _says(result, new):
                return result
    return None


def _attempts(document: Document, new: dict[str, Any]) -> Iterator[str | None]:
    """Patched texts, the gentlest first; None fails.

    Each rewrites one level more of what encloses a change, but first it is seen whether it is enough that new texts are
    not block scalars: those take in what stands below them where it is indented as they are.
    """
    text = document.text
    part = upper_part(document, new)
    if part is not None:
        made = _attempt(part.text, spelled_tree(part.text), MAX_DEPTH, part.old, part.new)
        yield None if made is None else made + part.below
    if isinstance(document.data, dict):
        root = spelled_tree(text)
        for deepest in _depths(root):
            made = _attempt(text, root, deepest, document.data, new)
            yield made
            quoted = _attempt(text, root, deepest, document.data, new, may_block=False)
            yield quoted if quoted != made else None
        if root.style == "block":
            lines = entries(new, root.column, layout(root)) or ["{}"]
            whole = line_break(text).join(lines).removeprefix(" " * root.column)
            yield text[: root.body] + whole + text[full_end(text, root.end) :]
    yield emit(new).replace("\n", line_break(text))


def _attempt(
    text: str, root: Node, deepest: int, old: dict[str, Any], new: dict[str, Any], *, may_block: bool = True
) -> str | None:
    try:
        return _Patch(text, root, deepest, may_block).made(old, new)
    except Unpatchable:
        return None


def _depths(root: Node) -> Iterator[int]:
    """The levels that an attempt may go down to: all first, then one less each time."""
    yield MAX_DEPTH
    yield from range(_depth(root) - 1, 0, -1)


def _depth(root: Node) -> int:
    return 1 + max(map(_depth, root.children), default=0)


def _encoded(text: str, raw: bytes) -> bytes:
    try:
        encoded = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise PatchRefused("Half a surrogate pair is not text and cannot be written") from error
    return _BOM + encoded if raw.startswith(_BOM) else encoded


def refuse_unreadable(written: Document) -> None:
    """Raise TooMuch for a text of ours that is over the limits of what is read."""
    for fault in written.faults:
        if fault.rule == "yaml-limit":
            raise TooMuch(f"It cannot be written: {fault.message}; send less.")


def _says(raw: bytes, data: dict[str, Any]) -> bool:
    document = parse_again(raw)
    refuse_unreadable(document)
    return document.loadable and all(fault.rule in _HARMLESS for fault in document.faults) and same(document.data, data)


class _Patch:
    """One attempt, which rewrites values whole that are `deepest` levels down or deeper."""

    def __init__(self, text: str, root: Node, deepest: int, may_block: bool) -> None:
        self._paper = Paper(text, root, may_block)
        self._root = root
        self._deepest = deepest
        self._has_aliases = "*" in text and has_aliases(root)

    def made(self, old: dict[str, Any], new: dict[str, Any]) -> str:
        """The patched text. Raises Unpatchable."""
        if self._root.kind != "mapping":
            raise Unpatchable
        self._inside(Change(self._root, old, new, 0, lambda: _ROOT))
        return self._paper.edits.apply(self._paper.text)

    def _value(self, change: Change) -> None:
        node, new, anchors = change.node, change.new, self._paper.anchors
        if node.kind == "alias":
            if node.anchor not in anchors or not same(anchors[node.anchor], new):
                replace(self._paper, node, new, change.slot)
            return
        is_same = same(change.old, new)
        if is_same and not (self._has_aliases and has_aliases(node)):
            self._remember(node, new)
            return
        if not (is_same and not node.children) and not self._went_inside(change, is_same):
            replace(self._paper, node, new, change.slot)
        if node.anchor:
            anchors[node.anchor] = new

    def _remember(self, node: Node, data: Any) -> None:
        """Note the anchors in a value that stays as it is."""
        if not self._has_aliases:
            return
        if node.anchor:
            self._paper.anchors[node.anchor] = data
        if node.kind == "mapping":
            for key, value in node.pairs:
                self._remember(key, key.text)
                if not key.is_merge:
                    self._remember(value, data[key.text])
        elif node.kind == "sequence":
            for item, part in zip(node.children, data, strict=True):
                self._remember(item, part)

    def _went_inside(self, change: Change, is_same: bool) -> bool:
        """True when the value could be patched from within."""
        if not change.new or not isinstance(change.new, type(change.old)) or not change.node.children:
            return False
        if change.level >= self._deepest and not is_same:
            return False
        mark, known = self._paper.edits.mark(), dict(self._paper.anchors)
        try:
            self._inside(change)
        except Unpatchable:
            self._paper.edits.back_to(mark)
            self._paper.anchors.clear()
            self._paper.anchors.update(known)
            return False
        return True

    def _inside(self, change: Change) -> None:
        node = change.node
        if node.kind == "mapping":
            patch_mapping = patch_block_mapping if node.style == "block" else patch_flow_mapping
            patch_mapping(self._paper, self._value, change)
        else:
            patch_list = patch_block_list if node.style == "block" else patch_flow_list
            patch_list(self._paper, self._value, change)
