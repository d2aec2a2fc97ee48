"""A snapshot of a commit as bytes and back: a small part that is read, and entries that stay as they lie."""

import marshal
import sys
import unicodedata
import zlib
from array import array
from collections.abc import Iterator
from io import FileIO
from itertools import accumulate, chain
from mmap import mmap
from struct import Struct
from typing import Any, NamedTuple

from .chunk import Chunk, Columns
from .packed import PACKED_SHAPE, Buffer
from .problems import Problem
from .records import RECORD_SHAPE
from .shelf import Shelf
from .snapshot import ProblemsByPath, Snapshot
from .summaries import Summaries
from .texts import Texts

# Raise it when what is written changes its shape or its meaning: files of other versions are then left alone.
_SHAPE = 4
_KIND = " ".join(map(str, ("snapshot", _SHAPE, PACKED_SHAPE, RECORD_SHAPE, sys.byteorder, unicodedata.unidata_version)))
_MAGIC = b"attune\0\1"
# The magic number; the sizes of the known and of the entries; a sum to check each by.
_FRONT = Struct("<8sQQII")
_PIECE = 1 << 24


class Kept(NamedTuple):
    """What can be kept of the snapshot of a commit; `digest` is the contract's."""

    commit: str
    digest: str
    workflows: Shelf
    packs: Shelf
    others: ProblemsByPath
    links: ProblemsByPath
    contested: frozenset[str]


def pack(snapshot: Snapshot, key: str) -> Iterator[bytes]:
    """The bytes of a snapshot without edits; `key` has to be given again to read them."""
    chunks = (*snapshot.workflows.chunks, *snapshot.packs.chunks)
    begins = iter(list(accumulate((len(entry) for chunk in chunks for entry in chunk.all_packed), initial=0)))
    known = marshal.dumps(
        (
            *(_KIND, key, snapshot.head.commit, snapshot.contract.digest),
            *([_columns(chunk, begins) for chunk in shelf.chunks] for shelf in (snapshot.workflows, snapshot.packs)),
            *(_plain(problems) for problems in (snapshot.others, snapshot.links)),
            tuple(snapshot.contested),
        )
    )
    size = check = 0
    for entry in chain.from_iterable(chunk.all_packed for chunk in chunks):
        size += len(entry)
        check = zlib.crc32(entry, check)
    yield _FRONT.pack(_MAGIC, len(known), size, zlib.crc32(known), check)
    yield known
    for chunk in chunks:
        yield b"".join(chunk.all_packed)


def read(file: FileIO, size: int, key: str) -> Kept | None:
    """What these `size` bytes keep; None when they are no longer what was written, or were for another key."""
    front = file.read(_FRONT.size)
    if len(front) != _FRONT.size:
        return None
    magic, known_size, entries_size, known_check, entries_check = _FRONT.unpack(front)
    if magic != _MAGIC or size != _FRONT.size + known_size + entries_size:
        return None
    known = file.read(known_size)
    if zlib.crc32(known) != known_check:
        return None
    kind, kept_key, *facts = marshal.loads(known)
    if (kind, kept_key) != (_KIND, key):
        return None
    entries, check = _read_entries(file, entries_size)
    return _kept(facts, entries) if check == entries_check else None


def _read_entries(file: FileIO, size: int) -> tuple[Buffer, int]:
    """The entries, in memory that forks share whatever becomes of the file, and their sum."""
    if not size:
        return b"", 0
    entries = mmap(-1, size)
    check = 0
    with memoryview(entries) as view:
        for at in range(0, size, _PIECE):
            with view[at : at + _PIECE] as piece:
                file.readinto(piece)
                check = zlib.crc32(piece, check)
    return entries, check


def _kept(facts: list[Any], entries: Buffer) -> Kept:
    commit, digest, workflows, packs, others, links, contested = facts
    return Kept(
        *(commit, digest),
        # Packs change seldom: in one piece with workflows they would keep that in memory when those have a new one.
        *(_shelf(workflows, entries), _shelf(packs, entries).in_one_piece()),
        *(_problems(others), _problems(links)),
        frozenset(contested),
    )


def _columns(chunk: Chunk, begins: Iterator[int]) -> tuple[Any, ...]:
    own = chunk.columns
    items = array("Q", (next(begins) for _ in own.items)).tobytes()
    sets = (own.tagged, own.enabled, own.troubled)
    return (own.refs, items, own.texts.kept(), own.summaries.kept(), *sets, own.callers, own.ids.tobytes(), own.cased)


def _shelf(kept: list[tuple[Any, ...]], entries: Buffer) -> Shelf:
    return Shelf(_chunk(columns, entries) for columns in kept)


def _chunk(kept: tuple[Any, ...], entries: Buffer) -> Chunk:
    refs, items, texts, summaries, tagged, enabled, troubled, callers, ids, cased = kept
    columns = Columns(
        refs=refs,
        items=tuple(array("Q", items)),
        texts=Texts.read(texts),
        summaries=Summaries.read(summaries),
        tagged=tagged,
        enabled=enabled,
        troubled=troubled,
        callers=callers,
        ids=array("q", ids),
        cased=cased,
    )
    return Chunk(columns, entries)


def _plain(problems: ProblemsByPath) -> dict[str, list[tuple[Any, ...]]]:
    return {path: [tuple(problem) for problem in own] for path, own in problems.items()}


def _problems(plain: dict[str, list[tuple[Any, ...]]]) -> ProblemsByPath:
    return {path: tuple(Problem(*problem) for problem in own) for path, own in plain.items()}
