"""Whose the registry's own files in a repository are: the repository's owner's, be it root that makes them."""

import atexit
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

_ROOT = 0


def private_folder(folder: Path) -> None:
    """Make the registry's own folder in a repository, for its owner alone. Raises OSError."""
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        if not folder.is_dir():
            raise
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
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
    """Have what root makes in the registry's own folder given to the repository's owner when this process ends.

    A lock or a journal that a command of root's was the first to need would keep the owner's server from writing.
    """
    if os.geteuid() == _ROOT and folder.parent.stat().st_uid != _ROOT:
        atexit.register(_hand_over, folder)


def _hand_over(folder: Path) -> None:
    # There may be no such folder, and what is in it comes and goes while a server runs.
    with suppress(OSError):
        owner = folder.parent.stat()
        for _, _, names, at in os.fwalk(folder):
            for name in (".", *names):
                with suppress(OSError):
                    _hand_over_one(name, at, owner)


def _hand_over_one(name: str, folder: int, owner: os.stat_result) -> None:
    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    # A file with a second name may be one of root's own, of which the owner has made a name here.
    if found.st_uid == _ROOT and (name == "." or found.st_nlink == 1):
        os.chown(name, owner.st_uid, owner.st_gid, dir_fd=folder, follow_symlinks=False)
