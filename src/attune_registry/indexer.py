"""From what changed in a source to the next snapshot."""

import time
from collections.abc import Mapping
from dataclasses import replace

from .access.roster import Roster, parse_roster
from .assessment import Assessment
from .cache import Cache
from .checks.engine import Contract
from .edits import DELETED, Edit
from .git.head import Head
from .git.ids import blob_id
from .git.repository import Repository
from .git.trees import TreeChange
from .layout import (
    ACCESS_PATH,
    CONTRACT_PATHS,
    SETTINGS_PATHS,
    any_place_of,
    matters,
    place,
    setting_of,
)
from .line import Followed, Line, Step, follow
from .pairs import disturbed
from .priority import breathe
from .problems import Problem
from .snapshot import Snapshot
from .snapshot_file import Kept
from .source import Source
from .workbench import Progress
from .workshop import Workshop

NO_COMMIT = "0" * 40
_NO_FILE = Problem(
    *("not-a-file", "error", "This is a link or a folder, or cannot be read: nothing that it says counts.", "", 1, 1),
    hint="Put the file itself here; links are not followed.",
)


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
        breathe()
        is_first = not snapshot.line.length and not snapshot.edits
        if is_first or any(map(setting_of, paths)):
            after = _with_settings(after, source)
        if is_first or after.contract.digest != snapshot.contract.digest:
            paths.update(file.path for file in source.files())
            paths.update(snapshot.others)
        elif not paths.isdisjoint(CONTRACT_PATHS):
            # The contract is what it was, but there may have been others on the way, or there are no more: by those
            # it is decided which revision of a file was the last valid one.
            paths.update(snapshot.unfit)
        return self._assess(after, source, paths, progress)

    def _assess(self, snapshot: Snapshot, source: Source, paths: set[str], progress: Progress | None) -> Snapshot:
        places = {at for at in map(any_place_of, paths) if at}
        places |= disturbed(source, snapshot.workflows_in, snapshot.others, paths)
        places.update(place(ref) for ref in snapshot.contested)
        assessment = Assessment(snapshot, source, Workshop(self._repository, self._cache, snapshot.contract))
        assessment.note_strays(path for path in paths if path not in SETTINGS_PATHS)
        assessment.note_places(sorted(places), progress)
        return assessment.result()


def _overlay(raw: bytes | None, date: int) -> Edit:
    return DELETED if raw is None else Edit(blob_id(raw), raw, date)


def contract_of(source: Source, known: Contract) -> Contract:
    """The contract in the files of a source: the one that is known, where they are the same."""
    raw = _contract_files(source)
    return known if raw == known.raw else Contract.load(*raw)[0]


def _contract_files(source: Source) -> tuple[bytes | None, bytes | None, bytes | None]:
    config, workflow, pack = map(source.read_path, CONTRACT_PATHS)
    return config, workflow, pack


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
    others |= {path: (_NO_FILE,) for path in SETTINGS_PATHS if source.is_obstructed(path)}
    return replace(snapshot, contract=contract, roster=roster, others=others)
