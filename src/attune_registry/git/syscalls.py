"""Two calls of Linux that Python's `os` does not offer, with what to do where they are missing."""

import ctypes
import errno
import os

_RENAME_EXCHANGE = 2
_SYNC_FILE_RANGE_WRITE = 2
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
    call = getattr(_libc, "sync_file_range", None)
    if call is not None:
        call(descriptor, ctypes.c_int64(0), ctypes.c_int64(0), ctypes.c_uint(_SYNC_FILE_RANGE_WRITE))
