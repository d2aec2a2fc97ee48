"""What a write would come to (`dry_run`): planned and judged like one, and nothing written."""

from collections.abc import Iterable

from ..git.faults import faults
from ..registry import Registry
from ..textdiff import text_diff
from .checkout import Checkout
from .lock import WriteLock
from .making import Done
from .plans import Desk, Plan, Write, refuse_low_versions
from .state import head_to_write
from .targets import refuse_if_protected, start_of


def preview(registry: Registry, write: Write, proposal: str | None = None) -> Done:
    """What would be done, with the snapshot that would be then and no commit. Raises what would refuse the write."""
    served = registry.refresh()
    if proposal is None:
        refuse_if_protected(registry.repository, write, served)
    snapshot = served if proposal is None else start_of(registry, served, proposal).snapshot
    desk = Desk.over(registry, snapshot)
    plan = write.plan(desk)
    if not plan.changes:
        return Done(plan, snapshot, None)
    if proposal is None:
        _refuse_if_edited(registry, plan.looked_at)
        refuse_low_versions(desk, plan)
    return Done(plan, desk.imagine(plan.changes), None)


def diff_of(plan: Plan) -> str:
    """The change as a unified diff."""
    diffs = (text_diff(change.path, plan.before.get(change.path), change.content) for change in plan.changes)
    return b"".join(diffs).decode(errors="replace")


def _refuse_if_edited(registry: Registry, paths: Iterable[str]) -> None:
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
