"""Where a proposal stands: what it brings, who has approved it, and everything that keeps it from being merged."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

from ..access.principals import Principal
from ..access.roster import Roster
from ..bumps import CODE as TOO_LOW
from ..bumps import SmallBump, small_bumps
from ..compare import places_of
from ..entries import problem_json
from ..errors import Conflict
from ..git.ancestry import Signed, ahead_behind, commits_beyond
from ..git.revisions import merge_bases
from ..git.shallow import REMEDY, cuts
from ..layout import CONFIG_PATH, PACKS, Place
from ..registry import Registry
from ..regressions import Located, errors_brought
from ..snapshot import Snapshot
from .authors import Authors, authors_of, people_among
from .bases import Bases
from .branches import Branch
from .guard import guard_of
from .merging import FileConflict, MergedFiles, merge_commits
from .reviews import Review, reviews_of
from .values import ABSENT, FieldConflict


class Obstacle(NamedTuple):
    """Something in the way of a merge: a code for programs, a sentence for people, details for both."""

    code: str
    sentence: str
    details: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """A proposal held against one state of the branch served. `commits` are its own, newest first.

    `required` is how many approvals it needs, None where nobody can tell.
    """

    branch: Branch
    bases: Bases
    ahead: int
    behind: int
    commits: tuple[Signed, ...]
    authors: Authors
    files: MergedFiles
    errors: tuple[Located, ...]
    bumps: tuple[SmallBump, ...]
    reviews: tuple[Review, ...]
    required: int | None
    approvals: tuple[Review, ...]
    obstacles: tuple[Obstacle, ...]

    @property
    def packs(self) -> list[str]:
        """The packs that it touches."""
        return sorted({path.split("/")[1] for path in self.files.paths if _is_in_pack(path)})

    @property
    def others(self) -> list[str]:
        """The paths that it touches outside of packs: settings, permissions, whatever else is in the repository."""
        return [path for path in self.files.paths if not _is_in_pack(path)]


def standing_of(registry: Registry, served: Snapshot, branch: Branch) -> Standing:
    """Where a proposal stands towards what is served. Raises Conflict where the two have no history in common."""
    repository, commit = registry.repository, served.head.commit
    bases = Bases(repository, merge_bases(repository, commit, branch.head) if commit else [])
    if commit is None or not bases.commits:
        raise Conflict(_unrelated(branch, is_shallow=bool(cuts(repository))), code="NO_COMMON_HISTORY")
    ahead, behind = ahead_behind(repository, branch.head, commit)
    commits = tuple(commits_beyond(repository, branch.head, commit))
    files = merge_commits(repository, bases, commit, branch.head)
    merged = _merged(registry, served, files)
    errors = tuple(errors_brought(served, merged, files.written)) if merged else ()
    bumps = tuple(small_bumps(served, merged, files.written)) if merged else ()
    reviews = reviews_of(repository, branch, str(bases))
    authors = authors_of(commits)
    required = guard_of(repository, served).required_approvals
    standing = Standing(
        branch, bases, ahead, behind, commits, authors, files, errors, bumps, tuple(reviews), required, (), ()
    )
    return _with_verdict(standing, served.roster, partial(places_of, repository, commit, branch.head))


def _unrelated(branch: Branch, *, is_shallow: bool) -> str:
    advice = f" as far as it is here: the history is cut; {REMEDY}." if is_shallow else "; make it again from there."
    return f"The proposal '{branch.name}' has no history in common with the branch served{advice}"


def _with_verdict(standing: Standing, roster: Roster, of_path: Callable[[str], list[Place]]) -> Standing:
    counting = [review for review in standing.reviews if _counts(standing, review, roster)]
    approvals = tuple(review for review in counting if review.verdict == "approve")
    rejections = [review for review in counting if review.verdict == "reject"]
    # What is served already needs nobody's word: there is nothing to merge.
    given = people_among(review.principal for review in approvals)
    found = _obstacles(standing, rejections, given, of_path) if standing.ahead else []
    return replace(standing, approvals=approvals, obstacles=tuple(found))


def _counts(standing: Standing, review: Review, roster: Roster) -> bool:
    """True for a review by somebody who might say so then and still may, and whose own work it is not."""
    if standing.authors.include(review.principal):
        return False
    then = review.principal
    # The roster knows logins; of who has a token of some server it says nothing, in no clone.
    now = roster.principals.get(then.name, None if then.is_login else then)
    return now is not None and _may_judge(then, standing) and _may_judge(now, standing)


def _may_judge(who: Principal, standing: Standing) -> bool:
    if standing.others and not who.has_role("admin"):
        return False
    return who.has_role("editor") and all(map(who.may_write, standing.packs))


def _obstacles(
    standing: Standing, rejections: list[Review], given: int, of_path: Callable[[str], list[Place]]
) -> list[Obstacle]:
    found = [_conflict(conflict, of_path(conflict.path)) for conflict in standing.files.conflicts]
    refusal = standing.files.refusal
    if refusal:
        found.append(Obstacle(refusal.code, refusal.message, tuple(refusal.details)))
    if standing.errors:
        count = "a problem" if len(standing.errors) == 1 else f"{len(standing.errors)} problems"
        details = tuple(problem_json(*error) for error in standing.errors)
        found.append(Obstacle("CHECKS_FAILED", f"Merged, it would have {count}; see details.", details))
    for bump in standing.bumps:
        found.append(Obstacle(TOO_LOW, bump.sentence, (bump.as_detail(),)))
    for review in rejections:
        sentence = f"{review.principal.name} has rejected it{f': {review.comment}' if review.comment else '.'}"
        found.append(Obstacle("REJECTED", sentence, ({"principal": review.principal.name},)))
    if standing.required is None or given < standing.required:
        found.append(_missing_approvals(standing.required, given))
    return found


def _missing_approvals(required: int | None, given: int) -> Obstacle:
    if required is None:
        sentence = (
            f"Nobody can tell how many approvals it needs: 'required_approvals' in {CONFIG_PATH} cannot be read, "
            "see /api/v1/problems; mend that on the branch served first."
        )
        return Obstacle("APPROVALS_UNKNOWN", sentence, ({"path": CONFIG_PATH, "pointer": "/required_approvals"},))
    missing = required - given
    approvals = "an approval" if missing == 1 else f"{missing} approvals"
    sentence = f"It needs {approvals} more, by others than its authors."
    return Obstacle("APPROVALS_MISSING", sentence, ({"missing": missing},))


def _conflict(conflict: FileConflict, places: list[Place]) -> Obstacle:
    refs = [place.ref for place in places]
    what = ", ".join(f"'{name}'" for name in refs or [conflict.path])
    rows: list[dict[str, Any]] = [{"ref": ref, "path": conflict.path} for ref in refs]
    rows = rows or [{"ref": None, "path": conflict.path}]
    if not conflict.fields:
        return Obstacle("MERGE_CONFLICT", f"{what}: {conflict.reason}.", tuple(row | {"pointer": ""} for row in rows))
    named = ", ".join(field.pointer for field in conflict.fields)
    details = tuple(row | _sides(field) for row in rows for field in conflict.fields)
    return Obstacle("MERGE_CONFLICT", f"{what}: {conflict.reason}: {named}.", details)


def _sides(field: FieldConflict) -> dict[str, Any]:
    said = {"base": field.base, "served": field.ours, "proposed": field.theirs}
    # A side that is not listed has nothing there.
    return {"pointer": field.pointer} | {name: value for name, value in said.items() if value is not ABSENT}


def _merged(registry: Registry, served: Snapshot, files: MergedFiles) -> Snapshot | None:
    """What would be served; None where nothing changes, or nobody can tell."""
    if not files.changes or files.conflicts:
        return None
    return registry.indexer.imagine(served, {change.path: change.content for change in files.changes})


def _is_in_pack(path: str) -> bool:
    return path.startswith(f"{PACKS}/") and path.count("/") > 1
