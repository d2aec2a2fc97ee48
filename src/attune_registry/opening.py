"""The first snapshot of a process: what an earlier one has kept, brought up to date; everything anew where it must."""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from . import aside
from .edits import Edit
from .errors import Unavailable
from .git.head import Head
from .git.repository import Repository
from .indexer import Indexer, moved_paths
from .layout import setting_of
from .line import Followed, Line, follow
from .line_cache import LineCache
from .snapshot import Snapshot
from .snapshot_cache import SnapshotCache
from .workbench import Progress

# With fewer workflows, or fewer paths changed since, making them again costs less than keeping them.
_WORTH_KEEPING = 500


class _Beginning(NamedTuple):
    """An earlier snapshot, and the way from its line to the one served."""

    snapshot: Snapshot
    followed: Followed


class Opening:
    """Makes the first snapshot of a repository."""

    def __init__(self, repository: Repository, indexer: Indexer, progress: Progress | None = None) -> None:
        self._repository = repository
        self._indexer = indexer
        self._progress = progress
        self._kept = SnapshotCache(repository)

    def snapshot(self, head: Head, edits: Callable[[], Mapping[str, Edit]]) -> Snapshot:
        """The snapshot of a commit and of the edits over it, which may still be looked for elsewhere."""
        with _uncollected():
            return self._snapshot(head, edits)

    def _snapshot(self, head: Head, edits: Callable[[], Mapping[str, Edit]]) -> Snapshot:
        lines = LineCache(self._repository)
        line, known = follow(self._repository, lines.load(), head.commit)
        lines.keep(line, known)
        beginning = self._beginning(line) if head.commit else None
        if beginning is None:
            return self._from_nothing(head, edits(), line)
        found = self._indexer.advance(beginning.snapshot, head, {}, beginning.followed, self._progress)
        if len(moved_paths(beginning.snapshot.line, *beginning.followed)) >= _WORTH_KEEPING:
            self._kept.keep(found)
        return self._edited(found, edits())

    def _from_nothing(self, head: Head, edits: Mapping[str, Edit], line: Line) -> Snapshot:
        if head.commit is None or any(map(setting_of, edits)):
            # Under other settings than the commit's everything would have to be checked again.
            return self._indexer.index(head, edits, self._progress, line)
        found = self._made_aside(head, head.commit, line)
        if found is None:
            found = self._indexer.index(head, {}, self._progress, line)
            if len(found.workflows) >= _WORTH_KEEPING:
                self._kept.keep(found)
        return self._edited(found, edits)

    def _made_aside(self, head: Head, commit: str, line: Line) -> Snapshot | None:
        """The snapshot as another process has kept it; None where there is little to make, or that fails."""
        if not aside.is_worth_it(self._repository, commit):
            return None
        kept = self._kept.load() if aside.keep_snapshot(self._repository, commit, self._progress) else None
        made = self._indexer.resumed(kept, line) if kept and kept.commit == commit else None
        return replace(made, head=head) if made else None

    def _edited(self, snapshot: Snapshot, edits: Mapping[str, Edit]) -> Snapshot:
        if not edits:
            return snapshot
        followed = Followed(snapshot.line, snapshot.line.length)
        return self._indexer.advance(snapshot, snapshot.head, edits, followed, self._progress)

    def _beginning(self, line: Line) -> _Beginning | None:
        kept = self._kept.load()
        if kept is None:
            return None
        try:
            own, shared = follow(self._repository, line, kept.commit, aside=True)
        except (KeyError, Unavailable):
            # A commit that was on a branch once, and of which git has not kept everything.
            return None
        snapshot = self._indexer.resumed(kept, own) if own.tip == kept.commit else None
        return _Beginning(snapshot, Followed(line, shared)) if snapshot else None


@contextmanager
def _uncollected() -> Iterator[None]:
    """While what is made is there to stay: to look for circles among it again and again takes a sixth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
