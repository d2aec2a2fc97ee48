"""Which packs and workflows a set of changed files comes to, and what becomes of each."""

from collections.abc import Iterable
from typing import NamedTuple

from .history import Deed
from .layout import Place, place_of


class FileDeed(NamedTuple):
    """A file that changes: whether there was one before, and whether there is one after."""

    path: str
    had: bool
    has: bool


def deeds(files: Iterable[FileDeed], *, created: Deed = "created") -> dict[Place, Deed]:
    """What becomes of each pack and workflow, in order; `created` is the word for those that were not there."""
    sides: dict[Place, FileDeed] = {}
    for path, had, has in files:
        place = place_of(path)
        if place is not None:
            seen = sides.get(place, FileDeed(path, had=False, has=False))
            sides[place] = FileDeed(path, had or seen.had, has or seen.has)
    return {place: _deed(sides[place], created) for place in sorted(sides)}


def _deed(side: FileDeed, created: Deed) -> Deed:
    if not side.had:
        return created
    return "updated" if side.has else "deleted"
