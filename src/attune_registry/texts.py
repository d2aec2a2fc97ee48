"""The texts of neighbouring entries joined to one, so that a search is one scan and not one for each."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

from . import bits

# Texts are UTF-8 read as Latin-1: one byte is one character, whatever the script, and this one is in none of them.
_CODE = "latin-1"
_SEPARATOR = "\xff"
# After this many hits it is clear whether a term is common; then looking at each text costs less than finding the next.
_MANY = 6


def term_of(folded: bytes) -> str:
    """A term, folded like the texts, as `containing` takes it."""
    return folded.decode(_CODE)


class Texts:
    """An immutable sequence of texts."""

    __slots__ = ("_joined", "_starts")

    def __init__(self, joined: str) -> None:
        self._joined = joined
        # Where each text begins, and where the next one would.
        self._starts = array("I", (0, *accumulate(len(text) + 1 for text in joined.split(_SEPARATOR)[:-1])))

    @classmethod
    def of(cls, folded: Iterable[bytes]) -> "Texts":
        """These texts, as `fold` gives them."""
        return cls("".join([text.decode(_CODE) + _SEPARATOR for text in folded]))

    @classmethod
    def read(cls, kept: bytes) -> "Texts":
        """The texts of what `kept` gave."""
        return cls(kept.decode(_CODE))

    def kept(self) -> bytes:
        """All in one."""
        return self._joined.encode(_CODE)

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, at: int) -> bytes:
        return self._joined[self._starts[at] : self._starts[at + 1] - 1].encode(_CODE)

    def without(self, at: int) -> "Texts":
        """All but one."""
        return Texts(self._joined[: self._starts[at]] + self._joined[self._starts[at + 1] :])

    def with_one(self, at: int, folded: bytes) -> "Texts":
        """All, and one more before the one at a place."""
        begin = self._starts[at]
        return Texts(self._joined[:begin] + folded.decode(_CODE) + _SEPARATOR + self._joined[begin:])

    def containing(self, term: str, low: int, high: int) -> int:
        """Which of the texts `low` to `high` (exclusive) contain a term, which is not empty, as bits."""
        joined, starts = self._joined, self._starts
        end = starts[high]
        found = hits = 0
        at = joined.find(term, starts[low], end)
        while at >= 0:
            number = bisect_right(starts, at, low, high) - 1
            found |= 1 << number
            hits += 1
            if hits == _MANY and number - low < _MANY << 2:
                return self._looked_at(term, low, high)
            at = joined.find(term, starts[number + 1], end)
        return found

    def among(self, term: str, some: int) -> int:
        """Which of some texts, given as bits, contain a term."""
        joined, starts = self._joined, self._starts
        found = 0
        for number in bits.ones(some):
            if joined.find(term, starts[number], starts[number + 1]) >= 0:
                found |= 1 << number
        return found

    def _looked_at(self, term: str, low: int, high: int) -> int:
        texts = self._joined[self._starts[low] : self._starts[high] - 1].split(_SEPARATOR)
        return bits.of_flags([term in text for text in texts]) << low
