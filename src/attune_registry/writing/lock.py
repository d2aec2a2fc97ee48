"""Who may write: one process at a time (write.lock), and no git command at the same time (index.lock)."""

import contextlib
import fcntl
import os
import time
from pathlib import Path
from types import TracebackType

from ..errors import Unavailable
from ..git.faults import faults
from ..git.locks import has_content, take
from ..git.repository import Repository

WRITE_SECONDS = 10.0
INDEX_SECONDS = 3.0
_POLL = 0.002
# The content by which a lock that a dead process left is known as ours; a person's is never removed.
MARK = b"held by attune-registry while it writes; it removes this file itself when it starts again\n"


class WriteLock:
    """The lock that all writers of all workers share; the system releases it when its holder dies.

    Raises Unavailable (WRITE_LOCKED) after `seconds` of waiting.
    """

    def __init__(self, repository: Repository, seconds: float = WRITE_SECONDS) -> None:
        self._path = repository.state_folder / "write.lock"
        self._seconds = seconds
        self._descriptor = -1

    def __enter__(self) -> "WriteLock":
        with faults("taking the write lock"):
            self._path.parent.mkdir(exist_ok=True)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        if not self._wait():
            os.close(self._descriptor)
            raise Unavailable(
                f"Another process has been writing for more than {self._seconds:g} s; try again.",
                code="WRITE_LOCKED",
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)

    def _wait(self) -> bool:
        deadline = time.monotonic() + self._seconds
        while True:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    return False
                time.sleep(_POLL)
            else:
                return True


class IndexLock:
    """git's own lock of the index: while it is there, no git command changes the index or what is checked out."""

    def __init__(self, repository: Repository) -> None:
        self.path = repository.git_dir / "index.lock"
        self._mark = repository.state_folder / "index-lock-mark"

    def take(self, seconds: float = INDEX_SECONDS) -> None:
        """Takes it, waiting for a running git command. Raises Unavailable (INDEX_LOCKED)."""
        self.release()  # the caller holds the WriteLock: ours is a dead one
        if not has_content(self._mark, MARK):
            self._write_mark()
        if not take(self.path, self._mark, seconds):
            raise Unavailable(
                "A git command is running in the registry's clone; try again when it is done. If none is "
                f"running, remove '{self.path}', which a git command that died has left.",
                code="INDEX_LOCKED",
                retry_after=2,
            )

    def release(self) -> None:
        """Gives it back; a lock that is not ours stays."""
        if has_content(self.path, MARK):
            self.path.unlink(missing_ok=True)

    def _write_mark(self) -> None:
        fresh = Path(f"{self._mark}.new")
        with contextlib.suppress(FileNotFoundError):
            fresh.unlink()
        with fresh.open("wb") as file:
            file.write(MARK)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self._mark)
