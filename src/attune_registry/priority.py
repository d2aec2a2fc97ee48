"""Threads that stand back: what no reader waits for must not take the processor from those who answer."""

import contextlib
import os
import sys
import threading

# A third of the share that others have of a busy core; all of it where it is idle. With more, a thread that holds the
# interpreter would wait too long for a core beside other programs, and who answers would wait for it.
NICENESS = 5


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
