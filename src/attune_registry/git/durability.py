"""What must be on disk before a write is answered: git's core.fsync settings, and one round of it."""

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from .fsyncs import fsyncing
from .repository import Repository
from .syscalls import write_back

Method = Literal["fsync", "batch", "writeout-only"]

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
    """What is flushed: objects (with them journal and working files), refs, indexes; and core.fsyncMethod."""

    objects: bool
    refs: bool
    indexes: bool
    method: Method


def durability_of(repository: Repository) -> Durability:
    """git's settings; where they are silent, everything that an answered write rests on is flushed."""
    parts = components(repository.config("core", "fsync"), repository.config("core", "fsyncObjectFiles"))
    asked = repository.config("core", "fsyncMethod").lower()
    method: Method = "batch" if asked == "batch" else "writeout-only" if asked == "writeout-only" else "fsync"
    return Durability("loose-object" in parts, "reference" in parts, "index" in parts, method)


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


def flush(paths: Iterable[Path | str], method: Method) -> None:
    """Puts these files (or the names in these folders) on disk, all at once.

    The name of a new file comes along with it, as git, too, relies on (ext4, xfs and btrfs keep to it); after a
    rename the folder is to be flushed. `batch` flushes only the last one, after the others were written out.
    """
    with flushing(paths, method):
        pass


@contextlib.contextmanager
def flushing(paths: Iterable[Path | str], method: Method) -> Iterator[None]:
    """As `flush`, beside what is done within: all is on disk at the end. What has gone has nothing to keep."""
    with contextlib.ExitStack() as stack:
        opened: list[int] = []
        for path in dict.fromkeys(paths):
            with contextlib.suppress(FileNotFoundError):
                opened.append(_open(path, stack))
        for descriptor in opened:
            if method != "fsync":
                write_back(descriptor)
        if method != "fsync":
            opened = opened[-1:] if method == "batch" else []
        with fsyncing(opened):
            yield


def _open(path: Path | str, stack: contextlib.ExitStack) -> int:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    stack.callback(os.close, descriptor)
    return descriptor
