"""git's index as bytes: finds entries without reading all of them, and changes some by splicing.

Format: git's Documentation/gitformat-index.txt. Only versions 2 and 3 with nothing unusual in them (no split
index, no sparse folders, no file system monitor, no untracked cache) are spliced; `scan` says None for the rest,
which git itself then changes. Measured with 100,000 entries (10.7 MB): `git update-index` 59 ms, this 15 ms.
"""

import bisect
import itertools
import os
import struct
from collections.abc import Sequence
from typing import NamedTuple

from .cache_tree import BrokenCacheTree, invalidate

SIGNATURE = b"DIRC"
_HEADER = struct.Struct(">4sII")
_STAT = struct.Struct(">10I")
_FIXED = struct.Struct(">10I20sH")
# An entry begins with so many bytes of stat data.
STAT_SIZE = _STAT.size
_CHECKSUM_SIZE = 20
_STEP = 64  # entries between two anchors: 1,600 anchors for 100,000 entries, 32 steps to an entry on average
_LONG = 0xFFF
_EXTENDED = 0x4000
_ASSUME_VALID = 0x8000
_SKIP_WORKTREE = 0x4000
_INTENT_TO_ADD = 0x2000
_SECONDS = struct.Struct(">I")
_WORD = 0xFFFFFFFF
# Offsets into the entries, which are no longer true after a splice; git makes them anew when it writes.
_DROPPED = (b"EOIE", b"IEOT")
_KEPT = (b"REUC",)


class IndexMap(NamedTuple):
    """What is known about an index's bytes; it holds as long as the bytes are the same.

    `anchors` are the offsets of some entries, the first among them; `racy` the paths whose files were changed in
    the second in which the index was written, or later, so that their stat data alone does not prove anything,
    each with that second.
    """

    version: int
    entries: int
    end: int
    anchors: tuple[int, ...]
    racy: tuple[tuple[str, int], ...]


class IndexEntry(NamedTuple):
    """An entry; `flags` hold the length of its path, `extended` are version 3's further flags."""

    start: int
    end: int
    path: bytes
    mode: int
    blob: bytes
    flags: int
    extended: int

    @property
    def is_skipped(self) -> bool:
        """True when the file is left out of the working tree on purpose (sparse checkout)."""
        return bool(self.extended & _SKIP_WORKTREE)


class IndexChange(NamedTuple):
    """An entry's new blob, mode and stat data (None: not in the working tree); blob None removes it."""

    path: str
    blob: str | None
    mode: int
    stat: os.stat_result | None


def scan(data: bytes, written_at: int) -> IndexMap | None:
    """Reads every entry once; `written_at` is the index file's mtime in seconds. None: not for splicing."""
    if len(data) < _HEADER.size + _CHECKSUM_SIZE:
        return None
    signature, version, count = _HEADER.unpack_from(data)
    if signature != SIGNATURE or version not in (2, 3):
        return None
    try:
        anchors, racy, end = _walk(data, count, _SECONDS.pack(written_at))
    except IndexError:
        return None
    if not _is_plain(data, end):
        return None
    return IndexMap(version, count, end, anchors, racy)


def _walk(data: bytes, count: int, threshold: bytes) -> tuple[tuple[int, ...], tuple[tuple[str, int], ...], int]:
    """The loop over all entries: 0.3 us each, so it names nothing and asks only for what it needs."""
    anchors = []
    racy = []
    position = _HEADER.size
    for number in range(count):
        if not number % _STEP:
            anchors.append(position)
        high = data[position + 60]
        start = position + (64 if high & 0x40 else 62)
        length = (high & 0x0F) << 8 | data[position + 61]
        if length == _LONG:
            length = data.index(b"\0", start + _LONG) - start
        if data[position + 8 : position + 12] >= threshold:
            seconds = int.from_bytes(data[position + 8 : position + 12], "big")
            racy.append((os.fsdecode(data[start : start + length]), seconds))
        position += (start - position + length + 8) & ~7
    return tuple(anchors), tuple(racy), position


def _is_plain(data: bytes, end: int) -> bool:
    return all(name in (b"TREE", *_DROPPED, *_KEPT) for name, _ in _extensions(data, end)) and (
        b"" not in [name for name, _ in _extensions(data, end)]
    )


def _extensions(data: bytes, position: int) -> list[tuple[bytes, bytes]]:
    """The extensions by name; a last one named b"" means that they do not end where they should."""
    found = []
    limit = len(data) - _CHECKSUM_SIZE
    while position + 8 <= limit:
        size = _SECONDS.unpack_from(data, position + 4)[0]
        found.append((data[position : position + 4], data[position + 8 : position + 8 + size]))
        position += 8 + size
    return found if position == limit else [*found, (b"", b"")]


def entry_from(data: bytes, position: int) -> IndexEntry:
    """The entry that starts at an offset."""
    fields = _FIXED.unpack_from(data, position)
    flags = fields[11]
    start = position + _FIXED.size
    extended = 0
    if flags & _EXTENDED:
        extended = data[start] << 8 | data[start + 1]
        start += 2
    length = flags & _LONG
    if length == _LONG:
        length = data.index(b"\0", start + _LONG) - start
    end = position + ((start - position + length + 8) & ~7)
    return IndexEntry(position, end, data[start : start + length], fields[6], fields[10], flags, extended)


def locate(data: bytes, known: IndexMap, path: bytes) -> tuple[int, IndexEntry | None, bool]:
    """Where the entry of a path is, or would be; the entry; and whether an anchor is wanted there."""
    at = bisect.bisect_right(known.anchors, path, key=lambda anchor: entry_from(data, anchor).path) - 1
    position = known.anchors[at] if at >= 0 else _HEADER.size
    steps = 0
    while position < known.end:
        # As in `_walk`: an entry is unpacked only when it is the one.
        high = data[position + 60]
        start = position + (64 if high & 0x40 else 62)
        length = (high & 0x0F) << 8 | data[position + 61]
        if length == _LONG:
            length = data.index(b"\0", start + _LONG) - start
        found = data[start : start + length]
        if found >= path:
            return position, (entry_from(data, position) if found == path else None), steps > 2 * _STEP
        position += (start - position + length + 8) & ~7
        steps += 1
    return position, None, steps > 2 * _STEP


class Splice:
    """Changes to the entries of an index, gathered as pieces of new bytes."""

    def __init__(self, data: bytes, known: IndexMap) -> None:
        self._data = data
        self._known = known
        self._view = memoryview(data)
        self._pieces: list[bytes | memoryview] = []
        self._done = _HEADER.size
        self._count = known.entries
        self._shifts: list[tuple[int, int]] = []  # from this offset on, everything moves by so many bytes
        self._anchors: list[int] = []  # new ones, by their place in the new bytes
        self._paths: list[bytes] = []
        self._numbers: dict[str, int] = {}

    def apply(
        self, changes: Sequence[IndexChange], doubtful: Sequence[str]
    ) -> tuple[list[bytes | memoryview], dict[str, tuple[int, int]], IndexMap]:
        """The new index, in pieces and without the checksum at its end, and its map (racy left to the caller).

        In between, by path, which of the pieces is the entry of a change, and where that starts. `doubtful` entries
        lose their size, so that git looks at the files' content (as git does does).
        """
        wanted: dict[bytes, IndexChange | None] = {os.fsencode(path): None for path in doubtful}
        wanted |= {os.fsencode(change.path): change for change in changes}
        for path in sorted(wanted):
            change = wanted[path]
            if change is None:
                self._smudge(path)
            else:
                self._change(path, change)
        self._pieces.append(self._view[self._done : self._known.end])
        header = _HEADER.pack(SIGNATURE, self._known.version, self._count)
        pieces = [header, *self._pieces, *self._tail()]
        starts = [0, *itertools.accumulate(map(len, pieces))]
        places = {path: (number, starts[number]) for path, number in self._numbers.items()}
        return pieces, places, self._map()

    def _change(self, path: bytes, change: IndexChange) -> None:
        position, entry, wants_anchor = locate(self._data, self._known, path)
        if entry is None and change.blob is None:
            return
        if wants_anchor and change.blob is not None:
            self._anchors.append(position + sum(by for _, by in self._shifts))
        new = b"" if change.blob is None else _entry_bytes(path, change, entry)
        self._put(position, entry.end if entry else position, new)
        if new:
            self._numbers[change.path] = len(self._pieces)  # the header comes before them
        self._count += (change.blob is not None) - (entry is not None)
        self._paths.append(path)

    def _smudge(self, path: bytes) -> None:
        position, entry, _ = locate(self._data, self._known, path)
        if entry is not None:
            self._put(position + 36, position + 40, bytes(4))

    def _put(self, start: int, end: int, new: bytes) -> None:
        self._pieces += [self._view[self._done : start], new]
        self._done = end
        self._shifts.append((end, len(new) - (end - start)))

    def _tail(self) -> list[bytes]:
        found = []
        for name, content in _extensions(self._data, self._known.end):
            kept = _without_folders(content, self._paths) if name == b"TREE" else content
            if kept and name not in _DROPPED:
                found.append(name + _SECONDS.pack(len(kept)) + kept)
        return found

    def _map(self) -> IndexMap:
        """Anchors that stood at an entry that is gone now stand at the next one, which serves as well."""
        anchors = self._known.anchors
        moved: list[int] = []
        shift = done = 0
        for start, by in [*self._shifts, (self._known.end + 1, 0)]:
            upto = bisect.bisect_left(anchors, start)
            moved += [anchor + shift for anchor in anchors[done:upto]]
            shift += by
            done = upto
        end = self._known.end + shift
        starts = {_HEADER.size, *moved, *self._anchors}
        return IndexMap(
            self._known.version, self._count, end, tuple(sorted(start for start in starts if start < end)), ()
        )


def _without_folders(content: bytes, paths: Sequence[bytes]) -> bytes:
    try:
        return invalidate(content, paths)
    except BrokenCacheTree:
        return b""  # git makes it anew


def _entry_bytes(path: bytes, change: IndexChange, old: IndexEntry | None) -> bytes:
    extended = old.extended & ~_INTENT_TO_ADD if old else 0
    flags = min(len(path), _LONG) | (_EXTENDED if extended else 0) | (old.flags & _ASSUME_VALID if old else 0)
    fixed = _FIXED.pack(*_stat_fields(change), bytes.fromhex(change.blob or ""), flags)
    body = fixed + (struct.pack(">H", extended) if extended else b"") + path
    return body + bytes(8 - len(body) % 8)


def stat_bytes(change: IndexChange) -> bytes:
    """What the entry begins with that a change leads to."""
    return _STAT.pack(*_stat_fields(change))


def _stat_fields(change: IndexChange) -> tuple[int, ...]:
    stat = change.stat
    if stat is None:
        return (0, 0, 0, 0, 0, 0, change.mode, 0, 0, 0)
    changed, modified = divmod(stat.st_ctime_ns, 10**9), divmod(stat.st_mtime_ns, 10**9)
    fields = (*changed, *modified, stat.st_dev, stat.st_ino, change.mode, stat.st_uid, stat.st_gid, stat.st_size)
    return tuple(field & _WORD for field in fields)
