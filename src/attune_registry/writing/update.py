"""Changing a pack or workflow: the body's fields over what the file says, as a patch of its text."""

import copy
from dataclasses import dataclass, field
from typing import Any

import orjson

from .. import errors
from ..entries import Entry
from ..git.objects import FileChange
from ..layout import Place, pack_of
from ..yamldoc.document import parse
from ..yamldoc.patch import patch
from .plans import Desk, Plan, is_same
from .requests import Caller, Conditions
from .shapes import SHAPES, Shape, detail, unknown_fields
from .swap import edited


@dataclass(frozen=True, slots=True)
class Update:
    """A PUT: what is absent stays as it is, null clears what may be cleared."""

    place: Place
    body: dict[str, Any]
    caller: Caller
    conditions: Conditions = field(default_factory=Conditions)

    def plan(self, desk: Desk) -> Plan:
        """The patched file; no change where nothing changes. Raises the RegistryError that is the answer."""
        shape = SHAPES[self.place.kind]
        self.caller.principal.require_write(pack_of(self.place.ref))
        entry = desk.entry(self.place)
        refuse_wrong_fields(shape, self.body, entry)
        self.conditions.refuse_unless_met(entry.blob, is_required=desk.snapshot.contract.settings.require_if_match)
        raw = committed_text(desk, entry)
        new, changed = updated(shape, _data_of(entry, raw), self.body)
        if not changed:
            return Plan(self.place, "update", f"Update {self.place.ref}")
        text = patch(raw, new)
        record = desk.record(self.place, text)
        subject = f"Update {self.place.ref} {record.version}"
        body = f"Changed: {', '.join(changed)}."
        return Plan(self.place, "update", subject, (FileChange(entry.path, text),), {entry.path: raw}, body)


def committed_text(desk: Desk, entry: Entry) -> bytes:
    """The text that a change starts from. Raises Conflict where a person is at work on the file."""
    raw = desk.committed(entry.path)
    if entry.is_edited or raw is None:
        raise edited(entry.path)
    return raw


def refuse_wrong_fields(shape: Shape, body: dict[str, Any], entry: Entry) -> None:
    """Raise Invalid, with a detail for each field that cannot be sent, or not so."""
    wrong = unknown_fields(shape, body, shape.fields + shape.naming + shape.read_only)
    current = orjson.loads(entry.detail)
    for name, value in body.items():
        if name in shape.naming + shape.read_only and not is_same(value, current.get(name)):
            wrong.append(detail(name, "read-only", f"'{name}' cannot be changed.", "leave it out"))
        elif name in shape.fields and value is None and name not in shape.clearable:
            wrong.append(detail(name, "not-null", f"'{name}' cannot be null.", "leave it out to keep it as it is"))
    if wrong:
        count = "a problem" if len(wrong) == 1 else f"{len(wrong)} problems"
        raise errors.Invalid(f"The change to '{entry.ref}' has {count}; see details.", details=wrong)


def updated(shape: Shape, data: dict[str, Any], body: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What the file is to say, and the names of the fields that differ from what it says."""
    new = copy.deepcopy(data)
    changed = []
    for name in shape.fields:
        if name not in body or is_same(body[name], data.get(name, shape.defaults.get(name))):
            continue
        changed.append(name)
        if body[name] is None:
            new.pop(name, None)
        else:
            new[name] = body[name]
    return new, changed


def _data_of(entry: Entry, raw: bytes) -> dict[str, Any]:
    document = parse(raw)
    if not document.loadable or not isinstance(document.data, dict):
        raise errors.Conflict(
            f"'{entry.path}' is broken as committed, see /api/v1/problems; mend it or roll it back first.",
            code="FILE_BROKEN",
        )
    return document.data
