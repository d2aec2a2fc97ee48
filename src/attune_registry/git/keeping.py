"""Which packs writes have made, and that nobody takes them away while they are new."""

import contextlib
from functools import lru_cache
from pathlib import Path

from .locks import has_content, take
from .packs import DRAFT_PREFIX, Pack
from .repository import Repository
from .smallfile import append, read_small

_MARK = b"attune-registry is about to point a branch at what is in this pack\n"
# Some hundred lines: from then on those that have become part of others are left out.
_MOST_LISTED_BYTES = 16_000


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
    """Remembers packs that have landed; the caller holds the WriteLock."""
    path = _list_of(repository)
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > _MOST_LISTED_BYTES:
            fresh = path.with_name(path.name + ".new")
            fresh.write_text(_lines(known_packs(repository)))
            fresh.rename(path)
    add_packs(repository, packs)


def add_packs(repository: Repository, packs: list[Pack]) -> None:
    """Remembers packs, or forgets those of no objects. One that gets lost here is merged by nobody but `git gc`."""
    append(_list_of(repository), _lines(packs).encode())


def known_packs(repository: Repository) -> list[Pack]:
    """The packs that landings made, and those merged of them, which may be gone (`git gc`).

    One of which the size is negative has been replaced at that time (milliseconds of the epoch).
    """
    try:
        lines = read_small(_list_of(repository)).decode("ascii", "replace").split("\n")
    except FileNotFoundError:
        return []
    pairs = (line.split(" ") for line in lines if line.count(" ") == 1)
    sizes = {name: int(size) for name, size in pairs if size.removeprefix("-").isdigit()}
    return [Pack(packs_folder(repository) / name, size) for name, size in sizes.items() if size]


def _lines(packs: list[Pack]) -> str:
    return "".join(f"{pack.stem.name} {pack.size}\n" for pack in packs)


def _list_of(repository: Repository) -> Path:
    return repository.state_folder / "packs"
