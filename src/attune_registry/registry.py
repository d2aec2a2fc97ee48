"""The registry of one repository: the current snapshot, brought up to date before every answer."""

import contextlib
import threading
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from .cache import Cache
from .edits import Edit, all_edits, edits_among
from .folders import Folders
from .git.head import Fingerprint, Head, HeadProbe, read_head
from .git.locks import INDEX_MARK, has_content
from .git.repository import Repository
from .git.trees import files_in
from .index_trail import trail_of
from .indexer import Indexer, differing, moved_paths
from .landed import come, told, underway
from .layout import matters
from .line import Followed, follow
from .opening import Opening
from .outlook import Outlook
from .readahead import jobs_ahead
from .settled import Settling, settled_among
from .snapshot import Snapshot
from .timetravel import Past
from .untouched import Base, Untouched
from .workbench import Progress
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
        self._trail: str | None = None
        self._outlook = Outlook(repository, self.indexer, self.cache)
        self._probe = HeadProbe(repository)
        self._settling = Settling(repository, self._probe)
        self._untouched = Untouched(repository, self._probe)
        self._folders = Folders(repository.root) if repository.root else None
        self._lock = repository.git_dir / "index.lock"
        self._postponed: set[str] = set()
        self._state = self._first_state(progress)

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
            if state.is_partial and not self._is_git_at_work():
                return None
            is_sure = not state.fingerprint.is_racy or self._is_confirmed(state)
            return state.snapshot if is_sure else None
        return self._around_landing(state.snapshot)

    def is_current(self) -> bool:
        """True when the snapshot served misses nothing that git has finished."""
        return self.current() is not None

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
        settled = self._settling.answer(ref)
        # What a writer was putting there and has not landed is to be looked at first.
        return settled if settled or self._postponed else self._untouched.answer(self._state.base, ref)

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
        if self._state.is_partial or not all(map(matters, paths)):
            return False
        news = edits_among(self.repository, snapshot.head.commit, paths)
        return all(snapshot.edits.get(path) == edit for path, edit in news.items())

    def rescan(self) -> Snapshot:
        """The snapshot, with every working file looked at again: what was saved while nobody watched."""
        with self.building:
            edits = all_edits(self.repository, self.snapshot.head.commit) if self._folders else {}
            return self._catch_up({*edits, *self.snapshot.edits})

    def read_ahead(self, paths: Collection[str]) -> None:
        """Make the records of the working files at these paths, for nothing but the cache."""
        jobs = jobs_ahead(self.repository, paths)
        for _ in Workshop(self.repository, self.cache, self.snapshot.contract).records(jobs):
            pass

    @contextlib.contextmanager
    def landing(self, snapshot: Snapshot) -> Iterator[None]:
        """For a writer that holds `building`, around moving the branch to the head of this snapshot, served from then.

        Readers wait for neither: they get what the branch says, the snapshot before or this one.
        """
        self._landing = snapshot
        try:
            yield
            fingerprint = self._probe.take(snapshot.head)
            if read_head(self.repository) == snapshot.head:
                # Nobody else could change files meanwhile; what was not looked at before the write still is not.
                self._state = _State(replace(self._state.base, snapshot=snapshot), fingerprint, self._state.is_partial)
        finally:
            self._landing = None

    def _first_state(self, progress: Progress | None) -> _State:
        head, fingerprint = self._probe.look()
        if self._folders:
            self._trail = trail_of(self.repository, [head.commit])
            self._folders.look()
        opening = Opening(self.repository, self.indexer, progress)
        with ThreadPoolExecutor(1) as aside:
            # git looks through the working tree while everything else is read.
            looking = aside.submit(all_edits, self.repository, head.commit) if self._folders else None
            snapshot = opening.snapshot(head, lambda: looking.result() if looking else {})
        return _State(self._base(snapshot), fingerprint, is_partial=False)

    def _base(self, snapshot: Snapshot) -> Base:
        return Base(snapshot, self._trail, self._folders.known if self._folders else None)

    def _catch_up(self, noted: Collection[str]) -> Snapshot:
        postponed = self._postponed
        try:
            return self._next(noted)
        except BaseException:
            # Whatever was found to have changed is to be found again.
            self._trail, self._postponed = self._state.base.trail, postponed
            if self._folders and self._state.base.folders is not None:
                self._folders.known = self._state.base.folders
            raise
        finally:
            self._settling.end()

    def _next(self, noted: Collection[str]) -> Snapshot:
        head, fingerprint = self._probe.look()
        before, foreseen = self.snapshot, self._outlook.taken(self.snapshot, head)
        landing = come(self.repository, head.commit) if head != before.head and foreseen is None else None
        if landing is not None:
            self.cache.remember(landing.records)
            landing.note_folders()
        followed = (
            Followed(foreseen.line, before.line.length)
            if foreseen
            else follow(self.repository, before.line, head.commit)
        )
        moved = moved_paths(before.line, *followed)
        edits, is_partial = self._edits(before, head, moved, noted) if self._folders else ({}, False)
        if foreseen and edits == foreseen.edits:
            before = foreseen
        elif head != before.head or edits != before.edits:
            if not is_partial:
                paths = moved | differing(before.edits, edits)
                unfinished = replace(before, head=head, line=followed.line, edits=edits)
                self._settling.begin(settled_among(unfinished, fingerprint, self._trail, paths))
            before = self.indexer.advance(before, head, edits, followed)
        self._state = _State(self._base(before), fingerprint, is_partial or bool(self._postponed))
        return before

    def _edits(
        self, before: Snapshot, head: Head, moved: set[str], noted: Collection[str]
    ) -> tuple[Mapping[str, Edit], bool]:
        """What the working tree says otherwise than `head`, and whether git is at work on it.

        Then files come one by one; what is half checked out is nobody's edit. A writer of the registry's own is no
        reason to wait: what the branch has is in its place, and it has told what it changes next. Where the files would
        have to be looked at after a write, that is left until its index is there, or it would have to be done twice.
        """
        is_at_work = self._is_git_at_work()
        is_writer = is_at_work and has_content(self._lock, INDEX_MARK)
        way = told(self.repository, before.head.commit, head.commit)
        trail = trail_of(self.repository, way.commits if way else [head.commit])
        is_known_tree = trail is not None and trail == self._trail
        is_partial = is_at_work and not (is_writer and head != before.head and (way is None or is_known_tree))
        named = moved | set(noted)
        suspects = named | self._postponed
        # A folder was noted: files may have come with it that nobody has told of.
        has_folders = not all(map(matters, noted))
        if self._folders and not is_partial:
            self._trail = trail
            if not is_known_tree or has_folders:
                suspects |= self._suspects(self._folders, head, before)
        self._postponed = suspects.intersection(underway(self.repository, head.commit) if is_writer else ()) - named
        suspects -= self._postponed
        found = edits_among(self.repository, head.commit, suspects)
        if is_at_work:
            # Where files are filtered (line ends), git is asked, which looks at an index that may still be to come.
            doubtful = named if is_writer else moved
            self._postponed |= {path for path in doubtful if found.get(path) not in (None, before.edits.get(path))}
            found = {path: edit for path, edit in found.items() if path not in self._postponed}
        return _merged(before.edits, found), is_partial

    def _suspects(self, folders: Folders, head: Head, before: Snapshot) -> set[str]:
        suspects: set[str] = set()
        changed = set(folders.look())
        for folder in changed:
            suspects.update(folders.files_in(folder))
            suspects.update(f"{folder}/{name}" for name in files_in(self.repository, head.commit, folder))
        suspects.update(path for path in before.edits if path.rpartition("/")[0] in changed)
        return suspects

    def _is_git_at_work(self) -> bool:
        """True while a git command, or a writer of the registry's, changes files."""
        return self._lock.exists()


def _merged(edits: Mapping[str, Edit], news: Mapping[str, Edit | None]) -> dict[str, Edit]:
    together = {**edits, **news}
    return {path: edit for path, edit in together.items() if edit is not None}
