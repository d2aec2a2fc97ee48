"""Characters of a string value -> characters of the text that spells it."""

import re

from yaml.nodes import ScalarNode

PROPERTIES = re.compile(r"(?:[&!]\S*(?:\s|(?<=\s)#[^\n]*)*)*")
HEADER = re.compile(r"[|>](?P<indicators>[-+0-9]*)[^\n]*(?:\n|\Z)")
_FIRST_INDENT = re.compile(r"^ *(?=[^ \r\n])", re.MULTILINE)
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_CONTINUATION = re.compile(r"\\(?:\r?\n|\r)[ \t]*")
_FOLD = re.compile(r"[ \t]*(?:\r?\n[ \t]*)+")


def content_start(text: str, node: ScalarNode) -> int:
    """Where the scalar itself starts, after its anchor and tag."""
    start: int = node.start_mark.index
    if start < len(text) and text[start] in "&!":
        match = PROPERTIES.match(text, start, node.end_mark.index)
        return match.end() if match else start
    return start


def offset_in(text: str, node: ScalarNode, offset: int) -> int:
    """The index in `text` of character `offset` of the node's value (exact but for the folds of a folded one)."""
    start, end, value = content_start(text, node), node.end_mark.index, node.value
    offset = max(0, min(offset, len(value)))
    if node.style == "|":
        return _in_literal(text, start, end, value, offset)
    if node.style == ">":
        header = HEADER.match(text, start)
        return _aligned(text, header.end() if header else start, end, value, offset)
    if node.style == '"':
        return _in_double(text, start + 1, end - 1, offset)
    if node.style == "'":
        return _in_single(text, start + 1, end - 1, offset)
    return _aligned(text, start, end, value, offset)


def _in_literal(text: str, start: int, end: int, value: str, offset: int) -> int:
    header = HEADER.match(text, start)
    if header is None:
        return start
    indent = block_indent(text, header.end(), value)
    row = value.count("\n", 0, offset)
    at = header.end()
    for _ in range(row):
        at = text.find("\n", at, end) + 1 or end
    column = offset - (value.rfind("\n", 0, offset) + 1)
    line_end = text.find("\n", at)
    line_end = len(text) if line_end < 0 else line_end
    return min(at + indent + column, line_end)


def block_indent(text: str, content: int, value: str) -> int:
    """The columns that indent a block scalar whose lines start at `content`, by its first line with text."""
    said, written = _FIRST_INDENT.search(value), _FIRST_INDENT.search(text, content)
    return max(0, len(written.group()) - len(said.group())) if said and written else 0


def _in_double(text: str, at: int, end: int, offset: int) -> int:
    produced = 0
    while at < end:
        # What says nothing comes before the character that is looked for.
        continued = _CONTINUATION.match(text, at)
        if continued:
            at = continued.end()
        elif produced >= offset:
            break
        elif text[at] == "\\":
            match = _ESCAPE.match(text, at)
            at, produced = match.end() if match else at + 1, produced + 1
        else:
            at, produced = _next(text, at, end, produced)
    return at


def _in_single(text: str, at: int, end: int, offset: int) -> int:
    produced = 0
    while at < end and produced < offset:
        if text.startswith("''", at):
            at, produced = at + 2, produced + 1
            continue
        at, produced = _next(text, at, end, produced)
    return at


def _next(text: str, at: int, end: int, produced: int) -> tuple[int, int]:
    """One step through a quoted scalar: a character, or a fold, which is one blank or its empty lines."""
    fold = _FOLD.match(text, at, end)
    if fold is None:
        return at + 1, produced + 1
    return fold.end(), produced + max(1, fold.group().count("\n") - 1)


def _aligned(text: str, at: int, end: int, value: str, offset: int) -> int:
    """Walks value and text together over everything that is not white space."""
    for char in value[:offset]:
        if char.isspace():
            continue
        while at < end and text[at].isspace():
            at += 1
        at += 1
    if offset < len(value) and not value[offset].isspace():
        while at < end and text[at].isspace():
            at += 1
    return min(at, end)
