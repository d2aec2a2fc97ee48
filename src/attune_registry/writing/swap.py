"""One file and the one beside it, by open folders: looked at, swapped, brought back; no link is followed."""

import contextlib
import errno
import os
import secrets
import stat as stats
from typing import NamedTuple

from ..edits import Edit
from ..errors import Conflict
from ..git.ids import blob_id
from ..git.smallfile import read_open
from ..git.syscalls import exchange

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_NUMBER_BITS = 64
_BLOCKED = (errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENXIO)


class Replacement(NamedTuple):
    """A file to be written: `had` and `gets` are the ids its bytes have as a blob (None: no file).

    `number` names what is kept beside it, and was drawn for that: after a loss of power, what earlier landings had
    beside may be there again, and must not be taken for an edit that this one has taken out.
    """

    number: int
    path: str
    had: str | None
    gets: str | None


def draw_number() -> int:
    """A number that no other landing has."""
    return secrets.randbits(_NUMBER_BITS)


class Seen(NamedTuple):
    """A file as it was found: its bytes and stat, both None when there is none."""

    content: bytes | None
    stat: os.stat_result | None

    @property
    def id(self) -> str | None:
        """The id its bytes have as a blob."""
        return None if self.content is None else blob_id(self.content)


def edited(path: str, how: str = "has edits that are not committed", first: str = "") -> Conflict:
    """The answer to a write of a file that a person is at work on; `first` is a command that git wants before."""
    before = f"run '{first}' first, then " if first else ""
    return Conflict(
        f"'{path}' {how} in the registry's working tree; {before}commit them, or undo them with "
        f"'git restore --staged --worktree {path}' (a new file: move it away), then try again.",
        code="UNCOMMITTED_EDITS",
        details=[{"path": path}],
    )


def unreadable(path: str) -> Conflict:
    """The answer to a write of a file of which nobody can tell whether a person is at work on it."""
    return Conflict(
        f"'{path}' in the registry's working tree is no file that can be read; give the registry's user the right to "
        f"read it ('chmod u+r {path}'), or bring it back with 'git restore --staged --worktree {path}', then try "
        "again.",
        code="UNCOMMITTED_EDITS",
        details=[{"path": path}],
    )


def at_work_on(path: str, edit: Edit | None) -> Conflict:
    """The answer to a write of a file that differs from the commit's, as far as anybody can tell."""
    return unreadable(path) if edit is not None and edit.is_unreadable else edited(path)


def staged_in_the_way(path: str, obstacle: str) -> Conflict:
    """The answer to a write of a file that cannot be committed together with what a person has staged."""
    return Conflict(
        f"'{path}' cannot be written while '{obstacle}' is staged: git cannot have both in one commit; take it out of "
        f"the index with 'git restore --staged {obstacle}', then try again.",
        code="UNCOMMITTED_EDITS",
        details=[{"path": obstacle}],
    )


def in_the_way(
    path: str, what: str, why: str = "is a link or not what it should be, and links are never followed"
) -> Conflict:
    """The answer where something that is no plain file or folder stands at a path."""
    return Conflict(
        f"'{path}' cannot be written: {what} in the working tree {why}; move it away and try again.",
        code="PATH_IN_THE_WAY",
        details=[{"path": path}],
    )


def open_below(folder: int, step: str, path: str, *, make: bool) -> int | None:
    """The folder below an open one; None when there is none and none is to be made."""
    for _ in range(2):
        try:
            return os.open(step, FOLDER, dir_fd=folder)
        except FileNotFoundError:
            if not make:
                return None
            with contextlib.suppress(FileExistsError):
                os.mkdir(step, dir_fd=folder)
        except OSError as error:
            if error.errno in _BLOCKED:
                raise in_the_way(path, f"'{step}'") from error
            raise
    return os.open(step, FOLDER, dir_fd=folder)


def look(folder: int, name: str, path: str) -> Seen:
    """The file in an open folder. Raises Conflict for a link, a folder, a pipe."""
    try:
        descriptor = os.open(name, _READ, dir_fd=folder)
    except FileNotFoundError:
        return Seen(None, None)
    except PermissionError as error:
        raise unreadable(path) from error
    except OSError as error:
        if error.errno in _BLOCKED:
            raise in_the_way(path, f"'{name}'") from error
        raise
    try:
        found = os.fstat(descriptor)
        if not stats.S_ISREG(found.st_mode):
            raise in_the_way(path, f"'{name}'")
        return Seen(read_open(descriptor), found)
    finally:
        os.close(descriptor)


def write(side: int, name: str, content: bytes, old: os.stat_result | None, mode: int | None) -> None:
    """A new file with the mode (and, as far as we may, the owner) of the one that it replaces.

    `mode` is git's and decides whether it is executable; None leaves that as it was.
    """
    with open(os.open(name, _WRITE, 0o666, dir_fd=side), "wb", buffering=0) as file:
        view = memoryview(content)
        while view:
            view = view[file.write(view) :]
        now = os.fstat(file.fileno())
        if old is not None and (now.st_uid, now.st_gid) != (old.st_uid, old.st_gid):
            with contextlib.suppress(PermissionError):
                os.fchown(file.fileno(), old.st_uid, old.st_gid)
        wanted = stats.S_IMODE((old or now).st_mode)
        if mode is not None:
            wanted = _with_executable(wanted, is_wanted=bool(mode & 0o100))
        if wanted != stats.S_IMODE(now.st_mode):
            os.fchmod(file.fileno(), wanted)


def _with_executable(mode: int, *, is_wanted: bool) -> int:
    """As git's checkout does it: for all who may read, or for nobody; a file that is right already stays."""
    if bool(mode & 0o100) == is_wanted:
        return mode
    return mode | (mode & 0o444) >> 2 if is_wanted else mode & ~0o111


def create(side: int, side_name: str, folder: int, name: str, path: str) -> None:
    """Moves what is beside to where nothing is yet. Raises Conflict when something is."""
    try:
        os.link(side_name, name, src_dir_fd=side, dst_dir_fd=folder, follow_symlinks=False)
    except FileExistsError as error:
        raise edited(path, "is there already, not committed,") from error
    forget(side, side_name)


def take_out(side: int, side_name: str, folder: int, name: str, file: Replacement) -> None:
    """Moves the file aside. Raises Conflict, with the file back, when it is not what it was."""
    forget(side, side_name)
    try:
        os.rename(name, side_name, src_dir_fd=folder, dst_dir_fd=side)
    except FileNotFoundError as error:
        raise edited(file.path, "was moved or deleted") from error
    if look(side, side_name, file.path).id != file.had:
        bring_back(side, side_name, folder, name)
        raise edited(file.path)


def replace(side: int, side_name: str, folder: int, name: str, file: Replacement) -> None:
    """Swaps the file with what is beside. Raises Conflict, swapped back, when it is not what it was."""
    if look(folder, name, file.path).id != file.had:
        raise edited(file.path)
    try:
        _swap(side, side_name, folder, name)
    except FileNotFoundError as error:
        raise edited(file.path, "was moved or deleted") from error
    if look(side, side_name, file.path).id != file.had:
        _swap(side, side_name, folder, name)
        raise edited(file.path)


def bring_back(side: int, side_name: str, folder: int, name: str) -> None:
    """Puts what is beside in its place again; what is there comes beside."""
    try:
        os.link(side_name, name, src_dir_fd=side, dst_dir_fd=folder, follow_symlinks=False)
        forget(side, side_name)
    except FileExistsError:
        _swap(side, side_name, folder, name)


def _swap(side: int, side_name: str, folder: int, name: str) -> None:
    """Both at once where the file system can; else the old file gets a second name before it is replaced."""
    if exchange(side, side_name, folder, name):
        return
    second = side_name + ".old"
    forget(side, second)
    os.link(name, second, src_dir_fd=folder, dst_dir_fd=side, follow_symlinks=False)
    os.rename(side_name, name, src_dir_fd=side, dst_dir_fd=folder)
    os.rename(second, side_name, src_dir_fd=side, dst_dir_fd=side)


def forget(folder: int, name: str) -> None:
    """Removes a file that may not be there."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
