"""What each place that may have changed comes to: an entry, problems, or nothing any more."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace

from . import errors
from .contest import Outcome, contest
from .contracts import Contracts
from .entries import Entry, Found, Served, make_entry
from .layout import (
    PACKS,
    Place,
    any_place_of,
    candidates,
    is_folder,
    is_stray,
    pack_of,
    pack_path,
    workflows_folder_above,
)
from .links import relinked
from .pairs import files_of, left_over
from .pasts import NOT_YET, born, content_at, ends_of, origin_at, positions_of
from .problems import Problem
from .records import Record
from .shelf import GrowingShelf, Shelf
from .snapshot import Snapshot
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
_NO_FOLDER = Problem(
    *("not-a-file", "error", "A folder belongs here, and this is a link, a file or another repository.", "", 1, 1),
    hint="Put the folder itself here; links are not followed, and nothing that one leads to is served.",
)
_PACK_MISSING = Problem(
    *("pack-missing", "error", "There are workflows here, but no pack.yaml that says what the pack is.", "", 1, 1),
    hint="Write one with 'label' and 'version'.",
)
_LEFT_OVER = Problem(
    *("workflow-file", "error", "No action names this file, and without a label it is no workflow itself.", "", 1, 1),
    hint="Name it in an action, give it a label, or take it away.",
)


@dataclass(frozen=True)
class _Candidate:
    file: SourceFile
    found: Found
    record: Record


class Assessment:
    """One step from a snapshot to the next: what each place that may have changed comes to."""

    def __init__(self, snapshot: Snapshot, source: Source, workshop: Workshop) -> None:
        self._snapshot = snapshot
        self._source = source
        self._workshop = workshop
        self._contracts = Contracts(snapshot.line, source, snapshot.contract)
        self._others: dict[str, tuple[Problem, ...]] = dict(snapshot.others)
        self._entries: dict[str, dict[str, Entry | None]] = {"pack": {}, "workflow": {}}
        # Of a first index, the workflows so far: while others are still checked elsewhere, there is time for that.
        self._first = None if snapshot.workflows.chunks else GrowingShelf()

    def note_strays(self, paths: Iterable[str]) -> None:
        """Files that look like a pack's or a workflow's but cannot be one by their names, or stand for a folder."""
        for path in paths:
            if any_place_of(path) is None:
                self._others.pop(path, None)
                file = self._source.find(path) if is_stray(path) or is_folder(path) else None
                if file and is_stray(path):
                    self._others[path] = (_stray(path),)
                elif file and not (file.is_regular and path.rpartition("/")[0] == PACKS):
                    # A plain file beside the packs may be anything: a justfile, notes.
                    self._others[path] = (_NO_FOLDER,)

    def note_places(self, places: list[Place], progress: Progress | None) -> None:
        """What the files of these places, in order, come to: an entry, problems, or nothing any more."""
        found = {at: self._files_of(at) for at in places}
        jobs = [_job(at, file) for at, files in found.items() for file in files if file.is_regular]
        # They come in order, some while others are still being made.
        with closing(self._workshop.records(jobs, progress)) as records:
            for at, files in found.items():
                options = [
                    _Candidate(file, self._found(file), next(records) if file.is_regular else _UNREADABLE)
                    for file in files
                ]
                entry = self._settle(at, sorted(options, key=lambda option: (option.found.born, option.file.path)))
                if self._first is not None and entry is not None and at.kind == "workflow":
                    self._first.add(entry)

    def result(self) -> Snapshot:
        """The next snapshot."""
        before = self._snapshot
        workflows = contest(before.workflows, self._entries["workflow"])
        packs = contest(before.packs, self._entries["pack"])
        self._others.update(workflows.problems | packs.problems)
        after = replace(
            before,
            workflows=self._shelf(workflows),
            packs=before.packs.changed(packs.entries),
            others=self._others,
            contested=workflows.losers | packs.losers,
        )
        self._note_missing_packs(after)
        return replace(after, links=relinked(before, after, workflows.entries, packs.entries.keys(), self._read))

    def _shelf(self, outcome: Outcome) -> Shelf:
        """The workflows of the next snapshot."""
        if self._first is not None and not outcome.losers:
            return self._first.shelf()
        return self._snapshot.workflows.changed(outcome.entries)

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

    def _settle(self, at: Place, options: list[_Candidate]) -> Entry | None:
        for path in candidates(at):
            self._others.pop(path, None)
        entry = self._entries[at.kind][at.ref] = self._served(at, options[0]) if options else None
        for late in options[1:]:
            self._others[late.file.path] = (_duplicate(at.ref, options[0].file.path),)
        for file in left_over(self._source, at) if at.kind == "workflow" else ():
            self._others[file.path] = (_LEFT_OVER,)
        return entry

    def _served(self, at: Place, option: _Candidate) -> Entry | None:
        if option.record.is_valid:
            return make_entry(at, option.found, option.record)
        last = self._last_valid(at, option.file)
        if last is None:
            self._others[option.file.path] = option.record.problems
            return None
        return make_entry(at, option.found, option.record, last)

    def _last_valid(self, at: Place, file: SourceFile) -> Served | None:
        """The newest content of a file that was valid by the contract of a commit which had both.

        Looked for back to where the file was created or deleted. Today's contract has no say in it: a schema that is
        tightened finds fault with a file, and takes none out of service.
        """
        line = self._snapshot.line
        judged = {(file.blob, self._contracts.today.digest)}
        for position in self._positions(file):
            blob = content_at(line, file.path, position)
            if blob is None:
                return None
            contract = self._contracts.at(position)
            if contract is None or (blob, contract.digest) in judged:
                continue
            judged.add((blob, contract.digest))
            record = self._workshop.under(contract).record(_job(at, file) if blob == file.blob else Job(at, blob))
            if record.is_valid:
                return Served(record, blob, origin_at(line, file.path, position))
        return None

    def _positions(self, file: SourceFile) -> list[int]:
        """The commits that made something else of a file, or of what it is judged by; newest first."""
        own = positions_of(self._snapshot.line, file.path)
        return sorted({*own, *self._contracts.changes}, reverse=True)

    def _files_of(self, at: Place) -> list[SourceFile]:
        return files_of(self._source, at)

    def _found(self, file: SourceFile) -> Found:
        line, edits = self._snapshot.line, self._snapshot.edits
        is_edited = file.path in edits or (file.graph != "" and file.graph in edits)
        ends = ends_of(line, file.path)
        if ends is None:
            modified = (file.edit.modified if file.edit else None) or 0
            return Found(file.path, file.blob, None, modified, modified, NOT_YET, is_edited, file.graph)
        first, last = ends
        at = born(line, file.path)
        return Found(file.path, file.blob, last.commit, first.date, last.date, at, is_edited, file.graph)


def _job(at: Place, file: SourceFile) -> Job:
    return Job(at, file.blob, file.content or (file.edit.raw if file.edit else None))


def _duplicate(ref: str, first: str) -> Problem:
    message = f"'{ref}' is defined by {first} already."
    return Problem("ref-duplicate", "error", message, "", 1, 1, "Keep one of the two files.")


def _stray(path: str) -> Problem:
    folder = workflows_folder_above(path)
    if folder:
        message = f"'{path}' is not served: workflows lie in '{folder}/' itself, not in folders below it."
        return Problem("file-name", "error", message, "", 1, 1, "Move it up, or out of 'packs/'.")
    if not path.endswith((".yaml", ".yml")):
        message = f"'{path}' is not served: files of packs and workflows end in '.yaml' or '.yml', in small letters."
        return Problem("file-name", "error", message, "", 1, 1, "Rename it, or move it out of 'packs/'.")
    message = (
        f"'{path}' is not served: packs and workflows have names of letters, digits, '_' and '-', a workflow's with "
        "dots between them if need be."
    )
    return Problem("file-name", "error", message, "", 1, 1, "Rename it, or move it out of 'packs/'.")
