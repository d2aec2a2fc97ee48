"""Lock files as git takes them, each made with its content in one step so that a dead owner's can be told."""

import contextlib
import errno
import os
import time
from pathlib import Path

from .smallfile import read_start

# The content by which an index.lock that a dead process left is known as ours; a person's is never removed.
INDEX_MARK = b"held by attune-registry while it writes; it removes this file itself when it starts again\n"
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EXDEV, errno.EMLINK, errno.ENOSYS)
_FIRST_WAIT = 0.001
_LONGEST_WAIT = 0.05


def take(lock: Path, content: Path, seconds: float) -> bool:
    """Makes `lock` as a second name of the file `content`; False when it stays taken for so many seconds.

    A link appears whole or not at all: whoever finds the lock after a crash finds its content too, which a
    file made empty and then written would not promise.
    """
    deadline = time.monotonic() + seconds
    wait = _FIRST_WAIT
    while not _try(lock, content):
        if time.monotonic() + wait > deadline:
            return False
        time.sleep(wait)
        wait = min(wait * 2, _LONGEST_WAIT)
    return True


def has_content(lock: Path, content: bytes) -> bool:
    """True when the lock is there and holds exactly this."""
    try:
        return read_start(lock) == content
    except OSError:
        return False


def _try(lock: Path, content: Path) -> bool:
    try:
        os.link(content, lock)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _try_without_links(lock, content)
    return True


def _try_without_links(lock: Path, content: Path) -> bool:
    try:
        descriptor = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o644)
    except FileExistsError:
        return False
    try:
        os.write(descriptor, content.read_bytes())
    except OSError:
        with contextlib.suppress(OSError):
            lock.unlink()
        raise
    finally:
        os.close(descriptor)
    return True
