"""Where the words of a template stand: Jinja2's syntax trees know only their lines."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from typing import Literal

from jinja2 import Environment

Kind = Literal["name", "filter", "test", "attribute", "keyword", "own"]

# A word that Jinja2 has come across, and the line it says, counted from 1.
Word = tuple[Kind, str, int]

# What a word is that stands behind one of these.
_BEHIND: dict[str, Kind] = {"|": "filter", "filter": "filter", "is": "test", "is not": "test", ".": "attribute"}
_BEHIND |= dict.fromkeys(("macro", "block", "endblock", "import"), "own")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


def offsets(words: Iterable[Word], text: str, environment: Environment) -> list[int]:
    """Where words stand in the text of a template that parses, in the order in which they are come across."""
    known = _Words(text, environment)
    return [known.where(name, line, kind) for kind, name, line in words]


class _Words:
    """The words of a template that parses; texts and comments in it have none."""

    def __init__(self, text: str, environment: Environment) -> None:
        self._lines = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]
        self._places: dict[tuple[Kind, str], list[int]] = {}
        self._given: Counter[tuple[Kind, str, int]] = Counter()
        self._size = len(text) + 1
        self._read(text, environment)

    def where(self, name: str, lineno: int, kind: Kind) -> int:
        """Where a word stands that is in this line, counted from 1: the first such place not given out before."""
        line = min(lineno, len(self._lines)) - 1
        start = self._lines[line]
        places = self._places.get((kind, name), ())
        first = bisect_left(places, start)
        given = self._given[kind, name, line]
        self._given[kind, name, line] += 1
        end = self._lines[line + 1] if line + 1 < len(self._lines) else self._size
        for index in (first + given, first):
            if index < len(places) and (places[index] < end or index == first):
                return places[index]
        return start

    def _read(self, text: str, environment: Environment) -> None:
        at = depth = 0
        before = ""
        last: tuple[Kind, str] | None = None
        for _, sort, said in environment.lex(text):
            found = text.find(said, at)
            if found < 0 or sort == "whitespace":
                continue
            at = found + len(said)
            if sort == "operator":
                depth += (said in _OPENING) - (said in _CLOSING)
                if said == "=" and depth and last and last[0] == "name":
                    self._places.setdefault(("keyword", last[1]), []).append(self._places[last].pop())
            last = None
            if sort == "name":
                last = _BEHIND.get(before, "name"), said
                self._places.setdefault(last, []).append(found)
            before = f"{before} {said}" if (before, said) == ("is", "not") else said
