"""Entries in order of their refs, in chunks: a change rebuilds the chunks it falls into and shares all others."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import accumulate
from mmap import mmap
from typing import Any, Literal

from . import bits
from .chunk import Chunk
from .entries import Entry
from .hints import Hints
from .layout import identity, pack_of
from .splice import spliced

_SMALLEST, _USUAL, _LARGEST = 32, 256, 512
# More changes than this at once, and the chunk is made anew.
_FEW_CHANGES = 96
# Of so many entries one may lie by itself.
_FEW_LOOSE = 4


class Shelf:
    """An immutable sequence of entries in order of their refs."""

    def __init__(self, chunks: Iterable[Chunk] = (), hints: Hints | None = None) -> None:
        self.chunks = tuple(chunks)
        self._known_hints = hints
        self._first_refs = [chunk.refs[0] for chunk in self.chunks]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Shelf":
        """A shelf of these entries, in any order."""
        return cls(_chunked(sorted(entries, key=lambda entry: entry.ref)))

    @cached_property
    def starts(self) -> list[int]:
        """How many entries come before each chunk."""
        return [0, *accumulate(map(len, self.chunks))]

    @cached_property
    def everything(self) -> list[tuple[Chunk, int]]:
        """All chunks, and all their entries as bits."""
        return [(chunk, chunk.everything) for chunk in self.chunks]

    @cached_property
    def selections(self) -> dict[Any, Any]:
        """What queries have selected here, by their filters; kept by those who select, who bound it."""
        return {}

    def __len__(self) -> int:
        return self.starts[-1]

    def __iter__(self) -> Iterator[Entry]:
        return (entry for chunk in self.chunks for entry in chunk.entries)

    def __contains__(self, ref: str) -> bool:
        number = bisect_right(self._first_refs, ref) - 1
        return number >= 0 and self.chunks[number].number_of(ref) is not None

    @property
    def refs(self) -> Iterator[str]:
        """All refs, in order."""
        return (ref for chunk in self.chunks for ref in chunk.refs)

    @property
    def troubled(self) -> Iterator[Entry]:
        """The entries with problems, in order."""
        return (entry for chunk in self.chunks for entry in chunk.troubled)

    def get(self, ref: str) -> Entry | None:
        """The entry of a ref."""
        number = bisect_right(self._first_refs, ref) - 1
        if number < 0:
            return None
        chunk = self.chunks[number]
        at = chunk.number_of(ref)
        return None if at is None else chunk.entry(at)

    def holders(self, ref: str) -> set[str]:
        """The refs that claim what this one would, which no two may share: the form without case, and the id.

        Some file systems have no other form. The ref itself is among them when it is on the shelf.
        """
        folded, number = claims_of(ref)
        found = {folded} if folded in self else set()
        if not self._hints.may_claim(folded, number):
            return found
        for chunk in self.chunks:
            if folded in chunk.cased:
                found.update(chunk.cased[folded])
            at = bisect_left(chunk.ids, number)
            if at < len(chunk.ids) and chunk.ids[at] == number:
                found.update(entry.ref for entry in chunk.entries if entry.id == number)
        return found

    def holder_of(self, ref: str) -> str | None:
        """Another ref that claims what this one would."""
        return min(self.holders(ref) - {ref}, default=None)

    def callers(self, ref: str) -> Iterator[str]:
        """The refs of the workflows with a task that runs this one."""
        if not self._hints.may_call(ref):
            return
        pack = pack_of(ref)
        for chunk in self.chunks:
            own = chunk.callers.get(pack)
            if own is not None:
                yield from own.get(ref, ())

    def may_be_called(self, ref: str) -> bool:
        """False when `callers` has none; True nearly always when it has some."""
        return self._hints.may_call(ref)

    def actions_of(self, pack: str) -> tuple[str, ...]:
        """The actions of a pack that tasks run, in any order; some may have lost their last caller."""
        return self._hints.actions_of(pack)

    def span(self, first_ref: str, end_ref: str) -> list[tuple[Chunk, int]]:
        """The chunks with entries from `first_ref` up to `end_ref` (exclusive), and those entries as bits."""
        if not self.chunks:
            return []
        low = max(bisect_right(self._first_refs, first_ref) - 1, 0)
        high = bisect_left(self._first_refs, end_ref)
        parts = ((chunk, _between(chunk, first_ref, end_ref)) for chunk in self.chunks[low:high])
        return [part for part in parts if part[1]]

    def in_pack(self, pack: str) -> list[tuple[Chunk, int]]:
        """The chunks with workflows of a pack, and those as bits."""
        # "/" is the character after ".": all refs of the pack lie between the two.
        return self.span(f"{pack}.", f"{pack}/")

    def changed(self, changes: Mapping[str, Entry | None]) -> "Shelf":
        """The shelf with these entries in place of those of their refs; None takes one away."""
        if not changes:
            return self
        if not self.chunks:
            return Shelf.of(entry for entry in changes.values() if entry)
        groups: dict[int, dict[str, Entry | None]] = {}
        for ref, entry in changes.items():
            number = max(bisect_right(self._first_refs, ref) - 1, 0)
            groups.setdefault(number, {})[ref] = entry
        chunks = list(self.chunks)
        has_crumbs = False
        for number in sorted(groups, reverse=True):
            made = _rebuilt(chunks[number], groups[number])
            chunks[number : number + 1] = made
            has_crumbs = has_crumbs or not made or min(map(len, made)) <= _SMALLEST
        return Shelf(_joined(chunks) if has_crumbs else chunks, self._hints_with(changes))

    def gathered(self) -> "Shelf":
        """The shelf with its packed entries in one piece of memory that forks share; itself where few are elsewhere."""
        is_fine = sum(chunk.loose for chunk in self.chunks) * _FEW_LOOSE <= len(self)
        return self if is_fine else self.in_one_piece()

    def in_one_piece(self) -> "Shelf":
        """The shelf with its packed entries in a new piece of memory that forks share."""
        # Gone through twice, rather than to have all of it twice in memory.
        size = sum(len(packed) for chunk in self.chunks for packed in chunk.all_packed)
        if not size:
            return self
        buffer = mmap(-1, size)
        chunks = []
        for chunk in self.chunks:
            packed = list(chunk.all_packed)
            begins = accumulate(map(len, packed[:-1]), initial=buffer.tell())
            chunks.append(chunk.moved(begins, buffer))
            buffer.write(b"".join(packed))
        return Shelf(chunks, self._known_hints)

    @property
    def _hints(self) -> Hints:
        if self._known_hints is None:
            self._known_hints = Hints.of(self.chunks)
        return self._known_hints

    def _hints_with(self, changes: Mapping[str, Entry | None]) -> Hints | None:
        hints = self._known_hints
        if hints is None or hints.is_worn:
            return None
        for entry in changes.values():
            if entry is not None:
                hints.note(entry)
        return hints


class GrowingShelf:
    """A shelf whose entries come one by one, in order of their refs: what is full is made, while others still come."""

    def __init__(self) -> None:
        self._chunks: list[Chunk] = []
        self._rest: list[Entry] = []

    def add(self, entry: Entry) -> None:
        """One more, after all others."""
        self._rest.append(entry)
        if len(self._rest) == _USUAL:
            self._chunks += _chunked(self._rest)
            self._rest = []

    def shelf(self) -> Shelf:
        """All of them, as `Shelf.of` would have it."""
        return Shelf([*self._chunks, *_chunked(self._rest)])


def claims_of(ref: str) -> tuple[str, int]:
    """What no two refs may share: the form without case (some file systems have no other), and the id."""
    kind: Literal["pack", "workflow"] = "workflow" if "." in ref else "pack"
    return ref.casefold(), identity(kind, ref)


def entries_in(parts: Iterable[tuple[Chunk, int]]) -> Iterator[Entry]:
    """The entries of parts of chunks."""
    return (chunk.entry(at) for chunk, some in parts for at in bits.ones(some))


def _between(chunk: Chunk, first_ref: str, end_ref: str) -> int:
    low = bisect_left(chunk.refs, first_ref)
    high = bisect_left(chunk.refs, end_ref, low)
    return (1 << high) - (1 << low)


def _rebuilt(chunk: Chunk, changes: Mapping[str, Entry | None]) -> list[Chunk]:
    if len(changes) <= _FEW_CHANGES:
        made = spliced(chunk, changes)
        return [made] if 0 < len(made) <= _LARGEST else _chunked(list(made.entries))
    entries: dict[str, Entry | None] = {entry.ref: entry for entry in chunk.entries}
    return _chunked([entry for _, entry in sorted({**entries, **changes}.items()) if entry])


def _chunked(entries: list[Entry]) -> list[Chunk]:
    return [Chunk.of(entries[at : at + _USUAL]) for at in range(0, len(entries), _USUAL)]


def _joined(chunks: list[Chunk]) -> list[Chunk]:
    """The chunks with small neighbours put together, so that deletions do not leave crumbs."""
    joined: list[Chunk] = []
    for chunk in chunks:
        if joined and len(joined[-1]) + len(chunk) <= _SMALLEST:
            joined[-1] = Chunk.of(joined[-1].entries + chunk.entries)
        else:
            joined.append(chunk)
    return joined
