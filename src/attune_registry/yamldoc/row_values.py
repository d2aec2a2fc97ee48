"""The values that can stand in one row of a text: plain, quoted, and collections in brackets."""

import re
from collections.abc import Iterator
from typing import Any

from attune_registry.yamldoc.scalars import Plain, read_plain

_LONGEST_CACHED = 80
_MOST_CACHED = 20_000
_MOST_BRACKETS = 20
# What most plain texts mean, which is what they seem to.
KNOWN: dict[str, Plain] = {}

# What repeats a group and gives nothing back is written `(?>(...)*)`: `(...)*+` is broken in early releases of 3.11.
# No plain text starts with these, or libyaml has a say in what it is.
_NEVER_FIRST = frozenset("?:,[]{}#&*!|>'\"%@`")
_DASHED = re.compile(r"-[0-9A-Za-z.]")
_COMMENT = r"(?: +#.*)?\Z"
_DOUBLE = re.compile(rf'"((?>(?:[^"\\]|\\["\\/nt])*))"{_COMMENT}')
_SINGLE = re.compile(rf"'((?>(?:[^']|'')*))'{_COMMENT}")
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {'"': '"', "\\": "\\", "/": "/", "n": "\n", "t": "\t"}
_IN_PLAIN = r"[^ ,\[\]{}:?#\"'&*!|>%@`\\]"
_PLAIN_TEXT = rf"(?:[\w./$+(~=]|-(?=\w)){_IN_PLAIN}*+(?>(?:[ ]+{_IN_PLAIN}+)*)"
_PIECE = re.compile(rf"""[ ]*([\[\]{{}},]|:[ ]|"[^"\\]*"|'[^']*'|{_PLAIN_TEXT}|(?<=[ ])\#.*|.)""")
# The plainest and most frequent: `{key: word, key: "text"}` and `[word, word]`.
_WORD = r"[A-Za-z0-9_][A-Za-z0-9_.-]*+"
_ENTRY = rf'([A-Za-z_][A-Za-z0-9_]*+): (?:({_WORD})|"([^"\\]*)")'
# Without groups: Python 3.11's engine trips over groups in a repetition that never gives back.
_ONE = rf'[A-Za-z_][A-Za-z0-9_]*+: (?:{_WORD}|"[^"\\]*")'
_ENTRIES = re.compile(rf"\{{{_ONE}(?:, {_ONE})*\}}\Z")
_EACH_ENTRY = re.compile(_ENTRY)
_WORDS = re.compile(rf"\[{_WORD}(?:, {_WORD})*\]\Z")
_PLAIN_START = re.compile(r"[\w./$+(~=-]")


class Aside(Exception):
    """This is for the parser to read."""


def plain_value(text: str) -> Plain:
    """What `text` means without quotes, where every version of YAML agrees. Raises Aside."""
    if text in KNOWN:
        return KNOWN[text]
    reading = read_plain(text)
    if reading.rule:
        raise Aside
    if len(text) <= _LONGEST_CACHED:
        if len(KNOWN) >= _MOST_CACHED:
            KNOWN.clear()
        KNOWN[text] = reading.value
    return reading.value


def plain_text(text: str) -> str:
    """The plain text of a key. Raises Aside."""
    if plain_value(text).__class__ is not str:
        raise Aside
    return text


def is_plain(rest: str) -> bool:
    """True when a value that starts like this is plain text or a number."""
    return rest[0] not in _NEVER_FIRST and (rest[0] != "-" or _DASHED.match(rest) is not None)


def double_quoted(rest: str) -> str | None:
    """The text in double quotes; None where they are not closed. Raises Aside."""
    match = _DOUBLE.match(rest)
    if match is None:
        if "\\" in rest or '"' in rest[1:]:
            raise Aside
        return None
    text = match[1]
    return _ESCAPE.sub(lambda found: _ESCAPED[found[1]], text) if "\\" in text else text


def single_quoted(rest: str) -> str | None:
    """The text in single quotes; None where they are not closed. Raises Aside."""
    match = _SINGLE.match(rest)
    if match is None:
        if "'" in rest[1:]:
            raise Aside
        return None
    return match[1].replace("''", "'")


def in_brackets(rest: str) -> dict[str, Any] | list[Any]:
    """The list or mapping in brackets, all in one row. Raises Aside."""
    if _WORDS.match(rest):
        return [plain_value(word) for word in rest[1:-1].split(", ")]
    if _ENTRIES.match(rest):
        entries = _EACH_ENTRY.findall(rest)
        data = {plain_text(key): plain_value(word) if word else text for key, word, text in entries}
        if len(data) == len(entries):
            return data
        raise Aside
    if rest.count("[") + rest.count("{") > _MOST_BRACKETS:
        raise Aside
    pieces = iter(_PIECE.findall(rest))
    value: dict[str, Any] | list[Any] = _node(pieces, next(pieces))
    comment = next(pieces, "")
    if comment and (comment[0] != "#" or not rest.endswith(f" {comment}")):
        raise Aside
    return value


def _node(pieces: Iterator[str], piece: str) -> Any:
    if piece == "{":
        data: dict[str, Any] = {}
        for first in _entries(pieces, "}"):
            key = _scalar(first)
            if key.__class__ is not str or key in data or next(pieces, "") != ": ":
                raise Aside
            data[str(key)] = _node(pieces, next(pieces, ""))
        return data
    if piece == "[":
        return [_node(pieces, first) for first in _entries(pieces, "]")]
    return _scalar(piece)


def _entries(pieces: Iterator[str], end: str) -> Iterator[str]:
    """The first piece of each entry between brackets; its other pieces are to be taken before the next is asked for."""
    piece = next(pieces, "")
    if piece == end:
        return
    while True:
        yield piece
        after = next(pieces, "")
        if after == end:
            return
        if after != ",":
            raise Aside
        piece = next(pieces, "")


def _scalar(piece: str) -> Plain:
    if len(piece) > 1 and piece[0] in "\"'":
        return piece[1:-1]
    if not _PLAIN_START.match(piece) or piece == "-":
        raise Aside
    return plain_value(piece)
