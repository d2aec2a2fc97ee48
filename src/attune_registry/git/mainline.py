"""Where work on a branch goes back to: the branch that is served, as far as this clone knows it."""

from collections.abc import Iterator

from .process import run
from .repository import Repository

_USUAL = ("main", "master")


def mainline_tip(repository: Repository, branch: str | None) -> str | None:
    """The commit that the branch served is at; None where this clone has no such branch.

    That is `branch` where its name is known; otherwise what the remote calls its default, else one of the usual
    names, else what the branch checked out follows. A remote's word counts before this clone's own.
    """
    found = (_commit_of(repository, name) for name in _names(branch))
    return next(filter(None, found), None)


def _names(branch: str | None) -> Iterator[str]:
    usual = (branch,) if branch else _USUAL
    if not branch:
        yield "refs/remotes/origin/HEAD"
    yield from (f"refs/remotes/origin/{name}" for name in usual)
    if not branch:
        yield "HEAD@{upstream}"
    yield from (f"refs/heads/{name}" for name in usual)


def _commit_of(repository: Repository, name: str) -> str | None:
    arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    return run(repository.directory, *arguments, accept=(0, 1, 128)).decode().strip() or None
