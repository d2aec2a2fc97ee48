"""Tasks by names that Jinja2 reads as subtractions, where a text has them."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_WORD = re.compile(r"[\w.-]+")
_PART = re.compile(r"\w+")
# A longer one is nobody's slip, and to look for it everywhere takes its time.
_LONGEST = 100


class _Span(NamedTuple):
    """A name in a text, from its first character to the one after its last."""

    start: int
    end: int
    name: str


class Dashes:
    """Finds names like `a-b` in texts; asked of one text after the other, it looks through each once."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(name for name in names if len(name) <= _LONGEST)
        self._text = ""
        self._spans: list[_Span] = []

    def at(self, text: str, offset: int) -> str | None:
        """The name that the character at an offset is part of, the longest one; None where it is of none."""
        if text != self._text:
            self._text, self._spans = text, list(self._found(text))
        before = bisect_right(self._spans, offset, key=_start_of)
        span = self._spans[before - 1] if before else None
        return span.name if span and offset < span.end else None

    def _found(self, text: str) -> Iterator[_Span]:
        for word in _WORD.finditer(text) if self._names else ():
            if "-" in word.group():
                yield from self._within(text, *word.span())

    def _within(self, text: str, start: int, end: int) -> Iterator[_Span]:
        """The names in a word, each from where one of its parts starts to where one ends."""
        parts = [part.span() for part in _PART.finditer(text, start, end)]
        done = start
        for number, (first, _) in enumerate(parts):
            if first < done:
                continue
            near = [last for _, last in parts[number + 1 : number + _LONGEST] if last - first <= _LONGEST]
            done = next((last for last in reversed(near) if text[first:last] in self._names), first)
            if done > first:
                yield _Span(first, done, text[first:done])


def _start_of(span: _Span) -> int:
    return span.start
