"""Whose the registry's own files in a repository are: the repository's owner's, be it root that makes them."""

import atexit
import os
import re
import stat
from contextlib import suppress
from functools import cache
from pathlib import Path

_ROOT = 0
# What the registry makes in its own folder, and in which folders there: a name that is new in the code comes in here,
# too. What else is there somebody has put there, and it may be root's for a reason.
_MADE: dict[str, re.Pattern[str]] = {
    "": re.compile(
        r"write\.(lock|turn)|index-lock-mark(\.new)?|index-next(\.lock)?|(stage|index-trail)(-.+)?|landed|journal"
        r"|ref-value|keep-mark|packs(\.new|\.turn)?|foresight|(snapshot|line)(\.[a-z0-9_]{8})?"
        r"|checked\.json(\.[0-9]+)?|records\.sqlite(-wal|-shm|-journal)?|tokens\.(json(\.new)?|lock)",
        re.DOTALL,
    ),
    "incoming": re.compile(r"[0-9]+(\.part)?"),
    "replaced": re.compile(r"[0-9]+-[0-9]+"),
    "saved": re.compile(r".+\.[0-9]+", re.DOTALL),
}
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# What is no file, like a pipe, must not keep the process from ending.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def private_folder(folder: Path) -> None:
    """Make the registry's own folder in a repository, for its owner alone. Raises OSError."""
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        if not folder.is_dir():
            raise
        return
    descriptor = os.open(folder, _FOLDER)
    try:
        give(descriptor, to_owner_of=folder.parent)
    finally:
        os.close(descriptor)


def give(descriptor: int, *, to_owner_of: Path) -> None:
    """What root makes in a repository of somebody else's is theirs; only root may, and only root has to."""
    if os.geteuid() != _ROOT:
        return
    owner = to_owner_of.stat()
    # In a container root may be nobody in particular.
    with suppress(PermissionError):
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


@cache
def hand_over_at_exit(folder: Path) -> None:
    """Have what the registry makes as root in its own folder given to the repository's owner when this process ends.

    A lock or a journal that a command of root's was the first to need would keep the owner's server from writing.
    """
    if os.geteuid() == _ROOT and folder.parent.stat().st_uid != _ROOT:
        atexit.register(_hand_over, folder)


def _hand_over(folder: Path) -> None:
    # There may be no such folder, and what is in it comes and goes while a server runs.
    with suppress(OSError):
        owner = folder.parent.stat()
        for inner, made in _MADE.items():
            with suppress(OSError):
                _hand_over_folder(folder / inner, made, owner)


def _hand_over_folder(folder: Path, made: re.Pattern[str], owner: os.stat_result) -> None:
    at = os.open(folder, _FOLDER)
    try:
        if os.fstat(at).st_uid == _ROOT:
            os.fchown(at, owner.st_uid, owner.st_gid)
        for name in filter(made.fullmatch, os.listdir(at)):
            with suppress(OSError):
                _hand_over_file(name, at, owner)
    finally:
        os.close(at)


def _hand_over_file(name: str, folder: int, owner: os.stat_result) -> None:
    # Closing a file lets go of the locks that SQLite has on it: only what is to be given away is opened.
    if not _is_roots(os.stat(name, dir_fd=folder, follow_symlinks=False)):
        return
    descriptor = os.open(name, _FILE, dir_fd=folder)
    try:
        # By now the name may be another file's.
        if _is_roots(os.fstat(descriptor)):
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
    finally:
        os.close(descriptor)


def _is_roots(found: os.stat_result) -> bool:
    """True for a file of root's; one with a second name may be of elsewhere, and the owner has made a name here."""
    return stat.S_ISREG(found.st_mode) and found.st_uid == _ROOT and found.st_nlink == 1
