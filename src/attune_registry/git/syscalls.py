"""Two calls of Linux that Python's `os` does not offer, with what to do where they are missing."""

import ctypes
import errno
import os

_RENAME_EXCHANGE = 2
_START = 2  # SYNC_FILE_RANGE_WRITE
_START_AND_WAIT = 1 | 2 | 4
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


def start_writeback(descriptor: int) -> None:
    """Starts writing a file's pages without waiting; only a hint, so a refusal does not matter."""
    _sync_file_range(descriptor, _START)


def write_back(descriptor: int) -> None:
    """Hands a file's pages to the disk and waits for that, but not for the disk's own cache."""
    if _sync_file_range(descriptor, _START_AND_WAIT) != 0:
        os.fsync(descriptor)


def _sync_file_range(descriptor: int, flags: int) -> int:
    call = getattr(_libc, "sync_file_range", None)
    if call is None:
        return -1
    return int(call(descriptor, ctypes.c_int64(0), ctypes.c_int64(0), ctypes.c_uint(flags)))
