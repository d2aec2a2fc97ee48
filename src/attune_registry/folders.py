"""Which folders of the working tree may have changed: how a git command's work is noticed without any watcher."""

import os
import time
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from .git.stamps import STAMP, Stamp, is_racy, stamp_of
from .git.trees import ROOTS

# Of each folder its stamp, None where that proves nothing, and the folders in it.
Known = Mapping[str, tuple[Stamp, list[str]]]
# Stands for the stamp of a folder that is not there.
_ABSENT = (0, 0, 0, 0)


class Folders:
    """The folders that hold files of the registry, with their stamps.

    git replaces files and never writes into one (entry.c: it unlinks, then creates), so whatever a git command
    changes, the stamp of some folder shows it. An editor may save in place; the watcher sees that.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.known: Known = {}

    def look(self) -> list[str]:
        """The folders that may have changed since the last look, new and removed ones among them."""
        now = time.time_ns()
        stamps = self._stamps()
        if stamps and stamps.keys() == self.known.keys():
            moved = [folder for folder, (stamp, _) in self.known.items() if stamp != stamps[folder]]
            seen = {folder: (_provable(stamps[folder], now), self._folders_in(folder)) for folder in moved}
            if all(below == self.known[folder][1] for folder, (_, below) in seen.items()):
                self.known = {**self.known, **seen}
                return moved
        return self._walk(stamps, now)

    def _walk(self, stamps: Mapping[str, Stamp], now: int) -> list[str]:
        """What `look` says where folders have come or gone."""
        seen: dict[str, tuple[Stamp, list[str]]] = {}
        changed = []
        waiting = list(ROOTS)
        while waiting:
            folder = waiting.pop()
            stamp = stamps[folder] if folder in stamps else _stamp(self._root, folder)
            known = self.known.get(folder)
            if known is None or known[0] != stamp:
                changed.append(folder)
                known = (_provable(stamp, now), self._folders_in(folder))
            seen[folder] = known
            waiting.extend(known[1])
        changed.extend(self.known.keys() - seen.keys())
        self.known = seen
        return changed

    def _stamps(self) -> dict[str, Stamp]:
        """The stamps that the folders known have now; none where one of them is gone."""
        absent = [folder for folder, (stamp, _) in self.known.items() if stamp is _ABSENT]
        there = [folder for folder in self.known if folder not in absent]
        try:
            root = os.open(self._root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            return {}
        try:
            # Thousands of them, after each command of git's: without a step of Python for any.
            found = map(STAMP, map(partial(os.stat, dir_fd=root), there))
            return dict(zip(there, found, strict=True)) | {folder: _stamp(self._root, folder) for folder in absent}
        except OSError:
            return {}
        finally:
            os.close(root)

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
        waiting += known[folder][1]
    return True


def _has_stamp(root: Path, folder: str, known: Known) -> bool:
    stamp, _ = known.get(folder, (None, []))
    return stamp is not None and stamp == _stamp(root, folder)


def _stamp(root: Path, folder: str) -> Stamp:
    return stamp_of(f"{root}/{folder}") or _ABSENT


def _provable(stamp: Stamp, now: int) -> Stamp:
    """None for a racy stamp, so that the next look counts the folder as changed again."""
    return None if is_racy(stamp, now) else stamp
