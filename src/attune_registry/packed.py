"""An entry as bytes, of which each part can be read without the rest: what a chunk keeps instead of objects."""

import marshal
from collections.abc import Callable, Iterable
from functools import partial
from mmap import mmap
from struct import Struct
from typing import Any, NamedTuple

from .checks.references import Called
from .entries import Entry
from .problems import Problem

# Raise it when what is packed changes its shape or its meaning: what other versions kept is then left alone.
PACKED_SHAPE = 1
Buffer = bytes | mmap
# Created and updated; the lengths of the parts that follow: label, facts, detail.
_HEAD = Struct("<qqIII")
# Called._make without its look at the length: there are several calls in every entry that is unpacked.
_called: Callable[[Iterable[Any]], Called] = partial(tuple.__new__, Called)


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
    parts = (entry.label.encode(), facts, entry.detail)
    return _HEAD.pack(entry.created, entry.updated, *map(len, parts)) + b"".join(parts)


def unpack_entry(buffer: Buffer, at: int, ref: str, folded: bytes, summary: bytes) -> Entry:
    """The entry that begins at a place in a buffer."""
    created, updated, label_size, facts_size, detail_size = _HEAD.unpack_from(buffer, at)
    label = at + _HEAD.size
    facts = label + label_size
    detail = facts + facts_size
    (id_, path, blob, commit, born, is_edited, is_stale, problems, version, tags, enabled, waived, calls, graph) = (
        marshal.loads(buffer[facts:detail])
    )
    return Entry(
        *(ref, id_, path, blob, commit, created, updated, born, is_edited, is_stale),
        tuple(Problem(*problem) for problem in problems) if problems else (),
        *(buffer[label:facts].decode(), version, tags, enabled, folded, waived),
        tuple(map(_called, calls)),
        *(summary, buffer[detail : detail + detail_size], graph),
    )


def sortable_in(buffer: Buffer, at: int) -> Sortable:
    """What the entry that begins at a place is sorted by."""
    created, updated, length, *_ = _HEAD.unpack_from(buffer, at)
    begin = at + _HEAD.size
    return Sortable(buffer[begin : begin + length].decode(), created, updated)


def packed_in(buffer: Buffer, at: int) -> bytes:
    """The entry that begins at a place, as it is."""
    return buffer[at : at + _HEAD.size + sum(_HEAD.unpack_from(buffer, at)[2:])]
