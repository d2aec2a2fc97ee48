"""A tree with one entry more, less or changed, made from its bytes: what stays is copied, not taken apart."""

import re
from bisect import bisect_left
from itertools import accumulate
from typing import NamedTuple

TREE_MODE = 0o40000
# "<mode> <name>", then 20 bytes of id behind a zero byte (gitformat-pack, git-mktree).
_HEADS = re.compile(rb"([0-7]+ [^\0]+)\0.{20}", re.DOTALL)
_AFTER_HEAD = 21


class TreeEntry(NamedTuple):
    """What stands under a name: git's mode and the id (20 bytes)."""

    mode: int
    id: bytes


class TreeBytes:
    """The content of a tree object; `heads` are its modes and names, in order."""

    __slots__ = ("_asked", "_starts", "heads", "raw")

    def __init__(self, raw: bytes = b"", heads: list[bytes] | None = None) -> None:
        self.raw = raw
        self.heads: list[bytes] = _HEADS.findall(raw) if heads is None else heads
        # Where each entry starts, and where names are that were asked for. A tree in which only an id has changed has
        # both from the one before: the folders above what is written are asked for in every commit.
        self._starts: list[int] | None = None
        self._asked: dict[bytes, int] = {}

    def find(self, name: bytes) -> TreeEntry | None:
        """The entry of this name."""
        at = self._position(name)
        if at is None:
            return None
        head = self.heads[at]
        end = self._start(at) + len(head) + _AFTER_HEAD
        return TreeEntry(int(head.partition(b" ")[0], 8), self.raw[end - 20 : end])

    def with_entry(self, name: bytes, entry: TreeEntry | None) -> "TreeBytes":
        """The tree in which this is what stands under a name (None: nothing)."""
        at = self._position(name)
        found = at is not None
        if at is None:
            at = self._place_of(name, entry)
        start = self._start(at)
        end = start + len(self.heads[at]) + _AFTER_HEAD if found else start
        head = b"%o %s" % (entry.mode, name) if entry else b""
        new = b"%s\0%s" % (head, entry.id) if entry else b""
        raw = self.raw[:start] + new + self.raw[end:]
        if found and self.heads[at] == head:
            same = TreeBytes(raw, self.heads)
            same._starts, same._asked = self._starts, self._asked
            return same
        other = TreeBytes(raw, [*self.heads[:at], *([head] if entry else []), *self.heads[at + found :]])
        if self._starts is not None:
            shift = len(new) - (end - start)
            behind = [begin + shift for begin in self._starts[at + found :]]
            other._starts = [*self._starts[: at + bool(entry)], *behind]
        return other

    def _position(self, name: bytes) -> int | None:
        at = self._asked.get(name)
        if at is None:
            at = self._search(name)
            if at is not None:
                self._asked[name] = at
        return at

    def _search(self, name: bytes) -> int | None:
        if b" %s\0" % name not in self.raw:
            return None
        for key in (name, name + b"/"):
            at = bisect_left(self.heads, key, key=_sort_key)
            if at < len(self.heads) and self.heads[at].partition(b" ")[2] == name:
                return at
        return None

    def _place_of(self, name: bytes, entry: TreeEntry | None) -> int:
        """Where a new name goes; git sorts a folder as if its name ended with a slash."""
        is_tree = entry is not None and entry.mode == TREE_MODE
        return bisect_left(self.heads, name + b"/" if is_tree else name, key=_sort_key)

    def _start(self, at: int) -> int:
        starts = self._starts
        if starts is None:
            starts = self._starts = [0, *accumulate([len(head) + _AFTER_HEAD for head in self.heads])]
        return starts[at]


def _sort_key(head: bytes) -> bytes:
    mode, _, name = head.partition(b" ")
    return name + b"/" if int(mode, 8) == TREE_MODE else name
