"""Writes -> commits: planned one after the other on what the one before left, then put on their branch at once."""

import contextlib
from collections.abc import Sequence
from typing import NamedTuple

import structlog

from .. import errors
from ..forms.pairs import names_workflow
from ..git.head import Head
from ..git.keeping import merge_small
from ..git.objects import Author, Made
from ..git.trees import ROOTS, TreeChange, blob_id
from ..git.unlanded import unlanded
from ..landed import tell
from ..layout import workflow_of_action
from ..line import Followed, Step
from ..proposals.branches import branch_of
from ..registry import Registry
from ..snapshot import Snapshot
from .lock import WriteLock
from .messages import commit_message
from .plans import Desk, FilesOnly, Plan, Write, refuse_low_versions
from .reviewing import close_branch
from .targets import refuse_if_protected, start_of
from .transaction import Transaction

# Without an index lock to keep others out (a bare repository, a proposal), the branch may move under a group.
_ATTEMPTS = 5
_RACES = ("BRANCH_MOVED", "BRANCH_EXISTS", "BRANCH_NOT_FOUND")
_log = structlog.get_logger()


class Done(NamedTuple):
    """A write that is on disk: its plan, the snapshot right after it, its commit (None where nothing changed).

    `step` is that commit as the line knows it.
    """

    plan: Plan
    snapshot: Snapshot
    commit: str | None
    step: Step | None = None


Outcome = Done | errors.RegistryError


def land(registry: Registry, writes: Sequence[Write], proposal: str | None = None) -> list[Outcome]:
    """The outcome of each write, on disk when this returns; on the branch served, or on that of a proposal.

    Raises Conflict or Unavailable where nothing at all could be written.
    """
    with WriteLock(registry.repository):
        outcomes = land_locked(registry, writes, proposal)
        merge_small(registry.repository)
    return outcomes


def land_locked(registry: Registry, writes: Sequence[Write], proposal: str | None = None) -> list[Outcome]:
    """As `land`, for a caller that holds the WriteLock."""
    for attempt in range(_ATTEMPTS):
        try:
            if proposal is None:
                return _on_served(registry, writes)
            return _on_proposal(registry, writes, proposal)
        except (errors.Conflict, errors.NotFound) as error:
            if error.code not in _RACES or attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _on_served(registry: Registry, writes: Sequence[Write]) -> list[Outcome]:
    # In this order: who begins may have to wait for a git command, and readers should not wait for that.
    with Transaction.begin(registry.repository) as transaction, registry.building:
        snapshot = registry.refresh()
        if snapshot.head != transaction.head:
            raise errors.Conflict("The branch has moved; try again.", code="BRANCH_MOVED")
        outcomes: list[Outcome] = []
        for write in writes:
            try:
                _authorize(write, snapshot)
                refuse_if_protected(registry.repository, write, snapshot)
                done = _make(registry, write, transaction, snapshot)
                snapshot = done.snapshot
                outcomes.append(done)
            except errors.RegistryError as error:
                outcomes.append(error)
        if _has_commits(outcomes):
            # Other workers will ask for these as soon as the branch has moved.
            registry.cache.flush()
            _tell(registry, transaction.head.commit, outcomes)
            with registry.landing(snapshot):
                transaction.land()
    _close_merged(registry, outcomes)
    return outcomes


def _on_proposal(registry: Registry, writes: Sequence[Write], name: str) -> list[Outcome]:
    served = registry.refresh()
    start = start_of(registry, served, name)
    snapshot = start.snapshot
    repository = registry.repository
    with Transaction.begin(repository, branch_of(name), None if start.exists else start.commit) as transaction:
        if transaction.head.commit != start.commit:
            raise errors.Conflict(f"The proposal '{name}' has moved; try again.", code="BRANCH_MOVED")
        outcomes: list[Outcome] = []
        for write in writes:
            try:
                _authorize(write, served)
                done = _make(registry, write, transaction, snapshot, aside=True)
                snapshot = done.snapshot
                outcomes.append(done)
            except errors.RegistryError as error:
                outcomes.append(error)
        if _has_commits(outcomes):
            transaction.land()
    return outcomes


def _tell(registry: Registry, base: str | None, outcomes: Sequence[Outcome]) -> None:
    done = [outcome for outcome in outcomes if isinstance(outcome, Done)]
    steps = [one.step for one in done if one.step is not None]
    contents = (change.content for one in done for change in one.plan.changes if change.content is not None)
    blobs = {blob_id(content): content for content in contents}
    with contextlib.suppress(OSError):
        tell(registry.repository, base, steps, unlanded(steps[-1].commit), blobs)


def _authorize(write: Write, served: Snapshot) -> None:
    """Who asks may have lost their role since; what counts is the branch served, never a proposal's idea of it."""
    if write.caller.authorize:
        write.caller.authorize(served.roster)


def _make(
    registry: Registry, write: Write, transaction: Transaction, snapshot: Snapshot, *, aside: bool = False
) -> Done:
    desk = Desk.over(registry, snapshot)
    if not isinstance(write, FilesOnly):
        transaction.write_objects()
    plan = write.plan(desk)
    if not plan.changes:
        return Done(plan, snapshot, None)
    for path in plan.looked_at:
        transaction.refuse_if_edited(path)
    if not aside:
        refuse_low_versions(desk, plan)
    principal = write.caller.principal
    author = Author(principal.name, principal.email)
    made = transaction.commit(plan.changes, author, commit_message(plan, write.caller), plan.parents)
    step = _step(plan, made)
    line = snapshot.line.extended([step], aside=aside)
    followed = Followed(line, snapshot.line.length)
    head = Head(snapshot.head.branch, made.commit)
    return Done(plan, registry.indexer.advance(snapshot, head, snapshot.edits, followed), made.commit, step)


def _step(plan: Plan, made: Made) -> Step:
    """What the line is told of a commit: all but files of other folders, and actions that are no workflows."""
    told, untold = [], []
    for path, content, _ in plan.changes:
        if path.partition("/")[0] in ROOTS:
            if workflow_of_action(path) is None or any(map(names_workflow, (content, plan.before.get(path)))):
                told.append(TreeChange(path, None, None if content is None else blob_id(content)))
            else:
                untold.append(path)
    return Step(made.commit, made.date, told, untold)


def _has_commits(outcomes: Sequence[Outcome]) -> bool:
    return any(isinstance(outcome, Done) and outcome.commit for outcome in outcomes)


def _close_merged(registry: Registry, outcomes: Sequence[Outcome]) -> None:
    """What was merged is no proposal any more; a branch that has moved on stays, with what came after."""
    for outcome in outcomes:
        if isinstance(outcome, Done) and outcome.plan.closes:
            try:
                close_branch(registry, outcome.plan.closes)
            except errors.RegistryError as error:
                _log.warning("proposal_left_open", proposal=outcome.plan.closes.name, reason=error.message)
