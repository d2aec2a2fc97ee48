"""The texts of neighbouring entries, with an index of the pairs of letters in them, and joined for quick scans."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
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

    __slots__ = ("_joined", "_starts", "_texts", "pairs")

    def __init__(self, joined: str, pairs: Mapping[str, int]) -> None:
        self._joined = joined
        # For each pair of characters that follow one another, the texts in which they do, as bits.
        self.pairs = pairs
        self._texts = joined.split(_SEPARATOR)[:-1]
        # Where each text begins, and where the next one would.
        self._starts = array("I", (0, *accumulate([len(text) + 1 for text in self._texts])))

    @classmethod
    def of(cls, folded: Iterable[bytes]) -> "Texts":
        """These texts, as `fold` gives them."""
        texts = [text.decode(_CODE) for text in folded]
        pairs: dict[str, int] = {}
        for at, text in enumerate(texts):
            for pair in set(_pairs_in(text)):
                pairs[pair] = pairs.get(pair, 0) | 1 << at
        return cls("".join([text + _SEPARATOR for text in texts]), pairs)

    @classmethod
    def read(cls, kept: tuple[bytes, Mapping[str, int]]) -> "Texts":
        """The texts of what `kept` gave."""
        return cls(kept[0].decode(_CODE), kept[1])

    def kept(self) -> tuple[bytes, Mapping[str, int]]:
        """All in one, and the index."""
        return self._joined.encode(_CODE), self.pairs

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, at: int) -> bytes:
        return self._texts[at].encode(_CODE)

    def without(self, at: int) -> "Texts":
        """All but one."""
        joined, starts = self._joined, self._starts
        pairs = {pair: left for pair, some in self.pairs.items() if (left := bits.closed(some, at))}
        return Texts(joined[: starts[at]] + joined[starts[at + 1] :], pairs)

    def with_one(self, at: int, folded: bytes) -> "Texts":
        """All, and one more before the one of a number."""
        text = folded.decode(_CODE)
        pairs = {pair: bits.opened(some, at) for pair, some in self.pairs.items()}
        for pair in set(_pairs_in(text)):
            pairs[pair] = pairs.get(pair, 0) | 1 << at
        begin = self._starts[at]
        return Texts(self._joined[:begin] + text + _SEPARATOR + self._joined[begin:], pairs)

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
        begin, end = self._starts[at], self._starts[at + 1] - 1
        return Texts(self._joined[:begin] + text + self._joined[end:], pairs)

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
