"""Which files of a registry have changed since a revision, and which depend on them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .. import errors
from ..actions import Actions, by_pack, signs_between, written_file
from ..checks.references import check_gone, grade
from ..edits import Edit
from ..entries import Entry, problem_json
from ..git.repository import Repository
from ..git.revisions import merge_base
from ..git.trees import diff_commits
from ..layout import (
    ACCESS_PATH,
    SETTINGS_PATHS,
    any_place_of,
    candidates,
    matters,
    pack_of,
    pack_path,
    place,
    setting_of,
    signed_path,
)
from ..links import callers_by_mistake, in_circles_with
from ..snapshot import Snapshot
from .checkup import Checkup
from .report import Located, located

# Settings and schemas that decide what is found in every file.
_DECISIVE = frozenset(SETTINGS_PATHS) - {ACCESS_PATH}


def changed_since(repository: Repository, base: str, commit: str | None, edits: Mapping[str, Edit]) -> set[str]:
    """The paths changed on the way to `commit` since it parted from `base`, and those edited after it.

    Of a workflow in two files both are there when one is. Raises NotFound (NO_MERGE_BASE) when this clone does not
    hold a commit that both grew from.
    """
    changed = set(edits)
    parted = None
    if commit is not None:
        parted = merge_base(repository, base, commit)
        if parted is None:
            raise errors.NotFound(
                f"{commit[:10]} and {base[:10]} have no commit in common in this clone; "
                "if it is shallow, 'git fetch --unshallow' brings the rest.",
                code="NO_MERGE_BASE",
            )
        changed.update(change.path for change in diff_commits(repository, parted, commit))
    changed = {setting_of(path) or path for path in changed if matters(path)}
    return changed.union(_other_parts(repository, parted, commit, edits, changed))


def _other_parts(
    repository: Repository, old: str | None, new: str | None, edits: Mapping[str, Edit], changed: Iterable[str]
) -> Iterator[str]:
    """The other files of the workflows that changed files are part of: an action names its tasks as it likes."""
    for pack, paths in by_pack(changed).items():
        before = Actions.at(repository, old, pack)
        edited = {path: written_file(path, edits[path].raw) for path in paths if path in edits}
        after = Actions.at(repository, new, pack).changed(edited)
        for sign in signs_between(before, after, paths):
            path = signed_path(sign.change.path)
            yield from filter(None, (path, before.tasks_of(path), after.tasks_of(path)))


def with_dependents(checkup: Checkup, changed: set[str]) -> frozenset[str]:
    """The changed paths and all that the change may have made wrong."""
    if changed & _DECISIVE:
        return checkup.paths | changed
    touched = set(changed)
    places = set(filter(None, map(any_place_of, changed)))
    for at in places:
        touched.update(candidates(at))
        touched.update(_touched_by(checkup.snapshot, at.ref))
        # That there is no pack.yaml for a new workflow is said of the pack.yaml.
        touched |= {pack_path(pack_of(at.ref))} - checkup.paths
    circles = in_circles_with(checkup.snapshot, {at.ref for at in places if at.kind == "workflow"})
    touched.update(_paths_of(checkup.snapshot, circles))
    return frozenset(touched)


def _touched_by(snapshot: Snapshot, ref: str) -> Iterator[str]:
    if "." in ref:
        yield from _paths_of(snapshot, (*snapshot.workflows.callers(ref), *callers_by_mistake(snapshot, ref)))
    else:
        yield from (path for entry in snapshot.workflows_in(ref) for path in entry.paths)
    for rival in snapshot.contested:
        if rival.casefold() == ref.casefold():
            yield from candidates(place(rival))


def _paths_of(snapshot: Snapshot, refs: Iterable[str]) -> Iterator[str]:
    yield from (path for entry in map(snapshot.workflows.get, refs) if entry for path in entry.paths)


def _callers(snapshot: Snapshot, ref: str) -> Iterator[Entry]:
    yield from filter(None, map(snapshot.workflows.get, snapshot.workflows.callers(ref)))


def left_behind(checkup: Checkup, changed: Iterable[str]) -> list[Located]:
    """The calls of workflows that the change took away, of which nobody else can tell that they ever were."""
    snapshot = checkup.snapshot
    told = {(problem.path, problem.line) for problem in checkup.problems if problem.rule == "action-unknown"}
    places = {at for at in map(any_place_of, changed) if at is not None and at.kind == "workflow"}
    found: list[dict[str, Any]] = []
    for at in places:
        if checkup.paths.isdisjoint(candidates(at)):
            for entry in _callers(snapshot, at.ref):
                findings = check_gone(at.ref, entry.calls)
                problems = grade(findings, snapshot.contract, entry.waived)
                found.extend(problem_json(entry.graph or entry.path, problem) for problem in problems)
    return [problem for problem in dict.fromkeys(located(found)) if (problem.path, problem.line) not in told]
