"""Comments that say which rules not to apply in their line."""

import re
from bisect import bisect_right

from yaml.nodes import Node, ScalarNode

from attune_registry.yamldoc.places import Lines, scalars

_MARK = "registry:"

_RULES = re.compile(r"registry: *ignore *\[([^\[\]\n]*)\]")
# Without brackets only at the end of a line: otherwise it is prose.
_MEANT = re.compile(r"registry: *ignore *(?:\[|\r?$)", re.MULTILINE)
_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#")


def has_any(text: str) -> bool:
    """False where no line is such a comment, told without reading the text as YAML."""
    return _MARK in text and _MEANT.search(text) is not None


def ignored_rules(text: str, root: Node, lines: Lines) -> tuple[tuple[int, frozenset[str]], ...]:
    """The lines with a comment `# registry: ignore[rule, ...]` and the rules it names; texts hold no comments."""
    quoted = sorted(_inside(text, node) for node in scalars(root) if node.style)
    starts = [start for start, _ in quoted]
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if _MARK not in line:
            continue
        first = lines.start(number)
        hashes = (hit.start() for hit in _COMMENT.finditer(line))
        comment = next((at for at in hashes if not _is_in(first + at, quoted, starts)), None)
        # A comment that names no rule is told of too: somebody meant something by it.
        if comment is not None and _MEANT.search(line, comment):
            found.append((number, _rules(line[comment:])))
    return tuple(found)


def long_scalars(text: str, root: Node, lines: Lines) -> tuple[range, ...]:
    """The lines, counted from 1, of each scalar that takes more than one; blank ones at its end do not count."""
    found = []
    for node in scalars(root):
        start, end = node.start_mark, node.end_mark
        if start.line < end.line:
            last = start.index + max(len(text[start.index : end.index].rstrip()) - 1, 0)
            found.append(range(lines.position(start.index).line, lines.position(last).line + 1))
    return tuple(span for span in found if len(span) > 1)


def _rules(comment: str) -> frozenset[str]:
    names = (name.strip() for listed in _RULES.findall(comment) for name in listed.split(","))
    return frozenset(name for name in names if name)


def _is_in(index: int, spans: list[tuple[int, int]], starts: list[int]) -> bool:
    at = bisect_right(starts, index) - 1
    return at >= 0 and index < spans[at][1]


def _inside(text: str, node: ScalarNode) -> tuple[int, int]:
    """The characters of a scalar in which a # is no comment: not the first line of a block scalar."""
    start, end = node.start_mark.index, node.end_mark.index
    if node.style in ("|", ">"):
        line_end = text.find("\n", start)
        start = end if line_end < 0 else line_end
    return start, end
