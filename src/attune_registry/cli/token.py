"""`attune-registry token`: hand out, list and take back the tokens of a repository's registry."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .. import errors
from ..access.principals import EVERY_PACK, ROLES, Role
from ..access.tokenfile import Entry
from ..access.tokens import TokenStore, token_store
from ..git.repository import Repository

_COLUMNS = ("NAME", "EMAIL", "ROLE", "PACKS", "CREATED")

_repo = click.option(
    "--repo",
    type=click.Path(path_type=Path),
    default=Path(),
    metavar="DIR",
    help="The registry's repository; the current directory if not given.",
)


@click.group()
def token() -> None:
    """Hand out, list and take back tokens. Changes count at once, without a restart."""


@token.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the token's owner may do.")
@click.option(
    "--pack",
    "packs",
    multiple=True,
    metavar="GLOB",
    help="A pack that may be written, like 'slack' or 'data_*'; can be repeated. Every pack if not given.",
)
@click.option("--email", metavar="E", help="The author's address in commits; a made-up one if not given.")
@_repo
def create(name: str, role: Role, packs: Sequence[str], email: str | None, repo: Path) -> None:
    """Print a new token for NAME. It is shown this once; only its digest is kept."""
    with _complaining():
        secret = _store(repo).create(name, role, packs or EVERY_PACK, email)
    click.echo(secret)
    reach = ", ".join(packs or EVERY_PACK)
    click.echo(f"Token for {name} ({role}; packs: {reach}). Keep it: it is not shown again.", err=True)


@token.command("list")
@click.option("--json", "as_json", is_flag=True, help="A JSON list instead of a table.")
@_repo
def list_tokens(as_json: bool, repo: Path) -> None:
    """Show whose tokens there are; the tokens themselves are not kept."""
    with _complaining():
        entries = _store(repo).list()
    if as_json:
        click.echo(json.dumps([_as_json(entry) for entry in entries], indent=2, ensure_ascii=False))
    elif _is_terminal():
        _show_table(entries)
    else:
        for entry in entries:
            click.echo("\t".join(_cells(entry)))


@token.command()
@click.argument("name")
@_repo
def revoke(name: str, repo: Path) -> None:
    """Make the token of NAME worthless, from now on."""
    with _complaining():
        _store(repo).revoke(name)
    click.echo(f"The token of {name} is revoked.", err=True)


def _store(repo: Path) -> TokenStore:
    try:
        repository = Repository.open(repo)
    except errors.RegistryError as error:
        raise _CouldNotRun(error.message) from error
    return token_store(repository.state_folder)


class _Refused(click.ClickException):
    """The tokens are as they were, and the answer is no."""

    exit_code = 1


class _CouldNotRun(click.ClickException):
    """There was no way to find out."""

    exit_code = 2


@contextmanager
def _complaining() -> Iterator[None]:
    """Turn the domain's errors and the disk's into a sentence: 1 for a no, 2 for what could not run."""
    try:
        yield
    except (errors.Conflict, errors.NotFound) as error:
        raise _Refused(error.message) from error
    except errors.RegistryError as error:
        raise _CouldNotRun(error.message) from error
    except OSError as error:
        raise _CouldNotRun(f"The tokens cannot be changed: {error}.") from error


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _as_json(entry: Entry) -> dict[str, object]:
    who = entry.principal
    return {
        "name": who.name,
        "email": who.email,
        "role": who.role,
        "packs": list(who.packs),
        "created": entry.created,
    }


def _cells(entry: Entry) -> tuple[str, ...]:
    who = entry.principal
    return who.name, who.email, who.role, ", ".join(who.packs), entry.created


def _show_table(entries: Sequence[Entry]) -> None:
    table = Table(*_COLUMNS)
    for entry in entries:
        # Text, for a name may hold what rich would take for markup.
        table.add_row(*map(Text, _cells(entry)))
    Console().print(table)
