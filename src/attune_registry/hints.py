"""What may be on a shelf: whatever is not said here is not there, so that most questions need not ask each chunk."""

from collections.abc import Iterable

from .chunk import Chunk, actions_of
from .entries import Entry
from .layout import pack_of

# So many marks for each claim make a wrong guess rare; it costs what asking all chunks costs.
_ROOM = 8
_LEAST_MARKS = 1 << 12


class Hints:
    """Claims and calls of the workflows of a shelf, and of others that grew out of it: it is only ever added to.

    A claim is the hash of a ref's form without case, where the ref is another, or an id.
    """

    __slots__ = ("_called", "_left", "_marks", "_mask")

    def __init__(self, count: int) -> None:
        size = max(_LEAST_MARKS, 1 << (_ROOM * count).bit_length())
        self._marks = bytearray(size)
        self._mask = size - 1
        self._called: dict[str, set[str]] = {}
        # What is only ever added to has to be made anew one day.
        self._left = size // _ROOM

    @classmethod
    def of(cls, chunks: Iterable[Chunk]) -> "Hints":
        """The hints of some chunks."""
        chunks = tuple(chunks)
        hints = cls(sum(map(len, chunks)))
        for chunk in chunks:
            for number in chunk.ids:
                hints._marks[number & hints._mask] = 1
            for folded in chunk.cased:
                hints._mark(hash(folded))
            for pack, actions in chunk.callers.items():
                hints._called.setdefault(pack, set()).update(actions)
        return hints

    @property
    def is_worn(self) -> bool:
        """True when so much has been added that much of it may be there no longer."""
        return self._left < 0

    def note(self, entry: Entry) -> None:
        """Add what an entry claims and calls."""
        self._left -= 1
        self._mark(entry.id)
        folded = entry.ref.casefold()
        if folded != entry.ref:
            self._mark(hash(folded))
        for action in actions_of(entry):
            self._called.setdefault(pack_of(action), set()).add(action)

    def may_claim(self, folded: str, number: int) -> bool:
        """False when no ref but `folded` itself claims that form, and none this id."""
        return self._has(hash(folded)) or self._has(number)

    def may_call(self, action: str) -> bool:
        """False when no task runs this action."""
        return action in self._called.get(pack_of(action), ())

    def actions_of(self, pack: str) -> tuple[str, ...]:
        """The actions of a pack that tasks run, and perhaps some that they did once."""
        # A copy made at once: another thread may be adding to it.
        return tuple(self._called.get(pack, ()))

    def _mark(self, claim: int) -> None:
        self._marks[claim & self._mask] = 1

    def _has(self, claim: int) -> bool:
        return bool(self._marks[claim & self._mask])
