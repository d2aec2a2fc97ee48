"""Whole file systems at once: what others have left to the kernel."""

import ctypes
import os
import platform
import re
from collections.abc import Iterable
from functools import cache

# f_type in struct statfs (linux/magic.h) of ext2 to ext4, xfs and btrfs. Of others it is not known: what a file system
# in user space is told to keep need not be on any disk afterwards.
_KNOWN = frozenset({0xEF53, 0x58465342, 0x9123683E})
# syncfs(2): older kernels do not tell of what could not be written.
_FIRST_KERNEL = (5, 8)
_STATFS_BYTES = 256
_libc = ctypes.CDLL(None, use_errno=True)


def sync_all(descriptors: Iterable[int]) -> bool:
    """Has all that was written to the file systems of these files on disk, whoever wrote it.

    True when that is so of these files for certain; False where they are to be flushed by themselves as well. Raises
    OSError where something could not be written.
    """
    if not _is_able():
        os.sync()
        return False
    of_each = {os.fstat(descriptor).st_dev: descriptor for descriptor in descriptors}.values()
    for descriptor in of_each:
        if _libc.syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    return all(map(_is_known, of_each))


@cache
def _is_able() -> bool:
    release = re.match(r"(\d+)\.(\d+)", platform.release())
    is_new = release is not None and (int(release[1]), int(release[2])) >= _FIRST_KERNEL
    return platform.system() == "Linux" and is_new and hasattr(_libc, "syncfs") and hasattr(_libc, "fstatfs")


def _is_known(descriptor: int) -> bool:
    answer = ctypes.create_string_buffer(_STATFS_BYTES)
    word = ctypes.sizeof(ctypes.c_long)
    return _libc.fstatfs(descriptor, answer) == 0 and int.from_bytes(answer.raw[:word], "little") in _KNOWN
