"""Files of the working tree, replaced without losing a byte that a person wrote, and put back the same way.

New content is written beside (in .git, or next to the file when that is another file system) and then swapped
with the file in one step; what comes out of the swap is compared with what was expected, and swapped back when a
person has saved in that very moment.
"""

import os
from functools import lru_cache
from pathlib import Path

from ..git.replaced import put_away
from ..git.repository import Repository
from .swap import (
    FOLDER,
    Replacement,
    Seen,
    bring_back,
    create,
    edited,
    forget,
    look,
    open_below,
    replace,
    take_out,
    write,
)

_SIDE_SUFFIX = ".attune-registry"


def has_modes(repository: Repository) -> bool:
    """True where git looks at whether a file is executable."""
    return repository.switch("core", "fileMode", default=True)


def sweep_aside(repository: Repository) -> None:
    """Removes what landings that are through had beside: after a loss of power it may be there again.

    The caller holds the WriteLock, and there is no journal: what somebody could miss is in its place again.
    """
    for path in _side_folder(repository).glob("*"):
        path.unlink(missing_ok=True)


class WorkTree:
    """The working tree of one repository. Folders stay open from one use to the next, until `close`."""

    def __init__(self, repository: Repository, root: Path) -> None:
        self._repository = repository
        self._root = root
        self._side_folder = _side_folder(repository)
        self._opened: dict[str, int] = {}
        self._side: int | None = None

    def close(self) -> None:
        """Lets go of the folders; the next use opens them anew."""
        for descriptor in self._opened.values():
            os.close(descriptor)
        self._opened.clear()
        if self._side is not None:
            os.close(self._side)
            self._side = None

    def look(self, path: str) -> Seen:
        """The file at a path. Raises Conflict (PATH_IN_THE_WAY) for a link, or anything else that is no file."""
        folder, name = self._folder(path, make=False)
        return Seen(None, None) if folder is None else look(folder, name, path)

    def stat(self, path: str) -> os.stat_result | None:
        """The file's stat data, for the index."""
        try:
            return os.lstat(f"{self._root}/{path}")
        except (FileNotFoundError, NotADirectoryError):
            return None

    def is_repository(self, folder: str) -> bool:
        """True for a folder that has a '.git' in it."""
        return self.stat(f"{folder}/.git") is not None

    def prepare(self, file: Replacement, content: bytes, mode: int | None) -> Path:
        """Writes the new content beside the file; what is returned is to be flushed before `swap`.

        `mode` is git's, which says whether it is executable (None: as it was); the rest is that of the old file.
        """
        folder, name, side, side_name = self._both(file, make=True)
        old = look(folder, name, file.path).stat if folder is not None else None
        part = side_name + ".part"
        forget(side, part)
        forget(side, side_name)
        write(side, part, content, old, mode)
        os.rename(part, side_name, src_dir_fd=side, dst_dir_fd=side)
        if side_name == str(file.number):
            return self._side_folder / side_name
        return (self._root / file.path).with_name(side_name)

    def swap(self, file: Replacement) -> None:
        """Puts the prepared content in place. Raises Conflict, and changes nothing, when it is not what it was."""
        folder, name, side, side_name = self._both(file, make=file.gets is not None)
        if folder is None:
            raise edited(file.path, "was moved or deleted")
        if file.had is None:
            create(side, side_name, folder, name, file.path)
        elif file.gets is None:
            take_out(side, side_name, folder, name, file)
        else:
            replace(side, side_name, folder, name, file)

    def undo(self, file: Replacement) -> None:
        """Brings back what `swap` took out, unless the file is no longer what `swap` put there."""
        folder, name, side, side_name = self._both(file, make=file.had is not None)
        if folder is None:
            return
        now = look(folder, name, file.path).id
        if now == file.gets and file.had is None:
            os.unlink(name, dir_fd=folder)
        elif now == file.gets and look(side, side_name, file.path).id == file.had:
            bring_back(side, side_name, folder, name)
        self.finish(file)

    def give_back(self, file: Replacement) -> bool:
        """Puts what is beside, whatever it is, in the file's place; False when that is no longer `swap`'s."""
        folder, name, side, side_name = self._both(file, make=True)
        if folder is None or look(folder, name, file.path).id not in (file.gets, None):
            return False
        bring_back(side, side_name, folder, name)
        self.finish(file)
        return True

    def beside(self, file: Replacement) -> Seen:
        """What is beside the file, put there by `prepare` or taken out by `swap`."""
        folder, _, side, side_name = self._both(file, make=False)
        return Seen(None, None) if folder is None else look(side, side_name, file.path)

    def finish(self, file: Replacement) -> None:
        """Removes what is beside, and folders that a deletion has left empty."""
        folder, _, side, side_name = self._both(file, make=False)
        if folder is not None:
            put_away(self._repository, side_name, side)
            forget(side, side_name + ".part")
        if self.stat(file.path) is None:
            self._prune(file.path)

    def folder_of(self, file: Replacement) -> str:
        """The folder of the file, or the nearest above it when that is gone."""
        folder = os.path.dirname(f"{self._root}/{file.path}")
        while not os.path.isdir(folder):
            folder = os.path.dirname(folder)
        return folder

    def _both(self, file: Replacement, *, make: bool) -> tuple[int | None, str, int, str]:
        """The open folder of the file and its name there; the folder and name of what is beside it."""
        folder, name = self._folder(file.path, make=make)
        if self._side is None:
            self._side = self._open_side_folder()
        if folder is None or os.fstat(self._side).st_dev == os.fstat(folder).st_dev:
            return folder, name, self._side, str(file.number)
        return folder, name, folder, f".{name}{_SIDE_SUFFIX}"

    def _open_side_folder(self) -> int:
        try:
            return os.open(self._side_folder, FOLDER)
        except FileNotFoundError:
            self._side_folder.mkdir(exist_ok=True)
            return os.open(self._side_folder, FOLDER)

    def _folder(self, path: str, *, make: bool) -> tuple[int | None, str]:
        """The open folder of a path (None: there is none) and the name in it."""
        folder, _, name = path.rpartition("/")
        return self._open(folder, path, make=make), name

    def _open(self, folder: str, path: str, *, make: bool) -> int | None:
        known = self._opened.get(folder)
        if known is not None and os.fstat(known).st_nlink:
            return known
        if not folder:
            found: int | None = os.open(self._root, FOLDER)
        else:
            above, _, step = folder.rpartition("/")
            outer = self._open(above, path, make=make)
            found = None if outer is None else open_below(outer, step, path, make=make)
        if known is not None:
            os.close(self._opened.pop(folder))
        if found is not None:
            self._opened[folder] = found
        return found

    def _prune(self, path: str) -> None:
        """Removes folders that are empty now; packs/ and its like stay."""
        folder = os.path.dirname(path)
        while "/" in folder:
            try:
                os.rmdir(self._root / folder)
            except FileNotFoundError:
                pass
            except OSError:
                return
            folder = os.path.dirname(folder)


@lru_cache
def _side_folder(repository: Repository) -> Path:
    return repository.state_folder / "incoming"
