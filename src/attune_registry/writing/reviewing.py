"""Saying yes or no to a proposal, and closing one: what happens to proposals beside commits."""

import time
from dataclasses import dataclass, field

from .. import errors
from ..access.principals import Principal
from ..entries import timestamp
from ..git.ancestry import own_commits
from ..git.references import delete_ref
from ..git.shallow import cuts
from ..git.worktrees import checked_out_at
from ..proposals.authors import authors_of
from ..proposals.branches import Branch, branch_of, require_branch
from ..proposals.reviews import Review, Verdict, keep_review, seconds_after
from ..proposals.standing import Standing, standing_of
from ..registry import Registry
from ..shown import shown
from ..snapshot import Snapshot
from .lock import WriteLock
from .merge import require_reach
from .requests import Caller, Conditions
from .targets import refuse_served

MAX_COMMENT = 4000


@dataclass(frozen=True, slots=True)
class Request:
    """Something that is asked of a proposal; `If-Match` is of its head."""

    name: str
    caller: Caller
    conditions: Conditions = field(default_factory=Conditions)


def review(registry: Registry, request: Request, verdict: Verdict, comment: str) -> Standing:
    """Keeps a review of the proposal as it is now; the standing with it. Raises Forbidden for one's own work."""
    if len(comment) > MAX_COMMENT:
        raise errors.Invalid(f"The comment is longer than {MAX_COMMENT} characters; shorten it.")
    if shown(comment) != comment:
        raise errors.Invalid("The comment is not UTF-8; write it anew.")
    with WriteLock(registry.repository):
        served = registry.refresh()
        principal = request.caller.principal(served.roster)
        branch = _branch(registry, served, request.name)
        standing = standing_of(registry, served, branch)
        if standing.authors.include(principal):
            raise errors.Forbidden(
                f"The proposal '{branch.name}' is your own work, as far as its commits say; somebody else has to "
                "review it.",
                code="OWN_PROPOSAL",
            )
        require_reach(principal, standing)
        request.conditions.refuse_unless_met(branch.head)
        date = timestamp(seconds_after(standing.reviews, principal, int(time.time())))
        kept = Review(branch.name, branch.head, str(standing.bases), principal, verdict, comment, date)
        keep_review(registry.repository, kept)
        return standing_of(registry, served, branch)


def close(registry: Registry, request: Request) -> Branch:
    """Deletes the proposal's branch; its commits are nobody's then. For its authors and admins."""
    with WriteLock(registry.repository):
        served = registry.refresh()
        branch = _branch(registry, served, request.name)
        _require_authorship(registry, served, branch, request.caller.principal(served.roster))
        request.conditions.refuse_unless_met(branch.head)
        close_branch(registry, branch)
        return branch


def close_branch(registry: Registry, branch: Branch) -> None:
    """Deletes a proposal's branch. Raises Conflict when it has moved since, or somebody has it checked out."""
    name = branch_of(branch.name)
    where = checked_out_at(registry.repository, name)
    if where is not None:
        raise errors.Conflict(
            f"The branch '{name}' is checked out, being rebased or bisected in a working tree ('{where}'); finish "
            "there, and check out another one, first.",
            code="BRANCH_CHECKED_OUT",
        )
    delete_ref(registry.repository, f"refs/heads/{name}", branch.head)


def _branch(registry: Registry, served: Snapshot, name: str) -> Branch:
    refuse_served(served, name)
    return require_branch(registry.repository, name)


def _require_authorship(registry: Registry, served: Snapshot, branch: Branch, principal: Principal) -> None:
    principal.require_role("editor", "closing a proposal")
    if principal.has_role("admin"):
        return
    if cuts(registry.repository):
        # Whose the commits are that are not here, nobody can tell; it says so where that matters.
        standing_of(registry, served, branch)
    if not authors_of(own_commits(registry.repository, branch.head, served.head.commit)).include(principal):
        raise errors.Forbidden(f"Only its authors and admins close the proposal '{branch.name}'.")
