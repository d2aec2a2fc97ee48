"""An entry as bytes, of which each part can be read without the rest: what a chunk keeps instead of objects."""

import marshal
from mmap import mmap
from struct import Struct
from typing import NamedTuple

from .checks.references import Called
from .entries import Entry
from .problems import Problem

# Raise it when what is packed changes its shape or its meaning: what other versions kept is then left alone.
PACKED_SHAPE = 1
Buffer = bytes | mmap
# Created and updated; the lengths of the parts that follow: label, facts, summary, detail.
_HEAD = Struct("<qqIIII")


class Sortable(NamedTuple):
    """What lists may be sorted by, beside the ref."""

    label: str
    created: int
    updated: int


def pack_entry(entry: Entry) -> bytes:
    """Everything but the ref and the text that a search looks through; the chunk has those for itself."""
    facts = marshal.dumps(
        (
            *(entry.id, entry.path, entry.blob, entry.commit, entry.born, entry.is_edited, entry.is_stale),
            [tuple(problem) for problem in entry.problems],
            *(entry.version, entry.tags, entry.enabled, entry.waived),
            [tuple(call) for call in entry.calls],
            entry.graph,
        )
    )
    parts = (entry.label.encode(), facts, entry.summary, entry.detail)
    return _HEAD.pack(entry.created, entry.updated, *map(len, parts)) + b"".join(parts)


def unpack_entry(buffer: Buffer, at: int, ref: str, folded: bytes) -> Entry:
    """The entry that begins at a place in a buffer."""
    created, updated, *lengths = _HEAD.unpack_from(buffer, at)
    label, facts, summary, detail, end = _bounds(at, *lengths)
    (id_, path, blob, commit, born, is_edited, is_stale, problems, version, tags, enabled, waived, calls, graph) = (
        marshal.loads(buffer[facts:summary])
    )
    return Entry(
        *(ref, id_, path, blob, commit, created, updated, born, is_edited, is_stale),
        tuple(Problem(*problem) for problem in problems) if problems else (),
        *(buffer[label:facts].decode(), version, tags, enabled, folded, waived),
        tuple(map(Called._make, calls)),
        *(buffer[summary:detail], buffer[detail:end], graph),
    )


def summary_in(buffer: Buffer, at: int) -> bytes:
    """The summary of the entry that begins at a place."""
    _, _, label, facts, summary, _ = _HEAD.unpack_from(buffer, at)
    begin = at + _HEAD.size + label + facts
    return buffer[begin : begin + summary]


def sortable_in(buffer: Buffer, at: int) -> Sortable:
    """What the entry that begins at a place is sorted by."""
    created, updated, length, *_ = _HEAD.unpack_from(buffer, at)
    begin = at + _HEAD.size
    return Sortable(buffer[begin : begin + length].decode(), created, updated)


def packed_in(buffer: Buffer, at: int) -> bytes:
    """The entry that begins at a place, as it is."""
    return buffer[at : at + _HEAD.size + sum(_HEAD.unpack_from(buffer, at)[2:])]


def _bounds(at: int, label: int, facts: int, summary: int, detail: int) -> tuple[int, int, int, int, int]:
    first = at + _HEAD.size
    second = first + label
    third = second + facts
    fourth = third + summary
    return first, second, third, fourth, fourth + detail
