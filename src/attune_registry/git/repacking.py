"""The packs of landings stay few: small ones become one, as `git gc` would do it."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator

import structlog

from ..errors import Unavailable
from ..priority import breathe
from .durability import durability_of, flush
from .faults import faults
from .keeping import add_packs, known_packs, packs_folder
from .multi_pack import named_packs
from .packs import Entry, Pack, draft, entries_in
from .repository import Repository

# So many packs of one order of size are merged, sooner or later, and packs of so many objects are left to `git gc`. git
# tidies up by itself where there are 50 (gc.autoPackLimit), and counts those, too, that have been replaced.
_FEW = 16
_MANY = 24
_LARGE = 1 << 16
# What is merged is in memory meanwhile; an index of more than 2 GB would be of another kind, too.
_MOST_BYTES = 64 << 20
# Whoever has read the names of the packs before there was one for all looks into the small ones, and libgit2 reads the
# names once more and no further: gone in between, what is asked for would seem to be nowhere.
_GRACE_SECONDS = 0.5
_log = structlog.get_logger(__name__)


def merge_small(repository: Repository, *, is_pressed: bool = False) -> bool:
    """Makes one pack of many small ones where they have become many; writers go on meanwhile.

    Where it `is_pressed`, because others wait for who calls, they may become more first. True when packs that have been
    replaced are left for a later call to remove. Never raises for a disk that is full or a pack that is gone: the packs
    are good as they are.
    """
    breathe()
    try:
        with faults("merging packs"):
            return _tidy(repository, _MANY if is_pressed else _FEW)
    except Unavailable as error:
        _log.warning("packs_left_alone", reason=error.message)
        return False


def _tidy(repository: Repository, most: int) -> bool:
    known = known_packs(repository)
    if _old(known) or _too_many(known, most):
        with _alone(repository) as is_alone:
            while is_alone:
                known = known_packs(repository)
                if old := _old(known):
                    _remove(repository, old)
                elif many := _too_many(known, most):
                    _replace(repository, many)
                else:
                    break
    return any(pack.size < 0 for pack in known)


def _replace(repository: Repository, packs: list[Pack]) -> None:
    """Puts one pack beside these, in their place, or leaves them to `git gc`."""
    named = named_packs(packs_folder(repository))
    free = [pack for pack in packs if pack.stem.name not in named]
    merged = _merged(repository, free) if free else None
    since = -int(time.time() * 1000) if merged else 0
    gone = [
        pack._replace(size=since if pack in free else 0) for pack in packs if not merged or pack.stem != merged.stem
    ]
    add_packs(repository, [*([merged] if merged else []), *gone])


def _remove(repository: Repository, packs: list[Pack]) -> None:
    named = named_packs(packs_folder(repository))
    for pack in packs:
        if pack.stem.name not in named:
            pack.remove()
    add_packs(repository, [pack._replace(size=0) for pack in packs])


def _old(packs: list[Pack]) -> list[Pack]:
    """Those that have been replaced for some time."""
    until = (time.time() - _GRACE_SECONDS) * 1000
    return [pack for pack in packs if pack.size < 0 and -pack.size <= until]


def _merged(repository: Repository, packs: list[Pack]) -> Pack | None:
    """One pack of what is in these; None where they are left to `git gc`: too much, or it has been here already."""
    try:
        if sum(pack.paths[0].stat().st_size for pack in packs) > _MOST_BYTES:
            return None
        entries: list[Entry] = [entry for pack in packs for entry in entries_in(pack)]
    except (OSError, ValueError) as error:
        _log.info("packs_left_alone", reason=str(error))
        return None
    folder, durability = packs_folder(repository), durability_of(repository)
    made = draft(folder, entries)
    if durability.objects:
        flush(made.files, durability.method)
    made.put_in_place()
    if durability.objects:
        # The small ones may go only when this one cannot get lost.
        flush([folder], durability.method)
    return made.pack


def _too_many(packs: list[Pack], most: int) -> list[Pack]:
    """The packs of the smallest order of size (powers of 16) that has too many of them."""
    orders: dict[int, list[Pack]] = {}
    for pack in packs:
        if 0 < pack.size < _LARGE:
            orders.setdefault((pack.size.bit_length() - 1) // 4, []).append(pack)
    return next((orders[order] for order in sorted(orders) if len(orders[order]) >= most), [])


@contextlib.contextmanager
def _alone(repository: Repository) -> Iterator[bool]:
    """False where another worker is at it."""
    descriptor = os.open(repository.state_folder / "packs.turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(descriptor)
