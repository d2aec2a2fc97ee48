"""Refs other than the branch that is written: moved and deleted by git, if they are where they are thought to be."""

from ..errors import Conflict, GitFailed, Unavailable
from .durability import durability_of
from .head import resolve_ref
from .process import run
from .repository import Repository

_NOBODY = "0" * 40


def move_ref(repository: Repository, name: str, old: str | None, new: str, message: str) -> None:
    """Points a ref at `new` if it is at `old` (None: is not there). Raises Conflict (REF_MOVED) or Unavailable."""
    _update(repository, name, old, "-m", message, name, new, old or _NOBODY)


def delete_ref(repository: Repository, name: str, old: str) -> None:
    """Deletes a ref if it is at `old`. Raises Conflict (REF_MOVED) or Unavailable."""
    _update(repository, name, old, "-d", name, old)


def _update(repository: Repository, name: str, old: str | None, *arguments: str) -> None:
    # git itself flushes refs only when it is told to (git-config, core.fsync); what was answered is to be on disk.
    flushed = ("-c", "core.fsync=reference") if durability_of(repository).refs else ()
    try:
        run(repository.directory, *flushed, "update-ref", "--no-deref", *arguments)
    except GitFailed as error:
        found = resolve_ref(repository, name)
        if found != old:
            raise Conflict(
                f"'{name}' has moved to {found or 'nothing'} meanwhile; try again.", code="REF_MOVED"
            ) from error
        raise Unavailable(f"'{name}' could not be changed: {error.message}", code="REF_LOCKED") from error
