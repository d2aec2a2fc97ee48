"""All proposals as the API and the command line show them, worked out once for each state that they can be in."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ..compare import Difference, by_field, differences
from ..contents import Contents
from ..entries import problem_json, timestamp
from ..errors import Conflict, GitFailed, RegistryError
from ..git.ancestry import Signed
from ..git.faults import git_cannot
from ..git.head import resolve_ref
from ..git.messages import parse_message
from ..git.shallow import cuts
from ..layout import Place
from ..registry import Registry
from ..snapshot import Snapshot
from .branches import Branch, branch_of, list_branches
from .reviews import NOTES_REF, Review
from .standing import Standing, standing_of

_KEPT = 256

Row = dict[str, Any]
_NO_DETAILS: Row = {"problems": [], "conflicts": [], "reviews": [], "commits": []}


class Board:
    """Thread-safe. What is kept goes with the commit served, the edits over it, the branch and the reviews.

    And with where a shallow clone's history is cut: what branches have in common may be before that.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._kept: OrderedDict[tuple[str, ...], Row] = OrderedDict()
        self._lock = threading.Lock()

    def branches(self, served: Snapshot) -> list[Branch]:
        """The proposals there are now, by name."""
        found = list_branches(self._registry.repository)
        return [branch for branch in found if branch_of(branch.name) != served.head.branch]

    def state(self, served: Snapshot) -> str:
        """What all that is shown goes with, beside the branches."""
        repository = self._registry.repository
        return f"{served.revision} {resolve_ref(repository, NOTES_REF) or ''} {cuts(repository)}"

    def summary(self, served: Snapshot, branch: Branch) -> Row:
        """A proposal as a row of the list."""
        key = ("summary", self.state(served), *branch)
        return self._known(key) or self._keep(key, self._made(summary_of, served, branch))

    def detail(self, served: Snapshot, branch: Branch) -> Row:
        """A proposal with its changes field by field, its problems and its reviews."""
        key = ("detail", self.state(served), *branch)
        return self._known(key) or self._keep(key, self._made(detail_of, served, branch))

    def _made(self, make: Callable[[Registry, Snapshot, Standing], Row], served: Snapshot, branch: Branch) -> Row:
        try:
            return make(self._registry, served, standing_of(self._registry, served, branch))
        except Conflict as error:
            reason: RegistryError = error
        except GitFailed as error:
            reason = git_cannot(error)
        return _without_standing(branch, reason) | ({} if make is summary_of else _NO_DETAILS)

    def _known(self, key: tuple[str, ...]) -> Row | None:
        with self._lock:
            return self._kept.get(key)

    def _keep(self, key: tuple[str, ...], row: Row) -> Row:
        with self._lock:
            self._kept[key] = row
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return row


def summary_of(registry: Registry, served: Snapshot, standing: Standing) -> Row:
    """What a proposal is and where it stands; `problems` is their number."""
    found = _differences(registry, served, standing)
    first = standing.commits[-1] if standing.commits else None
    last = standing.commits[0] if standing.commits else None
    return {
        "name": standing.branch.name,
        "branch": branch_of(standing.branch.name),
        "author": first.author.name if first else None,
        "email": first.author.email if first else None,
        "subject": parse_message(last.message).subject if last else None,
        "updated": timestamp(last.date) if last else None,
        "head": standing.branch.head,
        "base": standing.bases.commits[0],
        "ahead": standing.ahead,
        "behind": standing.behind,
        "workflows": [_row(item) for item in found if item.place.kind == "workflow"],
        "packs": [_row(item) for item in found if item.place.kind == "pack"],
        "files": standing.others,
        "problems": len(standing.errors),
        "approvals": [review.principal.name for review in standing.approvals],
        "required_approvals": standing.required,
        "mergeable": not standing.obstacles,
        "reasons": [{"code": obstacle.code, "message": obstacle.sentence} for obstacle in standing.obstacles],
    }


def detail_of(registry: Registry, served: Snapshot, standing: Standing) -> Row:
    """As `summary_of`, with the changes field by field, the problems themselves, conflicts and reviews."""
    contents = Contents(registry.repository, registry.cache, served.contract)
    in_conflict = (obstacle for obstacle in standing.obstacles if obstacle.code == "MERGE_CONFLICT")
    return {
        **summary_of(registry, served, standing),
        **by_field(contents, _differences(registry, served, standing)),
        "problems": [problem_json(*error) for error in standing.errors],
        "conflicts": [row for obstacle in in_conflict for row in obstacle.details],
        "reviews": [_review(standing, review) for review in standing.reviews],
        "commits": [_commit(commit) for commit in standing.commits],
    }


def _commit(commit: Signed) -> Row:
    return {
        "commit": commit.commit,
        "date": timestamp(commit.date),
        "author": commit.author.name,
        "email": commit.author.email,
        "subject": parse_message(commit.message).subject,
    }


def _differences(registry: Registry, served: Snapshot, standing: Standing) -> list[Difference]:
    """What it changes; where it has crossed with the branch served, each file since the commit that tells of it."""
    compared, head = standing.files.compared, standing.branch.head
    found: dict[Place, Difference] = {}
    for base in standing.bases.commits:
        among = {path for path, since in compared.items() if since == base}
        rows = differences(registry.repository, served.line, base, head, lambda place: True, among)
        found = {row.place: row for row in rows} | found
    return [found[place] for place in sorted(found)]


def _row(item: Difference) -> Row:
    return {"ref": item.place.ref, "change": item.change}


def _review(standing: Standing, review: Review) -> Row:
    counts = review in standing.approvals or (review.verdict == "reject" and _blocks(standing, review))
    return {
        "principal": review.principal.name,
        "verdict": review.verdict,
        "comment": review.comment,
        "date": review.date,
        "counts": counts,
    }


def _blocks(standing: Standing, review: Review) -> bool:
    named = [row for obstacle in standing.obstacles if obstacle.code == "REJECTED" for row in obstacle.details]
    return {"principal": review.principal.name} in named


def _without_standing(branch: Branch, error: RegistryError) -> Row:
    empty: Row = dict.fromkeys(("author", "email", "subject", "updated", "base", "ahead", "behind"))
    return {
        "name": branch.name,
        "branch": branch_of(branch.name),
        **empty,
        "head": branch.head,
        "workflows": [],
        "packs": [],
        "files": [],
        "problems": 0,
        "approvals": [],
        "required_approvals": None,
        "mergeable": False,
        "reasons": [{"code": error.code, "message": error.message}],
    }
