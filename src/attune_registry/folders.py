"""Which folders of the working tree may have changed: how a git command's work is noticed without any watcher."""

import contextlib
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import compress
from operator import ne
from pathlib import Path
from typing import NamedTuple

from .git.stamps import STAMP, Stamp, is_racy, stamp_of
from .git.trees import ROOTS
from .shared_looks import SharedLooks

# Stands for a stamp that proves nothing: no folder has it.
_UNPROVEN = (0, 0, 0, 0)


class Known(NamedTuple):
    """Of each folder its stamp, None where it is not there, and the folders in it."""

    stamps: Mapping[str, Stamp]
    below: Mapping[str, list[str]]


class Glance(NamedTuple):
    """What is known of the folders now, and which of them may have changed: new and removed ones among them."""

    known: Known
    changed: list[str]


class Folders:
    """The folders that hold files of the registry.

    git replaces files and never writes into one (entry.c: it unlinks, then creates), so whatever a git command
    changes, the stamp of some folder shows it. An editor may save in place; the watcher sees that.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._shared = SharedLooks()

    def look(self, known: Known) -> Glance:
        """What has changed since this was known; nothing is known before the first look."""
        now = time.time_ns()
        before, below = known
        # Thousands of them, after each command of git's: without a step of Python for any.
        found = self._shared.stamps(self._stamps, list(before), list(before.values()))
        moved = list(compress(before, map(ne, before.values(), found)))
        stamps = dict(zip(before, found, strict=True))
        if not before or any(self._folders_in(folder) != below[folder] for folder in moved):
            return self._walk(known, stamps, now)
        for folder in moved:
            stamps[folder] = _provable(stamps[folder], now)
        return Glance(Known(stamps, below), moved)

    def _walk(self, before: Known, stamps: Mapping[str, Stamp], now: int) -> Glance:
        """What `look` says where folders have come or gone."""
        seen: dict[str, Stamp] = {}
        below: dict[str, list[str]] = {}
        changed = []
        waiting = list(ROOTS)
        while waiting:
            folder = waiting.pop()
            stamp = stamps[folder] if folder in stamps else stamp_of(f"{self._root}/{folder}")
            if before.stamps.get(folder, _UNPROVEN) == stamp:
                seen[folder], below[folder] = stamp, before.below[folder]
            else:
                changed.append(folder)
                seen[folder], below[folder] = _provable(stamp, now), self._folders_in(folder)
            waiting.extend(below[folder])
        changed.extend(before.stamps.keys() - seen.keys())
        return Glance(Known(seen, below), changed)

    def _stamps(self, folders: Sequence[str]) -> list[Stamp]:
        """The stamps that these folders have now."""
        with contextlib.suppress(OSError):
            root = os.open(self._root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                return list(map(STAMP, map(partial(os.stat, dir_fd=root), folders)))
            finally:
                os.close(root)
        # One of them is not there.
        return [stamp_of(f"{self._root}/{folder}") for folder in folders]

    def files_in(self, folder: str) -> list[str]:
        """The paths of what is no folder in a folder."""
        return [f"{folder}/{item.name}" for item in self._items(folder) if not item.is_dir(follow_symlinks=False)]

    def _folders_in(self, folder: str) -> list[str]:
        return [f"{folder}/{item.name}" for item in self._items(folder) if item.is_dir(follow_symlinks=False)]

    def _items(self, folder: str) -> list["os.DirEntry[str]"]:
        path = f"{self._root}/{folder}"
        if os.path.islink(path):
            return []
        try:
            with os.scandir(path) as items:
                return list(items)
        except OSError:
            return []


def is_as_known(root: Path, known: Known, alone: Iterable[str], with_all_below: Iterable[str]) -> bool:
    """True when no git command can have changed files in these folders since their stamps were taken."""
    if not all(_has_stamp(root, folder, known) for folder in alone):
        return False
    waiting = list(with_all_below)
    while waiting:
        folder = waiting.pop()
        if not _has_stamp(root, folder, known):
            return False
        waiting += known.below[folder]
    return True


def _has_stamp(root: Path, folder: str, known: Known) -> bool:
    return known.stamps.get(folder, _UNPROVEN) == stamp_of(f"{root}/{folder}")


def _provable(stamp: Stamp, now: int) -> Stamp:
    """The stamp, unless it is racy: then the next look counts the folder as changed again."""
    return _UNPROVEN if is_racy(stamp, now) else stamp
