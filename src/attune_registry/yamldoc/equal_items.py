"""The items that two lists have in common, in the order that both have them in."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

# An index in the old list and one in the new.
Pair = tuple[int, int]
Items = Sequence[Hashable]
Way = Callable[[list[str], list[str]], list[Pair]]

# Comparing lists takes time that goes with the square of their length, or worse where items repeat.
_MOST_PAIRS = 40_000
# So many items one after the other are seldom there twice.
_ROW = 8


def equal_pairs(old: list[str], new: list[str]) -> list[Pair]:
    """Pairs of equal items, rising on both sides: as many as there are, or nearly so in long lists."""
    return _equal(old, new, [_once, _once_in_a_row, _by_turns], _MOST_PAIRS)


def _equal(old: list[str], new: list[str], ways: list[Way], most: int) -> list[Pair]:
    """What `ways` finds in long lists holds them together; what lies between is short as a rule, and compared."""
    if len(old) * len(new) <= most:
        return _compared(old, new)
    if not ways:
        return []
    fixed = _rising(ways[0](old, new))
    ends = pairwise([(-1, -1), *fixed, (len(old), len(new))])
    gaps = [
        (was + 1, at + 1, old[was + 1 : old_to], new[at + 1 : new_to])
        for (was, at), (old_to, new_to) in ends
        if was + 1 < old_to and at + 1 < new_to
    ]
    for was, at, old_inside, new_inside in gaps:
        inside = _equal(old_inside, new_inside, ways[1:], most // len(gaps))
        fixed += [(was + one, at + other) for one, other in inside]
    return sorted(fixed)


def _compared(old: list[str], new: list[str]) -> list[Pair]:
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return [(block.a + step, block.b + step) for block in blocks for step in range(block.size)]


def _once(old: Items, new: Items) -> list[Pair]:
    """The items that either list has once, as the new one has them."""
    counts, others = Counter(old), Counter(new)
    places = {said: was for was, said in enumerate(old) if counts[said] == 1}
    return [(places[said], at) for at, said in enumerate(new) if others[said] == 1 and said in places]


def _once_in_a_row(old: list[str], new: list[str]) -> list[Pair]:
    """Those that either list has once with the same items after them."""
    return _once(_rows(old), _rows(new))


def _rows(items: list[str]) -> list[tuple[str, ...]]:
    return [tuple(items[at : at + _ROW]) for at in range(len(items))]


def _by_turns(old: list[str], new: list[str]) -> list[Pair]:
    """The first item of a kind with the first of its like, the second with the second, and so on."""
    places: dict[str, list[int]] = {}
    for was in range(len(old) - 1, -1, -1):
        places.setdefault(old[was], []).append(was)
    return [(places[said].pop(), at) for at, said in enumerate(new) if places.get(said)]


def _rising(pairs: list[Pair]) -> list[Pair]:
    """The most of the pairs, which rise by their second indices, that rise by their first as well."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for at, (was, _) in enumerate(pairs):
        length = bisect_left(ends, was)
        before.append(last[length - 1] if length else -1)
        if length == len(ends):
            ends.append(was)
            last.append(at)
        else:
            ends[length], last[length] = was, at
    found, end = [], last[-1] if last else -1
    while end >= 0:
        found.append(pairs[end])
        end = before[end]
    return found[::-1]
