"""What a write comes to: the files it changes and what the commit says, judged against one snapshot."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol

import orjson

from .. import errors
from ..access.principals import Principal
from ..bumps import refuse_small_bumps
from ..entries import Entry
from ..forms.checking import as_sent
from ..forms.pairs import Raw, joined
from ..git.ids import blob_id
from ..git.objects import FileChange
from ..git.repository import Repository
from ..history import Deed
from ..layout import Place, pack_of
from ..problems import Problem
from ..proposals.branches import Branch
from ..records import Record
from ..registry import Registry
from ..regressions import call_errors_brought, judges_calls
from ..snapshot import Snapshot
from ..source import Source
from ..workbench import Job
from ..workshop import Workshop
from ..yamldoc.emit import emit
from ..yamldoc.patch import refuse_unreadable
from ..yamldoc.recent import parse_again
from .requests import Caller
from .shapes import invalid
from .swap import edited

# A write that has to wait for another worker is planned while it waits, and once more when it is its turn.
_WRITTEN = 64


class Plan(NamedTuple):
    """The outcome of a write before it is made; without `changes` there is nothing to commit.

    `place` is None where it is more than one that is written. `before` is the text of each changed file as it was
    (None: it was not there), and of files that stay as they are beside it. `trailers` go into the commit's message
    beside those that every write has, `parents` are the further parents of a merge, and `closes` is a proposal, as
    it was judged, that is done with then. What `is_forced` need not raise a version. `deeds` are what a write of files,
    rather than of fields, makes of packs and workflows.
    """

    place: Place | None
    action: str
    subject: str
    changes: tuple[FileChange, ...] = ()
    before: Mapping[str, bytes | None] = {}
    body: str = ""
    trailers: tuple[tuple[str, str], ...] = ()
    parents: tuple[str, ...] = ()
    closes: Branch | None = None
    is_forced: bool = False
    deeds: Mapping[Place, Deed] = {}

    @property
    def looked_at(self) -> tuple[str, ...]:
        """The files that the plan rests on, changed or not: nobody may be at work on them."""
        return tuple(dict.fromkeys((*self.before, *(change.path for change in self.changes))))


class Write(Protocol):
    """A write somebody asked for. Planning raises the RegistryError that is its answer."""

    @property
    def caller(self) -> Caller:
        """Who asks."""

    def plan(self, desk: "Desk", principal: Principal) -> Plan:
        """What it comes to on this desk, for who asks as `caller` says by the roster that counts."""


class Reviewed:
    """A write that asks by itself for the reviews it needs: no other kind may land on a protected branch."""

    __slots__ = ()


class FilesOnly:
    """A write whose plan asks for files of the commit it starts from, and for nothing else of git.

    Such a plan can be made on commits of the same landing, which git does not know yet.
    """

    __slots__ = ()

    @property
    def only_ref(self) -> str | None:
        """The workflow that it is about, where it asks for no other's files, entry or callers, nor changes a pack."""
        return None


@dataclass(frozen=True, slots=True)
class Desk:
    """What a plan may look at: one snapshot, the committed text behind it, and the checks of today."""

    registry: Registry
    snapshot: Snapshot
    workshop: Workshop

    @classmethod
    def over(cls, registry: Registry, snapshot: Snapshot) -> "Desk":
        """A desk with this snapshot on it."""
        workshop = Workshop(registry.repository, registry.cache, snapshot.contract)
        return cls(registry, snapshot, workshop)

    @property
    def repository(self) -> Repository:
        """Where it all is."""
        return self.registry.repository

    def entry(self, place: Place) -> Entry:
        """What is served for a ref. Raises NotFound."""
        found = self.snapshot.find(place)
        if found is None:
            raise not_found(place)
        return found

    def committed(self, path: str) -> bytes | None:
        """The text of a file as the branch has it."""
        return Source(self.repository, self.snapshot.head.commit, {}).read_path(path)

    def written(self, data: Mapping[str, object]) -> bytes:
        """The text of a new file that says this, read back to be sure."""
        return _written(orjson.dumps(data))

    def imagine(self, changes: Iterable[FileChange]) -> Snapshot:
        """The snapshot as it would be with these files committed now."""
        return self.registry.indexer.imagine(self.snapshot, {change.path: change.content for change in changes})

    def record(self, place: Place, raw: Raw) -> Record:
        """What a file of these bytes, or two, would say. Raises Invalid with every error in it, in a body's words."""
        blob = joined(*(blob_id(part or b"") for part in raw)) if isinstance(raw, tuple) else blob_id(raw)
        record = self.workshop.made(Job(place, blob, raw))
        if not record.is_valid:
            found = errors_of(record)
            told = as_sent(found, raw, place.ref, self.snapshot.contract) if place.kind == "workflow" else found
            raise invalid(place.kind, place.ref, told)
        return record


@lru_cache(_WRITTEN)
def _written(data: bytes) -> bytes:
    wanted = orjson.loads(data)
    raw = emit(wanted).encode()
    document = parse_again(raw)
    refuse_unreadable(document)
    if orjson.dumps(document.data) != data:
        raise errors.PatchRefused("This cannot be written as YAML so that it reads back as it was sent.")
    return raw


def refuse_low_versions(desk: Desk, plan: Plan) -> None:
    """Raise Conflict where the registry requires versions to say what a change means, and one does not.

    Of the branch served only: on a proposal, what counts is what it comes to when it is merged.
    """
    if desk.snapshot.contract.settings.require_version_bump and not plan.is_forced:
        refuse_small_bumps(desk.snapshot, desk.imagine(plan.changes), (change.path for change in plan.changes))


def refuse_wrong_calls(desk: Desk, plan: Plan) -> None:
    """Raise Invalid with each error between workflows that a write of a workflow brings to it.

    A rollback that is forced takes them, as it takes others.
    """
    place = plan.place
    if place is None or place.kind == "pack" or plan.is_forced or not judges_calls(desk.snapshot.contract):
        return
    found = call_errors_brought(desk.snapshot, desk.imagine(plan.changes), place.ref)
    if found:
        raise invalid(place.kind, place.ref, found)


def not_found(place: Place) -> errors.NotFound:
    """There is no such pack or workflow."""
    kind = place.kind.capitalize()
    return errors.NotFound(f"{kind} '{place.ref}' not found", code=f"{place.kind.upper()}_NOT_FOUND")


def errors_of(record: Record) -> list[Problem]:
    """The problems of a record that keep it from being served."""
    return [found for found in record.problems if found.severity == "error"]


def require_pack(desk: Desk, workflow: Place) -> None:
    """Raise NotFound unless the workflow's pack is there, and Conflict where no commit has it yet.

    A workflow that is committed before its pack is an error in every other clone.
    """
    pack = Place("pack", pack_of(workflow.ref))
    entry = desk.snapshot.packs.get(pack.ref)
    if entry is None:
        raise not_found(pack)
    if entry.is_edited and desk.committed(entry.path) is None:
        raise edited(entry.path, "is not committed yet")
