"""The index's TREE extension: which folders' trees are known; a changed file makes its folders unknown.

Format: git's Documentation/gitformat-index.txt, "Cache tree".
"""

import re
from collections.abc import Iterable

# A folder: its name, how many entries it covers (-1: not known, and no id follows), how many folders follow in it.
_NODE = re.compile(rb"([^\0]*)\0(?:-1 (\d+)\n|\d+ (\d+)\n.{20})", re.DOTALL)


class BrokenCacheTree(ValueError):
    """The extension does not read as its format says."""


class _Trail(dict[bytes, "_Trail"]):
    """The folders to be found below one, by name."""


def invalidate(extension: bytes, paths: Iterable[bytes]) -> bytes:
    """The extension with every folder that one of these files is in marked unknown."""
    pieces: list[bytes] = []
    position = kept_from = 0
    trail: _Trail | None = _Trail({b"": _trail_of(paths)})
    left = 1
    outer: list[tuple[_Trail | None, int]] = []
    for node in _NODE.finditer(extension):
        if node.start() != position or not left:
            break
        position = node.end()
        left -= 1
        below = trail.get(node[1]) if trail else None
        if below is not None and node[3]:
            pieces += [extension[kept_from : node.start()], b"%s\0-1 %s\n" % (node[1], node[3])]
            kept_from = position
        count = int(node[2] or node[3])
        if count:
            outer.append((trail, left))
            trail, left = below, count
        while not left and outer:
            trail, left = outer.pop()
    if left or outer or position != len(extension):
        raise BrokenCacheTree(f"it cannot be read after byte {position}")
    return b"".join([*pieces, extension[kept_from:]])


def _trail_of(paths: Iterable[bytes]) -> _Trail:
    top = _Trail()
    for path in paths:
        folder = top
        for step in path.split(b"/")[:-1]:
            folder = folder.setdefault(step, _Trail())
    return top
