"""The registry as it was at any commit: snapshots of the past, made from the nearest one that is at hand."""

import threading
from collections import OrderedDict

from .git.head import Head
from .git.repository import Repository
from .git.revisions import resolve
from .indexer import Indexer
from .line import follow
from .snapshot import Snapshot

# Enough for a few people who page through lists of the past; what they share with the present costs nothing.
_KEPT = 8


class Past:
    """Thread-safe. A lock of its own: who looks back never keeps the present waiting."""

    def __init__(self, repository: Repository, indexer: Indexer) -> None:
        self._repository = repository
        self._indexer = indexer
        self._making = threading.Lock()
        self._kept: OrderedDict[str, Snapshot] = OrderedDict()

    def at(self, text: str, present: Snapshot) -> Snapshot:
        """The snapshot of a revision, without any edits. Raises Invalid or NotFound, as `resolve` does."""
        return self.snapshot(resolve(self._repository, text), present)

    def snapshot(self, commit: str, present: Snapshot) -> Snapshot:
        """The snapshot of a commit by its full id."""
        known = self.known(commit, present)
        if known is not None:
            return known
        with self._making:
            known = self.known(commit, present) or self._made(commit, present)
            # While git is fetching a commit, what it holds may come after it.
            if not known.is_passing:
                self._keep(commit, known)
            return known

    def known(self, text: str, present: Snapshot) -> Snapshot | None:
        """The snapshot of a full commit id, where it is at hand: without git, in no time."""
        if text == present.head.commit and not present.edits:
            return present
        return self._kept.get(text)

    def _keep(self, commit: str, snapshot: Snapshot) -> None:
        self._kept[commit] = snapshot
        self._kept.move_to_end(commit)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    def _made(self, commit: str, present: Snapshot) -> Snapshot:
        bases = [present, *self._kept.values()]
        base = min(bases, key=lambda snapshot: _distance(snapshot, commit, present))
        followed = follow(self._repository, base.line, commit, aside=True)
        return self._indexer.advance(base, Head(None, commit), {}, followed)


def _distance(snapshot: Snapshot, commit: str, present: Snapshot) -> int:
    """About how many commits lie between a snapshot and a commit: what making one from the other costs."""
    line, now = snapshot.line, present.line
    position = line.position(commit)
    if position is not None:
        return line.length - position - 1
    position = now.position(commit)
    tip = now.position(line.tip) if line.tip else None
    return now.length if position is None or tip is None else abs(position - tip)
