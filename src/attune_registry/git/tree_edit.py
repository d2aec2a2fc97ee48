"""A tree with one entry more, less or changed, made from its bytes: what stays is copied, not taken apart."""

import re
from bisect import bisect_left
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
    """The content of a tree object."""

    __slots__ = ("_asked", "_heads", "raw")

    def __init__(
        self, raw: bytes = b"", heads: list[bytes] | None = None, asked: dict[bytes, int] | None = None
    ) -> None:
        self.raw = raw
        self._heads: list[bytes] = _HEADS.findall(raw) if heads is None else heads
        # Where names are that were asked for: the folders above what is written are asked for in every commit.
        self._asked: dict[bytes, int] = asked or {}

    def find(self, name: bytes) -> TreeEntry | None:
        """The entry of this name."""
        at = self._position(name)
        if at is None:
            return None
        head = self._heads[at]
        end = self._start(at) + len(head) + _AFTER_HEAD
        return TreeEntry(int(head.partition(b" ")[0], 8), self.raw[end - 20 : end])

    def with_entry(self, name: bytes, entry: TreeEntry | None) -> "TreeBytes":
        """The tree in which this is what stands under a name (None: nothing)."""
        at = self._position(name)
        found = at is not None
        if at is None:
            at = self._place_of(name, entry)
        start = self._start(at)
        end = start + len(self._heads[at]) + _AFTER_HEAD if found else start
        head = b"%o %s" % (entry.mode, name) if entry else b""
        new = b"%s\0%s" % (head, entry.id) if entry else b""
        heads = [*self._heads[:at], *([head] if entry else []), *self._heads[at + found :]]
        asked = self._asked if found and entry else None
        return TreeBytes(self.raw[:start] + new + self.raw[end:], heads, asked)

    def _position(self, name: bytes) -> int | None:
        at = self._asked.get(name)
        if at is None:
            at = self._search(name)
            if at is not None:
                self._asked[name] = at
        return at

    def _search(self, name: bytes) -> int | None:
        end = b" " + name
        if end + b"\0" not in self.raw:
            return None
        # Old programs wrote other modes than today's five, so they are not tried out.
        return next(
            (
                at
                for at, head in enumerate(self._heads)
                if head.endswith(end) and head.index(b" ") == len(head) - len(end)
            ),
            None,
        )

    def _place_of(self, name: bytes, entry: TreeEntry | None) -> int:
        """Where a new name goes; git sorts a folder as if its name ended with a slash."""
        is_tree = entry is not None and entry.mode == TREE_MODE
        return bisect_left(self._heads, name + b"/" if is_tree else name, key=_sort_key)

    def _start(self, at: int) -> int:
        return sum(map(len, self._heads[:at])) + _AFTER_HEAD * at


def _sort_key(head: bytes) -> bytes:
    mode, _, name = head.partition(b" ")
    return name + b"/" if int(mode, 8) == TREE_MODE else name
