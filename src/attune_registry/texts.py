"""The texts of neighbouring entries, with an index of the pairs of letters in them, and joined for quick scans."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import accumulate, islice
from typing import NamedTuple

from . import bits
from .pair_index import PairIndex, pairs_in

# Texts are UTF-8 read as Latin-1: one byte is one character, whatever the script, and this one is in none of them.
_CODE = "latin-1"
_SEPARATOR = "\xff"
# After this many hits close together a term is common; then looking at each text costs less than finding the next.
_MANY = 3
_CLOSE = 12
# The pairs of longer terms are not all looked up: the first ones tell nearly as much.
_MOST_PAIRS = 12
# All texts in one, and the index of pairs: its slots, and their order.
Kept = tuple[bytes, Mapping[str, int], tuple[int, ...] | None]


class Term(NamedTuple):
    """A term that is looked for, not empty, and the first pairs of characters that follow one another in it."""

    text: str
    pairs: tuple[str, ...]

    @classmethod
    def of(cls, folded: bytes) -> "Term":
        """The term that was folded like the texts."""
        text = folded.decode(_CODE)
        return cls(text, tuple(islice(pairs_in(text), _MOST_PAIRS)))


class Texts:
    """An immutable sequence of texts."""

    def __init__(self, texts: list[str], pairs: PairIndex) -> None:
        self._texts = texts
        self.pairs = pairs

    @classmethod
    def of(cls, folded: Iterable[bytes]) -> "Texts":
        """These texts, as `fold` gives them."""
        texts = [text.decode(_CODE) for text in folded]
        return cls(texts, PairIndex.of(texts))

    @classmethod
    def read(cls, kept: Kept) -> "Texts":
        """The texts of what `kept` gave."""
        return cls(kept[0].decode(_CODE).split(_SEPARATOR)[:-1], PairIndex(*kept[1:]))

    def kept(self) -> Kept:
        """All in one, and the index."""
        return self._joined.encode(_CODE), *self.pairs

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, at: int) -> bytes:
        return self._texts[at].encode(_CODE)

    @cached_property
    def _joined(self) -> str:
        """All in one; made when somebody looks through them, which is not after every change."""
        return "".join([text + _SEPARATOR for text in self._texts])

    @cached_property
    def _starts(self) -> "array[int]":
        """Where each text begins in all of them, and where the next one would."""
        return array("I", (0, *accumulate([len(text) + 1 for text in self._texts])))

    def without(self, at: int) -> "Texts":
        """All but one."""
        texts = self._texts
        return Texts(texts[:at] + texts[at + 1 :], self.pairs.without(at, texts[at], len(texts)))

    def with_one(self, at: int, folded: bytes) -> "Texts":
        """All, and one more before the one of a number."""
        text, texts = folded.decode(_CODE), self._texts
        return Texts([*texts[:at], text, *texts[at:]], self.pairs.with_one(at, text, len(texts)))

    def with_other(self, at: int, folded: bytes) -> "Texts":
        """The texts with another one in place of the one of a number."""
        text, texts = folded.decode(_CODE), self._texts
        if text == texts[at]:
            return self
        return Texts([*texts[:at], text, *texts[at + 1 :]], self.pairs.with_other(at, texts[at], text))

    def containing(self, term: str, low: int, high: int) -> int:
        """Which of the texts `low` to `high` (exclusive) contain this, which is not empty, as bits."""
        joined, starts = self._joined, self._starts
        end = starts[high]
        found = hits = 0
        at = joined.find(term, starts[low], end)
        while at >= 0:
            number = bisect_right(starts, at, low, high) - 1
            found |= 1 << number
            hits += 1
            if hits == _MANY and number - low < _CLOSE:
                return bits.of_flags([term in text for text in self._texts[low:high]]) << low
            at = joined.find(term, starts[number + 1], end)
        return found

    def among(self, term: str, some: int) -> int:
        """Which of some texts, given as bits, contain this."""
        texts = self._texts
        found = 0
        while some:
            lowest = some & -some
            if term in texts[lowest.bit_length() - 1]:
                found |= lowest
            some ^= lowest
        return found
