"""Bringing files back as they were at an earlier revision: as a new commit, history stays as it is."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from .. import errors
from ..access.principals import Principal
from ..actions import Actions
from ..deeds import Changes, deeds, listed
from ..entries import problem_json
from ..git.differences import differences, file_bytes, mode_of, refuse_below_links
from ..git.objects import FileChange
from ..git.revisions import resolve
from ..history import Deed
from ..layout import PACKS, Place, candidates, is_pack_ref, pack_of, signs
from ..regressions import errors_brought
from .plans import Desk, Plan, not_found
from .requests import Caller, Conditions
from .swap import at_work_on

_SHORT = 10


@dataclass(frozen=True, slots=True)
class Rollback:
    """One pack or workflow as it was at the revision `to`; `force` (an admin's) takes what breaks today's checks."""

    place: Place
    to: str
    caller: Caller
    force: bool = False
    conditions: Conditions = field(default_factory=Conditions)

    def plan(self, desk: Desk, principal: Principal) -> Plan:
        """The file as it was, or both, bytes and all. Raises the RegistryError that is the answer."""
        ref, snapshot = self.place.ref, desk.snapshot
        principal.require_write(pack_of(ref))
        _refuse_force(principal, force=self.force)
        commit = _commit(desk, self.to)
        entry = snapshot.find(self.place)
        files = _files_of(desk, commit, self.place)
        changes, before = _changes(desk, commit, files)
        if not changes and not any(snapshot.line.touches(name) for name in signs(self.place)):
            raise not_found(self.place)
        is_required = entry is not None and snapshot.contract.settings.require_if_match
        self.conditions.refuse_unless_met(entry.blob if entry else None, is_required=is_required)
        for path in (*(file.path for file in files), *(entry.paths if entry else ())):
            if path in snapshot.edits:
                raise at_work_on(path, snapshot.edits[path])
        _refuse_errors(desk, changes, ref, force=self.force)
        subject = f"Roll back {ref} to {commit[:_SHORT]}"
        trailers = (("Registry-To", commit),)
        found = _deeds(desk, changes)
        return Plan(self.place, "rollback", subject, changes, before, "", trailers, is_forced=self.force, deeds=found)


@dataclass(frozen=True, slots=True)
class WideRollback:
    """A whole pack, or all of `packs/` (`pack_ref` is None), as it was at the revision `to`, in one commit.

    `registry/` stays as it is: going back to old workflows must not bring back old settings and old permissions.
    """

    pack_ref: str | None
    to: str
    caller: Caller
    force: bool = False
    conditions: Conditions = field(default_factory=Conditions)

    def plan(self, desk: Desk, principal: Principal) -> Plan:
        """The files as they were. `If-Match` is of the commit served. Raises the RegistryError that is the answer."""
        if self.pack_ref is None:
            principal.require_role("admin", "rolling back the registry")
        else:
            principal.require_write(self.pack_ref)
        _refuse_force(principal, force=self.force)
        if self.pack_ref is not None and not is_pack_ref(self.pack_ref):
            raise not_found(Place("pack", self.pack_ref))
        commit, now = _commit(desk, self.to), desk.snapshot.head.commit
        self.conditions.refuse_unless_met(now)
        folder = f"{PACKS}/{self.pack_ref}" if self.pack_ref else PACKS
        paths = [found.path for found in differences(desk.repository, now, commit) if _is_in(folder, found.path)]
        if not paths and self.pack_ref and not _is_known(desk, self.pack_ref):
            raise not_found(Place("pack", self.pack_ref))
        for pack in sorted({path.split("/")[1] for path in paths if path.count("/") > 1}):
            principal.require_write(pack)
        changes, before = _changes(desk, commit, map(_File, paths))
        what = f"the pack {self.pack_ref}" if self.pack_ref else "all packs"
        _refuse_errors(desk, changes, what, force=self.force)
        subject = f"Roll back {what} to {commit[:_SHORT]}"
        trailers = (("Registry-To", commit), *([("Registry-Pack", self.pack_ref)] if self.pack_ref else []))
        found = _deeds(desk, changes)
        body = listed(found, changes)
        return Plan(None, "rollback", subject, changes, before, body, trailers, is_forced=self.force, deeds=found)


class _File(NamedTuple):
    """A file that is to be as it was; one that was another's then, or nobody's, `goes`."""

    path: str
    goes: bool = False


def _files_of(desk: Desk, commit: str, place: Place) -> list[_File]:
    """The files that a pack or workflow may have, and those with tasks that it had then or has now.

    An action of its name that is no workflow, then or now, is left alone; so is a file of tasks that other actions
    name, too, and it did not name then.
    """
    if place.kind == "pack":
        return list(map(_File, candidates(place)))
    then, now = (Actions.at(desk.repository, at, pack_of(place.ref)) for at in (commit, desk.snapshot.head.commit))
    paths, parts = candidates(place), then.parts_of(place)
    actions = [path for path in paths[2:4] if (then.says(path), now.says(path)) != (None, None)]
    own = [*paths[:2], *actions]
    left = [path for path in now.parts_of(place) if path not in parts and set(now.namers_of(path)) <= set(own)]
    return [*map(_File, own), *map(_File, parts), *(_File(path, goes=True) for path in left)]


def _changes(desk: Desk, commit: str, files: Iterable[_File]) -> tuple[tuple[FileChange, ...], dict[str, bytes | None]]:
    """The files that differ from what they are to be, and what they are now."""
    changes, before = [], {}
    for path, goes in files:
        then = None if goes else file_bytes(desk.repository, commit, path)
        now = file_bytes(desk.repository, desk.snapshot.head.commit, path)
        mode = mode_of(desk.repository, commit, path)
        if then != now or (then is not None and mode != mode_of(desk.repository, desk.snapshot.head.commit, path)):
            changes.append(FileChange(path, then, mode))
            before[path] = now
    refuse_below_links(desk.repository, commit, (change.path for change in changes if change.content is None))
    return tuple(changes), before


def _deeds(desk: Desk, changes: tuple[FileChange, ...]) -> dict[Place, Deed]:
    return deeds(desk.repository, Changes(desk.snapshot.head.commit, changes), "restored")


def _refuse_force(principal: Principal, *, force: bool) -> None:
    if force:
        principal.require_role("admin", "'force', which takes what breaks today's checks,")


def _refuse_errors(desk: Desk, changes: tuple[FileChange, ...], what: str, *, force: bool) -> None:
    if force or not changes:
        return
    found = errors_brought(desk.snapshot, desk.imagine(changes), {change.path for change in changes})
    if found:
        count = "a problem" if len(found) == 1 else f"{len(found)} problems"
        raise errors.Invalid(
            f"Rolling back {what} brings {count} with it by today's checks; see details. An admin can 'force' it.",
            details=[problem_json(*error) for error in found],
        )


def _is_known(desk: Desk, pack_ref: str) -> bool:
    line = desk.snapshot.line
    return desk.snapshot.has_workflows(pack_ref) or any(
        line.touches(path) for path in candidates(Place("pack", pack_ref))
    )


def _is_in(folder: str, path: str) -> bool:
    """True for the folder's own path, too: a link or a submodule may have been there, and nothing can bring it back."""
    return path == folder or path.startswith(f"{folder}/")


def _commit(desk: Desk, revision: str) -> str:
    with errors.about(pointer="/to"):
        return resolve(desk.repository, revision)
