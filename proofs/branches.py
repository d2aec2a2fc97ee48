"""Which branch the registry put a commit on, by the reflogs, and what the branches have in the end."""

from itertools import pairwise

from .clone import Clone
from .verdict import Verdict
from .writers import Ack

_MARK = "commit (attune-registry)"


def check_acks(clone: Clone, branches: tuple[str, ...], acks: list[Ack], verdict: Verdict) -> None:
    """Every write is in the history of the branch it was acknowledged on; a rebase may have given it another id."""
    parents = _parents(clone)
    landed = {branch: _landed(clone, branch, parents) for branch in branches}
    held = {branch: _requests(clone, branch) for branch in branches}
    for ack in acks:
        on = [branch for branch in branches if ack.revision in landed[branch]]
        if len(on) != 1:
            verdict.lost(f"acknowledged, and landed on {on or 'no branch'}: {ack}")
        elif ack.request not in held[on[0]]:
            verdict.lost(f"acknowledged on {on[0]}, and not in its history: {ack}")
        else:
            verdict.tally[f"acknowledged writes on {on[0]}"] += 1


def _parents(clone: Clone) -> dict[str, str]:
    rows = (line.split() for line in clone.git("rev-list", "--parents", "--all", "--reflog").splitlines())
    return {row[0]: row[1] if len(row) > 1 else "" for row in rows}


def _landed(clone: Clone, branch: str, parents: dict[str, str]) -> set[str]:
    """The commits between where the branch was and where the registry moved it."""
    rows = [line.split(" ", 1) for line in clone.git("reflog", "show", "--format=%H %gs", branch, "--").splitlines()]
    found: set[str] = set()
    for (new, said), (old, _) in pairwise(rows):
        tip = new if said.startswith(_MARK) else old
        while tip and tip != old:
            found.add(tip)
            tip = parents.get(tip, "")
    return found


def _requests(clone: Clone, branch: str) -> set[str]:
    said = clone.git("log", "--format=%(trailers:key=Registry-Request,valueonly)", branch, "--")
    return {line for line in said.splitlines() if line}
