"""Which of some texts have which pairs of letters: a text put between others moves none of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from operator import add
from typing import NamedTuple

from . import bits


class PairIndex(NamedTuple):
    """For each pair of letters that follow one another, the slots of the texts in which they do, as bits.

    A text keeps its slot whatever comes before it, so that putting one in is a matter of its own pairs alone.
    `order` has the slot of each text; None while each has that of its number.
    """

    slots: Mapping[str, int]
    order: tuple[int, ...] | None = None

    @classmethod
    def of(cls, texts: Iterable[str]) -> "PairIndex":
        """The index of these texts."""
        slots: defaultdict[str, int] = defaultdict(int)
        bit = 1
        for text in texts:
            for pair in set(pairs_in(text)):
                slots[pair] |= bit
            bit <<= 1
        return cls(dict(slots))

    def numbers(self, slots: int) -> int:
        """The numbers of the texts in these slots."""
        if self.order is None or not slots:
            return slots
        flags = bits.selectors(slots).ljust(max(self.order) + 1, b"\0")
        return bits.of_flags(bytes(map(flags.__getitem__, self.order)))

    def with_one(self, at: int, text: str, count: int) -> "PairIndex":
        """The index with one more text before the one of a number, where there were `count`."""
        order = _written_out(self.order, count)
        slot = _free(order)
        slots = dict(self.slots)
        _put_in(slots, pairs_in(text), slot)
        is_last = self.order is None and at == count
        return PairIndex(slots, None if is_last else (*order[:at], slot, *order[at:]))

    def without(self, at: int, text: str, count: int) -> "PairIndex":
        """The index without the text of a number, of `count`; its slot is free then."""
        order = _written_out(self.order, count)
        slots = dict(self.slots)
        _take_out(slots, pairs_in(text), order[at])
        is_last = self.order is None and at == count - 1
        return PairIndex(slots, None if is_last else order[:at] + order[at + 1 :])

    def with_other(self, at: int, was: str, text: str) -> "PairIndex":
        """The index with another text in place of the one of a number."""
        slot = at if self.order is None else self.order[at]
        slots = dict(self.slots)
        gone, come = set(pairs_in(was)), set(pairs_in(text))
        _take_out(slots, gone - come, slot)
        _put_in(slots, come - gone, slot)
        return PairIndex(slots, self.order)


def pairs_in(text: str) -> Iterator[str]:
    """The pairs of letters that follow one another in a text."""
    return map(add, text, islice(text, 1, None))


def _written_out(order: tuple[int, ...] | None, count: int) -> tuple[int, ...]:
    return tuple(range(count)) if order is None else order


def _free(order: tuple[int, ...]) -> int:
    """A slot that no text has, as low as if none had ever been taken out."""
    count = len(order)
    return count if count not in order else min(set(range(count)).difference(order))


def _put_in(slots: dict[str, int], pairs: Iterable[str], slot: int) -> None:
    bit, get = 1 << slot, slots.get
    for pair in pairs:
        slots[pair] = get(pair, 0) | bit


def _take_out(slots: dict[str, int], pairs: Iterable[str], slot: int) -> None:
    for pair in set(pairs):
        bits.put(slots, pair, slot, False)
