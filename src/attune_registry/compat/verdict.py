"""Two revisions of a workflow -> what the change means for callers, and the version that says so."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from attune_registry.compat.definitions import compare_definitions
from attune_registry.compat.reasons import Reason, Verdict, in_order, worst
from attune_registry.compat.schemas import compare_inputs, compare_outputs
from attune_registry.compat.values import key, show
from attune_registry.compat.versions import Bump, bump_made, bump_needed, is_enough

Workflow = dict[str, Any]
PLAIN_FIELDS = ("label", "description", "tags")


class Judgement(NamedTuple):
    """What a change is, why, the bump of the version that it needs and the one it made."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    bump_needed: Bump
    bump_made: Bump

    @property
    def is_enough(self) -> bool:
        """Does the version say what the change means?"""
        return is_enough(self.bump_made, self.bump_needed)


def judge(old: Workflow | None, new: Workflow | None) -> Judgement:
    """Compare two revisions in the contract's form; None where there is no such workflow.

    A new workflow has no earlier version and a deleted one none that could say so: neither needs a bump.
    """
    if old is None and new is None:
        return Judgement("fix", (), "none", "none")
    if old is None:
        return Judgement("feature", (Reason("feature", "", "workflow added"),), "none", "none")
    if new is None:
        return Judgement("breaking", (Reason("breaking", "", "workflow deleted"),), "none", "none")
    reasons = tuple(in_order(_reasons(old, new)))
    verdict = worst(reasons)
    before = old.get("version", "")
    needed: Bump = bump_needed(verdict, before) if reasons else "none"
    return Judgement(verdict, reasons, needed, bump_made(before, new.get("version", "")))


def _reasons(old: Workflow, new: Workflow) -> Iterator[Reason]:
    was, is_now = old.get("enabled", True) is not False, new.get("enabled", True) is not False
    if was and not is_now:
        yield Reason("breaking", "/enabled", "workflow disabled")
    if is_now and not was:
        yield Reason("feature", "/enabled", "workflow enabled again")
    yield from compare_inputs(old.get("param_schema"), new.get("param_schema"))
    yield from compare_outputs(old.get("out_schema"), new.get("out_schema"))
    yield from compare_definitions(old.get("definition"), new.get("definition"))
    for field in PLAIN_FIELDS:
        before, now = old.get(field), new.get(field)
        if key(before) != key(now):
            yield Reason("fix", f"/{field}", f"{field}: {show(before)} before, {show(now)} now")
