"""Two calls of Linux that Python's `os` does not offer, with what to do where they are missing."""

import ctypes
import errno
import os
from collections.abc import Sequence

_RENAME_EXCHANGE = 2
_WRITE, _WRITE_AND_WAIT = 2, 1 | 2 | 4  # sync_file_range(2): WRITE; WAIT_BEFORE, WRITE, WAIT_AFTER
_MISSING = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)
_libc = ctypes.CDLL(None, use_errno=True)


def exchange(source_folder: int, source: str, target_folder: int, target: str) -> bool:
    """Swaps two files in one step; False when this system or file system cannot (nothing happened then)."""
    call = getattr(_libc, "renameat2", None)
    if call is None:
        return False
    done = call(source_folder, os.fsencode(source), target_folder, os.fsencode(target), _RENAME_EXCHANGE)
    if done == 0:
        return True
    number = ctypes.get_errno()
    if number in _MISSING:
        return False
    raise OSError(number, os.strerror(number), target)


def write_back(descriptors: Sequence[int]) -> None:
    """Hands the pages of these files to the disk and waits for that, but not for the disk's own cache."""
    call = getattr(_libc, "sync_file_range", None)
    everything = ctypes.c_int64(0)
    for how in (_WRITE, _WRITE_AND_WAIT):
        for descriptor in descriptors:
            if call is not None and call(descriptor, everything, everything, ctypes.c_uint(how)) == 0:
                continue
            number = ctypes.get_errno()
            # What the disk refuses is told once: fsync would not say it again.
            if call is not None and number not in _MISSING:
                raise OSError(number, os.strerror(number))
            os.fsync(descriptor)
