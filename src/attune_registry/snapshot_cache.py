"""The snapshot of a commit on disk, so that a restart looks only at what has changed since."""

import contextlib
import os
import time
from io import FileIO

import structlog

from .git.repository import Repository
from .git.shallow import cuts
from .snapshot import Snapshot
from .snapshot_file import Kept, pack, read
from .state_file import replace_file

FILE_NAME = "snapshot"
# What a process that was killed has left half written is taken away after this time.
_ABANDONED_SECONDS = 600
_log = structlog.get_logger()


class SnapshotCache:
    """One file that any worker may replace as a whole. Any failure of it only costs time."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._path = repository.state_folder / FILE_NAME

    def load(self) -> Kept | None:
        """What was kept; None where there is nothing that can be used."""
        try:
            with FileIO(self._path) as file:
                return read(file, os.fstat(file.fileno()).st_size, self._key())
        except FileNotFoundError:
            return None
        except (OSError, ValueError, EOFError, TypeError, AttributeError, LookupError) as error:
            _log.warning("snapshot_unusable", path=str(self._path), error=str(error))
            return None

    def keep(self, snapshot: Snapshot) -> bool:
        """Keep a snapshot that has no edits; False where that cannot be done."""
        if snapshot.edits or not snapshot.head.commit or snapshot.is_passing:
            return False
        try:
            self._clear_away()
            replace_file(self._path, pack(snapshot, self._key()))
        except OSError as error:
            _log.warning("snapshot_not_kept", path=str(self._path), error=str(error))
            return False
        return True

    def _clear_away(self) -> None:
        for left in self._path.parent.glob(f"{FILE_NAME}.*"):
            with contextlib.suppress(OSError):
                if left.stat().st_mtime < time.time() - _ABANDONED_SECONDS:
                    left.unlink()

    def _key(self) -> str:
        """What the file goes with beside its commit: where the history of a shallow clone is cut."""
        return cuts(self._repository)
