"""`attune-registry validate`: what is wrong in the files, and where."""

import sys
import time
from collections.abc import Iterable
from pathlib import Path

import click

from .. import errors
from ..edits import READ_LIMIT, Edit
from ..git.head import read_head
from ..git.repository import Repository, UnusableRepository
from ..git.revisions import resolve
from ..git.trees import blob_id
from ..layout import Place, candidates, is_pack_ref, is_workflow_ref, place
from ..logs import configure_logs
from ..source import Source
from . import loose
from .checkup import Checkup, check_up, working_edits
from .failures import CLEAN, PROBLEMS
from .formats import FORMATS
from .options import repo_option
from .progress import progress_bar
from .report import Report
from .selection import changed_since, named, with_dependents

_STANDARD_INPUT = "-"


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@repo_option
@click.option("--changed", metavar="BASE", help="Only what differs from this revision, and what depends on it.")
@click.option("--at", metavar="REV", help="The files of this revision instead of the working tree's.")
@click.option("--ref", metavar="REF", help="The ref of what comes on standard input.")
@click.option(
    "--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True, help="How to say it."
)
def validate(
    paths: tuple[str, ...], repo: Path, changed: str | None, at: str | None, ref: str | None, form: str
) -> None:
    """Check files: the whole registry, or just PATHs.

    A PATH is a file, a folder, the ref of a pack or workflow, or '-' for standard input. Exit code: 0 no errors,
    1 errors, 2 the check could not run.
    """
    configure_logs("error")
    _refuse_contradictions(paths, changed, at, ref)
    repository = _repository(repo, paths)
    if paths == (_STANDARD_INPUT,):
        report = _standard_input(repository, ref)
    elif repository is None:
        report = _report_on_loose(paths, None)
    else:
        report = _report_on_registry(repository, paths, changed, at)
    click.echo(FORMATS[form](report))
    raise click.exceptions.Exit(PROBLEMS if report.has_errors else CLEAN)


def _refuse_contradictions(paths: tuple[str, ...], changed: str | None, at: str | None, ref: str | None) -> None:
    if _STANDARD_INPUT in paths and (len(paths) > 1 or changed or at):
        raise click.UsageError("'-' (standard input) goes with no other PATH, nor with --changed or --at.")
    if ref is not None and paths != (_STANDARD_INPUT,):
        raise click.UsageError("--ref says what standard input is: give '-' as the PATH.")
    if ref is not None and not (is_pack_ref(ref) or is_workflow_ref(ref)):
        raise click.UsageError(f"'{ref}' is no ref; a workflow's is <pack>.<name>.")


def _repository(directory: Path, paths: tuple[str, ...]) -> Repository | None:
    """The repository; None where there is none and PATHs say what to check all the same."""
    try:
        return Repository.open(directory)
    except UnusableRepository:
        if not paths or directory != Path():
            raise
        return None


def _report_on_registry(
    repository: Repository, arguments: tuple[str, ...], changed: str | None, at: str | None
) -> Report:
    base = resolve(repository, changed) if changed else None
    commit = resolve(repository, at) if at else read_head(repository).commit
    edits = {} if at else working_edits(repository)
    with progress_bar("Checking") as progress:
        checkup = check_up(repository, commit, edits, progress)
    wanted: frozenset[str] | None = None
    strangers: list[str] = []
    if arguments:
        wanted, strangers = _named(checkup, repository.root, arguments)
    if at and strangers:
        raise errors.NotFound(f"'{strangers[0]}' is not in the registry at {at}.", code="PATH_NOT_FOUND")
    if base:
        differing = with_dependents(checkup, changed_since(repository, base, commit, edits))
        wanted = differing if wanted is None else wanted & differing
    report = _report(checkup, wanted)
    return _joined(report, _report_on_loose(strangers, repository.root)) if strangers else report


def _named(checkup: Checkup, root: Path | None, arguments: Iterable[str]) -> tuple[frozenset[str], list[str]]:
    wanted: set[str] = set()
    strangers = []
    for argument in arguments:
        found = named(checkup, root, argument)
        if found is None:
            strangers.append(argument)
        else:
            wanted |= found
    return frozenset(wanted), strangers


def _report(checkup: Checkup, wanted: frozenset[str] | None) -> Report:
    paths = checkup.paths if wanted is None else checkup.paths & wanted
    problems = [problem for problem in checkup.problems if wanted is None or problem.path in wanted]
    return Report(tuple(sorted(paths)), tuple(problems), checkup.read)


def _report_on_loose(arguments: Iterable[str], root: Path | None) -> Report:
    files = [file for argument in arguments for file in loose.loose_files(argument, root)]
    return _report_on(files)


def _report_on(files: list[loose.Loose]) -> Report:
    contents = {file.name: file.raw for file in files}
    problems = [problem for file in files for problem in loose.check_loose(file)]
    return Report(tuple(sorted(contents)), tuple(sorted(problems)), contents.get)


def _joined(one: Report, other: Report) -> Report:
    problems = tuple(sorted(one.problems + other.problems))
    return Report(one.paths + other.paths, problems, lambda path: one.read(path) or other.read(path))


def _standard_input(repository: Repository | None, ref: str | None) -> Report:
    raw = sys.stdin.buffer.read(READ_LIMIT)
    if ref is None or repository is None:
        at: Place | None = place(ref) if ref else None
        return _report_on([loose.Loose(loose.STANDARD_INPUT, raw, at, repository.root if repository else None)])
    commit = read_head(repository).commit
    edits = working_edits(repository)
    first, second = candidates(place(ref))
    source = Source(repository, commit, edits)
    path = second if source.find(second) and not source.find(first) else first
    edit = Edit(blob_id(raw), raw, int(time.time()))
    return _report(check_up(repository, commit, {**edits, path: edit}, None), frozenset((path,)))
