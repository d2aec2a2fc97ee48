"""Writes from the command line: the person whom git knows, their words, and the same checks as over HTTP."""

import os
import uuid
from pathlib import Path

import click

from .. import errors
from ..access.principals import Principal, fault_in_email, fault_in_name
from ..git.process import run
from ..git.repository import Repository
from ..logs import configure_logs
from ..registry import Registry
from ..writing.landing import land
from ..writing.making import Done
from ..writing.plans import Write
from ..writing.preview import diff_of, preview
from ..writing.requests import Caller
from .brush import brush
from .diff import write_patch
from .formats.text import visible
from .progress import progress_bar


def open_registry(directory: Path) -> Registry:
    """The registry of the repository that a directory is in, with a progress bar where that takes a while."""
    configure_logs("error")
    with progress_bar("Indexing") as report:
        return Registry.open(directory, progress=report)


def caller_of(repository: Repository, message: str | None = None) -> Caller:
    """The person at the terminal, by git's own settings. Whoever has the clone may do in it what an admin may."""
    name = os.environ.get("GIT_AUTHOR_NAME") or _configured(repository, "user.name")
    email = os.environ.get("GIT_AUTHOR_EMAIL") or _configured(repository, "user.email")
    fault = fault_in_name(name) or fault_in_email(email)
    if fault:
        raise errors.Invalid(f"Tell git who you are ('git config user.name', 'git config user.email'): {fault}")
    person = Principal(name, email, "admin")
    return Caller(lambda _: person, f"cli-{uuid.uuid4().hex}", (message or "").strip())


def _configured(repository: Repository, name: str) -> str:
    return run(repository.directory, "config", "--get", name, accept=(0, 1)).decode(errors="replace").strip()


def perform(registry: Registry, write: Write, proposal: str | None, *, is_dry_run: bool) -> Done:
    """Have it written, or only judged. Raises what refuses it, with the details on standard error."""
    try:
        if is_dry_run:
            return preview(registry, write, proposal)
        outcome = land(registry, [write], proposal)[0]
        if isinstance(outcome, errors.RegistryError):
            raise outcome
    except errors.RegistryError as error:
        _show_details(error)
        raise
    return outcome


def show_diff(repository: Repository, done: Done) -> None:
    """What would change, as a patch."""
    write_patch(diff_of(repository, done).encode(), brush())


def _show_details(error: errors.RegistryError) -> None:
    for detail in error.details:
        where = detail.get("path") or detail.get("ref") or ""
        said = detail.get("message") or detail.get("pointer") or ""
        if where and said:
            line = f":{detail['line']}:{detail['column']}" if "line" in detail else ""
            click.echo(f"{visible(str(where))}{line}: {visible(str(said))}", err=True)
