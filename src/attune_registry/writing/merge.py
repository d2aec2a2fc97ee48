"""Merging a proposal into the branch served: judged here and now, against the exact commits that are merged."""

from dataclasses import dataclass, field

from .. import errors
from ..access.principals import Principal
from ..deeds import Changes, deeds, listed
from ..proposals.branches import branch_of, require_branch
from ..proposals.standing import Standing, standing_of
from .plans import Desk, Plan, Reviewed
from .requests import Caller, Conditions
from .targets import refuse_served


@dataclass(frozen=True, slots=True)
class Merge(Reviewed):
    """A proposal to be merged; `If-Match` is of its head."""

    name: str
    caller: Caller
    conditions: Conditions = field(default_factory=Conditions)

    def plan(self, desk: Desk, principal: Principal) -> Plan:
        """The files that the merge changes. Raises NotFound, Forbidden, PreconditionFailed, or Conflict with reasons.

        Where the branch served has everything already, there is nothing to commit: the proposal is only closed.
        """
        refuse_served(desk.snapshot, self.name)
        branch = require_branch(desk.repository, self.name)
        standing = standing_of(desk.registry, desk.snapshot, branch)
        require_reach(principal, standing)
        self.conditions.refuse_unless_met(branch.head)
        refuse_obstacles(standing)
        changes, before = standing.files.changes, standing.files.before
        subject = f"Merge {branch_of(self.name)}"
        trailers = [("Registry-Proposal", self.name)]
        trailers += [("Registry-Approved-By", review.principal.name) for review in standing.approvals]
        found = deeds(desk.repository, Changes(desk.snapshot.head.commit, changes))
        body = listed(found, changes)
        parents = (branch.head,)
        return Plan(None, "merge", subject, changes, before, body, tuple(trailers), parents, branch, deeds=found)


def require_reach(principal: Principal, standing: Standing) -> None:
    """Raise Forbidden unless somebody may write everything that a proposal touches."""
    principal.require_role("editor", "merging")
    for pack in standing.packs:
        principal.require_write(pack)
    if standing.others:
        principal.require_role("admin", f"changing '{standing.others[0]}', which is in no pack,")


def refuse_obstacles(standing: Standing) -> None:
    """Raise Conflict with everything that is in the way; its code is the first one's."""
    found = standing.obstacles
    if found:
        reasons = " ".join(obstacle.sentence for obstacle in found)
        raise errors.Conflict(
            f"The proposal '{standing.branch.name}' cannot be merged. {reasons}",
            code=found[0].code,
            details=[{"code": obstacle.code, **row} for obstacle in found for row in obstacle.details or ({},)],
        )
