"""Where in the text a value stands: pointers to nodes, characters to lines and columns."""

import re
from bisect import bisect_right
from typing import NamedTuple

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from attune_registry import pointers
from attune_registry.problems import Position
from attune_registry.yamldoc.compose import children
from attune_registry.yamldoc.reading import is_merge, merge_sources

_ALIAS = re.compile(r"\*[^\s,\[\]{}]*")
_UP_TO_ALIAS = re.compile(r"(?:[\s,:\[?-]|(?<=\s)#[^\n]*(?:\n|\Z))*(?=\*)")


class Lines:
    """Turns characters of one text into positions."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        self._starts.extend(match.end() for match in re.finditer("\n", text))

    def position(self, index: int) -> Position:
        """Line and column, both from 1, of the character at `index`."""
        line = bisect_right(self._starts, index)
        return Position(line, index - self._starts[line - 1] + 1)

    def start(self, line: int) -> int:
        """Index of the first character of a line, counted from 1."""
        return self._starts[line - 1]


class Place(NamedTuple):
    """A value in the text: its key if it has one, and where it starts (an alias where the alias stands)."""

    key: Node | None
    node: Node
    start: int


def find(root: Node, text: str, pointer: str) -> Place:
    """The place of a pointer, or of its nearest parent that exists."""
    return trail(root, text, pointer)[-1]


def trail(root: Node, text: str, pointer: str) -> list[Place]:
    """The places from the root to a pointer, or to its nearest parent that exists."""
    places = [Place(None, root, root.start_mark.index)]
    for step in pointers.split(pointer):
        inner = _step(places[-1].node, text, step)
        if inner is None:
            break
        places.append(inner)
    return places


def _step(node: Node, text: str, step: str) -> Place | None:
    if isinstance(node, MappingNode):
        return _member(node, text, step)
    if isinstance(node, SequenceNode) and (index := pointers.item_of(node.value, step)) is not None:
        item = node.value[index]
        return _nth_item(node, text, index) if "*" in text else Place(None, item, item.start_mark.index)
    return None


def _nth_item(node: SequenceNode, text: str, at: int) -> Place:
    """An item of a list that may hold aliases: they have to be found one after the other."""
    after = node.start_mark.index
    for item in node.value[:at]:
        start = _start(item, text, after, node.end_mark.index)
        after = item.end_mark.index if item.start_mark.index == start else _past_alias(text, start)
    return Place(None, node.value[at], _start(node.value[at], text, after, node.end_mark.index))


def _past_alias(text: str, start: int) -> int:
    match = _ALIAS.match(text, start)
    return match.end() if match else start


def _start(node: Node, text: str, after: int, before: int) -> int:
    """Where a value that follows `after` starts; the node of an alias is its anchor's, somewhere above."""
    start: int = node.start_mark.index
    if after <= start <= before:
        return start
    match = _UP_TO_ALIAS.match(text, after)
    return match.end() if match else after


def _member(node: MappingNode, text: str, step: str) -> Place | None:
    for key, value in node.value:
        if isinstance(key, ScalarNode) and key.value == step and not is_merge(key):
            return Place(key, value, _start(value, text, key.end_mark.index, node.end_mark.index))
    for key, value in node.value:
        if is_merge(key):
            for source in merge_sources(value):
                place = _member(source, text, step) if isinstance(source, MappingNode) else None
                if place is not None:
                    return place
    return None


def pointers_of(root: Node) -> dict[int, str]:
    """The pointer of every node (keys have the pointer of their values), by the id of the node."""
    found: dict[int, str] = {}
    waiting: list[tuple[Node, str]] = [(root, "")]
    while waiting:
        node, pointer = waiting.pop()
        if id(node) in found:
            continue
        found[id(node)] = pointer
        if isinstance(node, MappingNode):
            for key, value in reversed(node.value):
                is_named = isinstance(key, ScalarNode) and not is_merge(key)
                inner = pointers.join(pointer, [key.value]) if is_named else pointer
                waiting.append((value, inner))
                waiting.append((key, inner))
        elif isinstance(node, SequenceNode):
            items = [(item, pointers.join(pointer, [at])) for at, item in enumerate(node.value)]
            waiting.extend(reversed(items))
    return found


def scalars(root: Node) -> list[ScalarNode]:
    """Every scalar of the document, once."""
    found: list[ScalarNode] = []
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, ScalarNode):
            found.append(node)
        waiting.extend(children(node))
    return found
