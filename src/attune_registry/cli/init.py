"""`attune-registry init`: a new registry, with its first commit."""

import os
import shlex
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import click

from .. import errors
from ..git.head import read_head
from ..git.objects import REGISTRY_EMAIL, REGISTRY_NAME
from ..git.process import run
from ..git.repository import Repository
from ..git.trees import find_file
from ..layout import ACCESS_PATH, CONFIG_PATH, PACK_SCHEMA_PATH, PACKS, REGISTRY, WORKFLOW_SCHEMA_PATH
from ..starter import starter_files
from .adding import Additions, adding

BRANCH = "main"
SUBJECT = "Create the registry"
_MARKS = (CONFIG_PATH, ACCESS_PATH, WORKFLOW_SCHEMA_PATH, PACK_SCHEMA_PATH)
_FOLDERS = (PACKS, REGISTRY, PACK_SCHEMA_PATH.rpartition("/")[0])
# The registry reads repositories of these formats only; a person's git may be set to make others.
_FORMATS = {"GIT_DEFAULT_HASH": "sha1", "GIT_DEFAULT_REF_FORMAT": "files"}


class Made(NamedTuple):
    """A registry that was made: the commit, and the files that were there already and were left as they are."""

    repository: Repository
    commit: str
    left_alone: list[str]


@click.command()
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
def init(directory: Path) -> None:
    """Make a new registry in DIR: a git repository with settings, schemas, an empty packs/ and a first commit.

    DIR may exist, also as a repository; files that are there already are left as they are.
    """
    made = make_registry(directory)
    click.echo(f"The registry is in {directory} (commit {made.commit[:10]}, '{SUBJECT}').")
    for path in made.left_alone:
        click.echo(f"Left as it was: {path}")
    where = "" if directory.resolve() == Path.cwd() else f" --repo {shlex.quote(str(directory))}"
    click.echo(
        "\nNext:\n"
        f"  attune-registry new pack my_pack{where}\n"
        f"  attune-registry new workflow my_pack.hello{where}\n"
        f"  attune-registry token create me --role admin{where}\n"
        f"  attune-registry serve{where}"
    )


def make_registry(directory: Path) -> Made:
    """Make a registry in a directory, new or not.

    Raises Conflict, with nothing written, when there is one already or git is in the middle of something there. What
    was written is taken back when the commit fails.
    """
    if directory.exists() and not directory.is_dir():
        raise errors.Conflict(f"'{directory}' is a file; name a directory.")
    found = next((mark for mark in _MARKS if os.path.lexists(directory / mark)), None)
    if found:
        raise errors.Conflict(f"There is a registry in '{directory}' already ({found}); nothing was changed.")
    directory.mkdir(parents=True, exist_ok=True)
    if not (directory / ".git").exists():
        _refuse_bare(directory)
        run(directory, "init", "--quiet", f"--initial-branch={BRANCH}", env=_FORMATS)
    repository = Repository.open(directory)
    _refuse_unfinished(repository)
    _refuse_deleted(repository)
    _refuse_links(directory)
    with adding(directory) as additions:
        left_alone = _write(additions, starter_files())
        commit = _commit(repository, additions.paths)
    return Made(repository, commit, left_alone)


def _refuse_bare(directory: Path) -> None:
    if (directory / "HEAD").is_file() and (directory / "objects").is_dir():
        raise errors.Conflict(f"'{directory}' is a bare repository; clone it, run init in the clone, and push.")


def _refuse_unfinished(repository: Repository) -> None:
    doing = repository.at_work()
    if doing:
        raise errors.Conflict(f"{doing.capitalize()} is going on in '{repository.root}'; finish or abort it.")


def _refuse_deleted(repository: Repository) -> None:
    commit = read_head(repository).commit
    found = next((mark for mark in _MARKS if find_file(repository, commit, mark)), None)
    if found:
        raise errors.Conflict(
            f"The last commit in '{repository.root}' has a registry ({found}), of which files are deleted: bring them "
            f"back with 'git restore --source=HEAD --staged --worktree {REGISTRY}', or commit first that they are gone."
        )


def _refuse_links(directory: Path) -> None:
    found = next((folder for folder in _FOLDERS if (directory / folder).is_symlink()), None)
    if found:
        raise errors.Conflict(f"'{directory / found}' is a link, and a registry follows none; make it a folder.")


def _write(additions: Additions, contents: Mapping[str, bytes]) -> list[str]:
    """Write these files; those that are there already, or that would lead out of the directory, are left alone."""
    left_alone = []
    for path, content in contents.items():
        if any((additions.root / folder).is_symlink() for folder in Path(path).parents[:-1]):
            left_alone.append(f"{path} (behind a link)")
        elif os.path.lexists(additions.root / path):
            left_alone.append(path)
        else:
            additions.write(path, content)
    return left_alone


def _commit(repository: Repository, paths: list[str]) -> str:
    # --force: a person's global ignore file may name any of these; --no-verify: a hook of theirs may know nothing
    # of this repository. What they have staged themselves stays staged, for only these paths are committed.
    with ExitStack() as undoing:
        undoing.callback(run, repository.directory, "reset", "--quiet", "--", *paths)
        run(repository.directory, "add", "--force", "--", *paths)
        arguments = ("commit", "--quiet", "--no-verify", f"--message={SUBJECT}", "--only", "--", *paths)
        run(repository.directory, *arguments, env=_identity(repository))
        undoing.pop_all()
    return run(repository.directory, "rev-parse", "HEAD").decode().strip()


def _identity(repository: Repository) -> dict[str, str]:
    """Whose commit it is: the person's as git knows it, or the registry's own when git knows nobody."""
    name = os.environ.get("GIT_AUTHOR_NAME") or repository.config("user", "name")
    email = os.environ.get("GIT_AUTHOR_EMAIL") or repository.config("user", "email")
    if not (name and email):
        name, email = REGISTRY_NAME, REGISTRY_EMAIL
    return {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", name), ("EMAIL", email))
    }
