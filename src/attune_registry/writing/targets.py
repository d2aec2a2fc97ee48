"""Where a write goes, the branch served or a proposal's, and whether it may."""

from typing import NamedTuple

from .. import errors
from ..git.repository import Repository
from ..proposals.branches import branch_of, find_branch, refuse_bad_name
from ..proposals.guard import guard_of
from ..registry import Registry
from ..snapshot import Snapshot
from .plans import Reviewed, Write


class Start(NamedTuple):
    """What a write to a proposal starts from: the branch's commit, or the served one where the branch is new."""

    commit: str
    exists: bool
    snapshot: Snapshot


def start_of(registry: Registry, served: Snapshot, name: str) -> Start:
    """Where a proposal is, or begins. Raises Invalid for a name that cannot be, Conflict where none can begin."""
    refuse_served(served, name)
    found = find_branch(registry.repository, name)
    if found is not None:
        return Start(found.head, True, registry.past.snapshot(found.head, served))
    refuse_bad_name(name)
    commit = served.head.commit
    if commit is None:
        raise errors.Conflict(
            "Nothing has been committed here yet, so there is nothing that a proposal could change; write the first "
            "pack without 'proposal'.",
            code="NOTHING_COMMITTED",
        )
    return Start(commit, False, registry.past.snapshot(commit, served))


def refuse_served(served: Snapshot, name: str) -> None:
    """Raise Conflict where a proposal's branch is the very one that is served."""
    if served.head.branch == branch_of(name):
        message = f"'{branch_of(name)}' is the branch served; it is no proposal."
        raise errors.Conflict(message, code="BRANCH_CHECKED_OUT")


def refuse_if_protected(repository: Repository, write: Write, snapshot: Snapshot) -> None:
    """Raise Forbidden for a write that goes around review, whoever asks."""
    if not isinstance(write, Reviewed) and guard_of(repository, snapshot).is_protected:
        raise errors.Forbidden(
            f"The branch '{snapshot.head.branch}' is protected (registry/config.yaml): propose the change "
            "('?proposal=<name>', on the command line '--proposal <name>'), have it reviewed, and merge it.",
            code="BRANCH_PROTECTED",
        )
