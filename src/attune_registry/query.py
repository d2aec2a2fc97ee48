"""Lists: which entries a query means, in which order, and one page of them."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, compress, islice
from operator import attrgetter
from typing import NamedTuple

from . import bits
from .chunk import Chunk
from .entries import Entry
from .records import fold
from .shelf import Shelf
from .texts import term_of

SORTS = ("ref", "label", "created", "updated")
_MOST_SELECTIONS = 64


class Query(NamedTuple):
    """What to list: any of the tags, all of the other conditions; None and "" stand for no condition."""

    tags: tuple[str, ...] = ()
    enabled: bool | None = None
    search: str = ""
    pack_ref: str | None = None
    sort: str = "ref"
    descending: bool = False


class _Selected(NamedTuple):
    """Entries as bits of their chunks, and how many come before the end of each part."""

    parts: list[tuple[Chunk, int]]
    ends: list[int]


class Selection:
    """The entries that a query means. Those that filters select are remembered by the shelf for other pages."""

    def __init__(self, shelf: Shelf, query: Query) -> None:
        self._query = query
        filters = query[:4]
        selected: _Selected | None = shelf.selections.get(filters)
        if selected is None:
            selected = _selected(shelf, query)
            if len(shelf.selections) >= _MOST_SELECTIONS:
                shelf.selections.clear()
            shelf.selections[filters] = selected
        self._parts, self._ends = selected
        self.total = self._ends[-1] if self._ends else 0

    def page(self, first: int, count: int) -> list[Entry]:
        """`count` entries from number `first` (from 0) in the query's order."""
        return [chunk.entry(at) for chunk, at in self._places(first, count)]

    def summaries(self, first: int, count: int) -> list[bytes]:
        """The summaries of these entries."""
        return [chunk.summary(at) for chunk, at in self._places(first, count)]

    def _places(self, first: int, count: int) -> Sequence[tuple[Chunk, int]]:
        if first >= self.total or count <= 0:
            return ()
        if self._query.sort != "ref":
            return self._sorted[first : first + count]
        if not self._query.descending:
            return self._run(first, min(count, self.total - first))
        # The last page first: the run that ends where this page starts when counted from the end.
        end = self.total - first
        start = max(end - count, 0)
        return self._run(start, end - start)[::-1]

    @property
    def _sorted(self) -> list[tuple[Chunk, int]]:
        # The sort is stable, so ties stay in the order of refs whichever way the list goes.
        value = attrgetter(self._query.sort)
        values = [value(it) for chunk, some in self._parts for it in compress(chunk.sortable, bits.selectors(some))]
        order = sorted(range(self.total), key=values.__getitem__, reverse=self._query.descending)
        places = self._run(0, self.total)
        return [places[number] for number in order]

    def _run(self, first: int, count: int) -> list[tuple[Chunk, int]]:
        found: list[tuple[Chunk, int]] = []
        number = bisect_right(self._ends, first)
        skipped = first - (self._ends[number - 1] if number else 0)
        while len(found) < count:
            chunk, some = self._parts[number]
            found += [(chunk, at) for at in islice(bits.ones(some), skipped, skipped + count - len(found))]
            number, skipped = number + 1, 0
        return found


def _selected(shelf: Shelf, query: Query) -> _Selected:
    parts = [part for part in _matching(shelf, query) if part[1]]
    return _Selected(parts, list(accumulate(some.bit_count() for _, some in parts)))


def _matching(shelf: Shelf, query: Query) -> Iterator[tuple[Chunk, int]]:
    tags, enabled = query.tags, query.enabled
    if "\0" in query.search:
        # It stands between label and description in what is searched, and in neither.
        return
    term = term_of(fold(query.search))
    parts = _all(shelf) if query.pack_ref is None else shelf.in_pack(query.pack_ref)
    for chunk, all_there in parts:
        some = all_there & _with_any(chunk, tags) if tags else all_there
        if enabled is not None:
            some &= chunk.enabled if enabled else ~chunk.enabled
        yield chunk, chunk.containing(term, some) if some and term else some


def _all(shelf: Shelf) -> list[tuple[Chunk, int]]:
    return [(chunk, chunk.everything) for chunk in shelf.chunks]


def _with_any(chunk: Chunk, tags: tuple[str, ...]) -> int:
    found, tagged = 0, chunk.tagged
    for tag in tags:
        found |= tagged.get(tag, 0)
    return found
