"""Lists: which entries a query means, in which order, and one page of them."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, compress, islice
from operator import attrgetter
from typing import Any, NamedTuple

from . import bits
from .chunk import Chunk
from .entries import Entry
from .records import fold
from .shelf import Shelf
from .texts import Term

SORTS = ("ref", "label", "created", "updated")
_MOST_SELECTIONS = 64
_Parts = list[tuple[Chunk, int]]


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

    parts: _Parts
    ends: list[int]


class Selection:
    """The entries that a query means, as bits of their chunks: `parts`."""

    def __init__(self, shelf: Shelf, query: Query) -> None:
        self._query = query
        self._known = shelf.selections
        self.parts, self._ends = _selected(shelf, query)
        self.total = self._ends[-1] if self._ends else 0

    def page(self, first: int, count: int) -> list[Entry]:
        """`count` entries from number `first` (from 0) in the query's order."""
        return [chunk.entry(at) for chunk, at in self._places(first, count)]

    def summaries(self, first: int, count: int) -> bytes:
        """The summaries of these entries, with commas between them."""
        if self._query.sort == "ref" and not self._query.descending:
            runs = self._runs(first, min(count, self.total - first))
            return b",".join([chunk.summaries.page(numbers) for chunk, numbers in runs])
        return b",".join([chunk.summaries[at] for chunk, at in self._places(first, count)])

    def _places(self, first: int, count: int) -> Sequence[tuple[Chunk, int]]:
        if first >= self.total or count <= 0:
            return ()
        if self._query.sort != "ref":
            return [place for number in self._order[first : first + count] for place in self._run(number, 1)]
        if not self._query.descending:
            return self._run(first, min(count, self.total - first))
        # The last page first: the run that ends where this page starts when counted from the end.
        end = self.total - first
        start = max(end - count, 0)
        return self._run(start, end - start)[::-1]

    @property
    def _order(self) -> "array[int]":
        """The numbers that the entries have in the order of refs, in the query's order."""
        order: array[int] | None = self._known.get(self._query)
        if order is None:
            value = attrgetter(self._query.sort)
            values = [value(it) for chunk, some in self.parts for it in compress(chunk.sortable, bits.selectors(some))]
            # The sort is stable, so ties stay in the order of refs whichever way the list goes.
            numbers = sorted(range(self.total), key=values.__getitem__, reverse=self._query.descending)
            order = array("I", numbers)
            _remember(self._known, self._query, order)
        return order

    def _run(self, first: int, count: int) -> list[tuple[Chunk, int]]:
        return [(chunk, at) for chunk, numbers in self._runs(first, count) for at in numbers]

    def _runs(self, first: int, count: int) -> Iterator[tuple[Chunk, list[int]]]:
        number = bisect_right(self._ends, first)
        skipped = first - (self._ends[number - 1] if number else 0)
        while count > 0:
            chunk, some = self.parts[number]
            numbers = list(islice(bits.ones(some), skipped, skipped + count))
            yield chunk, numbers
            count -= len(numbers)
            number, skipped = number + 1, 0


def _selected(shelf: Shelf, query: Query) -> _Selected:
    """What filters select; remembered by the shelf, for other pages, other orders and other terms."""
    filters = query[:4]
    selected: _Selected | None = shelf.selections.get(filters)
    if selected is None:
        parts = _containing(shelf, query) if query.search else _filtered(shelf, query)
        selected = _Selected(parts, list(accumulate([some.bit_count() for _, some in parts])))
        _remember(shelf.selections, filters, selected)
    return selected


def _remember(known: dict[Any, Any], key: tuple[Any, ...], found: Any) -> None:
    if len(known) >= _MOST_SELECTIONS:
        known.clear()
    known[key] = found


def _containing(shelf: Shelf, query: Query) -> _Parts:
    if "\0" in query.search:
        # It stands between label and description in what is searched, and in neither.
        return []
    # Who searches asks for one term after the other among the same.
    parts = _selected(shelf, Query(query.tags, query.enabled, "", query.pack_ref)).parts
    term = Term.of(fold(query.search))
    return [(chunk, found) for chunk, some in parts if (found := chunk.containing(term, some))]


def _filtered(shelf: Shelf, query: Query) -> _Parts:
    parts = shelf.everything if query.pack_ref is None else shelf.in_pack(query.pack_ref)
    if query.tags:
        parts = _with_any(parts, query.tags)
    if query.enabled:
        parts = [(chunk, found) for chunk, some in parts if (found := some & chunk.enabled)]
    elif query.enabled is not None:
        parts = [(chunk, found) for chunk, some in parts if (found := some & ~chunk.enabled)]
    return parts


def _with_any(parts: _Parts, tags: tuple[str, ...]) -> _Parts:
    if len(tags) == 1:
        (tag,) = tags
        return [(chunk, found) for chunk, some in parts if (found := some & chunk.tagged.get(tag, 0))]
    found_parts: _Parts = []
    for chunk, some in parts:
        found, get = 0, chunk.tagged.get
        for tag in tags:
            found |= get(tag, 0)
        if found & some:
            found_parts.append((chunk, found & some))
    return found_parts
