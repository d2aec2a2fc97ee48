"""Which column each line of a text belongs in: the bookkeeping of the normal form."""

from bisect import bisect_right

from attune_registry.yamldoc.edits import Edits, Unpatchable
from attune_registry.yamldoc.emit import CANONICAL, DASH
from attune_registry.yamldoc.offsets import HEADER, block_indent
from attune_registry.yamldoc.tree import Node, dashes


class Indents:
    """The lines of a text (counted from 0) and the columns that their contents move to.

    `fixed` lines are inside texts and are dealt with; `open_ended` ones end inside a quoted text.
    """

    def __init__(self, text: str, root: Node) -> None:
        self.edits = Edits()
        self.fixed: set[int] = set()
        self.open_ended: set[int] = set()
        self._text = text
        self._starts = [0, *(at + 1 for at, char in enumerate(text) if char == "\n")]
        self.count = len(self._starts) - 1
        self._last = len(text.rstrip(" \t\n"))
        # For lines that start an entry: old column, new column. For lines that go on with one: by how much they move.
        self._entries: dict[int, tuple[int, int]] = {}
        self._moved: dict[int, int] = {}
        # The highest column for a comment below a block scalar; further in, it would be part of it.
        self._below_block: dict[int, int] = {}
        if root.style != "block" or root.kind != "mapping":
            raise Unpatchable
        self._collection(root, 0)
        self._lines = list(self._entries)

    def span(self, line: int) -> tuple[int, int]:
        """Start and end of a line, without its line break."""
        return self._starts[line], self._starts[line + 1] - 1

    def is_last(self, line: int) -> bool:
        """True when nothing but blank lines follows."""
        return self._starts[line] >= self._last

    def column(self, line: int, width: int) -> int:
        """The new column of what starts at column `width` in a line."""
        if line in self._entries:
            return self._entries[line][1]
        if line in self._moved:
            return max(0, width + self._moved[line])
        if self._text.startswith("#", self._starts[line] + width):
            return self._comment_column(line, width)
        return width

    def _comment_column(self, line: int, width: int) -> int:
        """A comment goes with the entry below that stands in its column, else with the entries around it."""
        at = bisect_right(self._lines, line)
        after = self._lines[at] if at < len(self._lines) else None
        cap = self._below_block.get(self._lines[at - 1]) if at else None
        new = self._aligned(after, at, width)
        return new if cap is None else min(new, cap)

    def _aligned(self, after: int | None, before: int, width: int) -> int:
        if after is not None and self._entries[after][0] == width:
            return self._entries[after][1]
        for at in range(before - 1, -1, -1):
            old, new = self._entries[self._lines[at]]
            if old <= width:
                return new if old == width else new + CANONICAL.step
        return 0 if after is None else self._entries[after][1]

    def _line(self, at: int) -> int:
        return bisect_right(self._starts, at) - 1

    def _place(self, at: int, new: int) -> None:
        """Notes that the entry at `at` belongs in column `new`, if it is the first thing in its line."""
        line = self._line(at)
        if not self._text[self._starts[line] : at].strip(" "):
            self._entries[line] = (at - self._starts[line], new)

    def _collection(self, node: Node, column: int) -> None:
        if node.kind == "mapping":
            for key, value in node.pairs:
                old = key.start - self._starts[self._line(key.start)]
                if old != node.column:
                    raise Unpatchable
                self._place(key.start, column)
                self._value(value, key.start, old, column, below_dash=False)
            return
        for dash, item in zip(dashes(self._text, node), node.children, strict=True):
            self._place(dash, column)
            if self._line(item.start) == self._line(dash) and item.start > dash + 1:
                self.edits.replace(dash + 1, item.start, " ")
            self._value(item, dash, node.column, column, below_dash=True)

    def _value(self, node: Node, lead: int, old: int, new: int, *, below_dash: bool) -> None:
        if node.style == "block":
            self._collection(node, new + (DASH if below_dash or node.kind == "sequence" else CANONICAL.step))
        elif node.is_block_scalar:
            self._block_scalar(node, lead, new)
        else:
            self._inline(node, lead, old, new)

    def _inline(self, node: Node, lead: int, old: int, new: int) -> None:
        """A value that goes on over further lines moves with its first."""
        for line in range(self._line(lead) + 1, self._line(node.end) + 1):
            self._moved.setdefault(line, new - old)
        self._texts(node)

    def _texts(self, node: Node) -> None:
        """Lines inside a text have blank lines that count, and ends that may."""
        for child in node.children:
            self._texts(child)
        if node.kind == "scalar":
            first, last = self._line(node.body), self._line(node.end)
            self.open_ended.update(range(first, last))
            self.fixed.update(
                line for line in range(first + 1, last) if not self._text[slice(*self.span(line))].strip(" \t")
            )

    def _block_scalar(self, node: Node, lead: int, column: int) -> None:
        header = HEADER.match(self._text, node.body)
        if header is None or self._line(node.body) != self._line(lead):
            raise Unpatchable
        digits = "".join(char for char in header["indicators"] if char.isdigit())
        if digits:
            at = node.body + 1 + header["indicators"].index(digits)
            self.edits.replace(at, at + len(digits), str(CANONICAL.step))
        indent = block_indent(self._text, header.end(), node.text)
        for line in range(self._line(header.end()), self._line(node.end) + 1):
            self._content(line, indent, column + CANONICAL.step)
        self._below_block[next(reversed(self._entries))] = column

    def _content(self, line: int, indent: int, new: int) -> None:
        """A line of a block scalar: its indentation changes, nothing else."""
        start, end = self.span(line)
        self.fixed.add(line)
        said = self._text[start:end]
        if said[:indent].strip(" "):
            raise Unpatchable
        if len(said) <= indent:
            self.edits.replace(start, end, "")
        else:
            self.edits.replace(start, start + indent, " " * new)
