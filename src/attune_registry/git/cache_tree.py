"""The index's TREE extension: which folders' trees are known; a changed file makes its folders unknown.

Format: git's Documentation/gitformat-index.txt, "Cache tree".
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

# A folder: its name, how many entries it covers (-1: not known, and no id follows), how many folders follow in it.
_NODE = re.compile(rb"(([^\0]*)\0(?:-1 (\d+)\n|\d+ (\d+)\n.{20}))", re.DOTALL)
_FEW = 4
_Node = tuple[bytes, bytes, bytes, bytes]


class BrokenCacheTree(ValueError):
    """The extension does not read as its format says."""


class _Trail(dict[bytes, "_Trail"]):
    """The folders to be found below one, by name."""


def invalidate(extension: bytes, paths: Iterable[bytes]) -> bytes:
    """The extension with every folder that one of these files is in marked unknown."""
    return _invalidated(extension, frozenset(path.rpartition(b"/")[0] for path in paths))


@lru_cache(_FEW)
def _invalidated(extension: bytes, folders: frozenset[bytes]) -> bytes:
    """Remembered, because nothing changes when the same folders are written to again."""
    nodes: list[_Node] = _NODE.findall(extension)
    pieces = [node[0] for node in nodes]
    if sum(map(len, pieces)) != len(extension):
        raise BrokenCacheTree("there is something in it that is no folder")
    try:
        end = _mark(nodes, pieces, 0, _Trail({b"": _trail_of(folders)}))
    except IndexError:
        end = -1
    if end != len(nodes):
        raise BrokenCacheTree("there are more folders in it, or fewer, than it says")
    return b"".join(pieces)


def _mark(nodes: Sequence[_Node], pieces: list[bytes], at: int, trail: _Trail) -> int:
    """Marks the folder at a place where it is on the trail, and those in it; says where the next one is."""
    _, name, unknown, known = nodes[at]
    below = trail.get(name)
    left = int(unknown or known)
    at += 1
    if below is None:
        while left:
            left += int(nodes[at][2] or nodes[at][3]) - 1
            at += 1
        return at
    if known:
        pieces[at - 1] = b"%s\0-1 %s\n" % (name, known)
    for _ in range(left):
        at = _mark(nodes, pieces, at, below)
    return at


def _trail_of(folders: Iterable[bytes]) -> _Trail:
    top = _Trail()
    for folder in folders:
        at = top
        for step in folder.split(b"/") if folder else ():
            at = at.setdefault(step, _Trail())
    return top
