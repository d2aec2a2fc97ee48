"""Taking a pack or workflow away."""

from dataclasses import dataclass, field

from .. import errors
from ..access.principals import Principal
from ..actions import Actions, by_pack, written_file
from ..entries import Entry
from ..git.objects import FileChange
from ..git.trees import files_in
from ..layout import PACKS, Place, actions_folder, candidates, pack_of, place_of
from .plans import Desk, FilesOnly, Plan
from .requests import Caller, Conditions
from .update import committed_texts


@dataclass(frozen=True, slots=True)
class Deletion(FilesOnly):
    """A DELETE."""

    place: Place
    caller: Caller
    conditions: Conditions = field(default_factory=Conditions)

    def plan(self, desk: Desk, principal: Principal) -> Plan:
        """The file gone. Raises Forbidden, NotFound, Conflict, PreconditionFailed or PreconditionRequired."""
        principal.require_write(pack_of(self.place.ref))
        entry = desk.entry(self.place)
        self.conditions.refuse_unless_met(entry.blob, is_required=desk.snapshot.contract.settings.require_if_match)
        _refuse_with_rival(desk, self.place)
        if self.place.kind == "pack":
            _refuse_unless_empty(desk, self.place.ref)
        if entry.graph and desk.committed(entry.graph) is None and entry.graph not in desk.snapshot.edits:
            entry = entry._replace(graph="")  # it is named, and not there
        texts = committed_texts(desk, entry)
        if entry.graph and _is_shared(desk, entry):
            del texts[entry.graph]
        subject = f"Delete {self.place.ref}"
        return Plan(self.place, "delete", subject, tuple(FileChange(path, None) for path in texts), texts)


def _refuse_with_rival(desk: Desk, place: Place) -> None:
    """Raise Conflict where another file of the same name would be served from then on."""
    for path in candidates(place):
        if any(problem.rule == "ref-duplicate" for problem in desk.snapshot.others.get(path, ())):
            raise errors.Conflict(
                f"'{place.ref}' is defined by '{path}', too, which would be served then; remove that file first.",
                code="REF_DUPLICATE",
                details=[{"path": path}],
            )


def _is_shared(desk: Desk, entry: Entry) -> bool:
    """True when another action names the same file of tasks, committed or not, and whatever is wrong in it."""
    pack, edits = pack_of(entry.ref), desk.snapshot.edits
    committed = Actions.at(desk.repository, desk.snapshot.head.commit, pack)
    edited = {path: written_file(path, edits[path].raw) for path in by_pack(edits).get(pack, ())}
    namers = {*committed.namers_of(entry.graph), *committed.changed(edited).namers_of(entry.graph)}
    return not namers <= {entry.path}


def _refuse_unless_empty(desk: Desk, pack_ref: str) -> None:
    served = desk.snapshot.workflows_in(pack_ref)
    folders = tuple(f"{PACKS}/{pack_ref}/{folder}/" for folder in ("workflows", "actions"))
    broken = [path for path in desk.snapshot.others if path.startswith(folders)]
    count = len(served) + len(broken)
    if count:
        workflows = "a workflow" if count == 1 else f"{count} workflows"
        raise errors.Conflict(
            f"Pack '{pack_ref}' has {workflows} in it; delete or move them first.", code="PACK_NOT_EMPTY"
        )
    left = _committed_in(desk, pack_ref)
    if left:
        raise errors.Conflict(
            f"Pack '{pack_ref}' has '{left[0]}' in it, which was deleted in the registry's working tree, and that is "
            "not committed; commit it first.",
            code="PACK_NOT_EMPTY",
            details=[{"path": path} for path in left],
        )


def _committed_in(desk: Desk, pack_ref: str) -> list[str]:
    """The files that are a pack's workflows in the commit, whatever the working tree has of them."""
    commit, actions = desk.snapshot.head.commit, actions_folder(pack_ref)
    folders = (f"{PACKS}/{pack_ref}/workflows", actions, f"{actions}/workflows")
    files = [file for folder in folders for file in files_in(desk.repository, commit, folder).values()]
    found = Actions.at(desk.repository, commit, pack_ref)
    own = (file.path for file in files if not file.path.startswith(actions) and place_of(file.path))
    return sorted([*own, *(file.path for file in files if found.says(file.path) is not None)])
