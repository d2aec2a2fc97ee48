"""Which packs writes have made, and that they stay few: small ones become one, as `git gc` would do it."""

import os
from functools import lru_cache
from pathlib import Path

import structlog

from ..errors import Unavailable
from .durability import durability_of, flush
from .faults import faults
from .locks import has_content, take
from .packs import DRAFT_PREFIX, Entry, Pack, draft, entries_in
from .repository import Repository
from .smallfile import append, read_small

# So many packs of one order of size are merged, sooner or later (git itself is content with 50, gc.autoPackLimit), and
# packs of so many objects are left to `git gc`.
_FEW = 16
_MANY = 32
_LARGE = 1 << 16
# What is merged is in memory meanwhile, and writers wait; an index of more than 2 GB would be of another kind, too.
_MOST_BYTES = 64 << 20
_MARK = b"attune-registry is about to point a branch at what is in this pack\n"
_log = structlog.get_logger(__name__)


@lru_cache
def packs_folder(repository: Repository) -> Path:
    """Where git looks for packs."""
    return repository.common_dir / "objects" / "pack"


def keep_pack(repository: Repository, pack: Pack) -> None:
    """Tells a `git repack` that runs just now to leave the pack alone, though nothing leads to what is in it yet."""
    mark = repository.state_folder / "keep-mark"
    if not has_content(mark, _MARK):
        mark.parent.mkdir(exist_ok=True)
        mark.unlink(missing_ok=True)
        mark.write_bytes(_MARK)
    take(pack.keep, mark, 0)


def sweep(repository: Repository) -> None:
    """Removes what a process that died has left: half a pack, and the marks of whole ones, which are git's then.

    The caller holds the WriteLock.
    """
    for path in packs_folder(repository).glob("*.keep"):
        if has_content(path, _MARK):
            path.unlink(missing_ok=True)
    for path in packs_folder(repository).glob(f"{DRAFT_PREFIX}*"):
        path.unlink(missing_ok=True)


def note_packs(repository: Repository, packs: list[Pack]) -> None:
    """Remembers packs that have landed. One that gets lost here is merged by nobody but `git gc`."""
    lines = "".join(f"{pack.stem.name} {pack.size}\n" for pack in packs)
    append(_list_of(repository), lines.encode())


def merge_small(repository: Repository, *, is_pressed: bool = False) -> None:
    """Makes one pack of many small ones where they have become many; the caller holds the WriteLock.

    Where it `is_pressed`, because others wait for that lock, they may become more first. Never raises for a disk that
    is full or a pack that is gone: the packs are good as they are.
    """
    try:
        with faults("merging packs"):
            _merge_small(repository, _MANY if is_pressed else _FEW)
    except Unavailable as error:
        _log.warning("packs_left_alone", reason=error.message)


def _merge_small(repository: Repository, most: int) -> None:
    known = _known(repository)
    while many := _too_many(known, most):
        folder = packs_folder(repository)
        packs = [Pack(folder / name, size) for name, size in many.items()]
        merged = _merged(repository, packs)
        known = {name: size for name, size in known.items() if name not in many}
        if merged is not None:
            known[merged.stem.name] = merged.size
        _remember(repository, known)
        if merged is None:
            return
        for pack in packs:
            if pack.stem != merged.stem:
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


def _too_many(packs: dict[str, int], most: int) -> dict[str, int]:
    """The packs of the smallest order of size (powers of 16) that has too many of them."""
    orders: dict[int, dict[str, int]] = {}
    for name, size in packs.items():
        if size < _LARGE:
            orders.setdefault((size.bit_length() - 1) // 4, {})[name] = size
    return next((orders[order] for order in sorted(orders) if len(orders[order]) >= most), {})


def _known(repository: Repository) -> dict[str, int]:
    """The names of the packs that landings made, and how many objects are in each."""
    try:
        lines = read_small(_list_of(repository)).decode("ascii", "replace").split("\n")
    except FileNotFoundError:
        return {}
    pairs = (line.split(" ") for line in lines if line.count(" ") == 1)
    return {name: int(size) for name, size in pairs if size.isdigit()}


def _remember(repository: Repository, packs: dict[str, int]) -> None:
    path = _list_of(repository)
    fresh = path.with_name(path.name + ".new")
    fresh.write_text("".join(f"{name} {size}\n" for name, size in packs.items()))
    os.replace(fresh, path)


def _list_of(repository: Repository) -> Path:
    return repository.state_folder / "packs"
