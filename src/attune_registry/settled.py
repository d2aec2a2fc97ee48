"""What may be answered while the next snapshot is in the making: the workflows that none of the changes concern.

A pull of some hundred files takes a second to be read and checked. Of all other workflows it is known from the start
that they are what they were.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace

from .git.head import Fingerprint, Head, HeadProbe
from .git.repository import Repository
from .index_trail import begins_at, trail_of
from .landed import told
from .layout import PACKS, pack_of, place_of, setting_of
from .snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Settled:
    """The snapshot before, under the head and with the edits of the next, true of all but some workflows.

    `refs` and `packs` are those that it may not be true of, without case: what differs by that alone may be a rival.
    `trail` is the writers' trail that had led there (index_trail).
    """

    snapshot: Snapshot
    fingerprint: Fingerprint
    trail: str | None
    refs: frozenset[str]
    packs: frozenset[str]

    def covers(self, ref: str) -> bool:
        """True for a workflow that is what it was."""
        folded = ref.casefold()
        return folded not in self.refs and pack_of(folded) not in self.packs

    def carried(self, head: Head, fingerprint: Fingerprint, trail: str, paths: Iterable[str]) -> "Settled | None":
        """What is settled when commits to `head` have changed these paths, too, and nobody anything else."""
        more = settled_among(replace(self.snapshot, head=head), fingerprint, trail, paths)
        return more and replace(more, refs=more.refs | self.refs, packs=more.packs | self.packs)


def settled_among(
    snapshot: Snapshot, fingerprint: Fingerprint, trail: str | None, paths: Iterable[str]
) -> Settled | None:
    """What is settled when these paths may have changed; None when settings have, by which all files are judged."""
    refs, packs = set(), set()
    for path in paths:
        if setting_of(path):
            return None
        place = place_of(path)
        # What the files of actions are, others of the pack decide.
        if place is not None and place.kind == "workflow" and "/actions/" not in path:
            refs.add(place.ref.casefold())
        elif path.startswith(f"{PACKS}/"):
            packs.add(path.split("/")[1].casefold())
    return Settled(snapshot, fingerprint, trail, frozenset(refs), frozenset(packs))


class Settling:
    """What is settled while a snapshot is being made: told by who makes it, asked by those who do not want to wait."""

    def __init__(self, repository: Repository, probe: HeadProbe) -> None:
        self._repository = repository
        self._probe = probe
        self._settled: Settled | None = None
        self._lock = threading.Lock()

    def begin(self, settled: Settled | None) -> None:
        """Answer by this."""
        self._settled = settled

    def end(self) -> None:
        """The snapshot is there and answers itself."""
        with self._lock:
            self._settled = None

    def answer(self, ref: str) -> Snapshot | None:
        """A snapshot that says of this workflow what is so now, None where that is not known."""
        settled = self._settled
        if settled is None or not settled.covers(ref):
            return None
        if not self._probe.is_still(settled.fingerprint, settled.snapshot.head):
            settled = self._carried(settled)
        return settled.snapshot if settled is not None and settled.covers(ref) else None

    def _carried(self, settled: Settled) -> Settled | None:
        """What is settled now, where nothing but the registry's own writers has moved anything since it was."""
        head, fingerprint = self._probe.look()
        before = settled.snapshot.head
        if fingerprint.stamps.shallow != settled.fingerprint.stamps.shallow:
            return None
        way = told(self._repository, before.commit, head.commit)
        trail = trail_of(self._repository, way.commits) if way else None
        if way is None or trail is None or head.branch != before.branch:
            return None
        if trail != settled.trail and not begins_at(trail, settled.fingerprint.stamps.index_file, before.commit):
            return None
        carried = settled.carried(head, fingerprint, trail, way.paths)
        with self._lock:
            if self._settled is settled:
                self._settled = carried
        return carried
