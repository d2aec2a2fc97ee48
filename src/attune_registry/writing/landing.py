"""Writes -> commits: planned one after the other on what the one before left, then put on their branch at once."""

import contextlib
from collections.abc import Callable, Sequence

import structlog

from .. import errors
from ..access.principals import Principal
from ..cache import record_key
from ..checks.contract import Contract
from ..git.faults import git_cannot
from ..git.ids import blob_id
from ..git.repacking import merge_small
from ..git.replaced import remove_kept
from ..landed import tell
from ..landed_note import Landing
from ..layout import place_of
from ..proposals.branches import branch_of
from ..registry import Registry
from .draft import Draft
from .lock import WriteLock
from .making import Done, Maker, authorized
from .plans import FilesOnly, Write
from .reviewing import close_branch
from .targets import refuse_if_protected, start_of
from .transaction import Transaction

# Without an index lock to keep others out (a bare repository, a proposal), the branch may move under a group.
_ATTEMPTS = 5
_RACES = ("BRANCH_MOVED", "BRANCH_EXISTS", "BRANCH_NOT_FOUND")
_log = structlog.get_logger()


Outcome = Done | errors.RegistryError


def land(registry: Registry, writes: Sequence[Write], proposal: str | None = None) -> list[Outcome]:
    """The outcome of each write, on disk when this returns; on the branch served, or on that of a proposal.

    Raises Conflict or Unavailable where nothing at all could be written.
    """
    with WriteLock(registry.repository):
        outcomes = land_locked(registry, writes, proposal)
    remove_kept()
    merge_small(registry.repository)
    return outcomes


def land_locked(
    registry: Registry, writes: Sequence[Write], proposal: str | None = None, draft: Draft | None = None
) -> list[Outcome]:
    """As `land`, for a caller that holds the WriteLock; `draft` is what it has made of the first of them before."""
    for attempt in range(_ATTEMPTS):
        try:
            if proposal is None:
                return _on_served(registry, writes, draft if attempt == 0 else None)
            return _on_proposal(registry, writes, proposal)
        except errors.GitFailed as error:
            # A filter of one file, perhaps: nothing has landed, and the others must not suffer for it.
            return [git_cannot(error)] if len(writes) == 1 else _one_by_one(registry, writes, proposal)
        except (errors.Conflict, errors.NotFound) as error:
            if error.code not in _RACES or attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _one_by_one(registry: Registry, writes: Sequence[Write], proposal: str | None) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for write in writes:
        try:
            outcomes += land_locked(registry, [write], proposal)
        except errors.RegistryError as error:
            outcomes.append(error)
    return outcomes


def _on_served(registry: Registry, writes: Sequence[Write], draft: Draft | None) -> list[Outcome]:
    # In this order: who begins may have to wait for a git command, and readers should not wait for that.
    with Transaction.begin(registry.repository) as transaction, registry.building:
        snapshot = registry.refresh()
        if snapshot.head != transaction.head:
            raise errors.Conflict("The branch has moved; try again.", code="BRANCH_MOVED")
        drafted = draft.handed_to(transaction, snapshot, writes) if draft is not None else []
        snapshot = draft.snapshot if draft is not None and drafted else snapshot
        maker = Maker(registry, snapshot, transaction.commit, transaction.refuse_if_edited)

        def make(write: Write) -> None:
            principal = authorized(write, maker.snapshot)
            refuse_if_protected(registry.repository, write, maker.snapshot)
            _make(maker, transaction, write, principal)

        refusals = _refusals(make, writes[len(drafted) :])
        made = [*drafted, *maker.made]
        if _has_commits(made):
            with registry.landing() as serve:

                def meanwhile() -> None:
                    _tell(registry, transaction, maker.snapshot.contract, made)
                    maker.settle()
                    serve(maker.snapshot)

                transaction.land(meanwhile)
        outcomes = [*drafted, *_outcomes(refusals, maker)]
    _close_merged(registry, outcomes)
    return outcomes


def _on_proposal(registry: Registry, writes: Sequence[Write], name: str) -> list[Outcome]:
    served = registry.refresh()
    start = start_of(registry, served, name)
    repository = registry.repository
    with Transaction.begin(repository, branch_of(name), None if start.exists else start.commit) as transaction:
        if transaction.head.commit != start.commit:
            raise errors.Conflict(f"The proposal '{name}' has moved; try again.", code="BRANCH_MOVED")
        maker = Maker(registry, start.snapshot, transaction.commit, transaction.refuse_if_edited, aside=True)

        def make(write: Write) -> None:
            _make(maker, transaction, write, authorized(write, served))

        refusals = _refusals(make, writes)
        if _has_commits(maker.made):
            transaction.land(maker.settle)
        return _outcomes(refusals, maker)


def _make(maker: Maker, transaction: Transaction, write: Write, principal: Principal) -> None:
    if not isinstance(write, FilesOnly):
        transaction.write_objects()
    maker.make(write, principal)


def _refusals(make: Callable[[Write], None], writes: Sequence[Write]) -> list[errors.RegistryError | None]:
    """Makes these writes; what each was refused with, None where it was made."""
    refusals: list[errors.RegistryError | None] = []
    for write in writes:
        try:
            make(write)
            refusals.append(None)
        except errors.RegistryError as error:
            refusals.append(error)
    return refusals


def _outcomes(refusals: Sequence[errors.RegistryError | None], maker: Maker) -> list[Outcome]:
    done = iter(maker.done())
    return [next(done) if refusal is None else refusal for refusal in refusals]


def _tell(registry: Registry, transaction: Transaction, contract: Contract, done: Sequence[Done]) -> None:
    """Other workers will ask for all this as soon as the branch has moved."""
    steps = [one.step for one in done if one.step is not None]
    contents = [(path, content) for one in done for path, content, _ in one.plan.changes if content is not None]
    blobs = {blob_id(content): content for _, content in contents}
    gathered = registry.cache.gathered
    named = ((place_of(path), blob_id(content)) for path, content in contents)
    keys = (record_key(place, blob, contract.digest) for place, blob in named if place is not None)
    records = {key: gathered[key] for key in keys if key in gathered}
    with contextlib.suppress(OSError):
        tell(registry.repository, Landing(transaction.head.commit, steps, transaction.made, blobs, records))


def _has_commits(made: Sequence[Done]) -> bool:
    return any(done.commit for done in made)


def _close_merged(registry: Registry, outcomes: Sequence[Outcome]) -> None:
    """What was merged is no proposal any more; a branch that has moved on stays, with what came after."""
    for outcome in outcomes:
        if isinstance(outcome, Done) and outcome.plan.closes:
            try:
                close_branch(registry, outcome.plan.closes)
            except errors.RegistryError as error:
                _log.warning("proposal_left_open", proposal=outcome.plan.closes.name, reason=error.message)
