"""Bytes -> document: YAML text as data, with the faults in it and the place of every value."""

from typing import Any

import yaml
from yaml.nodes import Node, ScalarNode

from attune_registry.problems import Finding, Position
from attune_registry.yamldoc.comments import has_any, ignored_rules, long_scalars
from attune_registry.yamldoc.compose import MAX_BYTES, LimitExceeded, compose, has_aliases
from attune_registry.yamldoc.offsets import offset_in
from attune_registry.yamldoc.places import Lines, Place, find, pointers_of, trail
from attune_registry.yamldoc.rapid import read_rapidly
from attune_registry.yamldoc.reading import Fault, Reader
from attune_registry.yamldoc.syntax import explain

# What JSON cannot hold has no data; the rest is read as well as it can be, so that other checks can go on.
LOADABLE_DESPITE = frozenset({"yaml-duplicate-key", "yaml-surprise"})
_TOP = Position(1, 1)
_BOM = "\ufeff"


class Document:
    """A YAML text, what it says, and what is wrong with it. `parse` makes one."""

    __slots__ = ("_lines", "_marks", "_node", "data", "faults", "loadable", "text")

    def __init__(
        self,
        text: str,
        *,
        root: Node | None,
        data: Any,
        loadable: bool,
        faults: tuple[Finding, ...],
        marks: dict[int, Position] | None = None,
    ) -> None:
        self.text = text
        self.data = data
        self.loadable = loadable
        self.faults = faults
        self._node = root
        self._marks = marks
        self._lines: Lines | None = None

    @property
    def lines(self) -> Lines:
        """The text's lines, counted when first asked for."""
        if self._lines is None:
            self._lines = Lines(self.text)
        return self._lines

    @property
    def is_plain(self) -> bool:
        """True for a text in the YAML that people mostly write, which was read without nodes (rapid)."""
        return self._marks is not None

    @property
    def _root(self) -> Node | None:
        """The root node; of what was read without nodes it is made when first asked for."""
        if self._node is None and self._marks is not None:
            self._node = compose(self.text)
        return self._node

    def action_position(self, mapping: dict[str, Any], pointer: str) -> Position:
        """Where the value of `action` starts in a mapping of `data`, which is at `pointer`: told at once, if it can."""
        known = self._marks.get(id(mapping)) if self._marks else None
        return known or self.position(f"{pointer}/action")

    def position(self, pointer: str, key: bool = False) -> Position:
        """Where the value of a pointer (with `key`: its key) starts, or its nearest parent that exists."""
        root = self._root
        if root is None:
            return _TOP
        return self._position_of(find(root, self.text, pointer), key)

    def position_below(self, outer: str, inner: str, key: bool = False) -> Position | None:
        """Where the value of pointer `inner` from `outer` starts, or its nearest parent that exists below `outer`."""
        root = self._root
        places = trail(root, self.text, outer + inner) if root is not None else []
        return self._position_of(places[-1], key) if len(places) > outer.count("/") + 1 else None

    def _position_of(self, place: Place, key: bool) -> Position:
        return self.lines.position(place.key.start_mark.index if key and place.key else place.start)

    def position_in(self, pointer: str, offset: int) -> Position:
        """Where character `offset` of a string value stands; the value's start for anything else."""
        root = self._root
        if root is None:
            return _TOP
        node = find(root, self.text, pointer).node
        if not isinstance(node, ScalarNode):
            return self.position(pointer)
        return self.lines.position(offset_in(self.text, node, offset))

    def scalar(self, pointer: str) -> str:
        """The text of a scalar before anybody makes a number or a word of it; "" for anything else."""
        root = self._root
        found = trail(root, self.text, pointer) if root is not None else []
        node = found[-1].node if len(found) > pointer.count("/") else None
        return str(node.value) if isinstance(node, ScalarNode) else ""

    def has_aliases(self) -> bool:
        """True where some value stands in more than one place."""
        root = self._root
        return root is not None and has_aliases(root)

    def ignored(self) -> tuple[tuple[int, frozenset[str]], ...]:
        """The lines with a comment `# registry: ignore[rule, ...]`, and the rules it names."""
        root = self._root if has_any(self.text) else None
        return ignored_rules(self.text, root, self.lines) if root else ()

    def long_scalars(self) -> tuple[range, ...]:
        """The lines of each scalar that takes more than one."""
        root = self._root
        return long_scalars(self.text, root, self.lines) if root else ()


def parse(raw: bytes, despite: frozenset[str] = LOADABLE_DESPITE) -> Document:
    """The document in these bytes. Never raises: what is wrong is in `faults`.

    There is no data where a rule is broken that is not among `despite`.
    """
    if len(raw) > MAX_BYTES:
        return _unreadable("", "yaml-limit", f"The file is larger than {MAX_BYTES:,} bytes")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return _not_utf8(raw, error.start)
    text = text.removeprefix(_BOM)
    plain = read_rapidly(text)
    if plain is not None:
        return Document(text, root=None, data=plain.data, loadable=True, faults=(), marks=plain.marks)
    return parse_slowly(text, despite)


def parse_slowly(text: str, despite: frozenset[str] = LOADABLE_DESPITE) -> Document:
    """The same for text, by the parser alone."""
    try:
        root = compose(text)
        if root is None:
            return _unreadable(text, "yaml-syntax", "The file is empty", hint="write the first field")
        reader = Reader()
        data = reader.read(root)
    except LimitExceeded as error:
        return _unreadable(text, "yaml-limit", error.message, error.index)
    except yaml.YAMLError as error:
        fault = explain(error, text)
        return _unreadable(text, "yaml-syntax", fault.message, fault.at, fault.hint)
    if not reader.faults:
        return Document(text, root=root, data=data, loadable=True, faults=())
    loadable = all(fault.rule in despite for fault in reader.faults)
    faults = _placed(reader.faults, root, Lines(text))
    return Document(text, root=root, data=data if loadable else None, loadable=loadable, faults=faults)


def _unreadable(text: str, rule: str, message: str, index: int = 0, hint: str = "") -> Document:
    at = Lines(text).position(min(index, len(text)))
    finding = Finding(rule, "", message, hint, at=at)
    return Document(text, root=None, data=None, loadable=False, faults=(finding,))


def _not_utf8(raw: bytes, at: int) -> Document:
    before = raw[:at].decode("utf-8")
    text = raw.decode("utf-8", "replace").removeprefix(_BOM)
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _unreadable(text, "yaml-syntax", "The file is UTF-16, not UTF-8", 0, "save it as UTF-8")
    said = f"The byte 0x{raw[at]:02X} is not UTF-8"
    return _unreadable(text, "yaml-syntax", said, len(before.removeprefix(_BOM)), "save the file as UTF-8")


def _placed(faults: list[Fault], root: Node, lines: Lines) -> tuple[Finding, ...]:
    """The faults with pointers and positions, in order; a fault behind an alias is reported once."""
    where = pointers_of(root)
    placed = {}
    for fault in faults:
        message = fault.message
        if fault.first is not None:
            message += f", in line {lines.position(fault.first.start_mark.index).line}"
        at = lines.position(fault.node.start_mark.index)
        pointer = where.get(id(fault.node), "")
        placed[fault.rule, id(fault.node)] = Finding(fault.rule, pointer, message, fault.hint, at=at)
    return tuple(sorted(placed.values(), key=lambda finding: finding.at or _TOP))
