"""Looks of several workers at the same folders at once: each takes what another has seen since its own began.

After a command of git's every worker has to look at all folders, and is asked at the same moment as the others. What
they tell each other lies in memory that they have shared since they were forked. Nobody waits for anybody, and who is
told nothing, or something that is not as it knew it, looks itself.
"""

import mmap
import time
from collections.abc import Callable, Sequence
from itertools import chain

from .git.stamps import Stamp

# How many things are looked at, and told of, together. At 5 us for each, one portion is soon done.
_PORTION = 64
_MOST_PORTIONS = 1024
_WORD = 8


class SharedLooks:
    """To be made before the fork."""

    def __init__(self) -> None:
        # By portion. Times are nanoseconds of the clock that all processes have in common.
        self._begun = _words(_MOST_PORTIONS)  # when somebody began to look at it last
        self._done = _words(_MOST_PORTIONS)  # the beginning of the look that was finished last
        self._seen = _words(_MOST_PORTIONS)  # a digest of that time, and of what was seen
        self._latest = _words(1)  # the portion that was begun last

    def stamps(
        self, look: Callable[[Sequence[str]], list[Stamp]], things: Sequence[str], known: Sequence[Stamp]
    ) -> list[Stamp]:
        """The stamps that these things have had at some moment since this was called; `known` are those of before.

        `look` says what stamps some of them have now. Processes take from each other what they ask for in the same
        order.
        """
        asked = time.monotonic_ns()
        size = max(_PORTION, -(-len(things) // _MOST_PORTIONS))
        portions = [slice(at, at + size) for at in range(0, len(things), size)]
        found: dict[int, list[Stamp]] = {}

        def see(number: int) -> None:
            now = time.monotonic_ns()
            self._begun[number], self._latest[0] = now, number
            found[number] = look(things[portions[number]])
            self._seen[number], self._done[number] = _digest(now, found[number]), now

        # Where another one is at work, this one begins behind it, and leaves out what is being looked at already.
        start = (self._latest[0] + 1) % max(1, len(portions))
        for number in chain(range(start, len(portions)), range(start)):
            if self._begun[number] < asked:
                see(number)
        for number, portion in enumerate(portions):
            if number in found:
                continue
            if self._is_told(number, asked, known[portion]):
                found[number] = list(known[portion])
            else:
                see(number)
        return list(chain.from_iterable(found[number] for number in range(len(portions))))

    def _is_told(self, number: int, asked: int, known: Sequence[Stamp]) -> bool:
        """True when somebody has seen since then that a portion is as it is known."""
        done = self._done[number]
        # Of words that were written at different times the digest is wrong.
        return done >= asked and self._seen[number] == _digest(done, known)


def _digest(begun: int, stamps: Sequence[Stamp]) -> int:
    """The same in all processes that were forked from one."""
    return hash((begun, *stamps))


def _words(count: int) -> memoryview:
    return memoryview(mmap.mmap(-1, count * _WORD)).cast("q")
