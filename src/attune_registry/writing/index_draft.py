"""The next index, as far as it can be made while git commands may still change the one that is there.

All of it is written but the stat data of the files that are about to be swapped in, and the checksum at its end.
"""

import hashlib
import os
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, lru_cache
from pathlib import Path
from stat import S_IMODE, S_IWUSR
from typing import NamedTuple

from ..git.filters import is_same_as_blob
from ..git.index import STAT_SIZE, IndexChange, IndexMap, Splice, locate, scan, stat_bytes
from ..git.repository import Repository
from .stage import Identity, Stage, identity_of, index_path

# Files to look into because their stat data proves nothing (racy-git.txt); beyond this git does it faster.
_MOST_DOUBTFUL = 1000
_SECOND = 10**9
NO_CHECKSUM = bytes(20)


class IndexDraft(NamedTuple):
    """An index in a file of its own, made from the one of this identity, which may be another by now.

    `pieces` are its bytes, `places` tells by path which of them is an entry that changes and where in the file that
    starts, `map` is its map but for what is racy of these, `written_at` (ns) is when it was begun.
    """

    identity: Identity
    path: Path
    pieces: list[bytes | memoryview]
    places: dict[str, tuple[int, int]]
    map: IndexMap
    written_at: int
    has_checksum: bool

    def has_time_for(self, changes: Sequence[IndexChange]) -> bool:
        """True when none of the files was changed in an earlier second than this was begun in: else others are racy."""
        return self._time_of(changes) // _SECOND == self.written_at // _SECOND

    def settled(self, changes: Sequence[IndexChange]) -> tuple[Path, IndexMap, "Future[bytes]", int]:
        """The file, now with the stat data of these changes; its map, its checksum, and what its time is to be (ns)."""
        with self.path.open("r+b", buffering=0) as file:
            for change in changes:
                if change.blob is not None:
                    number, start = self.places[change.path]
                    stat = stat_bytes(change)
                    os.pwrite(file.fileno(), stat, start)
                    self.pieces[number] = stat + self.pieces[number][STAT_SIZE:]
        fresh = ((change.path, change.stat.st_mtime_ns // _SECOND) for change in changes if change.stat is not None)
        found = self.map._replace(racy=(*self.map.racy, *fresh))
        return self.path, found, _checksum(self.pieces, is_left_out=not self.has_checksum), self._time_of(changes)

    def _time_of(self, changes: Sequence[IndexChange]) -> int:
        return min([self.written_at, *(change.stat.st_mtime_ns for change in changes if change.stat)])


@lru_cache
def next_index_path(repository: Repository) -> Path:
    """Where the next index is made: one writer at a time does."""
    return repository.state_folder / "index-next"


def draft_index(repository: Repository, stage: Stage, changes: Sequence[IndexChange]) -> IndexDraft | None:
    """Writes the index with these entries changed; what their stat data is does not matter yet.

    None where it is another index than that of this stage, or takes git itself to change.
    """
    index, target = index_path(repository), next_index_path(repository)
    at = min([time.time_ns(), *(change.stat.st_mtime_ns for change in changes if change.stat)])
    try:
        data, old = index.read_bytes(), index.stat()
        # It may have been replaced in between.
        if identity_of(index) != stage.identity or stage.identity[-1:] != (data[-len(NO_CHECKSUM) :].hex(),):
            return None
    except FileNotFoundError:
        return None
    known = stage.map or scan(data, old.st_mtime_ns // _SECOND)
    if known is None:
        return None
    doubts = _doubts(repository, data, known, {change.path for change in changes}, at)
    if doubts is None:
        return None
    still_racy, modified = doubts
    pieces, places, made = Splice(data, known).apply(changes, modified)
    _write(target, pieces, S_IMODE(old.st_mode))
    found = made._replace(racy=tuple(still_racy))
    return IndexDraft(stage.identity, target, pieces, places, found, at, not data.endswith(NO_CHECKSUM))


def _checksum(pieces: Sequence[bytes | memoryview], *, is_left_out: bool) -> "Future[bytes]":
    """The SHA-1 of an index in the making: 6 ms for 100,000 entries, beside the writing instead of after it."""
    if is_left_out:  # index.skipHash
        nothing: Future[bytes] = Future()
        nothing.set_result(NO_CHECKSUM)
        return nothing
    return _hasher().submit(_sha1, pieces)


def _sha1(pieces: Sequence[bytes | memoryview]) -> bytes:
    digest = hashlib.sha1(usedforsecurity=False)
    for piece in pieces:
        digest.update(piece)
    return digest.digest()


@cache
def _hasher() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="index-checksum")


os.register_at_fork(after_in_child=_hasher.cache_clear)  # threads do not come along


def _doubts(
    repository: Repository, data: bytes, known: IndexMap, changed: set[str], at: int
) -> tuple[list[tuple[str, int]], list[str]] | None:
    """Which entries stay racy in an index written `at` (ns), and which are modified though their stat is not.

    git compares whole seconds (unless built otherwise): an entry whose file was changed in the second of the
    index, or later, is looked into. The new index is of a later second, so what was racy is looked into now.
    """
    others = [racy for racy in known.racy if racy[0] not in changed]
    still_racy = [racy for racy in others if racy[1] >= at // _SECOND]
    older = [path for path, seconds in others if seconds < at // _SECOND]
    if len(older) > _MOST_DOUBTFUL:
        return None
    return still_racy, [path for path in older if not _is_unchanged(repository, data, known, path)]


def _is_unchanged(repository: Repository, data: bytes, known: IndexMap, path: str) -> bool:
    _, entry, _ = locate(data, known, os.fsencode(path))
    if entry is None or repository.root is None:
        return False
    try:
        file = repository.root / path
        return not file.is_symlink() and is_same_as_blob(repository, path, file.read_bytes(), entry.blob.hex())
    except OSError:
        return False


def _write(target: Path, pieces: Sequence[bytes | memoryview], mode: int) -> None:
    target.unlink(missing_ok=True)
    size = sum(len(piece) for piece in pieces) + len(NO_CHECKSUM)
    with target.open("xb", buffering=0) as file:
        # It is written to once more. An index that its owner may not write is no obstacle to git, which replaces it.
        os.fchmod(file.fileno(), mode | S_IWUSR)
        # Without room set aside, ext4 writes all of a replaced file out before the next fsync may return, which
        # is ten megabytes for 100,000 files (80 ms a write instead of 10 on a busy disk).
        os.posix_fallocate(file.fileno(), 0, size)
        for piece in pieces:
            view = memoryview(piece)
            while view:
                view = view[file.write(view) :]
