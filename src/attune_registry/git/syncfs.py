"""Whole file systems at once: what others have left to the kernel, and several files with one flush of the disk."""

import contextlib
import ctypes
import os
import platform
import re
from collections.abc import Iterable, Sequence
from functools import cache

# f_type in struct statfs (linux/magic.h) of ext2 to ext4 and of xfs. Of others, btrfs would commit all that it has
# where one file would do, and what a file system in user space is told to keep need not be on any disk afterwards.
_KNOWN = frozenset({0xEF53, 0x58465342})
# syncfs(2): older kernels do not tell of what could not be written.
_FIRST_KERNEL = (5, 8)
# What others have written is waited for, too; up to here that takes less time than a second flush of the disk's cache.
_MOST_KILOBYTES = 2_048
_WAITING = re.compile(rb"^(?:Dirty|Writeback): +(\d+) kB", re.MULTILINE)
_STATFS_BYTES = 256
_libc = ctypes.CDLL(None, use_errno=True)


def sync_all(descriptors: Iterable[int]) -> bool:
    """Has all that was written to the file systems of these files on disk, whoever wrote it.

    True when that is so of these files for certain; False where they are to be flushed by themselves as well. Raises
    OSError where something could not be written.
    """
    of_each = _of_each(descriptors)
    if not _is_able():
        os.sync()
        return False
    for descriptor in of_each:
        if _libc.syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    return all(map(_is_known, of_each))


def sync_together(descriptors: Sequence[int]) -> bool:
    """Has these files, and the names of new ones, on disk, where that is quicker this way than one by one.

    False where it is not, or would be a promise too much: nothing was done then. Raises OSError.
    """
    of_each = _of_each(descriptors)
    if len(of_each) == len(descriptors) or not _is_able() or not all(map(_is_known, of_each)):
        return False
    return _waiting_kilobytes() <= _MOST_KILOBYTES and sync_all(of_each)


def _of_each(descriptors: Iterable[int]) -> list[int]:
    """One of each file system."""
    return list({os.fstat(descriptor).st_dev: descriptor for descriptor in descriptors}.values())


@cache
def _is_able() -> bool:
    release = re.match(r"(\d+)\.(\d+)", platform.release())
    is_new = release is not None and (int(release[1]), int(release[2])) >= _FIRST_KERNEL
    return platform.system() == "Linux" and is_new and hasattr(_libc, "syncfs") and hasattr(_libc, "fstatfs")


def _is_known(descriptor: int) -> bool:
    answer = ctypes.create_string_buffer(_STATFS_BYTES)
    word = ctypes.sizeof(ctypes.c_long)
    return _libc.fstatfs(descriptor, answer) == 0 and int.from_bytes(answer.raw[:word], "little") in _KNOWN


def _waiting_kilobytes() -> float:
    """What all files of the system have that is not on disk yet; infinite where nobody says."""
    with contextlib.suppress(OSError), open("/proc/meminfo", "rb", buffering=0) as file:
        found = _WAITING.findall(file.read(2_048))
        if len(found) == 2:
            return sum(map(int, found))
    return float("inf")
