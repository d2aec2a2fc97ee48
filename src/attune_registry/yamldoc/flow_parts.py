"""What stands between the commas of a list or mapping in brackets or braces."""

import re
from typing import NamedTuple

from attune_registry.yamldoc.lines import is_first_in_line, is_rest_free

_COMMA = re.compile(r"\s*,")


class Part(NamedTuple):
    """An item between commas."""

    start: int
    end: int


def comma_end(text: str, at: int) -> int | None:
    """The end of the comma that follows `at`, None where none does."""
    comma = _COMMA.match(text, at)
    return comma.end() if comma else None


def is_on_lines(text: str, first: Part, last: Part) -> bool:
    """True when nothing else but comments stands in the lines from one item to the other."""
    return is_first_in_line(text, first.start) and is_rest_free(text, comma_end(text, last.end) or last.end)
