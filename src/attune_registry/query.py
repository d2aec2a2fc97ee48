"""Lists: which entries a query means, in which order, and one page of them."""

from collections.abc import Iterator
from operator import attrgetter
from typing import NamedTuple

from .entries import Entry
from .records import fold
from .shelf import Chunk, Shelf

SORTS = ("ref", "label", "created", "updated")


class Query(NamedTuple):
    """What to list: any of the tags, all of the other conditions; None and "" stand for no condition."""

    tags: tuple[str, ...] = ()
    enabled: bool | None = None
    search: str = ""
    pack_ref: str | None = None
    sort: str = "ref"
    descending: bool = False


class Selection:
    """The entries that a query means, as bits of their chunks."""

    def __init__(self, shelf: Shelf, query: Query) -> None:
        self._query = query
        self._parts = [(chunk, bits) for chunk, bits in _matching(shelf, query) if bits]
        self.total = sum(bits.bit_count() for _, bits in self._parts)

    def page(self, first: int, count: int) -> list[Entry]:
        """`count` entries from number `first` (from 0) in the query's order."""
        if first >= self.total or count <= 0:
            return []
        if self._query.sort != "ref":
            return self._sorted[first : first + count]
        if not self._query.descending:
            return self._run(first, min(count, self.total - first))
        # The last page first: the run that ends where this page starts when counted from the end.
        end = self.total - first
        start = max(end - count, 0)
        return self._run(start, end - start)[::-1]

    @property
    def _sorted(self) -> list[Entry]:
        # The sort is stable, so ties stay in the order of refs whichever way the list goes.
        entries = self._run(0, self.total)
        return sorted(entries, key=attrgetter(self._query.sort), reverse=self._query.descending)

    def _run(self, first: int, count: int) -> list[Entry]:
        found: list[Entry] = []
        for chunk, bits in self._parts:
            here = bits.bit_count()
            if first >= here:
                first -= here
                continue
            found.extend(_entries(chunk, bits, first, count - len(found)))
            first = 0
            if len(found) >= count:
                break
        return found


def _matching(shelf: Shelf, query: Query) -> Iterator[tuple[Chunk, int]]:
    if query.pack_ref is None:
        parts = [(chunk, chunk.everything) for chunk in shelf.chunks]
    else:
        # "/" is the character after ".": all refs of the pack lie between the two.
        parts = shelf.span(f"{query.pack_ref}.", f"{query.pack_ref}/")
    if "\0" in query.search:
        # It stands between label and description in what is searched, and in neither.
        return
    needle = fold(query.search)
    for chunk, some in parts:
        bits = some
        if query.tags:
            bits &= _with_any(chunk, query.tags)
        if query.enabled is not None:
            bits &= chunk.enabled if query.enabled else ~chunk.enabled
        if bits and needle:
            bits = chunk.containing(needle, bits)
        yield chunk, bits


def _with_any(chunk: Chunk, tags: tuple[str, ...]) -> int:
    bits = 0
    for tag in tags:
        bits |= chunk.tagged.get(tag, 0)
    return bits


def _entries(chunk: Chunk, bits: int, first: int, count: int) -> Iterator[Entry]:
    if bits == chunk.everything:
        yield from chunk.entries[first : first + count]
        return
    while bits and count > 0:
        lowest = bits & -bits
        if first > 0:
            first -= 1
        else:
            yield chunk.entries[lowest.bit_length() - 1]
            count -= 1
        bits ^= lowest
