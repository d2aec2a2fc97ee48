"""Text -> spelled nodes: every value with exactly the characters that spell it, aliases as aliases."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Literal

from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from attune_registry.yamldoc.edits import Unpatchable
from attune_registry.yamldoc.emit import Style
from attune_registry.yamldoc.lines import line_start, past_nothing
from attune_registry.yamldoc.offsets import HEADER, PROPERTIES, block_indent

Kind = Literal["scalar", "sequence", "mapping", "alias"]

_LINES = re.compile(r"[^\n\r\x85\u2028\u2029]*(?:\r\n|[\n\r\x85\u2028\u2029]|\Z)")


@dataclass(slots=True)
class Node:
    """A value as it is spelled: `start` is before its anchor and tag, `body` after, `end` after its last one.

    `style` is a scalar's quote or block indicator ("" for plain), "flow" or "block" for a collection; `anchor` is
    an alias's name too, and `text` what a scalar says that it stands for; `column` is a block collection's; `inside`
    makes the children when they are asked for.
    """

    kind: Kind
    start: int
    body: int
    end: int
    style: str = ""
    anchor: str = ""
    has_tag: bool = False
    text: str = ""
    column: int = 0
    inside: Callable[[], list["Node"]] = list
    _children: list["Node"] | None = None

    @property
    def children(self) -> list["Node"]:
        """The items of a list, the keys and values of a mapping by turns."""
        if self._children is None:
            self._children = self.inside()
        return self._children

    @property
    def pairs(self) -> list[tuple["Node", "Node"]]:
        """A mapping's keys and values."""
        return list(zip(self.children[::2], self.children[1::2], strict=True))

    @property
    def is_block_scalar(self) -> bool:
        """True for `|` and `>`."""
        return self.style in ("|", ">")

    @property
    def is_merge(self) -> bool:
        """True for a plain `<<` as a key."""
        return self.kind == "scalar" and self.text == "<<" and self.style == "" and not self.has_tag


def has_aliases(node: Node) -> bool:
    """True when an alias is in the value, or is it."""
    return node.kind == "alias" or any(map(has_aliases, node.children))


def spelled_tree(text: str) -> Node:
    """The root node of `text`, which has to be a loadable document without a byte order mark."""
    parser: Any = CParser(text)
    # After the last event there is None.
    events: list[Any] = list(iter(parser.get_event, None))
    parser.dispose()
    # The first two and the last two are those of the stream and the document.
    return _Events(text, events[2:-2]).node(0)


class _Events:
    """The events of one text, and the nodes made of them: only those asked for, as a patch looks into few."""

    def __init__(self, text: str, events: list[Any]) -> None:
        self._text = text
        self._events = events
        self._partners = _partners(events)
        self._has_questions = "?" in text

    @cached_property
    def _named(self) -> dict[str, str]:
        """The text of each scalar with an anchor; no two have the same."""
        return {event.anchor: event.value for event in self._events if isinstance(event, ScalarEvent) and event.anchor}

    def node(self, at: int) -> Node:
        """The node whose first event is at this index."""
        event = self._events[at]
        if isinstance(event, AliasEvent):
            return _alias(event, self._named)
        node = self._leaf(at, event) if isinstance(event, ScalarEvent) else self._collection(at, event)
        node.anchor = event.anchor or ""
        node.has_tag = event.tag is not None
        return node

    def _collection(self, at: int, event: Any) -> Node:
        kind: Kind = "sequence" if isinstance(event, SequenceStartEvent) else "mapping"
        start, body, closing = event.start_mark.index, event.end_mark.index, self._partners[at]
        # The token that opens a block is empty; a list that is not indented has none, and ends after the dash.
        if event.flow_style or (kind == "sequence" and body > start and self._text[body - 1] == "-"):
            body -= 1
        node = Node(kind, start, body, self._end(closing), style="flow" if event.flow_style else "block")
        node.column = body - line_start(self._text, body)
        node.inside = partial(self._between, at + 1, closing)
        return node

    def _between(self, at: int, closing: int) -> list[Node]:
        nodes = []
        while at < closing:
            nodes.append(self.node(at))
            at = self._partners[at] + 1
        return nodes

    def _end(self, last: int) -> int:
        """Where a value ends whose last event is at this index: a block ends where its last value does."""
        while (opening := self._events[self._partners[last]]) is not self._events[last] and not opening.flow_style:
            last -= 1
        event = self._events[last]
        return self._leaf(last, event).end if isinstance(event, ScalarEvent) else int(event.end_mark.index)

    def _leaf(self, at: int, event: ScalarEvent) -> Node:
        """A scalar; the value that a key after a question mark does not have is behind the key, not at what follows."""
        node, key = _scalar(self._text, event), self._events[at - 1] if at else None
        if self._has_questions and node.start == node.end and isinstance(key, (ScalarEvent, AliasEvent)):
            behind = (_scalar(self._text, key) if isinstance(key, ScalarEvent) else _alias(key, {})).end
            if past_nothing(self._text, behind) >= node.start:
                node.start = node.body = node.end = behind
        return node


def _partners(events: list[Any]) -> list[int]:
    """For each event the index of the one that closes what it opens, or opened what it closes; else its own."""
    partners = list(range(len(events)))
    opened: list[int] = []
    for at, event in enumerate(events):
        if isinstance(event, CollectionStartEvent):
            opened.append(at)
        elif isinstance(event, CollectionEndEvent):
            start = opened.pop()
            partners[start], partners[at] = at, start
    return partners


def _alias(event: Any, named: dict[str, str]) -> Node:
    start, end = event.start_mark.index, event.end_mark.index
    return Node("alias", start, start, end, anchor=event.anchor, text=named.get(event.anchor, ""))


def _scalar(text: str, event: Any) -> Node:
    start, end = event.start_mark.index, event.end_mark.index
    style = event.style or ""
    body = start
    if (event.anchor or event.tag is not None) and start < end:
        match = PROPERTIES.match(text, start, end)
        body = match.end() if match else start
    if style in ("|", ">"):
        end = _block_end(text, body, end, event.value)
    return Node("scalar", start, body, end, style=style, text=event.value)


def _block_end(text: str, body: int, end: int, value: str) -> int:
    """The end of a block scalar's last line of content, without the blank lines that chomping drops."""
    header = HEADER.match(text, body)
    if header is None:
        return end
    rows = [match.group() for match in _LINES.finditer(text, header.end(), end)]
    rows = rows[:-1] if rows and not rows[-1] else rows
    if "+" not in header["indicators"]:
        indent = block_indent(text, header.end(), value)
        while rows and not rows[-1].strip(" \r\n\x85\u2028\u2029") and len(rows[-1].rstrip("\r\n")) <= indent:
            rows.pop()
    if not rows:
        return _without_break(text, body, min(header.end(), end))
    return _without_break(text, body, header.end() + sum(map(len, rows)))


def _without_break(text: str, start: int, end: int) -> int:
    """`end` before the line break that it stands after, if it does."""
    if text.startswith("\r\n", end - 2):
        return end - 2
    return end - 1 if end > start and text[end - 1] in "\n\r\x85\u2028\u2029" else end


def dashes(text: str, node: Node) -> list[int]:
    """Where the dash of each item of a block list is. Raises Unpatchable where that cannot be told."""
    dash = re.compile(rf"(?:^|(?<=\r)) {{{node.column}}}-(?=\s|\Z)", re.MULTILINE)
    found = [node.body]
    for before in node.children[:-1]:
        match = dash.search(text, max(before.end, found[-1] + 1))
        if match is None:
            raise Unpatchable
        found.append(match.end() - 1)
    return found


def _is_json(root: Node) -> bool:
    """True for braces with keys in double quotes."""
    return root.style == "flow" and all(key.style == '"' for key, _ in root.pairs)


def layout(root: Node) -> Style:
    """The indentation that a text uses most."""
    steps: Counter[int] = Counter()
    dashes: Counter[int] = Counter()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        waiting.extend(node.children)
        if node.kind == "mapping" and node.style == "block":
            for _, value in node.pairs:
                if value.kind == "mapping" and value.style == "block" and value.column > node.column:
                    steps[value.column - node.column] += 1
                if value.kind == "sequence" and value.style == "block" and value.column >= node.column:
                    dashes[value.column - node.column] += 1
    step = steps.most_common(1)[0][0] if steps else 2
    dash = dashes.most_common(1)[0][0] if dashes else step
    return Style(step=min(step, 9), dash=dash, is_json=_is_json(root), may_keep=False)
