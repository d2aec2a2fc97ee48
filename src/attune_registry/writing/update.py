"""Changing a pack or workflow: the body's fields over what the file says, as a patch of its text."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from .. import errors
from ..access.principals import Principal
from ..entries import Entry
from ..git.objects import FileChange
from ..layout import Place, pack_of
from ..yamldoc.sameness import same
from .plans import Desk, FilesOnly, Plan
from .requests import Caller, Conditions
from .rewriting import broken, raw_of, rewritten
from .shapes import SHAPES, Shape, detail, unknown_fields
from .swap import at_work_on


@dataclass(frozen=True, slots=True)
class Update(FilesOnly):
    """A PUT: what is absent stays as it is, null clears what may be cleared."""

    place: Place
    body: dict[str, Any]
    caller: Caller
    conditions: Conditions = field(default_factory=Conditions)

    @property
    def only_ref(self) -> str | None:
        """The workflow's."""
        return self.place.ref if self.place.kind == "workflow" else None

    def plan(self, desk: Desk, principal: Principal) -> Plan:
        """The patched file; no change where nothing changes. Raises the RegistryError that is the answer."""
        shape = SHAPES[self.place.kind]
        principal.require_write(pack_of(self.place.ref))
        entry = desk.entry(self.place)
        refuse_wrong_fields(shape, self.body, entry)
        self.conditions.refuse_unless_met(entry.blob, is_required=desk.snapshot.contract.settings.require_if_match)
        texts = committed_texts(desk, entry)
        after, changed = rewritten(shape, self.place.ref, texts, self.body, desk.snapshot.contract)
        if not changed:
            return Plan(self.place, "update", f"Update {self.place.ref}", before=texts)
        record = desk.record(self.place, raw_of(after))
        subject = f"Update {self.place.ref} {record.version}"
        body = f"Changed: {', '.join(changed)}."
        changes = tuple(FileChange(path, text) for path, text in after.items() if text != texts[path])
        return Plan(self.place, "update", subject, changes, texts, body)


def committed_texts(desk: Desk, entry: Entry) -> dict[str, bytes]:
    """The files that a change starts from, by path.

    Raises Conflict where a person is at work on one of them, and where the second of two is not there.
    """
    texts: dict[str, bytes] = {}
    edits = desk.snapshot.edits
    for path in entry.paths:
        raw = desk.committed(path)
        if path in edits or (entry.is_edited and len(entry.paths) == 1):
            raise at_work_on(path, edits.get(path))
        if raw is None:
            raise broken(entry.path, f"names '{path}', which is not there")
        texts[path] = raw
    return texts


def refuse_wrong_fields(shape: Shape, body: dict[str, Any], entry: Entry) -> None:
    """Raise Invalid, with a detail for each field that cannot be sent, or not so."""
    wrong = unknown_fields(body, shape.fields + shape.naming + shape.read_only)
    current = orjson.loads(entry.detail)
    for name, value in body.items():
        if name in shape.naming + shape.read_only and not same(value, current.get(name)):
            wrong.append(detail(name, "read-only", f"'{name}' cannot be changed.", "leave it out"))
        elif name in shape.fields and value is None and name not in shape.clearable:
            wrong.append(detail(name, "not-null", f"'{name}' cannot be null.", "leave it out to keep it as it is"))
    if wrong:
        count = "a problem" if len(wrong) == 1 else f"{len(wrong)} problems"
        raise errors.Invalid(f"The change to '{entry.ref}' has {count}; see details.", details=wrong)
