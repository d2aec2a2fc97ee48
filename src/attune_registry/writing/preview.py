"""What a write would come to (`dry_run`): planned and judged like one, and nothing written."""

from collections.abc import Iterable

from ..access.principals import Principal
from ..git.differences import mode_of
from ..git.durability import durability_of
from ..git.faults import faults
from ..git.object_writer import ObjectWriter
from ..git.objects import Author, FileChange
from ..git.refs import refuse_taken_name
from ..git.repository import Repository
from ..git.signing import signer_of
from ..proposals.branches import branch_of
from ..registry import Registry
from ..textdiff import text_diff
from .checkout import Checkout
from .lock import WriteLock
from .making import Done, authorized
from .messages import commit_message
from .plans import Desk, Plan, Write, refuse_low_versions, refuse_wrong_calls
from .state import branch_to_write, head_to_write
from .targets import refuse_if_protected, start_of


def preview(registry: Registry, write: Write, proposal: str | None = None) -> Done:
    """What would be done, with the snapshot that would be then and no commit. Raises what would refuse the write."""
    return _on_served(registry, write) if proposal is None else _on_proposal(registry, write, proposal)


def _on_served(registry: Registry, write: Write) -> Done:
    _refuse_if_at_work(registry)
    objects = _objects(registry)
    served = registry.refresh()
    principal = authorized(write, served)
    refuse_if_protected(registry.repository, write, served)
    desk = Desk.over(registry, served)
    plan = write.plan(desk, principal)
    _refuse_if_at_work(registry, plan.looked_at)
    if not plan.changes:
        return Done(plan, served, None)
    refuse_wrong_calls(desk, plan)
    refuse_low_versions(desk, plan)
    _rehearse(objects, served.head.commit, write, principal, plan)
    return Done(plan, desk.imagine(plan.changes), None)


def _on_proposal(registry: Registry, write: Write, name: str) -> Done:
    served = registry.refresh()
    principal = authorized(write, served)
    start = start_of(registry, served, name)
    with faults("looking at the branch"):
        branch_to_write(registry.repository, branch_of(name), None if start.exists else start.commit)
    objects = _objects(registry)
    desk = Desk.over(registry, start.snapshot)
    plan = write.plan(desk, principal)
    if not plan.changes:
        return Done(plan, start.snapshot, None)
    refuse_wrong_calls(desk, plan)
    _rehearse(objects, start.commit, write, principal, plan)
    if not start.exists:
        with faults("looking at the branch"):
            refuse_taken_name(registry.repository, branch_of(name))
    return Done(plan, desk.imagine(plan.changes), None)


def _objects(registry: Registry) -> ObjectWriter:
    """What a commit would be made with. Raises Unavailable where git's settings let none be."""
    durability_of(registry.repository)
    return ObjectWriter(registry.repository, signer_of(registry.repository))


def _rehearse(objects: ObjectWriter, commit: str | None, write: Write, principal: Principal, plan: Plan) -> None:
    """Raise what refuses the commit itself: a path that is no plain file there, a key that does not sign."""
    author = Author(principal.name, principal.email)
    message = commit_message(plan, write.caller, principal)
    objects.rehearse(commit, plan.changes, author, message, plan.parents)


def diff_of(repository: Repository, done: Done) -> str:
    """What would be changed, as a unified diff."""
    return b"".join(_diff(repository, done, change) for change in done.plan.changes).decode(errors="replace")


def _diff(repository: Repository, done: Done, change: FileChange) -> bytes:
    mode = mode_of(repository, done.snapshot.head.commit, change.path)
    before = done.plan.before.get(change.path)
    return text_diff(change.path, before, change.content, old_mode=mode, new_mode=change.mode or mode)


def _refuse_if_at_work(registry: Registry, paths: Iterable[str] = ()) -> None:
    """Raise Conflict where the write would: while a person is in the middle of something, or at work on a file."""
    repository = registry.repository
    # In the middle of another write, what is checked out is not what the branch says.
    with WriteLock(repository), faults("looking at the working tree"):
        if repository.root is None:
            head_to_write(repository)
            return
        checkout = Checkout.look(repository, repository.root)
        for path in paths:
            checkout.refuse_if_edited(path)
