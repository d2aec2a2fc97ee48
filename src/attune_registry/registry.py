"""The registry of one repository: the current snapshot, brought up to date before every answer."""

import contextlib
import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from .cache import Cache
from .edits import edits_among
from .errors import Unavailable
from .git.head import Fingerprint, Head, HeadProbe, read_head
from .git.repository import Repository
from .indexer import Indexer, contract_of, differing, moved_paths
from .landed import come, keep_up, records_told, underway
from .layout import file_matters
from .line import Followed, follow
from .opening import Opening
from .outlook import Outlook
from .readahead import jobs_ahead
from .settled import Settling, settled_among
from .snapshot import Snapshot
from .source import Source
from .timetravel import Past
from .untouched import Base, Untouched
from .workbench import Progress
from .working_tree import WorkingTree
from .workshop import Workshop

_GLANCE_SECONDS = 0.001


class _State(NamedTuple):
    """What is served, and the fingerprint that says how long; `is_partial` while git is at work on the files."""

    base: Base
    fingerprint: Fingerprint
    is_partial: bool

    @property
    def snapshot(self) -> Snapshot:
        """What is served."""
        return self.base.snapshot


class Registry:
    """Thread-safe. Readers take `snapshot` once and keep to it; one thread at a time makes the next one."""

    def __init__(self, repository: Repository, *, progress: Progress | None = None) -> None:
        self.repository = repository
        self.cache = Cache.of(repository)
        self.indexer = Indexer(repository, self.cache)
        self.past = Past(repository, self.indexer)
        self.building = threading.RLock()
        self._landing: Snapshot | None = None
        self._outlook = Outlook(repository, self.indexer, self.cache)
        self._probe = HeadProbe(repository)
        self._settling = Settling(repository, self._probe)
        self._untouched = Untouched(repository, self._probe)
        self._tree = WorkingTree(repository)
        self._state = self._first_state(progress)
        self._rules_ahead = self.snapshot.contract

    @classmethod
    def open(cls, directory: Path | str, *, progress: Progress | None = None) -> "Registry":
        """The registry of the repository that `directory` is in. Raises UnusableRepository."""
        return cls(Repository.open(directory), progress=progress)

    @property
    def snapshot(self) -> Snapshot:
        """What is served; see `current`."""
        return self._state.snapshot

    def current(self) -> Snapshot | None:
        """The snapshot that misses nothing git has finished; None when one has to be made. Takes microseconds."""
        state = self._state
        if self._probe.is_unchanged(state.fingerprint, state.snapshot.head):
            if state.is_partial and not self._tree.is_git_at_work():
                return None
            is_sure = not state.fingerprint.is_racy or self._is_confirmed(state)
            return state.snapshot if is_sure else None
        return self._around_landing(state.snapshot)

    def is_current(self) -> bool:
        """True when the snapshot served misses nothing that git has finished."""
        try:
            return self.current() is not None
        except Unavailable:
            # HEAD is damaged: who has to make the next snapshot is told.
            return False

    def is_more_coming(self) -> bool:
        """True while a writer has told of commits that it is about to put on what is there now."""
        try:
            return bool(underway(self.repository, read_head(self.repository).commit))
        except Unavailable:
            # As in `is_current`.
            return False

    def _around_landing(self, before: Snapshot) -> Snapshot | None:
        """While a writer of this process puts its commits on the branch, what is there is before or after it."""
        after = self._landing
        if after is None:
            return None
        head = read_head(self.repository)
        return after if head == after.head else before if head == before.head else None

    def _is_confirmed(self, state: _State) -> bool:
        """True when the ref still says what it did; stamps that have come of age since need no confirming again."""
        fingerprint = self._probe.take(state.snapshot.head)
        if fingerprint.stamps != state.fingerprint.stamps or read_head(self.repository) != state.snapshot.head:
            return False
        if not fingerprint.is_racy and self.building.acquire(blocking=False):
            try:
                if self._state is state:
                    self._state = state._replace(fingerprint=fingerprint)
            finally:
                self.building.release()
        return True

    def settled(self, ref: str) -> Snapshot | None:
        """While the next snapshot is not there: one that says of this workflow what that one will. Takes microseconds.

        None where the workflow may be among what has changed, or more has happened since. For one thread.
        """
        settled, base = self._settling.answer(ref), self._state.base
        # What a writer was putting there and has not landed is to be looked at first.
        return settled if settled or base.sight.postponed else self._untouched.answer(base, ref)

    def refresh(self) -> Snapshot:
        """The snapshot, brought up to date with what git has finished."""
        while not self.building.acquire(timeout=_GLANCE_SECONDS):
            # Whoever is building may bring up to date what this call waits for long before being done.
            snapshot = self.current()
            if snapshot is not None:
                return snapshot
        try:
            return self.current() or self._catch_up(())
        finally:
            self.building.release()

    def settle_down(self) -> None:
        """Before processes are forked: what they all will have is up to date, and where it is not copied when read."""
        try:
            self.refresh()
            with self.building:
                base = self._state.base
                workflows, packs = base.snapshot.workflows.gathered(), base.snapshot.packs.gathered()
                snapshot = replace(base.snapshot, workflows=workflows, packs=packs)
                self._state = self._state._replace(base=replace(base, snapshot=snapshot))
        finally:
            # A connection to its database must not cross a fork.
            self.cache.close()

    def foresee(self) -> bool:
        """Make what another worker has told it will put on the branch. True when there was something to make."""
        if not self._outlook.has_news(self.snapshot) or not self.building.acquire(blocking=False):
            return False
        try:
            return self._outlook.look(self.snapshot)
        finally:
            self.building.release()

    @property
    def foreseen(self) -> Snapshot | None:
        """What was made of what another worker has told, until it has come."""
        return self._outlook.after(self.snapshot)

    def at(self, revision: str) -> Snapshot:
        """The registry as it was at a revision. Raises Invalid or NotFound."""
        return self.past.at(revision, self.snapshot)

    def note(self, paths: Collection[str]) -> Snapshot:
        """The snapshot, with the working files at these paths looked at again."""
        # Writers should not wait for the looking, which mostly finds what they have written.
        snapshot = self.current()
        if snapshot and self._is_known(snapshot, paths):
            return snapshot
        with self.building:
            return self._catch_up(paths)

    def _is_known(self, snapshot: Snapshot, paths: Collection[str]) -> bool:
        """True when the snapshot has what these files say: what a writer has put there needs no second look."""
        if self._state.is_partial or not all(map(file_matters, paths)):
            return False
        news = edits_among(self.repository, snapshot.head.commit, paths)
        return all(snapshot.edits.get(path) == edit for path, edit in news.items())

    def keep_up(self) -> None:
        """Remember what a writer has told of its latest landing, for when that is caught up with."""
        self.cache.remember(keep_up(self.repository))

    def rescan(self) -> Snapshot:
        """The snapshot, with every working file looked at again: what was saved while nobody watched."""
        with self.building:
            return self._catch_up({*self._tree.all_edits(self.snapshot.head), *self.snapshot.edits})

    def read_ahead(self, paths: Collection[str]) -> None:
        """Make the records of the working files at these paths, for nothing but the cache.

        By the rules of now: who reads ahead for others may have an old snapshot.
        """
        source = Source(self.repository, read_head(self.repository).commit, self.snapshot.edits)
        self._rules_ahead = contract_of(source, self._rules_ahead)
        for _ in Workshop(self.repository, self.cache, self._rules_ahead).records(jobs_ahead(self.repository, paths)):
            pass

    @contextlib.contextmanager
    def landing(self) -> Iterator[Callable[[Snapshot], None]]:
        """For a writer that holds `building`, around moving the branch. What comes is to be called before it moves.

        With the snapshot of where it goes, which is served from then. Readers wait for neither: they get what the
        branch says, the snapshot before or this one.
        """
        try:
            yield self._announce
            snapshot = self._landing
            if snapshot is None:
                return
            fingerprint = self._probe.take(snapshot.head)
            if read_head(self.repository) == snapshot.head:
                # Nobody else could change files meanwhile; what was not looked at before the write still is not.
                base = replace(self._state.base, snapshot=snapshot)
                # Nor was it looked at whether git has brought more of the history.
                stamps = fingerprint.stamps._replace(shallow=base.shallow)
                self._state = _State(base, fingerprint._replace(stamps=stamps), self._state.is_partial)
        finally:
            self._landing = None

    def _announce(self, snapshot: Snapshot) -> None:
        self._landing = snapshot

    def _first_state(self, progress: Progress | None) -> _State:
        head, fingerprint = self._probe.look()
        sight = self._tree.first_sight(head)
        opening = Opening(self.repository, self.indexer, progress)
        with ThreadPoolExecutor(1) as aside:
            # git looks through the working tree while everything else is read.
            looking = aside.submit(self._tree.all_edits, head)
            snapshot = opening.snapshot(head, looking.result)
        return _State(Base(snapshot, sight, fingerprint.stamps.shallow), fingerprint, is_partial=False)

    def _catch_up(self, noted: Collection[str]) -> Snapshot:
        try:
            return self._next(noted)
        finally:
            self._settling.end()

    def _next(self, noted: Collection[str]) -> Snapshot:
        head, fingerprint = self._probe.look()
        before, foreseen = self.snapshot, self._outlook.taken(self.snapshot, head)
        shallow = fingerprint.stamps.shallow
        if shallow != self._state.base.shallow:
            foreseen = None  # upon a line that may have got another beginning
            self._look_back_anew()
        followed = self._followed(head, foreseen)
        moved = moved_paths(before.line, *followed)
        edits, sight, is_partial = self._tree.look(self._state.base.sight, before, head, moved, noted)
        if foreseen and edits == foreseen.edits:
            before = foreseen
        elif (head, edits) != (before.head, before.edits) or followed.kept < before.line.length:
            if not is_partial:
                paths = moved | differing(before.edits, edits)
                unfinished = replace(before, head=head, line=followed.line, edits=edits)
                self._settling.begin(settled_among(unfinished, fingerprint, sight.trail, paths))
            before = self.indexer.advance(before, head, edits, followed)
        self._state = _State(Base(before, sight, shallow), fingerprint, is_partial or bool(sight.postponed))
        return before

    def _followed(self, head: Head, foreseen: Snapshot | None) -> Followed:
        """The line to this head; what writers have told of the way there is taken over."""
        before = self.snapshot
        if foreseen:
            return Followed(foreseen.line, before.line.length)
        if head != before.head:
            self.cache.remember(records_told(self.repository, head.commit))
            landing = come(self.repository, head.commit)
            if landing is not None:
                landing.note_folders()
        return follow(self.repository, before.line, head.commit)

    def _look_back_anew(self) -> None:
        """Forget what was made and read of the past while the history was cut elsewhere."""
        self.repository.reopen()
        self.past = Past(self.repository, self.indexer)
