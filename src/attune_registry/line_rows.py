"""What a line's commits did to packs and workflows, one row for each, numbered so that any page is found at once."""

from array import array
from bisect import bisect_left
from typing import NamedTuple

from .layout import Place, pack_of, told_place

# A row is one number: the commit's position above, the number of the path among the commit's below.
_BITS = 32
_MASK = (1 << _BITS) - 1


class Row(NamedTuple):
    """A commit, by its position, and the path, or the sign, of the pack or workflow that it touched."""

    position: int
    path: str


class Rows:
    """Rows in order of their commits, of all packs and of each; they are only ever added to."""

    __slots__ = ("everything", "of_pack")

    def __init__(self) -> None:
        self.everything = array("Q")
        self.of_pack: dict[str, array[int]] = {}

    def append(self, position: int, paths: tuple[str, ...]) -> None:
        """Add the rows of a commit; of two files of one ref, it is the first that has the row."""
        seen: set[Place] = set()
        for number, path in enumerate(paths):
            place = told_place(path)
            if place is None or place in seen:
                continue
            seen.add(place)
            row = position << _BITS | number
            self.everything.append(row)
            pack = place.ref if place.kind == "pack" else pack_of(place.ref)
            if pack not in self.of_pack:
                self.of_pack[pack] = array("Q")
            self.of_pack[pack].append(row)

    def count(self, length: int, pack: str | None) -> int:
        """How many rows belong to commits at positions below `length`."""
        return bisect_left(self._of(pack), length << _BITS)

    def get(self, number: int, pack: str | None) -> tuple[int, int]:
        """The row of a number: the commit's position, and the number of the path among the commit's paths."""
        row = self._of(pack)[number]
        return row >> _BITS, row & _MASK

    def _of(self, pack: str | None) -> "array[int]":
        return self.everything if pack is None else self.of_pack.get(pack, array("Q"))
