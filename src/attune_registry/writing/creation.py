"""Making a new pack or workflow from a body."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import errors
from ..access.principals import Principal
from ..checks.engine import shape_of
from ..checks.wording import missing
from ..git.ids import blob_id
from ..git.objects import FileChange
from ..layout import MAX_REF, Place, candidates, is_pack_ref, is_workflow_ref, pack_of
from ..pointers import split
from ..snapshot import Snapshot
from ..workbench import Job
from .plans import Desk, FilesOnly, Plan, errors_of, require_pack
from .requests import Caller, Conditions
from .shapes import SHAPES, Shape, definition_in_order, detail, details_of, missing_fields, unknown_fields

# The rule and the pointer of a field that is missing at the top.
_MISSING = ("schema-required", "")
# How the ref of each kind is known, and what to do about one that is not.
_REFS = {
    "pack": (is_pack_ref, "use letters, digits, '_' and '-'"),
    "workflow": (is_workflow_ref, "write it as <pack_ref>.<name>"),
}


@dataclass(frozen=True, slots=True)
class Creation(FilesOnly):
    """A POST. Refused in this order: 400, 403, 404 (pack), 409 or 412."""

    kind: str
    body: dict[str, Any]
    caller: Caller
    conditions: Conditions = field(default_factory=Conditions)

    @property
    def only_ref(self) -> str | None:
        """The workflow's, which may not even be a name."""
        return str(self.body.get("ref")) if self.kind == "workflow" else None

    def plan(self, desk: Desk, principal: Principal) -> Plan:
        """The new file. Raises Invalid, Forbidden, NotFound, Conflict or PreconditionFailed."""
        shape = SHAPES[self.kind]
        wrong = wrong_names(shape, self.body)
        place = Place(shape.kind, str(self.body.get("ref")))
        raw = new_text(desk, shape, self.body)
        wrong += not_said(wrong, details_of(errors_of(desk.workshop.made(Job(place, blob_id(raw), raw)))))
        if wrong:
            count = "a problem" if len(wrong) == 1 else f"{len(wrong)} problems"
            raise errors.Invalid(f"The {self.kind} has {count}; see details.", details=wrong)
        principal.require_write(pack_of(place.ref))
        if shape.kind == "workflow":
            require_pack(desk, place)
        self._refuse_if_there(desk, place)
        path = candidates(place)[0]
        subject = f"Create {place.ref} {self.body['version']}"
        return Plan(place, "create", subject, (FileChange(path, raw),), {path: None})

    def _refuse_if_there(self, desk: Desk, place: Place) -> None:
        shelf = desk.snapshot.workflows if place.kind == "workflow" else desk.snapshot.packs
        entry = shelf.get(place.ref)
        self.conditions.refuse_unless_met(entry.blob if entry else None)
        if entry:
            raise errors.Conflict(
                f"{place.kind.capitalize()} '{place.ref}' already exists", code=f"{place.kind.upper()}_EXISTS"
            )
        broken = next((path for path in candidates(place) if path in desk.snapshot.others), None)
        if broken and not _is_missing_pack(desk.snapshot, broken):
            raise errors.Conflict(
                f"'{broken}' is there already but has problems, see /api/v1/problems; mend or remove it first.",
                code=f"{place.kind.upper()}_EXISTS",
            )
        rival = shelf.holder_of(place.ref)
        if rival:
            raise errors.Conflict(
                f"'{place.ref}' differs from the existing '{rival}' only by case; choose another name.",
                code="REF_COLLISION",
            )


def _is_missing_pack(snapshot: Snapshot, path: str) -> bool:
    return [problem.rule for problem in snapshot.others[path]] == ["pack-missing"]


def wrong_names(shape: Shape, body: dict[str, Any]) -> list[dict[str, Any]]:
    """A detail for each field of a body that is not known or is missing, and for refs that cannot be."""
    wrong = unknown_fields(body, shape.naming + shape.fields) + missing_fields(shape, body)
    kinds = {"ref": shape.kind, "pack_ref": "pack"}
    given = {name: body[name] for name in shape.naming if body.get(name) is not None}
    faults = [fault for name, value in given.items() if (fault := _fault_in_ref(name, value, kinds[name]))]
    if not faults and len(given) == len(kinds) and given["pack_ref"] != pack_of(given["ref"]):
        message = f"'{given['ref']}' is not in the pack '{given['pack_ref']}'."
        faults.append(detail("ref", "ref", message, f"use {given['pack_ref']}.<name>"))
    return wrong + faults


def _fault_in_ref(field: str, value: object, kind: str) -> dict[str, Any] | None:
    """What keeps a value from being the ref of a pack or workflow; None when nothing does."""
    if isinstance(value, str) and len(value) > MAX_REF:
        return detail(field, "ref", f"The {field} has {len(value)} characters.", f"use {MAX_REF} at most")
    is_ref, hint = _REFS[kind]
    if isinstance(value, str) and is_ref(value):
        return None
    return detail(field, "ref", f"{value!r} is no {kind} ref.", hint)


def new_text(desk: Desk, shape: Shape, body: Mapping[str, Any]) -> bytes:
    """The file that a body comes to. Its path says what it is; it says so, too, where the schema asks for that."""
    data = {name: body[name] for name in shape.fields if body.get(name) is not None}
    if "definition" in data:
        data["definition"] = definition_in_order(data["definition"])
    contract = desk.snapshot.contract
    found = shape_of(data, contract.workflow if shape.kind == "workflow" else contract.pack)
    asked = {finding.message for finding in found if (finding.rule, finding.pointer) == _MISSING}
    naming = [name for name in shape.naming if missing(name) in asked and body.get(name) is not None]
    return desk.written({name: body[name] for name in naming} | data)


def not_said(wrong: list[dict[str, Any]], content: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is wrong with the content of a body, less what is said of its fields already."""
    said = {found["pointer"] for found in wrong}
    absent = {missing(name) for at in said for name in split(at)[:1]}
    return [
        found
        for found in content
        if found["pointer"] not in said
        and not ((found["rule"], found["pointer"]) == _MISSING and found["message"] in absent)
    ]
