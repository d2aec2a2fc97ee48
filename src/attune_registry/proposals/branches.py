"""Proposals are the branches below `proposals/`, whoever made them: their names, and where each one is."""

import re
from typing import NamedTuple

import pygit2

from ..checks.nearest import did_you_mean
from ..errors import Invalid, NotFound
from ..git.head import resolve_ref
from ..git.process import run
from ..git.repository import Repository

FOLDER = "proposals"
_REFS = f"refs/heads/{FOLDER}/"
_MAX_NAME = 100
_NEW_NAME = re.compile(rf"[a-z0-9][a-z0-9._-]{{0,{_MAX_NAME - 1}}}\Z")


class Branch(NamedTuple):
    """A proposal: its name (the branch's, without `proposals/`) and the commit it is at."""

    name: str
    head: str


def branch_of(name: str) -> str:
    """The branch of a proposal, as git knows it."""
    return f"{FOLDER}/{name}"


def find_branch(repository: Repository, name: str) -> Branch | None:
    """The proposal of a name, None when there is none."""
    if not name.isprintable() or not pygit2.reference_is_valid_name(_REFS + name):
        return None
    head = resolve_ref(repository, _REFS + name)
    return Branch(name, head) if head else None


def require_branch(repository: Repository, name: str) -> Branch:
    """The proposal of a name. Raises NotFound."""
    found = find_branch(repository, name)
    if found is None:
        hint = did_you_mean(name, (branch.name for branch in list_branches(repository)))
        raise NotFound(
            f"There is no proposal '{name}'{f'; {hint}' if hint else '.'}",
            code="PROPOSAL_NOT_FOUND",
        )
    return found


def list_branches(repository: Repository) -> list[Branch]:
    """All proposals, by name."""
    rows = run(repository.directory, "for-each-ref", "--format=%(objectname) %(refname)", _REFS).decode().splitlines()
    found = (row.split(" ", 1) for row in rows)
    return [Branch(ref.removeprefix(_REFS), head) for head, ref in found]


def refuse_bad_name(name: str) -> None:
    """Raise Invalid unless a new proposal may be called so."""
    if not _NEW_NAME.match(name) or not pygit2.reference_is_valid_name(_REFS + name):
        raise Invalid(
            f"{name[:_MAX_NAME]!r} is no name for a proposal; use lower-case letters, digits, '.', '_' and '-', at "
            f"most {_MAX_NAME}, a letter or digit first), like 'fix-retries'.",
            code="INVALID_PARAMETER",
            details=[{"parameter": "proposal", "pointer": "", "message": "is no name for a proposal"}],
        )
