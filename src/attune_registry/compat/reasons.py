"""Why a change is breaking, a feature or a fix: one reason for each thing that changed."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from attune_registry.compat.cases import TOO_MUCH, Gap

Verdict = Literal["breaking", "feature", "fix"]
VERDICTS: tuple[Verdict, ...] = ("breaking", "feature", "fix")


class Reason(NamedTuple):
    """One thing that changed: what it means, where (a JSON pointer in the new workflow, or for what is
    gone in the old one), and a sentence for a person."""

    verdict: Verdict
    pointer: str
    message: str


def worst(reasons: Iterable[Reason]) -> Verdict:
    """The gravest of the verdicts; no reasons make a fix."""
    found = {reason.verdict for reason in reasons}
    return next((verdict for verdict in VERDICTS if verdict in found), "fix")


def in_order(reasons: Iterable[Reason]) -> list[Reason]:
    """The gravest first, then as they were found, without repeats."""
    return sorted(dict.fromkeys(reasons), key=lambda reason: VERDICTS.index(reason.verdict))


def changed(gap: Gap, *, left_is_old: bool) -> str:
    """The gap as what was and what is."""
    if gap.what == TOO_MUCH:
        return gap.right
    before, now = (gap.left, gap.right) if left_is_old else (gap.right, gap.left)
    if not gap.certain and "as it was" in (before, now):
        return f"`{gap.what}` changed"
    return f"{gap.what}: {before} before, {now} now"
