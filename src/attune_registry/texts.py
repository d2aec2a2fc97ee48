"""The texts of neighbouring entries, with an index of the pairs of letters in them, and joined for quick scans."""

from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import accumulate, islice
from operator import add
from typing import NamedTuple

from . import bits

# Texts are UTF-8 read as Latin-1: one byte is one character, whatever the script, and this one is in none of them.
_CODE = "latin-1"
_SEPARATOR = "\xff"
# After this many hits close together a term is common; then looking at each text costs less than finding the next.
_MANY = 3
_CLOSE = 12
# The pairs of longer terms are not all looked up: the first ones tell nearly as much.
_MOST_PAIRS = 12


class Term(NamedTuple):
    """A term that is looked for, not empty, and the first pairs of characters that follow one another in it."""

    text: str
    pairs: tuple[str, ...]

    @classmethod
    def of(cls, folded: bytes) -> "Term":
        """The term that was folded like the texts."""
        text = folded.decode(_CODE)
        return cls(text, tuple(islice(_pairs_in(text), _MOST_PAIRS)))


class Texts:
    """An immutable sequence of texts."""

    def __init__(self, texts: list[str], pairs: Mapping[str, int]) -> None:
        self._texts = texts
        # For each pair of characters that follow one another, the texts in which they do, as bits.
        self.pairs = pairs

    @classmethod
    def of(cls, folded: Iterable[bytes]) -> "Texts":
        """These texts, as `fold` gives them."""
        texts = [text.decode(_CODE) for text in folded]
        pairs: defaultdict[str, int] = defaultdict(int)
        bit = 1
        for text in texts:
            for pair in set(_pairs_in(text)):
                pairs[pair] |= bit
            bit <<= 1
        return cls(texts, dict(pairs))

    @classmethod
    def read(cls, kept: tuple[bytes, Mapping[str, int]]) -> "Texts":
        """The texts of what `kept` gave."""
        return cls(kept[0].decode(_CODE).split(_SEPARATOR)[:-1], kept[1])

    def kept(self) -> tuple[bytes, Mapping[str, int]]:
        """All in one, and the index."""
        return self._joined.encode(_CODE), self.pairs

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
        return Texts(self._texts[:at] + self._texts[at + 1 :], bits.all_closed(self.pairs, at))

    def with_one(self, at: int, folded: bytes) -> "Texts":
        """All, and one more before the one of a number."""
        text, bit = folded.decode(_CODE), 1 << at
        pairs = bits.all_opened(self.pairs, at)
        for pair in set(_pairs_in(text)):
            pairs[pair] = pairs.get(pair, 0) | bit
        return Texts([*self._texts[:at], text, *self._texts[at:]], pairs)

    def with_other(self, at: int, folded: bytes) -> "Texts":
        """The texts with another one in place of the one of a number."""
        text, was = folded.decode(_CODE), self._texts[at]
        if text == was:
            return self
        pairs = dict(self.pairs)
        gone, come = set(_pairs_in(was)), set(_pairs_in(text))
        for pair in gone - come:
            bits.put(pairs, pair, at, False)
        for pair in come - gone:
            bits.put(pairs, pair, at, True)
        return Texts([*self._texts[:at], text, *self._texts[at + 1 :]], pairs)

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


def _pairs_in(text: str) -> Iterator[str]:
    return map(add, text, islice(text, 1, None))
