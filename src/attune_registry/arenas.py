"""Memory as the C library keeps it: one arena for all threads of a server, and what is free in it goes back.

glibc gives each thread an arena of its own, which keeps the most that thread ever needed. A worker has a dozen threads:
after a quarter of an hour 113 of the 183 MB that it had for itself were in such arenas, most of it unused. Threads that
take turns at the interpreter hardly ever allocate at the same time.
"""

import ctypes

_ARENA_MAX = -8  # M_ARENA_MAX of glibc's malloc.h
_libc = ctypes.CDLL(None)


def share_one_arena() -> None:
    """To be called before there are threads; without effect where the C library is not glibc (mallopt(3))."""
    mallopt = getattr(_libc, "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, 1)


def give_back() -> None:
    """Returns whole pages that are free to the system (malloc_trim(3)); takes milliseconds."""
    trim = getattr(_libc, "malloc_trim", None)
    if trim is not None:
        trim(0)
