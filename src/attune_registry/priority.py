"""Threads that stand back: what no reader waits for must not take the processor from those who answer."""

import contextlib
import ctypes
import os
import sys
import threading
import time

# A tenth of the share that others have of a busy core; all of it where it is idle. With much more, a thread that holds
# the interpreter would wait too long for a core beside other programs, and who answers would wait for it.
NICENESS = 10

# At work for so long, who stands back lets those have the core who wait for it. A kernel that is built to preempt
# nobody looks but every 4 ms whether somebody else has waited long enough.
_WORK_SECONDS = 0.001
# It lets go of the interpreter, too, as os.sched_yield does not before Python 3.12. To sleep for the shortest while
# there is costs a write 6 % more, and readers wait no less.
_libc = ctypes.CDLL(None)


class _Own(threading.local):
    """Of each thread: when it last breathed; None where it does not stand back."""

    breathed: float | None = None


_own = _Own()


def stand_back() -> None:
    """From now on this thread, and those it starts, run behind the others of the process.

    On Linux alone has a thread a niceness of its own (setpriority(2), "C library/kernel differences"); elsewhere
    nothing changes. With SCHED_BATCH (sched(7)) it takes the core from nobody when it has waited for the disk.
    """
    if sys.platform == "linux":
        # A system may forbid it, and nothing rests on it.
        with contextlib.suppress(OSError):
            own = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, own, os.getpriority(os.PRIO_PROCESS, own) + NICENESS)
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        _own.breathed = time.monotonic()


def breathe() -> None:
    """Between two steps of what takes long: lets others have the core, if this thread stands back and has had it."""
    if _own.breathed is not None and time.monotonic() - _own.breathed > _WORK_SECONDS:
        _libc.sched_yield()
        _own.breathed = time.monotonic()
