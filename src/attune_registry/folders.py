"""Which folders of the working tree may have changed: how a git command's work is noticed without any watcher."""

import os
import time
from pathlib import Path

from .git.head import Stamp, is_racy, stamp_of
from .git.trees import ROOTS


class Folders:
    """The folders that hold files of the registry, with their stamps.

    git replaces files and never writes into one (entry.c: it unlinks, then creates), so whatever a git command
    changes, the stamp of some folder shows it. An editor may save in place; the watcher sees that.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, tuple[Stamp, list[str]]] = {}

    def look(self) -> list[str]:
        """The folders that may have changed since the last look, new and removed ones among them."""
        now = time.time_ns()
        seen: dict[str, tuple[Stamp, list[str]]] = {}
        changed = []
        waiting = list(ROOTS)
        while waiting:
            folder = waiting.pop()
            stamp = stamp_of(f"{self._root}/{folder}")
            known = self._known.get(folder)
            if known is None or known[0] != stamp or stamp is None:
                changed.append(folder)
                # A racy stamp is not kept, so that the next look counts the folder as changed again.
                known = (None if is_racy(stamp, now) else stamp, self._folders_in(folder))
            seen[folder] = known
            waiting.extend(known[1])
        changed.extend(self._known.keys() - seen.keys())
        self._known = seen
        return changed

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
