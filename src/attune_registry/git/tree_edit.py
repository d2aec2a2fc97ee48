"""Trees that differ in a few entries, made and compared as bytes: what is the same is copied, not taken apart."""

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import NamedTuple

TREE_MODE = 0o40000
# The tree without entries, which git knows without having it: a commit of no files need not bring it.
NO_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
# "<mode> <name>", then 20 bytes of id behind a zero byte (gitformat-pack, git-mktree).
_ENTRIES = re.compile(rb"[0-7]+ [^\0]+\0.{20}", re.DOTALL)
_HEADS = re.compile(rb"([0-7]+ [^\0]+)\0.{20}", re.DOTALL)
_AFTER_HEAD = 21
# In trees of fewer bytes, to look for what is the same takes longer than to take all of it apart.
_LARGE = 8192


class TreeEntry(NamedTuple):
    """What stands under a name: git's mode and the id (20 bytes)."""

    mode: int
    id: bytes


class TreeBytes:
    """The content of a tree object."""

    __slots__ = ("_asked", "_heads", "_starts", "raw")

    def __init__(self, raw: bytes = b"", heads: list[bytes] | None = None) -> None:
        self.raw = raw
        self._heads = heads
        # Where each entry starts, and where names are that were asked for. A tree in which only an id has changed has
        # both from the one before: the folders above what is written are asked for in every commit.
        self._starts: list[int] | None = None
        self._asked: dict[bytes, int] = {}

    @property
    def heads(self) -> list[bytes]:
        """Its modes and names, in order."""
        if self._heads is None:
            self._heads = _HEADS.findall(self.raw)
        return self._heads

    def find(self, name: bytes) -> TreeEntry | None:
        """The entry of this name."""
        at = self._position(name)
        return None if at is None else _entry(self.raw[self._start(at) : self._start(at + 1)])

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
            return self._with_ids_of(raw)
        other = TreeBytes(raw, [*self.heads[:at], *([head] if entry else []), *self.heads[at + found :]])
        if self._starts is not None:
            shift = len(new) - (end - start)
            behind = [begin + shift for begin in self._starts[at + found :]]
            other._starts = [*self._starts[: at + bool(entry)], *behind]
        return other

    def altered(self, raw: bytes) -> "TreeBytes":
        """The tree of these bytes, most of which are likely to be this one's."""
        if len(raw) < _LARGE:
            return TreeBytes(raw)
        first, last = self._window(raw)
        part = self._within(raw, first, last)
        heads: list[bytes] = _HEADS.findall(part)
        if sum(map(len, heads)) + _AFTER_HEAD * len(heads) != len(part):
            return TreeBytes(raw)
        if heads == self.heads[first:last]:
            return self._with_ids_of(raw)
        return TreeBytes(raw, [*self.heads[:first], *heads, *self.heads[last:]])

    def differences(self, other: "TreeBytes") -> dict[bytes, tuple[TreeEntry | None, TreeEntry | None]]:
        """What stands under each name here and in another tree, where that is not the same."""
        here, there = self._unlike(other.raw)
        gone = {_name(entry): _entry(entry) for entry in here - there}
        come = {_name(entry): _entry(entry) for entry in there - here}
        return {name: (gone.get(name), come.get(name)) for name in sorted(gone.keys() | come.keys())}

    def _unlike(self, raw: bytes) -> tuple[set[bytes], set[bytes]]:
        """This tree's entries, and those of one of these bytes, but for most of what both have."""
        if len(raw) >= _LARGE:
            first, last = self._window(raw)
            part = self._within(raw, first, last)
            there = _ENTRIES.findall(part)
            if sum(map(len, there)) == len(part):
                return set(_ENTRIES.findall(self.raw[self._start(first) : self._start(last)])), set(there)
        return set(_ENTRIES.findall(self.raw)), set(_ENTRIES.findall(raw))

    def _within(self, raw: bytes, first: int, last: int) -> bytes:
        """What these bytes have between those that come before `first`, and from `last` on, here."""
        return raw[self._start(first) : len(raw) - len(self.raw) + self._start(last)]

    def _window(self, raw: bytes) -> tuple[int, int]:
        """The first and the last of this tree's entries (exclusive) outside of which bytes are the same as these.

        What comes before the first is the same entries. From the last on it is, where these bytes, taken apart from
        the first on, have the end of an entry there, too: an id may look like entries.
        """
        own, starts = self.raw, self._all_starts
        shorter = min(len(own), len(raw))
        ahead = bisect_left(range(shorter), True, key=lambda at: not own.startswith(raw[: at + 1]))
        first = bisect_right(starts, ahead) - 1
        behind = bisect_left(range(shorter - starts[first]), True, key=lambda at: not own.endswith(raw[-1 - at :]))
        return first, bisect_left(starts, len(own) - behind)

    def _with_ids_of(self, raw: bytes) -> "TreeBytes":
        """A tree with the same modes and names."""
        same = TreeBytes(raw, self.heads)
        same._starts, same._asked = self._starts, self._asked
        return same

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
        return self._all_starts[at]

    @property
    def _all_starts(self) -> list[int]:
        """Where each entry starts, and where the last one ends."""
        if self._starts is None:
            self._starts = [0, *accumulate([len(head) + _AFTER_HEAD for head in self.heads])]
        return self._starts


def _entry(raw: bytes) -> TreeEntry:
    return TreeEntry(int(raw.partition(b" ")[0], 8), raw[-20:])


def _name(raw: bytes) -> bytes:
    return raw.partition(b" ")[2][:-_AFTER_HEAD]


def _sort_key(head: bytes) -> bytes:
    mode, _, name = head.partition(b" ")
    return name + b"/" if int(mode, 8) == TREE_MODE else name
