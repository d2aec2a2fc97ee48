"""The index's TREE extension: which folders' trees are known; a changed file makes its folders unknown.

Format: git's Documentation/gitformat-index.txt, "Cache tree".
"""

import re
from collections.abc import Iterable

_NODE = re.compile(rb"([^\0]*)\0(-?\d+) (\d+)\n")
_ID_SIZE = 20


class BrokenCacheTree(ValueError):
    """The extension does not read as its format says."""


def invalidate(extension: bytes, folders: Iterable[bytes]) -> bytes:
    """The extension with these folders (b"" is the root, else without a slash at the end) marked unknown."""
    wanted = set(folders)
    pieces: list[bytes] = []
    kept_from = 0
    position = 0
    open_folders: list[tuple[bytes, int]] = []  # the folders being read: path, subfolders still to come
    while position < len(extension):
        found = _NODE.match(extension, position)
        if found is None:
            raise BrokenCacheTree(f"no node at byte {position}")
        path = _path(open_folders, found[1])
        has_id = not found[2].startswith(b"-")
        end = found.end() + (_ID_SIZE if has_id else 0)
        if has_id and path in wanted:
            pieces += [extension[kept_from : found.start()], b"%s\0-1 %s\n" % (found[1], found[3])]
            kept_from = end
        open_folders.append((path, int(found[3])))
        while open_folders and open_folders[-1][1] == 0:
            open_folders.pop()
        position = end
    if open_folders:
        raise BrokenCacheTree("it ends within a folder")
    pieces.append(extension[kept_from:])
    return b"".join(pieces)


def folders_of(path: bytes) -> list[bytes]:
    """The root and every folder a path is in."""
    steps = path.split(b"/")[:-1]
    return [b"/".join(steps[:count]) for count in range(len(steps) + 1)]


def _path(open_folders: list[tuple[bytes, int]], name: bytes) -> bytes:
    if not open_folders:
        return b""
    parent, left = open_folders[-1]
    open_folders[-1] = (parent, left - 1)
    return parent + b"/" + name if parent else name
