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
        number = chunk.number_of(ref)
        was = None if number is None else chunk.entry(number)
        if was and entry:
            splice.replace(was, entry)
        elif was:
            splice.remove(was)
        elif entry:
            splice.insert(entry)
    made = Chunk(splice.columns(), chunk.buffer)
    # Who changes entries asks for them next.
    made.remember(entry for entry in changes.values() if entry)
    return made


class _Splice:
    """The columns of a chunk while they are being changed."""

    def __init__(self, chunk: Chunk) -> None:
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

    def replace(self, was: Entry, entry: Entry) -> None:
        """Put an entry in place of another one of its ref."""
        at = bisect_left(self._refs, entry.ref)
        self._items[at] = pack_entry(entry)
        self._texts = self._texts.with_other(at, entry.folded)
        self._summaries = self._summaries.changed(at, 1, (entry.summary,))
        for tag in {*was.tags, *entry.tags}:
            bits.put(self._tagged, tag, at, tag in entry.tags)
        self._enabled = self._enabled & ~(1 << at) | entry.enabled << at
        self._troubled = self._troubled & ~(1 << at) | bool(entry.problems) << at
        before, after = actions_of(was), actions_of(entry)
        for action in before - after:
            self._forget_caller(action, entry.ref)
        for action in after - before:
            self._note_caller(action, entry.ref)

    def remove(self, entry: Entry) -> None:
        """Take an entry away."""
        ref = entry.ref
        at = bisect_left(self._refs, ref)
        del self._refs[at], self._items[at]
        self._texts = self._texts.without(at)
        self._summaries = self._summaries.changed(at, 1, ())
        self._tagged = bits.all_closed(self._tagged, at)
        self._enabled = bits.closed(self._enabled, at)
        self._troubled = bits.closed(self._troubled, at)
        for action in actions_of(entry):
            self._forget_caller(action, ref)
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
        self._tagged = bits.all_opened(self._tagged, at)
        for tag in entry.tags:
            self._tagged[tag] = self._tagged.get(tag, 0) | 1 << at
        self._enabled = bits.opened(self._enabled, at) | entry.enabled << at
        self._troubled = bits.opened(self._troubled, at) | bool(entry.problems) << at
        for action in actions_of(entry):
            self._note_caller(action, entry.ref)
        insort(self._ids, entry.id)
        folded = entry.ref.casefold()
        if folded != entry.ref:
            self._set_cased(folded, (*self._cased.get(folded, ()), entry.ref))

    def _note_caller(self, action: str, ref: str) -> None:
        self._set_callers(action, (*self._callers_of(action), ref))

    def _forget_caller(self, action: str, ref: str) -> None:
        self._set_callers(action, tuple(caller for caller in self._callers_of(action) if caller != ref))

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
