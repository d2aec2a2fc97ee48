"""A scalar's new value in its old style: quotes stay quotes, a block scalar stays one."""

import re
from typing import Any

from attune_registry.yamldoc.emit import DASH, Spelled, Style, is_for_block, spell
from attune_registry.yamldoc.matching import by_value
from attune_registry.yamldoc.offsets import HEADER, block_indent
from attune_registry.yamldoc.spelling import (
    block_lines,
    chomping,
    double_quoted,
    inline,
    is_block,
    is_printable,
    literal,
    needs_indicator,
    single_quoted,
)
from attune_registry.yamldoc.tree import Node

_BREAKS = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_DIGIT = re.compile(r"[1-9]")
_NARROWEST = 40
# The most that a block scalar can say of how far it is indented.
_DEEPEST = 9


def restyled_inline(node: Node, new: Any, *, flow: bool) -> str:
    """The new value on one line, quoted as `node` is where that can be."""
    if isinstance(new, str) and node.kind == "scalar":
        if node.style == '"':
            return double_quoted(new)
        if node.style == "'" and is_printable(new):
            return single_quoted(new)
    return inline(new, flow=flow)


def restyled(text: str, node: Node, new: Any, column: int, style: Style, *, below_dash: bool, depth: int) -> Spelled:
    """The new value of a scalar whose key or dash stands at `column`, in the style that `node` has in `text`.

    A block scalar starts in column `depth` or right of it, lest it take in what stands below.
    """
    if not isinstance(new, str) or node.kind != "scalar":
        return spell(new, column, style, below_dash=below_dash)
    is_json = node.style == '"' and "\n" in node.text
    if node.is_block_scalar and style.may_block and is_block(new) and not _is_one_line_now(node, new, style):
        return _Block(text, node, column).respelled(new)
    if is_for_block(new, style) and not is_json:
        step = DASH if below_dash else style.step
        step = max(step, -(-(depth - column) // step) * step)
        block = literal(new, step) if step <= _DEEPEST else None
        if block is not None:
            return Spelled(block.header, _indented(block.lines, column + step))
    return Spelled(restyled_inline(node, new, flow=False), [])


def _is_one_line_now(node: Node, new: str, style: Style) -> bool:
    """True for a text of several lines that becomes one which fits in a line."""
    return "\n" in node.text.rstrip("\n") and "\n" not in new and len(new) <= style.width


def _indented(lines: list[str], indent: int) -> list[str]:
    return [" " * indent + line if line else "" for line in lines]


class _Block:
    """A block scalar as it stands in a text."""

    def __init__(self, text: str, node: Node, column: int) -> None:
        header = HEADER.match(text, node.body)
        content = header.end() if header else node.end
        self._rows = _BREAKS.split(text[content : node.end]) if content < node.end else []
        has_text = bool(node.text.strip(" \n"))
        self._indicators = header["indicators"] if header and has_text else ""
        self._indent = block_indent(text, content, node.text) if has_text else column + DASH
        self._is_folded = node.style == ">"
        self._value = node.text
        self._column = column

    def respelled(self, new: str) -> Spelled:
        """The block scalar with another value; lines that are still there keep their characters."""
        if self._is_folded and _can_fold(new):
            rows = self._folded(new)
            return Spelled(">" + self._header(new), rows)
        return Spelled("|" + self._header(new), self._literal(new))

    def _header(self, new: str) -> str:
        digit = _DIGIT.search(self._indicators)
        below = self._indent - self._column
        if digit is None and needs_indicator(new) and 1 <= below <= 9:
            digit = _DIGIT.search(str(below))
        chomp = chomping(new)
        # A text without a line end may end the file, or be empty: then its header need not say so.
        if chomp != "-" and self._indicators and chomp == chomping(self._value):
            chomp = "".join(char for char in self._indicators if char in "+-")
        return (digit.group() if digit else "") + chomp

    def _literal(self, new: str) -> list[str]:
        lines = block_lines(new)
        rows = _indented(lines, self._indent)
        if self._is_folded:
            return rows
        before = block_lines(self._value)
        for at, was in enumerate(by_value(before, lines)):
            if was is not None and was < len(self._rows) and before[was] == lines[at]:
                rows[at] = self._rows[was]
        return rows

    def _folded(self, new: str) -> list[str]:
        """Each line of the value as a paragraph; one that was there before is wrapped as it was."""
        paragraphs = self._paragraphs()
        wrapped = any(len(rows) > 1 for rows in paragraphs.values())
        width = max((len(row) for rows in paragraphs.values() for row in rows), default=0) if wrapped else 0
        lines: list[str] = []
        for at, line in enumerate(new.rstrip("\n").split("\n")):
            if not line:
                lines.append("")
                continue
            if at:
                lines.append("")
            lines += paragraphs.get(line) or _indented(_wrapped(line, width - self._indent), self._indent)
        ends = len(new) - len(new.rstrip("\n"))
        return lines + [""] * (ends - 1)

    def _paragraphs(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        rows: list[str] = []
        for row in [*self._rows, ""]:
            if row.strip():
                rows.append(row)
            elif rows:
                found[" ".join(line[self._indent :] for line in rows)] = rows
                rows = []
        return found


def _can_fold(text: str) -> bool:
    """True when folding gives the text back: no empty line starts it, and no line starts or ends with white space."""
    return not text.startswith("\n") and all(line == line.strip(" \t") for line in text.split("\n"))


def _wrapped(line: str, width: int) -> list[str]:
    """The line broken at single spaces, `width` columns at most where it can be; 0 leaves it whole."""
    if width < _NARROWEST:
        return [line]
    rows: list[str] = []
    for word in re.split(r"(?<=[^ \t]) (?=[^ \t])", line):
        if rows and len(rows[-1]) + 1 + len(word) <= width:
            rows[-1] += " " + word
        else:
            rows.append(word)
    return rows
