"""What must be on disk before a write is answered: git's core.fsync settings, and one round of it."""

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from .fsyncs import fsync_all
from .repository import Repository
from .syncfs import sync_all
from .syscalls import write_back

Method = Literal["fsync", "batch", "writeout-only"]

_WITHOUT_OBJECTS = frozenset({"reference"})
_WITH_OBJECTS = _WITHOUT_OBJECTS | {"loose-object"}
_OTHER_METHODS: dict[str, Method] = {"batch": "batch", "writeout-only": "writeout-only"}
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
    """What is flushed: objects (with them journal and working files), refs, indexes; and core.fsyncMethod.

    `by_git` is True where git flushes its own objects, which it does not unless it is told to.
    """

    objects: bool
    refs: bool
    indexes: bool
    by_git: bool
    method: Method


def durability_of(repository: Repository) -> Durability:
    """git's settings; where they are silent, everything that an answered write rests on is flushed."""
    asked = repository.config("core", "fsync")
    # What there was before core.fsync; it counts only without.
    objects = "" if asked else repository.config("core", "fsyncObjectFiles").lower()
    ours = components(asked, _WITHOUT_OBJECTS if objects in ("false", "no", "off", "0") else _WITH_OBJECTS)
    of_git = components(asked, _WITH_OBJECTS if objects in ("true", "yes", "on", "1") else _WITHOUT_OBJECTS)
    method = _OTHER_METHODS.get(repository.config("core", "fsyncMethod").lower(), "fsync")
    return Durability("loose-object" in ours, "reference" in ours, "index" in ours, "loose-object" in of_git, method)


def components(asked: str, otherwise: frozenset[str]) -> frozenset[str]:
    """The components that core.fsync leaves to be flushed: it adds to `otherwise`, or (`-x`) takes away from it.

    Its words are separated by commas; `none` clears what was there.
    """
    wanted = set(otherwise)
    added: set[str] = set()
    removed: set[str] = set()
    for word in (part.strip() for part in asked.split(",")):
        if word == "none":
            wanted.clear()
        elif word.startswith("-"):
            removed |= _GROUPS.get(word[1:], set())
        else:
            added |= _GROUPS.get(word, set())
    return frozenset((wanted - removed) | added)


def flush(
    paths: Iterable[Path | str],
    method: Method,
    *,
    with_all_before: bool = False,
    meanwhile: Callable[[], None] = lambda: None,
) -> None:
    """Puts these files (or the names in these folders) on disk, all at once; also what is not known to be, if asked to.

    The name of a new file comes along with it, as git, too, relies on (ext4, xfs and btrfs keep to it); after a
    rename the folder is to be flushed. What has gone has nothing to keep. `batch` asks for one flush of the disk
    instead of one for each file. `meanwhile` is called while the disk is at it, if it can be, and in any case.
    """
    with _opened(paths) as descriptors:
        if (with_all_before or method == "batch") and sync_all(descriptors):
            meanwhile()
        elif method == "writeout-only":
            write_back(descriptors)
            meanwhile()
        else:
            fsync_all(descriptors, meanwhile)


@contextlib.contextmanager
def _opened(paths: Iterable[Path | str]) -> Iterator[list[int]]:
    """Descriptors of those that are there."""
    descriptors: list[int] = []
    try:
        for path in dict.fromkeys(paths):
            with contextlib.suppress(FileNotFoundError):
                descriptors.append(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
        yield descriptors
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
