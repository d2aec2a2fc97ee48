"""The block scalar that an entry of a block may end with: blank lines that come to stand below could become its own."""

import re

from attune_registry.yamldoc.lines import blank_lines_below, next_line
from attune_registry.yamldoc.offsets import HEADER, block_indent
from attune_registry.yamldoc.slots import Paper
from attune_registry.yamldoc.tree import Node


def end_tail(paper: Paper, value: Node) -> None:
    """A block scalar without a line end at the end of the file has none in its value: say so in its header."""
    node = _last_inside(value)
    header = HEADER.match(paper.text, node.body) if node.is_block_scalar else None
    if header and "-" not in header["indicators"] and not node.text.endswith("\n"):
        digits = header["indicators"].replace("+", "")
        paper.edits.replace(node.body + 1, node.body + 1 + len(header["indicators"]), f"{digits}-")


def keeps_lines(text: str, value: Node) -> bool:
    """True when blank lines after the value would belong to it."""
    node = _last_inside(value)
    header = HEADER.match(text, node.body) if node.is_block_scalar else None
    return header is not None and "+" in header["indicators"]


def below_tail(text: str, value: Node, end: int, gap: str) -> str:
    """`gap`, which starts with a line break, as it can stand below an entry with this value that ends at `end`.

    Blank lines there belong to a block scalar that keeps its last ones, and to any where they are longer than it is
    indented.
    """
    node = _last_inside(value)
    header = HEADER.match(text, node.body) if node.is_block_scalar and node.end == end else None
    if header is None or not gap:
        return gap
    first = next_line(gap, 0)
    below = blank_lines_below(gap, first)
    if "+" in header["indicators"]:
        return gap[:first] + gap[below:]
    indent = block_indent(text, header.end(), node.text)
    too_long = re.compile(rf" {{{indent}}}[ \t]+(?=[\n\r\x85\u2028\u2029]|\Z)")
    return gap[:first] + too_long.sub("", gap[first:below]) + gap[below:]


def _last_inside(node: Node) -> Node:
    while node.children:
        node = node.children[-1]
    return node
