"""Text -> plain data without nodes, line by line, for the YAML that people mostly write; None where it takes libyaml.

It stands in front of the parser for reading in bulk, and steps aside for everything that it was not made for: tags,
anchors, merge keys, surprises of YAML 1.1, keys that come twice, tabs, text in other forms, and all that is wrong.
What it does answer is what the parser would have said (`tests/yamldoc/rapid_test.py` searches for a difference).
"""

from collections.abc import Iterator
from itertools import count, islice, pairwise
from typing import Any, NamedTuple

from attune_registry.problems import Position
from attune_registry.yamldoc.row_tokens import (
    BARE,
    BRACKETS,
    EMPTY,
    KEPT,
    LITERAL,
    NOWHERE,
    OPEN,
    PLAIN,
    TEXT,
    Aside,
    Token,
    token,
)
from attune_registry.yamldoc.row_values import plain_value

# Far below the limits of the parser, so that nothing has to be counted.
_LONGEST_TEXT = 40_000
_DEEPEST = 40
# A key or an item waits for its value, which has to come in the rows below: no row is at this level.
_AWAITED = NOWHERE - 1
# Number (from 1), text, and what is kept of it, of one line after the other.
_Lines = Iterator[tuple[int, str, Token | None]]


class Plain(NamedTuple):
    """A text's data, and where the value of `action` starts in the mappings that have one, by the mapping's id."""

    data: dict[str, Any]
    marks: dict[int, Position]


def read_rapidly(text: str) -> Plain | None:
    """What `text` says, None where only the parser can tell."""
    if len(text) > _LONGEST_TEXT:
        return None
    lines = text.split("\n")
    rows = zip(count(1), lines, map(KEPT.get, lines))
    if lines[0] == "---":
        next(rows)
    try:
        plain = _Rows(lines).read(rows)
    except Aside:
        return None
    return plain if plain.data else None


class _Rows:
    """The rows of one text, read from the first to the last; the innermost open collection is the last of the stack."""

    __slots__ = ("_lines", "_sealed", "_stack")

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._stack: list[tuple[int, Any]] = [(0, {})]
        # The line after a text of several rows: nothing can go on there.
        self._sealed = 0

    def read(self, rows: _Lines) -> Plain:
        """All of it. Raises Aside."""
        level, box = self._stack[0]
        marks: dict[int, Position] = {}
        for number, line, known in rows:
            at, inner, key, kind, value, column = known or token(line)
            if at != level:
                if level > at > NOWHERE:
                    level, box = self._close(at)
                elif at == NOWHERE or self._goes_on(at, number, rows):
                    continue
                else:
                    level, box = self._open(at, level)
            if inner:
                level, box = self._item(inner, box)
            if kind > TEXT:
                value, level = (None, _AWAITED) if kind == EMPTY else (self._below(kind, value, number, rows), level)
            if key is None:
                box.append(value)
            elif key in box:
                raise Aside
            else:
                box[key] = value
                if column:
                    marks[id(box)] = Position(number, column)
        return Plain(self._stack[0][1], marks)

    def _item(self, level: int, items: list[Any]) -> tuple[int, dict[str, Any]]:
        """An item that is a mapping, whose first key stands behind the dash."""
        inner: dict[str, Any] = {}
        items.append(inner)
        self._push(level, inner)
        return level, inner

    def _push(self, level: int, box: Any) -> None:
        if len(self._stack) > _DEEPEST:
            raise Aside
        self._stack.append((level, box))

    def _open(self, at: int, level: int) -> tuple[int, Any]:
        """The collection that a row at another level belongs to: a new one where a value is awaited."""
        here, box = self._stack[-1]
        if level == _AWAITED and (at >> 1 > here >> 1 or (at == here + 1 and at & 1)):
            inner: Any = [] if at & 1 else {}
            box[-1 if here & 1 else next(reversed(box))] = inner
            self._push(at, inner)
            return at, inner
        return (at, box) if at == here else self._close(at)

    def _close(self, at: int) -> tuple[int, Any]:
        """Go back to the collection that a row at this level belongs to."""
        stack = self._stack
        # A list may stand as far to the left as the key that it is the value of: then it has the higher level.
        while at < stack[-1][0]:
            stack.pop()
        if at != stack[-1][0]:
            raise Aside
        return stack[-1]

    def _goes_on(self, at: int, number: int, rows: _Lines) -> bool:
        """True for a row of a plain text that goes on below its first, which is dealt with then."""
        if at > BARE:
            return False
        indent = BARE - at
        here, box = self._stack[-1]
        first = token(self._lines[number - 2]) if number > max(1, self._sealed + 1) else None
        if first is None or first[3] != PLAIN or first[4].__class__ is not str or indent <= here >> 1:
            raise Aside
        parts = [first[4]]
        for line in self._lines[number - 1 :]:
            row = token(line)
            if row[0] > BARE:
                break
            if row[3] != PLAIN or BARE - row[0] <= here >> 1:
                raise Aside
            parts.append(line.strip(" "))
        box[-1 if here & 1 else next(reversed(box))] = plain_value(" ".join(parts))
        _skip(rows, len(parts) - 2)
        self._sealed = number + len(parts) - 2
        return True

    def _below(self, kind: int, value: Any, number: int, rows: _Lines) -> Any:
        """A value in brackets, or a text that goes on in the lines below."""
        if kind == BRACKETS:
            return value.copy()
        indent = self._stack[-1][0] >> 1
        below = self._lines[number:]
        text, taken = _quoted(value, below, indent) if kind == OPEN else _block(kind, value, below, indent)
        _skip(rows, taken)
        self._sealed = number + taken
        return text


def _skip(rows: _Lines, taken: int) -> None:
    next(islice(rows, taken, taken), None)


def _quoted(opening: str, lines: list[str], indent: int) -> tuple[str, int]:
    """A quoted text whose end is in a line below, and how many lines it takes."""
    quote, parts = opening[0], [opening[1:]]
    for at, line in enumerate(lines, 1):
        part = line.strip(" ")
        if not part or not part.isprintable() or "\\" in part or line.find(part[0]) <= indent:
            raise Aside
        text, ends, rest = part.partition(quote)
        parts.append(text)
        if ends:
            if rest and (rest[0] != " " or rest.lstrip(" ")[0] != "#"):
                raise Aside
            return " ".join(parts), at
    raise Aside


def _block(kind: int, strips: bool, lines: list[str], indent: int) -> tuple[str, int]:
    """A literal or folded text, and how many lines it takes."""
    first = lines[0] if lines else ""
    width = len(first) - len(first.lstrip(" "))
    if width <= indent or width == len(first):
        raise Aside
    margin = first[:width]
    parts: list[str] = []
    for line in lines:
        if line.startswith(margin):
            parts.append(line[width:])
        elif not line.strip(" "):
            parts.append("")
        else:
            break
    taken = len(parts)
    if taken == len(lines) and lines[-1] and not strips:
        raise Aside
    return _text_of(kind, parts) + ("" if strips else "\n"), taken


def _text_of(kind: int, parts: list[str]) -> str:
    while not parts[-1]:
        parts.pop()
    if not "".join(parts).isprintable() or any(part.isspace() for part in parts):
        raise Aside
    if kind == LITERAL:
        return "\n".join(parts)
    if any(part.startswith(" ") for part in parts):
        raise Aside
    text = parts[0]
    for before, part in pairwise(parts):
        text += "\n" if not part else part if not before else " " + part
    return text
