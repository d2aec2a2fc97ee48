"""Entries in order of their refs, in chunks: a change rebuilds the chunks it falls into and shares all others."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import accumulate
from typing import Literal

from .entries import Entry
from .layout import identity, pack_of

_SMALLEST, _USUAL, _LARGEST = 32, 128, 256
# Among fewer than a part of this many, looking at each is quicker than at all, though it is not remembered.
_FEW = 4
_MOST_TERMS = 64


class Chunk:
    """Up to 256 neighbouring entries. What queries need of them is made once, when first asked for."""

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self.entries = entries
        self.refs = tuple(entry.ref for entry in entries)
        self._found: dict[bytes, int] = {}

    @cached_property
    def everything(self) -> int:
        """A bit for each entry."""
        return (1 << len(self.entries)) - 1

    @cached_property
    def tagged(self) -> dict[str, int]:
        """For each tag, the entries that have it, as bits."""
        found: dict[str, int] = {}
        for at, entry in enumerate(self.entries):
            for tag in entry.tags:
                found[tag] = found.get(tag, 0) | 1 << at
        return found

    @cached_property
    def enabled(self) -> int:
        """The enabled entries, as bits."""
        return sum(1 << at for at, entry in enumerate(self.entries) if entry.enabled)

    @cached_property
    def claims(self) -> dict[str | int, list[str]]:
        """The refs by what no two of them may share: their form without case, and their id."""
        found: dict[str | int, list[str]] = {}
        for entry in self.entries:
            for claim in (entry.ref.casefold(), entry.id):
                found.setdefault(claim, []).append(entry.ref)
        return found

    @cached_property
    def callers(self) -> dict[str, dict[str, list[str]]]:
        """For each pack, its actions that tasks run, each with the refs of the workflows these tasks are in."""
        found: dict[str, dict[str, list[str]]] = {}
        for entry in self.entries:
            for action in {call.action for call in entry.calls}:
                found.setdefault(pack_of(action), {}).setdefault(action, []).append(entry.ref)
        return found

    def containing(self, folded: bytes, among: int) -> int:
        """Which of some entries (as bits) have this in their text. Remembered for as long as the chunk lives."""
        known = self._found.get(folded)
        if known is not None:
            return known & among
        if among.bit_count() < len(self.entries) // _FEW:
            return sum(1 << at for at in numbers(among) if folded in self.entries[at].folded)
        if len(self._found) >= _MOST_TERMS:
            self._found.clear()
        digits = ["1" if folded in entry.folded else "0" for entry in reversed(self.entries)]
        found = self._found[folded] = int("".join(digits), 2)
        return found & among


def numbers(bits: int) -> Iterator[int]:
    """The places of the ones, from the lowest."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def claims_of(ref: str) -> tuple[str, int]:
    """What no two refs may share: the form without case (some file systems have no other), and the id."""
    kind: Literal["pack", "workflow"] = "workflow" if "." in ref else "pack"
    return ref.casefold(), identity(kind, ref)


class Shelf:
    """An immutable sequence of entries in order of their refs."""

    def __init__(self, chunks: Iterable[Chunk] = ()) -> None:
        self.chunks = tuple(chunks)
        self._first_refs = [chunk.refs[0] for chunk in self.chunks]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Shelf":
        """A shelf of these entries, in any order."""
        return cls(_chunked(sorted(entries, key=lambda entry: entry.ref)))

    @cached_property
    def starts(self) -> list[int]:
        """How many entries come before each chunk."""
        return [0, *accumulate(len(chunk.entries) for chunk in self.chunks)]

    def __len__(self) -> int:
        return self.starts[-1]

    def __iter__(self) -> Iterator[Entry]:
        return (entry for chunk in self.chunks for entry in chunk.entries)

    def get(self, ref: str) -> Entry | None:
        """The entry of a ref."""
        number = bisect_right(self._first_refs, ref) - 1
        if number < 0:
            return None
        chunk = self.chunks[number]
        at = bisect_left(chunk.refs, ref)
        return chunk.entries[at] if at < len(chunk.refs) and chunk.refs[at] == ref else None

    def holder_of(self, ref: str) -> str | None:
        """Another ref that claims what this one would."""
        for chunk in self.chunks:
            for claim in claims_of(ref):
                for holder in chunk.claims.get(claim, ()):
                    if holder != ref:
                        return holder
        return None

    def span(self, first_ref: str, end_ref: str) -> list[tuple[Chunk, int]]:
        """The chunks with entries from `first_ref` up to `end_ref` (exclusive), and those entries as bits."""
        if not self.chunks:
            return []
        low = max(bisect_right(self._first_refs, first_ref) - 1, 0)
        high = bisect_left(self._first_refs, end_ref)
        return [(chunk, _between(chunk, first_ref, end_ref)) for chunk in self.chunks[low:high]]

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
        chunks: list[Chunk] = []
        for number, chunk in enumerate(self.chunks):
            chunks.extend(_rebuilt(chunk, groups[number]) if number in groups else (chunk,))
        return Shelf(_joined(chunks))


def _between(chunk: Chunk, first_ref: str, end_ref: str) -> int:
    low, high = bisect_left(chunk.refs, first_ref), bisect_left(chunk.refs, end_ref)
    return (1 << high) - (1 << low) if low < high else 0


def _rebuilt(chunk: Chunk, changes: Mapping[str, Entry | None]) -> list[Chunk]:
    entries: dict[str, Entry | None] = {**dict(zip(chunk.refs, chunk.entries, strict=True)), **changes}
    kept = [entry for _, entry in sorted(entries.items()) if entry]
    return [Chunk(tuple(kept))] if 0 < len(kept) <= _LARGEST else _chunked(kept)


def _chunked(entries: list[Entry]) -> list[Chunk]:
    return [Chunk(tuple(entries[at : at + _USUAL])) for at in range(0, len(entries), _USUAL)]


def _joined(chunks: list[Chunk]) -> list[Chunk]:
    """The chunks with small neighbours put together, so that deletions do not leave crumbs."""
    joined: list[Chunk] = []
    for chunk in chunks:
        if joined and len(joined[-1].entries) + len(chunk.entries) <= _SMALLEST:
            joined[-1] = Chunk(joined[-1].entries + chunk.entries)
        else:
            joined.append(chunk)
    return joined
