"""Neighbouring entries, packed, and what queries need of them in columns: small integers as sets, joined text."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from . import bits
from .entries import Entry
from .layout import pack_of
from .packed import Buffer, Sortable, pack_entry, packed_in, sortable_in, unpack_entry
from .summaries import Summaries
from .texts import Term, Texts

# Among fewer than a part of this many, looking at each is quicker than at all, though it is not remembered.
_FEW = 8
_MOST_TERMS = 64
_MOST_MADE = 8
# The length of what the index of pairs alone answers.
_PAIR = 2

# For each pack, its actions that tasks run, each with the refs of the workflows these tasks are in.
Callers = Mapping[str, Mapping[str, tuple[str, ...]]]


class Columns(NamedTuple):
    """What is known of the entries of a chunk without looking into them. Sets are bits.

    `items` are the packed entries, or where they begin in the chunk's buffer. `troubled` are those with problems.
    `ids` are in order of size; `cased` has the refs that are not their own form without case, by that form.
    """

    refs: tuple[str, ...]
    items: tuple[int | bytes, ...]
    texts: Texts
    summaries: Summaries
    tagged: Mapping[str, int]
    enabled: int
    troubled: int
    callers: Callers
    ids: "array[int]"
    cased: Mapping[str, tuple[str, ...]]


class Chunk:
    """An immutable sequence of some hundred entries in order of their refs. Entries are made when asked for."""

    def __init__(self, columns: Columns, buffer: Buffer = b"") -> None:
        self.columns = columns
        self.buffer = buffer
        self.refs = columns.refs
        self.tagged = columns.tagged
        self.enabled = columns.enabled
        self.callers = columns.callers
        self.cased = columns.cased
        self.ids = columns.ids
        self.summaries = columns.summaries
        self._texts = columns.texts
        self._slots, self._order = columns.texts.pairs
        self.everything = (1 << len(columns.refs)) - 1
        self._found: dict[str, int] = {}
        self._made: dict[int, Entry] = {}

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> "Chunk":
        """A chunk of these entries, which are in order."""
        return cls(columns_of(entries))

    def __len__(self) -> int:
        return len(self.refs)

    def moved(self, items: Iterable[int], buffer: Buffer) -> "Chunk":
        """The chunk with its packed entries at these places of another buffer."""
        return Chunk(self.columns._replace(items=tuple(items)), buffer)

    @property
    def loose(self) -> int:
        """How many entries are packed by themselves, and not in the buffer."""
        return sum(isinstance(item, bytes) for item in self.columns.items)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, made anew."""
        return tuple(self._unpacked(at) for at in range(len(self.refs)))

    def entry(self, at: int) -> Entry:
        """The entry of a number; those last asked for are remembered."""
        found = self._made.get(at)
        if found is None:
            if len(self._made) >= _MOST_MADE:
                self._made.clear()
            found = self._made[at] = self._unpacked(at)
        return found

    def remember(self, entries: Iterable[Entry]) -> None:
        """Remember some of its entries, which are at hand."""
        for entry in islice(entries, _MOST_MADE):
            self._made[bisect_left(self.refs, entry.ref)] = entry

    def packed(self, at: int) -> bytes:
        """The entry of a number as bytes."""
        item = self.columns.items[at]
        return packed_in(self.buffer, item) if isinstance(item, int) else item

    @property
    def all_packed(self) -> Iterator[bytes]:
        """All entries as bytes."""
        return map(self.packed, range(len(self.refs)))

    def number_of(self, ref: str) -> int | None:
        """The number of a ref."""
        at = bisect_left(self.refs, ref)
        return at if at < len(self.refs) and self.refs[at] == ref else None

    @cached_property
    def sortable(self) -> tuple[Sortable, ...]:
        """What each entry may be sorted by."""
        items = self.columns.items
        return tuple(
            sortable_in(self.buffer, item) if isinstance(item, int) else sortable_in(item, 0) for item in items
        )

    @property
    def troubled(self) -> Iterator[Entry]:
        """The entries with problems."""
        return map(self._unpacked, bits.ones(self.columns.troubled))

    def containing(self, term: Term, among: int) -> int:
        """Which of some entries, given as bits, have a term in their text."""
        are_moved = self._order is not None and term.pairs
        some = -1 if are_moved else among
        for pair in term.pairs:
            some &= self._slots.get(pair, 0)
            if not some:
                return 0
        if are_moved:
            some = self._texts.pairs.numbers(some) & among
        return some if len(term.text) == _PAIR else self._scanned(term.text, some)

    def _scanned(self, term: str, some: int) -> int:
        """Which of some entries have this in their text. Where all were looked at, that is remembered."""
        known = self._found.get(term)
        if known is not None:
            return known & some
        texts = self._texts
        low, high = (some & -some).bit_length() - 1, some.bit_length()
        if some.bit_count() * _FEW < high - low:
            return texts.among(term, some)
        if (high - low) << 1 < len(self.refs):
            return texts.containing(term, low, high) & some
        if len(self._found) >= _MOST_TERMS:
            self._found.clear()
        found = self._found[term] = texts.containing(term, 0, len(self.refs))
        return found & some

    def _unpacked(self, at: int) -> Entry:
        columns = self.columns
        item = columns.items[at]
        buffer, begin = (self.buffer, item) if isinstance(item, int) else (item, 0)
        return unpack_entry(buffer, begin, columns.refs[at], columns.texts[at], columns.summaries[at])


def columns_of(entries: Sequence[Entry]) -> Columns:
    """The columns of entries in order of their refs."""
    callers: dict[str, dict[str, list[str]]] = {}
    cased: dict[str, list[str]] = {}
    tagged: dict[str, int] = {}
    for at, entry in enumerate(entries):
        for tag in entry.tags:
            tagged[tag] = tagged.get(tag, 0) | 1 << at
        for action in actions_of(entry):
            callers.setdefault(pack_of(action), {}).setdefault(action, []).append(entry.ref)
        folded = entry.ref.casefold()
        if folded != entry.ref:
            cased.setdefault(folded, []).append(entry.ref)
    return Columns(
        refs=tuple(entry.ref for entry in entries),
        items=tuple(map(pack_entry, entries)),
        texts=Texts.of(entry.folded for entry in entries),
        summaries=Summaries.of([entry.summary for entry in entries]),
        tagged=tagged,
        enabled=bits.of_flags([entry.enabled for entry in entries]),
        troubled=bits.of_flags([bool(entry.problems) for entry in entries]),
        callers={pack: {action: tuple(refs) for action, refs in own.items()} for pack, own in callers.items()},
        ids=array("q", sorted(entry.id for entry in entries)),
        cased={folded: tuple(refs) for folded, refs in cased.items()},
    )


def actions_of(entry: Entry) -> set[str]:
    """The actions that tasks of a workflow run."""
    return {call.action for call in entry.calls}
