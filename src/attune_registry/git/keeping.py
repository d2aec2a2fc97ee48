"""Which packs writes have made, and that nobody takes them away while they are new."""

import contextlib
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from ..ownership import private_folder
from .locks import has_content, take
from .packs import DRAFT_PREFIX, Pack
from .repository import Repository
from .smallfile import append, read_small

_MARK = b"attune-registry is about to point a branch at what is in this pack\n"
# Some hundred lines: from then on those that have become part of others are left out.
_MOST_LISTED_BYTES = 16_000
# By its path, what was read of a list last, and the packs that come of it.
_last_read: dict[Path, tuple[bytes, Mapping[str, Pack]]] = {}


@lru_cache
def packs_folder(repository: Repository) -> Path:
    """Where git looks for packs."""
    return repository.common_dir / "objects" / "pack"


def keep_pack(repository: Repository, pack: Pack) -> None:
    """Tells a `git repack` that runs just now to leave the pack alone, though nothing leads to what is in it yet."""
    mark = repository.state_folder / "keep-mark"
    if not has_content(mark, _MARK):
        private_folder(mark.parent)
        mark.unlink(missing_ok=True)
        with mark.open("wb") as file:
            file.write(_MARK)
            file.flush()
            os.fsync(file.fileno())  # after a loss of power, `sweep` knows the marks by their content
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
    path = _list_of(repository)
    try:
        said = read_small(path)
    except FileNotFoundError:
        return []
    read = _last_read.get(path)
    # Each landing adds a line: those before have been read.
    before, packs = read if read is not None and said.startswith(read[0]) else (b"", {})
    if said != before:
        packs = _with_lines(packs, said[len(before) :], packs_folder(repository))
        # A line that is not whole yet is read once more when it is.
        if said.endswith(b"\n"):
            _last_read[path] = said, packs
    return list(packs.values())


def _with_lines(packs: Mapping[str, Pack], said: bytes, folder: Path) -> dict[str, Pack]:
    """What packs there are when these lines have been read, too; by their names."""
    together = dict(packs)
    for line in said.decode("ascii", "replace").split("\n"):
        name, _, size = line.partition(" ")
        if not size.removeprefix("-").isdigit():
            continue
        if int(size):
            together[name] = Pack(folder / name, int(size))
        else:
            together.pop(name, None)
    return together


def _lines(packs: list[Pack]) -> str:
    return "".join(f"{pack.stem.name} {pack.size}\n" for pack in packs)


@lru_cache
def _list_of(repository: Repository) -> Path:
    return repository.state_folder / "packs"
