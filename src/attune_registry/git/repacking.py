"""The packs of landings stay few: small ones become one, as `git gc` would do it."""

import contextlib
import fcntl
import os
from collections.abc import Iterator

import structlog

from ..errors import Unavailable
from .durability import durability_of, flush
from .faults import faults
from .keeping import add_packs, known_packs, packs_folder
from .packs import Entry, Pack, draft, entries_in
from .repository import Repository

# So many packs of one order of size are merged, sooner or later (git itself is content with 50, gc.autoPackLimit), and
# packs of so many objects are left to `git gc`.
_FEW = 16
_MANY = 32
_LARGE = 1 << 16
# What is merged is in memory meanwhile; an index of more than 2 GB would be of another kind, too.
_MOST_BYTES = 64 << 20
_log = structlog.get_logger(__name__)


def merge_small(repository: Repository, *, is_pressed: bool = False) -> None:
    """Makes one pack of many small ones where they have become many; writers go on meanwhile.

    Where it `is_pressed`, because others wait for who calls, they may become more first. Never raises for a disk that
    is full or a pack that is gone: the packs are good as they are.
    """
    most = _MANY if is_pressed else _FEW
    try:
        with faults("merging packs"):
            if _too_many(known_packs(repository), most):
                with _alone(repository) as is_alone:
                    while is_alone and (many := _too_many(known_packs(repository), most)):
                        _merge(repository, many)
    except Unavailable as error:
        _log.warning("packs_left_alone", reason=error.message)


def _merge(repository: Repository, packs: list[Pack]) -> None:
    """Puts one pack in the place of these, or leaves them to `git gc`."""
    merged = _merged(repository, packs)
    gone = [pack for pack in packs if merged is None or pack.stem != merged.stem]
    add_packs(repository, [*([merged] if merged else []), *(pack._replace(size=0) for pack in gone)])
    if merged is not None:
        for pack in gone:
            pack.remove()


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
        if pack.size < _LARGE:
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
