"""One row of a text -> how far it is indented, its dash, its key, and its value or what kind of value it starts."""

import re
from typing import Any

from attune_registry.yamldoc.row_values import (
    KNOWN,
    Aside,
    double_quoted,
    in_brackets,
    is_plain,
    plain_text,
    plain_value,
    single_quoted,
)

__all__ = ["Aside", "Token", "token"]

# What kind of value a row has: the first two are there as they stand, a plain one may go on in the next row.
PLAIN, TEXT, EMPTY, OPEN, LITERAL, FOLDED, BRACKETS = range(7)
# The levels of rows. One with a key is at twice its indentation, an item at one more; one of neither is at BARE less
# its indentation, a blank one or a comment NOWHERE.
NOWHERE, BARE = -1, -3
# Level, the level of the mapping that an item opens (0: none), key, kind of value, value, and the column that the
# value of the key MARKED starts in (0: another key).
Token = tuple[int, int, str | None, int, Any, int]
# Every file is asked where the value of this key stands.
MARKED = "action"
# Many rows are the same in many files.
KEPT: dict[str, Token] = {}

_MOST = re.compile(
    r"""( *)(- +)?([A-Za-z_][A-Za-z0-9_]*): +"""
    r"""(?:"([^"\\]*)"|([A-Za-z][^:#]*[^:# ])|(0|[1-9][0-9]{0,8})|([{\[].*[}\]]))\Z"""
)
_ROW = re.compile(r"""( *)(- +)?(?:([A-Za-z_][A-Za-z0-9_./-]*|"[^"\\]+"|'[^']+'):(?= |\Z) *)?(.*)""")
_BLOCK = re.compile(r"([|>])(-?)(?: +#.*)?\Z")
_LONGEST_KEY = 400
_LONGEST_KEPT = 60
_MOST_KEPT = 20_000
_NOTHING: Token = (NOWHERE, 0, None, TEXT, None, 0)


def token(line: str) -> Token:
    """What a line says. Raises Aside."""
    if not line.isprintable():
        raise Aside
    most = _MOST.match(line)
    found = _token(line) if most is None else _usual(line, most)
    if len(line) <= _LONGEST_KEPT and (found[3] != BRACKETS or _is_flat(found[4])):
        if len(KEPT) >= _MOST_KEPT:
            KEPT.clear()
        KEPT[line] = found
    return found


def _usual(line: str, match: re.Match[str]) -> Token:
    """A key with a text in double quotes, plain text, a number, or something in brackets."""
    spaces, dash, key, quoted, text, number, bracketed = match.groups()
    level, inner = 2 * len(spaces), 0
    if dash:
        level, inner = level + 1, level + 2 * len(dash)
    name = KNOWN.get(key)
    if name.__class__ is not str:
        name = plain_text(key)
    column = 0
    if key == MARKED:
        behind = match.end(3) + 1
        column = len(line) - len(line[behind:].lstrip(" ")) + 1
    if quoted is not None:
        return level, inner, name, TEXT, quoted, column
    if bracketed is not None:
        return level, inner, name, BRACKETS, in_brackets(bracketed), column
    return level, inner, name, PLAIN, plain_value(text) if number is None else int(number), column


def _token(line: str) -> Token:
    match = _ROW.match(line)
    if match is None:
        raise Aside
    spaces, dash, key, rest = match.groups()
    rest = rest.rstrip(" ")
    if not dash and rest == "-" and key is None:
        dash, rest = "- ", ""
    at = len(spaces) * 2
    level = at + 1 if dash else at if key else BARE - len(spaces)
    inner = at + len(dash) * 2 if dash and key else 0
    if not rest or rest[0] == "#":
        return (level, inner, _key(key), EMPTY, None, 0) if dash or key else _NOTHING
    kind, value = _value(rest)
    name = _key(key)
    return level, inner, name, kind, value, match.start(4) + 1 if name == MARKED else 0


def _key(written: str | None) -> str | None:
    if written is None:
        return None
    if len(written) > _LONGEST_KEY:
        raise Aside
    return written[1:-1] if written[0] in "\"'" else plain_text(written)


def _value(rest: str) -> tuple[int, Any]:
    if is_plain(rest):
        return _plain(rest)
    first = rest[0]
    if first in "\"'":
        text = double_quoted(rest) if first == '"' else single_quoted(rest)
        return (OPEN, rest) if text is None else (TEXT, text)
    if first in "[{":
        return BRACKETS, in_brackets(rest)
    block = _BLOCK.match(rest)
    if block is None:
        raise Aside
    return (LITERAL if block[1] == "|" else FOLDED), bool(block[2])


def _plain(rest: str) -> tuple[int, Any]:
    comment = rest.find(" #")
    text = rest if comment < 0 else rest[:comment].rstrip(" ")
    if ": " in text or text[-1] == ":":
        raise Aside
    return (PLAIN if comment < 0 else TEXT), plain_value(text)


def _is_flat(value: Any) -> bool:
    """True for a collection of which a shallow copy is a copy."""
    inner = value.values() if value.__class__ is dict else value
    return not any(item.__class__ is dict or item.__class__ is list for item in inner)
