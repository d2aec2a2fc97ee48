"""`attune-registry validate`: what is wrong in the files, and where."""

import importlib
from pathlib import Path

import click

from ..layout import is_pack_ref, is_workflow_ref
from . import remembered
from .arguments import named
from .failures import CLEAN, PROBLEMS
from .formats import FORMATS, render
from .options import repo_option
from .report import Report, report_on

STANDARD_INPUT = "-"


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
    _refuse_contradictions(paths, changed, at, ref)
    is_simple = changed is None and at is None and STANDARD_INPUT not in paths
    state = remembered.look(repo) if is_simple else None
    report = _from_memory(state, paths) if state else None
    if report is None:
        # A check takes a good part of the program, which is not worth loading where nothing has changed.
        checking = importlib.import_module(".checking", __package__)
        report = checking.check(checking.Wanted(repo, paths, changed, at, ref), state)
    click.echo(render(report, form))
    raise click.exceptions.Exit(PROBLEMS if report.has_errors else CLEAN)


def _refuse_contradictions(paths: tuple[str, ...], changed: str | None, at: str | None, ref: str | None) -> None:
    if STANDARD_INPUT in paths and (len(paths) > 1 or (changed, at) != (None, None)):
        raise click.UsageError("'-' (standard input) goes with no other PATH, nor with --changed or --at.")
    if ref is not None and paths != (STANDARD_INPUT,):
        raise click.UsageError("--ref says what standard input is: give '-' as the PATH.")
    if ref is not None and not (is_pack_ref(ref) or is_workflow_ref(ref)):
        raise click.UsageError(f"'{ref}' is no ref; a workflow's is <pack>.<name>.")


def _from_memory(state: remembered.State, arguments: tuple[str, ...]) -> Report | None:
    """The report, if all that it takes was found the last time."""
    findings = remembered.recall(state)
    if findings is None:
        return None

    def read(path: str) -> bytes | None:
        return remembered.read(state.root, path)

    found = [named(findings.paths, state.root, argument, read) for argument in arguments]
    wanted = [paths for paths in found if paths is not None]
    if len(wanted) < len(found):
        return None
    everything = frozenset().union(*wanted) if arguments else None
    return report_on(findings.paths, findings.problems, everything, read)
