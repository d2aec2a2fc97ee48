"""A chunk with some of its entries changed, in time that hardly goes with how many it has."""

from array import array
from bisect import bisect_left, insort
from collections.abc import Mapping

from . import bits
from .chunk import Chunk, Columns, actions_of
from .entries import Entry
from .layout import pack_of
from .packed import pack_entry


def spliced(chunk: Chunk, changes: Mapping[str, Entry | None]) -> Chunk:
    """The chunk with these entries in place of those of their refs; None takes one away."""
    splice = _Splice(chunk)
    for ref, entry in changes.items():
        splice.remove(ref)
        if entry is not None:
            splice.insert(entry)
    return Chunk(splice.columns(), chunk.buffer)


class _Splice:
    """The columns of a chunk while they are being changed."""

    def __init__(self, chunk: Chunk) -> None:
        self._chunk = chunk
        columns = chunk.columns
        self._refs = list(columns.refs)
        self._items = list(columns.items)
        self._texts = columns.texts
        self._summaries = columns.summaries
        self._tagged = dict(columns.tagged)
        self._enabled = columns.enabled
        self._troubled = columns.troubled
        self._callers = dict(columns.callers)
        self._ids = array("q", columns.ids)
        self._cased = dict(columns.cased)

    def columns(self) -> Columns:
        """The columns as they are now."""
        return Columns(
            refs=tuple(self._refs),
            items=tuple(self._items),
            texts=self._texts,
            summaries=self._summaries,
            tagged=self._tagged,
            enabled=self._enabled,
            troubled=self._troubled,
            callers=self._callers,
            ids=self._ids,
            cased=self._cased,
        )

    def remove(self, ref: str) -> None:
        """Take the entry of a ref away, if it is there."""
        at = bisect_left(self._refs, ref)
        was = self._chunk.number_of(ref)
        if was is None:
            return
        entry = self._chunk.entry(was)
        del self._refs[at], self._items[at]
        self._texts = self._texts.without(at)
        self._summaries = self._summaries.changed(at, 1, ())
        self._tagged = {tag: left for tag, found in self._tagged.items() if (left := bits.closed(found, at))}
        self._enabled = bits.closed(self._enabled, at)
        self._troubled = bits.closed(self._troubled, at)
        for action in actions_of(entry):
            self._set_callers(action, tuple(caller for caller in self._callers_of(action) if caller != ref))
        del self._ids[bisect_left(self._ids, entry.id)]
        folded = ref.casefold()
        if folded in self._cased:
            self._set_cased(folded, tuple(other for other in self._cased[folded] if other != ref))

    def insert(self, entry: Entry) -> None:
        """Put an entry in its place; there is none of its ref."""
        at = bisect_left(self._refs, entry.ref)
        self._refs.insert(at, entry.ref)
        self._items.insert(at, pack_entry(entry))
        self._texts = self._texts.with_one(at, entry.folded)
        self._summaries = self._summaries.changed(at, 0, (entry.summary,))
        self._tagged = {tag: bits.opened(found, at) for tag, found in self._tagged.items()}
        for tag in entry.tags:
            self._tagged[tag] = self._tagged.get(tag, 0) | 1 << at
        self._enabled = bits.opened(self._enabled, at) | entry.enabled << at
        self._troubled = bits.opened(self._troubled, at) | bool(entry.problems) << at
        for action in actions_of(entry):
            self._set_callers(action, (*self._callers_of(action), entry.ref))
        insort(self._ids, entry.id)
        folded = entry.ref.casefold()
        if folded != entry.ref:
            self._set_cased(folded, (*self._cased.get(folded, ()), entry.ref))

    def _callers_of(self, action: str) -> tuple[str, ...]:
        return self._callers.get(pack_of(action), {}).get(action, ())

    def _set_callers(self, action: str, refs: tuple[str, ...]) -> None:
        pack = pack_of(action)
        own = {**self._callers.get(pack, {}), action: refs}
        if not refs:
            del own[action]
        self._callers[pack] = own
        if not own:
            del self._callers[pack]

    def _set_cased(self, folded: str, refs: tuple[str, ...]) -> None:
        self._cased[folded] = refs
        if not refs:
            del self._cased[folded]
