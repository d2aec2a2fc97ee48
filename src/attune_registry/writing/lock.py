"""Who may write: one process at a time (write.lock), and no git command at the same time (index.lock)."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from functools import lru_cache
from itertools import repeat
from pathlib import Path
from types import TracebackType

from ..errors import Unavailable
from ..git.faults import faults
from ..git.locks import INDEX_MARK, has_content, take
from ..git.repository import Repository
from ..ownership import private_folder

WRITE_SECONDS = 10.0
INDEX_SECONDS = 3.0
_POLL = 0.001
_TURN, _LOCK = "write.turn", "write.lock"
_LOCK_FILE = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC


class WriteLock:
    """The lock that all writers of all workers share; the system releases it when its holder dies.

    Fair: who waits next holds the turn, so that a busy worker cannot take the lock again before it. Raises
    Unavailable (WRITE_LOCKED) after `seconds` of waiting. `meanwhile` is asked for a piece of work while somebody else
    is writing, and says each time whether there was any.
    """

    def __init__(
        self,
        repository: Repository,
        seconds: float = WRITE_SECONDS,
        meanwhile: Iterator[bool] | None = None,
    ) -> None:
        self._repository = repository
        self._seconds = seconds
        self._meanwhile = meanwhile or repeat(False)
        self._descriptor = -1

    def __enter__(self) -> "WriteLock":
        deadline = time.monotonic() + self._seconds
        turn = self._lock(_TURN, deadline)
        try:
            self._descriptor = self._lock(_LOCK, deadline)
        finally:
            os.close(turn)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)

    def _lock(self, name: str, deadline: float) -> int:
        with faults("taking the write lock"):
            descriptor = _open(self._repository, name)
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return descriptor
            except BlockingIOError:
                if time.monotonic() > deadline:
                    os.close(descriptor)
                    break
                if not next(self._meanwhile):
                    time.sleep(_POLL)
        raise Unavailable(
            f"Another process has been writing for more than {self._seconds:g} s; try again.", code="WRITE_LOCKED"
        )


def lock_files(repository: Repository) -> list[Path]:
    """The files that a writer has to be able to open; they are made when they are missing."""
    return [repository.state_folder / name for name in (_TURN, _LOCK)]


def _open(repository: Repository, name: str) -> int:
    path = f"{repository.state_folder}/{name}"
    try:
        return os.open(path, _LOCK_FILE, 0o644)
    except FileNotFoundError:
        private_folder(repository.state_folder)
        return os.open(path, _LOCK_FILE, 0o644)


@lru_cache
def _paths(repository: Repository) -> tuple[Path, Path]:
    return repository.git_dir / "index.lock", repository.state_folder / "index-lock-mark"


class IndexLock:
    """git's own lock of the index: while it is there, no git command changes the index or what is checked out."""

    def __init__(self, repository: Repository) -> None:
        self.path, self._mark = _paths(repository)

    def take(self, seconds: float = INDEX_SECONDS) -> None:
        """Takes it, waiting for a running git command. Raises Unavailable (INDEX_LOCKED)."""
        if not has_content(self._mark, INDEX_MARK):
            self._write_mark()
        if take(self.path, self._mark, 0):
            return
        self.release()  # the caller holds the WriteLock: ours is a dead one
        if not take(self.path, self._mark, seconds):
            raise Unavailable(
                "A git command is running in the registry's clone; try again when it is done. If none is "
                f"running, remove '{self.path}', which a git command that died has left.",
                code="INDEX_LOCKED",
                retry_after=2,
            )

    def release(self) -> None:
        """Gives it back; a lock that is not ours stays."""
        if has_content(self.path, INDEX_MARK):
            self.path.unlink(missing_ok=True)

    def _write_mark(self) -> None:
        fresh = Path(f"{self._mark}.new")
        with contextlib.suppress(FileNotFoundError):
            fresh.unlink()
        with fresh.open("wb") as file:
            file.write(INDEX_MARK)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self._mark)
