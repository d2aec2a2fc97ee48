"""Sets of small numbers as integers: the number n is in the set when bit n is set."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import compress, count

# Below this many ones, finding them one by one is quicker than writing all digits out.
_SPARSE = 24
_TO_FLAGS = bytes.maketrans(b"01", b"\0\1")
_TO_DIGITS = bytes.maketrans(b"\0\1", b"01")


def ones(bits: int) -> Iterator[int]:
    """The numbers in the set, from the lowest."""
    if bits.bit_count() < _SPARSE:
        return _lowest_first(bits)
    lowest = (bits & -bits).bit_length() - 1
    return compress(count(lowest), selectors(bits >> lowest))


def selectors(bits: int) -> bytes:
    """A byte for each number up to the highest one, 1 where it is in the set."""
    return bin(bits)[:1:-1].encode().translate(_TO_FLAGS)


def of_flags(flags: Sequence[bool] | bytes) -> int:
    """The set of the numbers whose flag is true, the first flag being that of 0."""
    return int(bytes(flags).translate(_TO_DIGITS)[::-1] or b"0", 2)


def put(sets: dict[str, int], name: str, at: int, is_in: bool) -> None:
    """Put a number into the set of a name, or take it out; a set of nothing has no name."""
    without = sets.get(name, 0) & ~(1 << at)
    sets[name] = without | is_in << at
    if not sets[name]:
        del sets[name]


def opened(bits: int, at: int) -> int:
    """The set with all numbers from `at` on moved up by one, so that there is room for a new one."""
    low = bits & ((1 << at) - 1)
    return low | (bits ^ low) << 1


def closed(bits: int, at: int) -> int:
    """The set without `at`, and all numbers above it moved down by one."""
    low = bits & ((1 << at) - 1)
    return low | bits >> (at + 1) << at


def all_opened(sets: Mapping[str, int], at: int) -> dict[str, int]:
    """These sets, each opened; without a call for each."""
    below = (1 << at) - 1
    return {name: (low := bits & below) | (bits ^ low) << 1 for name, bits in sets.items()}


def all_closed(sets: Mapping[str, int], at: int) -> dict[str, int]:
    """These sets, each closed, but for those of nothing then."""
    below, above = (1 << at) - 1, at + 1
    return {name: left for name, bits in sets.items() if (left := bits & below | bits >> above << at)}


def _lowest_first(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
