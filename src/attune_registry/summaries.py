"""The summaries of neighbouring entries, joined as a list has them: a page of neighbours is one slice."""

from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate

_COMMA = b","


class Summaries:
    """An immutable sequence of JSON objects."""

    __slots__ = ("_joined", "_starts")

    def __init__(self, joined: bytes, starts: "array[int]") -> None:
        self._joined = joined
        # Where each begins, and where the next one would.
        self._starts = starts

    @classmethod
    def of(cls, summaries: Sequence[bytes]) -> "Summaries":
        """These summaries."""
        starts = array("I", (0, *accumulate(len(each) + len(_COMMA) for each in summaries)))
        return cls(b"".join(each + _COMMA for each in summaries), starts)

    @classmethod
    def read(cls, kept: tuple[bytes, bytes]) -> "Summaries":
        """The summaries of what `kept` gave."""
        return cls(kept[0], array("I", kept[1]))

    def kept(self) -> tuple[bytes, bytes]:
        """All in one, and where each begins."""
        return self._joined, self._starts.tobytes()

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, at: int) -> bytes:
        return self._joined[self._starts[at] : self._starts[at + 1] - len(_COMMA)]

    def page(self, numbers: Sequence[int]) -> bytes:
        """Those of some numbers, which are rising, with commas between them."""
        joined, starts = self._joined, self._starts
        first, last = numbers[0], numbers[-1]
        if last - first == len(numbers) - 1:
            return joined[starts[first] : starts[last + 1] - len(_COMMA)]
        pieces = [joined[starts[at] : starts[at + 1]] for at in numbers]
        pieces[-1] = pieces[-1][: -len(_COMMA)]
        return b"".join(pieces)

    def changed(self, at: int, taken: int, put: Iterable[bytes]) -> "Summaries":
        """The summaries with `taken` of them from a number on replaced by others."""
        begin, end = self._starts[at], self._starts[at + taken]
        new = [each + _COMMA for each in put]
        middle = b"".join(new)
        shift = len(middle) - (end - begin)
        starts = array("I", self._starts[: at + 1])
        starts.extend(accumulate(map(len, new), initial=begin))
        del starts[at]
        starts.fromlist([start + shift for start in self._starts[at + taken + 1 :]])
        joined = memoryview(self._joined)
        return Summaries(b"".join((joined[:begin], middle, joined[end:])), starts)
