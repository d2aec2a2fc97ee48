"""What tells a file from its replacement, looked at without letting go of the interpreter.

Each request asks for the stamps of three files, and shortly after a commit for more of them. Python's own `os.stat`
hands the interpreter over each time: beside a thread that is busy, a stamp took 31 us instead of 10; where nobody else
is, it costs the same.
"""

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Callable
from operator import attrgetter

from .smallfile import PathLike, Room

# Kernels before 6.13 stamp files with a clock that ticks every 4 ms (10 on some): two changes within a tick
# can leave the same stamp, so a stamp this young is looked at again (git's racy-git.txt tells the story).
RACY_NS = 20_000_000

# Times of modification and change in nanoseconds, inode and size; None where there is no file.
Stamp = tuple[int, int, int, int] | None
# The same of what the system says of a file.
STAMP: Callable[[os.stat_result], tuple[int, int, int, int]] = attrgetter(
    "st_mtime_ns", "st_ctime_ns", "st_ino", "st_size"
)

# Unlike CDLL, it calls without letting go of the interpreter (docs.python.org, ctypes).
_libc = ctypes.PyDLL(None)
# glibc has had it as a function since 2.33; its struct has what is wanted at these places on these machines: inode,
# size, then seconds and nanoseconds of mtime and ctime (bits/struct_stat.h).
_IS_KNOWN = platform.machine() in ("x86_64", "aarch64") and sys.maxsize > 1 << 32
_stat = getattr(_libc, "stat", None) if sys.platform == "linux" and _IS_KNOWN else None
_STAT = struct.Struct("=8xQ32xQ32xqqqq")
_SECOND = 1_000_000_000
# The struct has 144 bytes on the one, 128 on the other.
_room = Room(256)


def is_racy(stamp: Stamp, now_ns: int) -> bool:
    """True when a change right after this stamp was taken might not show in the next one."""
    return stamp is not None and max(stamp[0], stamp[1]) > now_ns - RACY_NS


def stamp_of(path: PathLike | bytes) -> Stamp:
    """What tells a file from its replacement; None when there is none."""
    if _stat is None:
        return _stamp_by_python(path)
    room = _room.bytes
    if _stat(path if path.__class__ is bytes else os.fsencode(path), ctypes.byref(room)) != 0:
        return None
    inode, size, mtime, mtime_ns, ctime, ctime_ns = _STAT.unpack_from(room)
    return mtime * _SECOND + mtime_ns, ctime * _SECOND + ctime_ns, inode, size


def _stamp_by_python(path: PathLike | bytes) -> Stamp:
    try:
        return STAMP(os.stat(path))
    except OSError:
        return None
