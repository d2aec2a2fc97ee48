"""`attune-registry fmt`: workflow and pack files in their normal form, comments and content kept."""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import click

from .. import errors
from ..forms.pairs import names_workflow
from ..git.head import read_head
from ..git.repository import Repository, UnusableRepository
from ..layout import place_of, workflow_of_action
from ..pairs import text_of
from ..source import Source, SourceFile
from ..yamldoc.document import parse
from ..yamldoc.format import normalise
from .arguments import named
from .checkup import working_edits
from .failures import CLEAN, PROBLEMS
from .loose import loose_paths
from .options import repo_option
from .progress import progress_bar
from .rewriting import rewrite

Refusal = Literal["unsound", "unfit"]
Outcome = Literal["same", "other"] | Refusal
_STANDARD_INPUT = "-"
# Words that other readers of YAML take for something else; they stay as they are spelled.
_HARMLESS = "yaml-surprise"
_UNSOUND = "it is not sound; 'attune-registry validate {}' says why"
_UNFIT = "it cannot be put into the form line by line; braces around it all or a key behind '?' are the usual reasons"
_REASONS: dict[Outcome, str] = {"unsound": _UNSOUND, "unfit": _UNFIT}


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 when something would change.")
@repo_option
def fmt(paths: tuple[str, ...], check: bool, repo: Path) -> None:
    """Put workflow and pack files into their normal form: all of the registry's, or just PATHs.

    A PATH is a file, a folder, the ref of a pack or workflow, or '-' for standard input to standard output.
    Comments and content stay as they are. Exit code: 0 done, 1 something is not in the form or cannot be put into
    it, 2 could not run.
    """
    if paths == (_STANDARD_INPUT,):
        raise click.exceptions.Exit(_standard_input(check))
    files = list(_files(repo, paths))
    outcomes: dict[Path, Outcome] = {}
    with progress_bar("Formatting") as progress:
        for file in files:
            outcomes[file] = _format(file, check)
            if progress:
                progress(len(outcomes), len(files))
    _tell(outcomes, check)
    is_bad = not _REASONS.keys().isdisjoint(outcomes.values()) or (check and "other" in outcomes.values())
    raise click.exceptions.Exit(PROBLEMS if is_bad else CLEAN)


def formatted(raw: bytes) -> bytes | Refusal:
    """A file's bytes in normal form.

    It is unsound if it is no YAML that a registry could read, or not in one way only; and unfit if it is laid out so
    that its lines cannot be moved safely.
    """
    document = parse(raw)
    if not document.loadable or any(fault.rule != _HARMLESS for fault in document.faults):
        return "unsound"
    after = normalise(raw.decode("utf-8"))
    return "unfit" if after is None else after.encode()


def _tell(outcomes: dict[Path, Outcome], check: bool) -> None:
    verb = "Would change" if check else "Changed"
    for file, outcome in outcomes.items():
        shown = os.path.relpath(file)
        if outcome == "other":
            click.echo(f"{verb} {shown}")
        elif outcome in _REASONS:
            click.echo(f"Left {shown} as it is: {_REASONS[outcome].format(shown)}.", err=True)
    counted = Counter(outcomes.values())
    said = f"{counted['other']} {verb.lower()}" if counted["other"] else "all in form"
    left = sum(counted[refusal] for refusal in _REASONS)
    if left:
        said = f"{counted['other']} {verb.lower()}, {left} left as they are"
    click.echo(f"{len(outcomes)} files looked at: {said}.", err=True)


def _files(directory: Path, arguments: Iterable[str]) -> Iterator[Path]:
    try:
        repository = Repository.open(directory)
    except UnusableRepository:
        if not arguments:
            raise
        for argument in arguments:
            yield from loose_paths(argument)
        return
    root = repository.root
    if root is None:
        raise errors.Conflict(f"'{directory}' is a bare repository; format files in a clone of it, and push.")
    source = Source(repository, read_head(repository).commit, working_edits(repository))
    known = _known(source)
    wanted = known if not arguments else frozenset[str]()
    for argument in arguments:
        found = named(known, root, argument, source.read_path)
        if found is None:
            yield from loose_paths(argument)
        else:
            wanted |= found
    yield from (root / path for path in sorted(wanted))


def _known(source: Source) -> frozenset[str]:
    return frozenset(file.path for file in source.files() if file.is_regular and _is_ours(source, file))


def _is_ours(source: Source, file: SourceFile) -> bool:
    """Of a pack or workflow: by its path, or because it is the action of one in two files."""
    if place_of(file.path):
        return True
    return workflow_of_action(file.path) is not None and names_workflow(text_of(source, file))


def _format(file: Path, check: bool) -> Outcome:
    before = file.read_bytes()
    after = formatted(before)
    if isinstance(after, str):
        return after
    if after == before:
        return "same"
    if not check:
        rewrite(file, after)
    return "other"


def _standard_input(check: bool) -> int:
    before = sys.stdin.buffer.read()
    after = formatted(before)
    if after == "unsound":
        raise errors.Invalid("Standard input is not sound YAML; 'attune-registry validate -' says why.")
    is_unfit = after == "unfit"
    if is_unfit:
        click.echo(f"Standard input stays as it is: {_UNFIT}.", err=True)
    if not check:
        # An editor that puts the answer in the place of the text must not lose it.
        sys.stdout.buffer.write(before if isinstance(after, str) else after)
    return PROBLEMS if is_unfit or (check and after != before) else CLEAN
