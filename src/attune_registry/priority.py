"""Threads that stand back: what no reader waits for must not take the processor from those who answer."""

import contextlib
import ctypes
import os
import sys
import threading
import time

# A third of the share that others have of a busy core; all of it where it is idle. With more, a thread that holds the
# interpreter would wait too long for a core beside other programs, and who answers would wait for it.
NICENESS = 5

# At work for so long, who stands back lets go of the core for the shortest while there is. A kernel that is built to
# preempt nobody looks but every 4 ms whether somebody else has waited long enough.
_WORK_SECONDS = 0.001
_BREATH_SECONDS = 0.00001
_PR_SET_TIMERSLACK, _NANOSECOND = 29, 1


class _Own(threading.local):
    """Of each thread: when it last breathed; None where it does not stand back."""

    breathed: float | None = None


_own = _Own()


def stand_back() -> None:
    """From now on this thread, and those it starts, run behind the others of the process.

    On Linux alone has a thread a niceness of its own (setpriority(2), "C library/kernel differences"); elsewhere
    nothing changes.
    """
    if sys.platform == "linux":
        # A system may forbid it, and nothing rests on it.
        with contextlib.suppress(OSError):
            own = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, own, os.getpriority(os.PRIO_PROCESS, own) + NICENESS)
        # Else what is to be 10 microseconds takes 60.
        ctypes.CDLL(None).prctl(_PR_SET_TIMERSLACK, _NANOSECOND, 0, 0, 0)
        _own.breathed = time.monotonic()


def breathe() -> None:
    """Between two steps of what takes long: lets others have the core, if this thread stands back and has had it."""
    if _own.breathed is not None and time.monotonic() - _own.breathed > _WORK_SECONDS:
        time.sleep(_BREATH_SECONDS)
        _own.breathed = time.monotonic()
