"""An entry as bytes, compressed but for what lists are sorted by: what a chunk keeps instead of objects."""

import marshal
import threading
from collections.abc import Callable, Iterable
from functools import partial
from mmap import mmap
from struct import Struct
from typing import Any, NamedTuple

import zstandard

from .checks.references import Called
from .entries import Entry
from .problems import Problem

# Raise it when what is packed changes its shape or its meaning: what other versions kept is then left alone.
PACKED_SHAPE = 3
Buffer = bytes | mmap
# Created and updated; the lengths of the label and of the rest, compressed, which follow, and of the facts in the rest.
_HEAD = Struct("<qqIII")
# The quickest: the next ones save a hundredth of the room.
_LEVEL = 1
# Called._make without its look at the length: there are several calls in every entry that is unpacked.
_called: Callable[[Iterable[Any]], Called] = partial(tuple.__new__, Called)


class _Zstandard(threading.local):
    """Both directions, for one thread: zstandard's objects are not made for more."""

    def __init__(self) -> None:
        self.compress = zstandard.ZstdCompressor(level=_LEVEL).compress
        self.decompress = zstandard.ZstdDecompressor().decompress


_zstandard = _Zstandard()


class Sortable(NamedTuple):
    """What lists may be sorted by, beside the ref."""

    label: str
    created: int
    updated: int


def pack_entry(entry: Entry) -> bytes:
    """Everything but the ref, the summary and the text that a search looks through; the chunk has those for itself."""
    facts = marshal.dumps(
        (
            *(entry.id, entry.path, entry.blob, entry.commit, entry.born, entry.is_edited, entry.is_stale),
            [tuple(problem) for problem in entry.problems],
            *(entry.version, entry.tags, entry.enabled, entry.waived),
            [tuple(call) for call in entry.calls],
            entry.graph,
        )
    )
    label, rest = entry.label.encode(), _zstandard.compress(facts + entry.detail)
    return b"".join((_HEAD.pack(entry.created, entry.updated, len(label), len(rest), len(facts)), label, rest))


def unpack_entry(buffer: Buffer, at: int, ref: str, folded: bytes, summary: bytes) -> Entry:
    """The entry that begins at a place in a buffer."""
    created, updated, label_size, rest_size, facts_size = _HEAD.unpack_from(buffer, at)
    label = at + _HEAD.size
    begin = label + label_size
    rest = _zstandard.decompress(buffer[begin : begin + rest_size])
    (id_, path, blob, commit, born, is_edited, is_stale, problems, version, tags, enabled, waived, calls, graph) = (
        marshal.loads(rest)
    )
    return Entry(
        *(ref, id_, path, blob, commit, created, updated, born, is_edited, is_stale),
        tuple(Problem(*problem) for problem in problems) if problems else (),
        *(buffer[label:begin].decode(), version, tags, enabled, folded, waived),
        tuple(map(_called, calls)),
        *(summary, rest[facts_size:], graph),
    )


def sortable_in(buffer: Buffer, at: int) -> Sortable:
    """What the entry that begins at a place is sorted by."""
    created, updated, length, *_ = _HEAD.unpack_from(buffer, at)
    begin = at + _HEAD.size
    return Sortable(buffer[begin : begin + length].decode(), created, updated)


def packed_in(buffer: Buffer, at: int) -> bytes:
    """The entry that begins at a place, as it is."""
    _, _, label_size, rest_size, _ = _HEAD.unpack_from(buffer, at)
    return buffer[at : at + _HEAD.size + label_size + rest_size]
