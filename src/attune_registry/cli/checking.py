"""Checking what `validate` was asked for, from the files themselves."""

import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from .. import errors
from ..blobs import READ_LIMIT
from ..edits import Edit
from ..forms.pairs import names_workflow
from ..git.head import read_head
from ..git.ids import blob_id
from ..git.repository import Repository, UnusableRepository
from ..git.revisions import resolve
from ..layout import Place, candidates, place
from ..logs import configure_logs
from ..pairs import files_of
from ..source import Source
from . import loose, remembered
from .arguments import named
from .changed import changed_since, left_behind, with_dependents
from .checkup import Checkup, check_up, working_edits
from .progress import progress_bar
from .report import Report, report_on


class Wanted(NamedTuple):
    """What is to be checked, as the command line says it; `paths` are empty for everything."""

    repo: Path
    paths: tuple[str, ...]
    changed: str | None
    at: str | None
    ref: str | None


def check(wanted: Wanted, state: remembered.State | None) -> Report:
    """A report on what is wanted; what is found in the working tree is remembered as that of `state`."""
    configure_logs("error")
    repository = _repository(wanted)
    if wanted.paths == ("-",):
        return _standard_input(repository, wanted.ref)
    if repository is None:
        return _loose(wanted.paths, None)
    return _registry(repository, wanted, state)


def _repository(wanted: Wanted) -> Repository | None:
    """The repository; None where there is none and PATHs say what to check all the same."""
    try:
        return Repository.open(wanted.repo)
    except UnusableRepository:
        if not wanted.paths or wanted.repo != Path():
            raise
        found = _around(Path(wanted.paths[0]))
        if found is None and (wanted.changed, wanted.at) != (None, None):
            raise
        return found


def _around(path: Path) -> Repository | None:
    """The registry that a PATH is in, for somebody who is not in it."""
    try:
        return Repository.open(path if path.is_dir() else path.parent)
    except UnusableRepository:
        return None


def _registry(repository: Repository, wanted: Wanted, state: remembered.State | None) -> Report:
    base = resolve(repository, wanted.changed) if wanted.changed is not None else None
    commit = resolve(repository, wanted.at) if wanted.at is not None else read_head(repository).commit
    edits = {} if wanted.at is not None else working_edits(repository)
    with progress_bar("Checking") as progress:
        checkup = check_up(repository, commit, edits, progress)
    if state:
        remembered.remember(state, remembered.Findings(checkup.paths, checkup.problems))
    paths, strangers = _named(checkup, repository.root, wanted.paths) if wanted.paths else (None, [])
    if wanted.at and strangers:
        raise errors.NotFound(f"'{strangers[0]}' is not in the registry at {wanted.at}.", code="PATH_NOT_FOUND")
    problems = checkup.problems
    if base:
        changed = changed_since(repository, base, commit, edits)
        differing = with_dependents(checkup, changed)
        paths = differing if paths is None else paths & differing
        problems = tuple(sorted((*problems, *left_behind(checkup, changed)), key=lambda problem: problem[:3]))
    report = report_on(checkup.paths, problems, paths, checkup.read)
    return _joined(report, _loose(strangers, repository.root)) if strangers else report


def _named(checkup: Checkup, root: Path | None, arguments: Iterable[str]) -> tuple[frozenset[str], list[str]]:
    wanted: set[str] = set()
    strangers = []
    for argument in arguments:
        found = named(checkup.paths, root, argument, checkup.read)
        if found is None:
            strangers.append(argument)
        else:
            wanted |= found
    return frozenset(wanted), strangers


def _loose(arguments: Iterable[str], root: Path | None) -> Report:
    return _by_content([file for argument in arguments for file in loose.loose_files(argument, root)])


def _by_content(files: list[loose.Loose]) -> Report:
    contents = {file.name: file.raw for file in files}
    problems = {problem for file in files for problem in loose.check_loose(file)}
    return report_on(frozenset(contents), sorted(problems), None, contents.get)


def _joined(one: Report, other: Report) -> Report:
    problems = tuple(sorted(one.problems + other.problems))
    return Report(one.paths + other.paths, problems, lambda path: one.read(path) or other.read(path))


def _standard_input(repository: Repository | None, ref: str | None) -> Report:
    raw = sys.stdin.buffer.read(READ_LIMIT)
    if ref is None or repository is None:
        root = repository.root if repository else None
        return _by_content([loose.Loose(loose.STANDARD_INPUT, raw, place(ref) if ref else None, root)])
    commit = read_head(repository).commit
    edits = working_edits(repository)
    source = Source(repository, commit, edits)
    path = _path_for(source, place(ref), raw)
    edit = Edit(blob_id(raw), raw, int(time.time()))
    checkup = check_up(repository, commit, {**edits, path: edit}, None)
    return report_on(checkup.paths, checkup.problems, frozenset((path,)), checkup.read)


def _path_for(source: Source, at: Place, raw: bytes) -> str:
    """Where a text belongs; of a workflow in two files, that of the action says which file has the tasks."""
    paths = candidates(at)
    found = next(iter(files_of(source, at)), None)
    is_action = at.kind == "workflow" and names_workflow(raw)
    if is_action and (found is None or found.path in paths[4:]):
        return next(filter(source.find, paths[2:4]), paths[2])
    if found is None:
        return paths[0]
    return found.graph if found.graph and not is_action else found.path
