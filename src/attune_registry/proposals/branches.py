"""Proposals are the branches below `proposals/`, whoever made them: their names, and where each one is."""

import re
from typing import NamedTuple

import pygit2
from pygit2.enums import ReferenceType

from ..checks.nearest import did_you_mean
from ..errors import Conflict, Invalid, NotFound
from ..git.head import resolve_ref
from ..git.process import run
from ..git.repository import Repository
from ..git.revisions import may_be_name

FOLDER = "proposals"
_REFS = f"refs/heads/{FOLDER}/"
_MAX_NAME = 100
# libgit2 takes names of refs of up to 1024 characters.
_LONGEST = 1000 - len(_REFS)
_NEW_NAME = re.compile(rf"[a-z0-9][a-z0-9._-]{{0,{_MAX_NAME - 1}}}\Z")


class Branch(NamedTuple):
    """A proposal: its name (the branch's, without `proposals/`) and the commit it is at."""

    name: str
    head: str


def branch_of(name: str) -> str:
    """The branch of a proposal, as git knows it."""
    return f"{FOLDER}/{name}"


def find_branch(repository: Repository, name: str) -> Branch | None:
    """The proposal of a name, None when there is none. Raises Conflict for another name of another branch."""
    if len(name) > _LONGEST or not may_be_name(name) or not pygit2.reference_is_valid_name(_REFS + name):
        return None
    try:
        found = repository.handle().find_reference(_REFS + name)
    except pygit2.GitError as error:
        raise _damaged(name, str(error)) from error
    if found is not None and found.type == ReferenceType.SYMBOLIC:
        raise Conflict(
            f"'{branch_of(name)}' is only another name of '{found.target}'; make it a branch of its own with git.",
            code="SYMBOLIC_BRANCH",
        )
    head = resolve_ref(repository, _REFS + name)
    if head and repository.handle().get(head) is None:
        raise _damaged(name, f"the commit {head} is not in this clone")
    return Branch(name, head) if head else None


def _damaged(name: str, why: str) -> Conflict:
    return Conflict(
        f"The branch '{branch_of(name)}' is damaged ({why}); make it anew with git, or remove '.git/{_REFS}{name}'.",
        code="REF_DAMAGED",
    )


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
    wanted = "--format=%(objectname) %(symref) %(refname)"
    said = run(repository.directory, "for-each-ref", wanted, _REFS).decode(errors="surrogateescape")
    # A name may have what is a line's end to Python, but none to git.
    found = (row.split(" ", 2) for row in said.split("\n") if row)
    return [Branch(ref.removeprefix(_REFS), head) for head, other, ref in found if not other]


def refuse_bad_name(name: str) -> None:
    """Raise Invalid unless a new proposal may be called so."""
    if not _NEW_NAME.match(name) or not pygit2.reference_is_valid_name(_REFS + name):
        raise Invalid(
            f"{name[:_MAX_NAME]!r} is no name for a proposal; use lower-case letters, digits, '.', '_' and '-', at "
            f"most {_MAX_NAME}, a letter or digit first, like 'fix-retries'.",
            code="INVALID_PARAMETER",
            details=[{"parameter": "proposal", "pointer": "", "message": "is no name for a proposal"}],
        )
