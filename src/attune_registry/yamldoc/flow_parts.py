"""What stands between the commas of a list or mapping in brackets or braces."""

import re
from collections.abc import Callable
from typing import NamedTuple

from attune_registry.yamldoc.lines import is_first_in_line, is_rest_free
from attune_registry.yamldoc.matching import Match

_COMMA = re.compile(r"\s*,")


class Part(NamedTuple):
    """An item between commas."""

    start: int
    end: int


class Entries(NamedTuple):
    """The parts behind the bracket at `start`, and which of them each new entry is.

    `patch` changes a part, given its number, into the new entry of the other number; `said` is a new one.
    """

    start: int
    parts: list[Part]
    match: Match
    patch: Callable[[int, int], None]
    said: Callable[[int], str]


def comma_end(text: str, at: int) -> int | None:
    """The end of the comma that follows `at`, None where none does."""
    comma = _COMMA.match(text, at)
    return comma.end() if comma else None


def is_on_lines(text: str, first: Part, last: Part) -> bool:
    """True when nothing else but comments stands in the lines from one item to the other."""
    return is_first_in_line(text, first.start) and is_rest_free(text, comma_end(text, last.end) or last.end)
