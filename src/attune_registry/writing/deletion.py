"""Taking a pack or workflow away."""

from dataclasses import dataclass, field

from .. import errors
from ..git.objects import FileChange
from ..layout import PACKS, Place, pack_of
from .plans import Desk, Plan
from .requests import Caller, Conditions
from .update import committed_text


@dataclass(frozen=True, slots=True)
class Deletion:
    """A DELETE."""

    place: Place
    caller: Caller
    conditions: Conditions = field(default_factory=Conditions)

    def plan(self, desk: Desk) -> Plan:
        """The file gone. Raises Forbidden, NotFound, Conflict, PreconditionFailed or PreconditionRequired."""
        self.caller.principal.require_write(pack_of(self.place.ref))
        entry = desk.entry(self.place)
        self.conditions.refuse_unless_met(entry.blob, is_required=desk.snapshot.contract.settings.require_if_match)
        if self.place.kind == "pack":
            _refuse_unless_empty(desk, self.place.ref)
        raw = committed_text(desk, entry)
        subject = f"Delete {self.place.ref}"
        return Plan(self.place, "delete", subject, (FileChange(entry.path, None),), {entry.path: raw})


def _refuse_unless_empty(desk: Desk, pack_ref: str) -> None:
    count = len(desk.snapshot.workflows_in(pack_ref))
    prefix = f"{PACKS}/{pack_ref}/workflows/"
    count += sum(path.startswith(prefix) for path in desk.snapshot.others)
    if count:
        workflows = "a workflow" if count == 1 else f"{count} workflows"
        raise errors.Conflict(
            f"Pack '{pack_ref}' has {workflows} in it; delete or move them first.", code="PACK_NOT_EMPTY"
        )
