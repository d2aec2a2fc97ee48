"""What stands between the items of a list, blank lines and comments that are no item's own, when items go or move."""

import re
from itertools import pairwise
from typing import NamedTuple

_BREAK = r"(?:\r\n|[\n\r\x85\u2028\u2029])"
_FIRST_BREAK = re.compile(rf"[ \t]*{_BREAK}")
_BLANK_START = re.compile(rf"(?:[ \t]*{_BREAK})*")
_BLANK_END = re.compile(rf"(?:{_BREAK}[ \t]*)+\Z")


class Gaps(NamedTuple):
    """What stands before the first of some items, between them and after the last."""

    before: str
    between: list[str]
    after: str


def gaps_left(text: str, places: list[tuple[int, int]], staying: set[int]) -> Gaps:
    """The gaps of the items that stay, when the others of `places`, their starts and ends, are taken out.

    Each gap starts with the line break before it, and ends where a line starts; but the one after the last item is
    without a line break of its own, and the one before the first has only that.
    """
    found = [""]
    gaps = [text[end:start] for (_, end), (start, _) in pairwise(places)]
    for at, gap in enumerate([*gaps, ""]):
        if at in staying:
            found.append(gap)
        else:
            found[-1] = _joined(found[-1], gap)
    before, *between, after = found
    return Gaps(before[_end(_BLANK_START, before) :], between, _BLANK_END.sub("", after))


def _joined(before: str, after: str) -> str:
    """Two gaps without what stood between them, with the blank lines of one of them."""
    if not before or not after:
        return before or after
    first = _end(_FIRST_BREAK, after)
    has_blank_line = _FIRST_BREAK.match(after, first) is not None
    return _BLANK_END.sub("", before) + after if has_blank_line else before + after[first:]


def _end(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.match(text)
    return match.end() if match else 0
