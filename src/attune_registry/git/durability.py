"""What must be on disk before a write is answered: git's core.fsync settings, and one round of it."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from .repository import Repository
from .syscalls import start_writeback

_GROUPS = {
    "loose-object": {"loose-object"},
    "objects": {"loose-object"},
    "committed": {"loose-object", "reference"},
    "added": {"loose-object", "reference", "index"},
    "all": {"loose-object", "reference", "index"},
    "reference": {"reference"},
    "index": {"index"},
}


class Durability(NamedTuple):
    """What is flushed: objects, refs, the index; the rest (journal, working files) goes with the objects."""

    objects: bool
    refs: bool
    indexes: bool
    flush: bool  # False for core.fsyncMethod=writeout-only: handed to the device, not waited for


def durability_of(repository: Repository) -> Durability:
    """git's settings; where they are silent, everything that an answered write rests on is flushed."""
    parts = components(repository.config("core", "fsync"), repository.config("core", "fsyncObjectFiles"))
    flush = repository.config("core", "fsyncMethod").lower() != "writeout-only"
    return Durability("loose-object" in parts, "reference" in parts, "index" in parts, flush)


def components(fsync: str, object_files: str) -> frozenset[str]:
    """The components that core.fsync (comma-separated; `none` clears, `-x` takes away) leaves to be flushed."""
    wanted = {"loose-object", "reference"}
    if not fsync and object_files.lower() in ("false", "no", "off", "0"):
        wanted.discard("loose-object")
    added: set[str] = set()
    removed: set[str] = set()
    for word in (part.strip() for part in fsync.split(",")):
        if word == "none":
            wanted.clear()
        elif word.startswith("-"):
            removed |= _GROUPS.get(word[1:], set())
        else:
            added |= _GROUPS.get(word, set())
    return frozenset((wanted - removed) | added)


def flush_files(paths: Iterable[Path | str], settings: Durability) -> None:
    """Puts these files, and the folders they are in, on disk; writing starts for all before any is waited for."""
    files = list(dict.fromkeys(str(path) for path in paths))
    folders = list(dict.fromkeys(os.path.dirname(path) for path in files))
    with contextlib.ExitStack() as stack:
        opened = [_open(path, stack) for path in files]
        for descriptor in opened:
            start_writeback(descriptor)
        if settings.flush:
            for descriptor in opened:
                os.fsync(descriptor)
            for folder in folders:
                os.fsync(_open(folder, stack))


def flush_folder(folder: Path | str, settings: Durability) -> None:
    """Puts the names in a folder on disk."""
    if settings.flush:
        with contextlib.ExitStack() as stack:
            os.fsync(_open(folder, stack))


def _open(path: Path | str, stack: contextlib.ExitStack) -> int:
    descriptor = os.open(path, os.O_RDONLY)
    stack.callback(os.close, descriptor)
    return descriptor
