"""Files of the working tree, replaced without losing a byte that a person wrote, and put back the same way.

New content is written beside (in .git, or next to the file when that is another file system) and then swapped
with the file in one step; what comes out of the swap is compared with what was expected, and swapped back when a
person has saved in that very moment.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

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
    return repository.config("core", "fileMode").lower() != "false"


class WorkTree:
    """The working tree of one repository."""

    def __init__(self, repository: Repository, root: Path) -> None:
        self._root = root
        self._side_folder = repository.state_folder / "incoming"

    def look(self, path: str) -> Seen:
        """The file at a path. Raises Conflict (PATH_IN_THE_WAY) for a link, or anything else that is no file."""
        with self._folder(path, make=False) as (folder, name):
            return Seen(None, None) if folder is None else look(folder, name, path)

    def stat(self, path: str) -> os.stat_result | None:
        """The file's stat data, for the index."""
        try:
            return os.lstat(self._root / path)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def prepare(self, file: Replacement, content: bytes, mode: int | None) -> Path:
        """Writes the new content beside the file; what is returned is to be flushed before `swap`.

        `mode` is git's, which says whether it is executable (None: as it was); the rest is that of the old file.
        """
        with self._both(file, make=True) as (folder, name, side, side_name):
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
        with self._both(file, make=file.gets is not None) as (folder, name, side, side_name):
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
        with self._both(file, make=file.had is not None) as (folder, name, side, side_name):
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
        with self._both(file, make=True) as (folder, name, side, side_name):
            if folder is None or look(folder, name, file.path).id not in (file.gets, None):
                return False
            bring_back(side, side_name, folder, name)
        self.finish(file)
        return True

    def beside(self, file: Replacement) -> Seen:
        """What is beside the file, put there by `prepare` or taken out by `swap`."""
        with self._both(file, make=False) as (folder, _, side, side_name):
            return Seen(None, None) if folder is None else look(side, side_name, file.path)

    def finish(self, file: Replacement) -> None:
        """Removes what is beside, and folders that a deletion has left empty."""
        with self._both(file, make=False) as (folder, _, side, side_name):
            if folder is not None:
                forget(side, side_name)
                forget(side, side_name + ".part")
        if self.stat(file.path) is None:
            self._prune(file.path)

    def folder_of(self, file: Replacement) -> Path:
        """The folder of the file, or the nearest above it when that is gone."""
        folder = (self._root / file.path).parent
        while not folder.is_dir():
            folder = folder.parent
        return folder

    @contextlib.contextmanager
    def _both(self, file: Replacement, *, make: bool) -> Iterator[tuple[int | None, str, int, str]]:
        """The open folder of the file and its name there; the folder and name of what is beside it."""
        with self._folder(file.path, make=make) as (folder, name):
            side = self._open_side_folder()
            try:
                if folder is None or os.fstat(side).st_dev == os.fstat(folder).st_dev:
                    yield folder, name, side, str(file.number)
                else:
                    yield folder, name, folder, f".{name}{_SIDE_SUFFIX}"
            finally:
                os.close(side)

    def _open_side_folder(self) -> int:
        try:
            return os.open(self._side_folder, FOLDER)
        except FileNotFoundError:
            self._side_folder.mkdir(exist_ok=True)
            return os.open(self._side_folder, FOLDER)

    @contextlib.contextmanager
    def _folder(self, path: str, *, make: bool) -> Iterator[tuple[int | None, str]]:
        """The open folder of a path (None: there is none) and the name in it."""
        *steps, name = path.split("/")
        opened = [os.open(self._root, FOLDER)]
        try:
            for step in steps:
                below = open_below(opened[-1], step, path, make=make)
                if below is None:
                    break
                opened.append(below)
            yield (opened[-1] if len(opened) > len(steps) else None), name
        finally:
            for descriptor in opened:
                os.close(descriptor)

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
