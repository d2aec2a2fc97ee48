"""From what changed in a source to the next snapshot."""

import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace

from . import errors
from .access.roster import Roster, parse_roster
from .cache import Cache
from .checks.engine import Contract
from .contest import contest
from .edits import DELETED, Edit
from .entries import Entry, Found, make_entry
from .git.head import Head
from .git.ids import blob_id
from .git.repository import Repository
from .git.trees import TreeChange
from .layout import (
    ACCESS_PATH,
    CONFIG_PATH,
    PACK_SCHEMA_PATH,
    SETTINGS_PATHS,
    WORKFLOW_SCHEMA_PATH,
    Place,
    any_place_of,
    candidates,
    is_stray,
    matters,
    pack_of,
    pack_path,
    place,
)
from .line import Followed, Line, Step, follow
from .links import relinked
from .pairs import disturbed, files_of
from .pasts import contents_of, ends_of
from .problems import Problem
from .records import Record
from .snapshot import Snapshot
from .snapshot_file import Kept
from .source import Source, SourceFile
from .workbench import Job, Progress
from .workshop import Workshop

_UNREADABLE = Record(
    (
        Problem(
            *("not-a-file", "error", "This is a link, or cannot be read; links are not followed.", "", 1, 1),
            hint="Put the file itself here.",
        ),
    ),
    is_valid=False,
)
_PACK_MISSING = Problem(
    *("pack-missing", "error", "There are workflows here, but no pack.yaml that says what the pack is.", "", 1, 1),
    hint="Write one with 'label' and 'version'.",
)

NO_COMMIT = "0" * 40
# The position of a file that no commit has: after all others.
_NOT_YET = 1 << 62


@dataclass(frozen=True)
class _Candidate:
    file: SourceFile
    found: Found
    record: Record


def moved_paths(before: Line, after: Line, kept: int) -> set[str]:
    """The paths that any commit touched which only one of two lines has; `kept` is how many they share."""
    return before.paths_since(kept) | after.paths_since(kept)


def differing(before: Mapping[str, Edit], after: Mapping[str, Edit]) -> set[str]:
    """The paths of which two sets of edits say different things."""
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


class Indexer:
    """Makes snapshots of one repository."""

    def __init__(self, repository: Repository, cache: Cache) -> None:
        self._repository = repository
        self._cache = cache

    def index(
        self,
        head: Head,
        edits: Mapping[str, Edit],
        progress: Progress | None = None,
        line: Line | None = None,
    ) -> Snapshot:
        """The snapshot of a commit and edits, from nothing but what the cache keeps and the line, if it is known."""
        empty = Snapshot(Head(None, None), Line(), Contract.load(None, None, None)[0], Roster())
        return self.advance(empty, head, edits, Followed(line, 0) if line else None, progress)

    def resumed(self, kept: Kept, line: Line) -> Snapshot | None:
        """The snapshot of which something was kept, given its line; None where the contract is not as it was."""
        empty = Contract.load(None, None, None)[0]
        snapshot = Snapshot(
            *(Head(None, kept.commit), line, empty, Roster(), {}, kept.workflows, kept.packs),
            *(kept.others, kept.links, kept.contested),
        )
        snapshot = _with_settings(snapshot, Source(self._repository, kept.commit, {}))
        return snapshot if snapshot.contract.digest == kept.digest else None

    def advance(
        self,
        snapshot: Snapshot,
        head: Head,
        edits: Mapping[str, Edit],
        followed: Followed | None = None,
        progress: Progress | None = None,
    ) -> Snapshot:
        """The snapshot of a commit and edits, from another one, in time that goes with what differs.

        `followed` is the line to `head`, where the caller knows it already.
        """
        line, kept = followed or follow(self._repository, snapshot.line, head.commit)
        paths = moved_paths(snapshot.line, line, kept) | differing(snapshot.edits, edits)
        after = replace(snapshot, head=head, line=line, edits=edits)
        return self._next(snapshot, after, Source(self._repository, head.commit, edits, line), paths, progress)

    def imagine(self, snapshot: Snapshot, files: Mapping[str, bytes | None]) -> Snapshot:
        """The snapshot as it would be with these files committed now; None takes a file away.

        The commit that nobody has made has git's id for none, forty zeros; the head stays what it is.
        """
        last = snapshot.line.commit_at(snapshot.line.length - 1)[1] if snapshot.line.length else 0
        date = max(int(time.time()), last)
        edits = {path: _overlay(raw, date) for path, raw in files.items()}
        changes = [TreeChange(path, None, edit.blob) for path, edit in edits.items()]
        line = snapshot.line.extended([Step(NO_COMMIT, date, changes)], aside=True)
        source = Source(self._repository, snapshot.head.commit, {**snapshot.edits, **edits}, snapshot.line)
        paths = {path for path in files if matters(path)}
        return self._next(snapshot, replace(snapshot, line=line), source, paths)

    def _next(
        self,
        snapshot: Snapshot,
        after: Snapshot,
        source: Source,
        paths: set[str],
        progress: Progress | None = None,
    ) -> Snapshot:
        is_first = not snapshot.line.length and not snapshot.edits
        if is_first or not paths.isdisjoint(SETTINGS_PATHS):
            after = _with_settings(after, source)
        if is_first or after.contract.digest != snapshot.contract.digest:
            paths.update(file.path for file in source.files())
            paths.update(snapshot.others)
        return self._assess(after, source, paths, progress)

    def _assess(self, snapshot: Snapshot, source: Source, paths: set[str], progress: Progress | None) -> Snapshot:
        places = {at for at in map(any_place_of, paths) if at}
        places |= disturbed(source, snapshot.workflows_in, snapshot.others, paths)
        places.update(place(ref) for ref in snapshot.contested)
        assessment = _Assessment(snapshot, source, Workshop(self._repository, self._cache, snapshot.contract))
        assessment.note_strays(path for path in paths if path not in SETTINGS_PATHS)
        assessment.note_places(sorted(places), progress)
        return assessment.result()


class _Assessment:
    """One step from a snapshot to the next: what each place that may have changed comes to."""

    def __init__(self, snapshot: Snapshot, source: Source, workshop: Workshop) -> None:
        self._snapshot = snapshot
        self._source = source
        self._workshop = workshop
        self._others: dict[str, tuple[Problem, ...]] = dict(snapshot.others)
        self._entries: dict[str, dict[str, Entry | None]] = {"pack": {}, "workflow": {}}

    def note_strays(self, paths: Iterable[str]) -> None:
        """Files that look like a pack's or a workflow's but cannot be one by their names."""
        for path in paths:
            if any_place_of(path) is None:
                self._others.pop(path, None)
                if is_stray(path) and self._source.find(path):
                    self._others[path] = (_stray(path),)

    def note_places(self, places: list[Place], progress: Progress | None) -> None:
        """What the files of these places come to: an entry, problems, or nothing any more."""
        found = {at: self._files_of(at) for at in places}
        jobs = [
            Job(at, file.blob, file.content or (file.edit.raw if file.edit else None))
            for at, files in found.items()
            for file in files
            if file.is_regular
        ]
        # They come in order, some while others are still being made.
        with closing(self._workshop.records(jobs, progress)) as records:
            for at, files in found.items():
                options = [
                    _Candidate(file, self._found(file), next(records) if file.is_regular else _UNREADABLE)
                    for file in files
                ]
                self._settle(at, sorted(options, key=lambda option: (option.found.born, option.file.path)))

    def result(self) -> Snapshot:
        """The next snapshot."""
        before = self._snapshot
        workflows = contest(before.workflows, self._entries["workflow"])
        packs = contest(before.packs, self._entries["pack"])
        self._others.update(workflows.problems | packs.problems)
        after = replace(
            before,
            workflows=before.workflows.changed(workflows.entries),
            packs=before.packs.changed(packs.entries),
            others=self._others,
            contested=workflows.losers | packs.losers,
        )
        self._note_missing_packs(after)
        return replace(after, links=relinked(before, after, workflows.entries, packs.entries.keys(), self._read))

    def _read(self, path: str) -> bytes | None:
        try:
            return self._source.read_path(path)
        except errors.NotFound:
            # A partial clone has left it behind.
            return None

    def _note_missing_packs(self, after: Snapshot) -> None:
        for ref in {pack_of(ref) for entries in self._entries.values() for ref in entries}:
            path = pack_path(ref)
            if self._others.get(path) == (_PACK_MISSING,):
                del self._others[path]
            if after.packs.get(ref) is None and path not in self._others and after.has_workflows(ref):
                self._others[path] = (_PACK_MISSING,)

    def _settle(self, at: Place, options: list[_Candidate]) -> None:
        for path in candidates(at):
            self._others.pop(path, None)
        self._entries[at.kind][at.ref] = self._served(at, options[0]) if options else None
        for late in options[1:]:
            self._others[late.file.path] = (_duplicate(at.ref, options[0].file.path),)

    def _served(self, at: Place, option: _Candidate) -> Entry | None:
        if option.record.is_valid:
            return make_entry(at, option.found, option.record, option.record, option.file.blob)
        last = self._last_valid(at, option.file)
        if last is None:
            self._others[option.file.path] = option.record.problems
            return None
        return make_entry(at, option.found, option.record, *last)

    def _last_valid(self, at: Place, file: SourceFile) -> tuple[Record, str] | None:
        """The newest earlier content of a file that can be served, back to where it was created or deleted."""
        for blob in contents_of(self._snapshot.line, file.path, file.graph):
            if blob is None:
                return None
            record = self._workshop.record(Job(at, blob)) if blob != file.blob else _UNREADABLE
            if record.is_valid:
                return record, blob
        return None

    def _files_of(self, at: Place) -> list[SourceFile]:
        return files_of(self._source, at)

    def _found(self, file: SourceFile) -> Found:
        line, edits = self._snapshot.line, self._snapshot.edits
        is_edited = file.path in edits or (file.graph != "" and file.graph in edits)
        ends = ends_of(line, file.path, file.graph)
        if ends is None:
            modified = (file.edit.modified if file.edit else None) or 0
            return Found(file.path, file.blob, None, modified, modified, _NOT_YET, is_edited, file.graph)
        first, last = ends
        born = line.position(first.commit) or 0
        return Found(file.path, file.blob, last.commit, first.date, last.date, born, is_edited, file.graph)


def _overlay(raw: bytes | None, date: int) -> Edit:
    return DELETED if raw is None else Edit(blob_id(raw), raw, date)


def contract_of(source: Source, known: Contract) -> Contract:
    """The contract in the files of a source: the one that is known, where they are the same."""
    raw = _contract_files(source)
    return known if raw == known.raw else Contract.load(*raw)[0]


def _contract_files(source: Source) -> tuple[bytes | None, bytes | None, bytes | None]:
    return source.read_path(CONFIG_PATH), source.read_path(WORKFLOW_SCHEMA_PATH), source.read_path(PACK_SCHEMA_PATH)


def _with_settings(snapshot: Snapshot, source: Source) -> Snapshot:
    """The snapshot under the settings, schemas and roster of its source; what is wrong in them is a problem."""
    contract, problems = Contract.load(*_contract_files(source))
    roster, roster_problems = parse_roster(source.read_path(ACCESS_PATH))
    others = {path: found for path, found in snapshot.others.items() if path not in SETTINGS_PATHS}
    others |= {path: found for path, found in problems.items() if found}
    if roster_problems:
        others[ACCESS_PATH] = tuple(
            Problem("access-invalid", "error", found.message, "", found.line, found.column) for found in roster_problems
        )
    return replace(snapshot, contract=contract, roster=roster, others=others)


def _duplicate(ref: str, first: str) -> Problem:
    message = f"'{ref}' is defined by {first} already."
    return Problem("ref-duplicate", "error", message, "", 1, 1, "Keep one of the two files.")


def _stray(path: str) -> Problem:
    message = f"'{path}' is not served: packs and workflows have names of letters, digits, '_' and '-'."
    return Problem("file-name", "error", message, "", 1, 1, "Rename it, or move it out of 'packs/'.")
