"""Differences between revisions over HTTP: field by field, or as a patch for `Accept: text/x-diff`."""

from typing import NamedTuple

import falcon
from falcon.asgi import Request, Response

from .. import errors
from ..compare import as_text, by_field, differences, has_file
from ..contents import Contents
from ..git.repository import Repository
from ..git.revisions import resolve
from ..layout import Place, pack_of
from ..snapshot import Snapshot
from ..writing.plans import not_found
from . import answers
from .door import Door
from .parameters import Given

TEXT = "text/x-diff"
_MEDIA = (falcon.MEDIA_JSON, TEXT)
# The older one, and the newer one: None for what is there now, or was at `at`.
_Revisions = tuple[str, str | None]


class WorkflowDiff:
    """`/api/v1/workflows/{ref}/diff`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def on_get(self, req: Request, resp: Response, ref: str) -> None:
        """What changed in the workflow between two revisions."""
        snapshot = await self._door.admit(req, resp)
        with Given(req, ("from", "to", "at")) as given:
            revisions = _revisions(given)
        await _send(self._door, req, resp, snapshot, revisions, _Scope(workflow=ref))


class Diff:
    """`/api/v1/diff`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def on_get(self, req: Request, resp: Response) -> None:
        """What changed in the registry, or with `pack_ref` in a pack, between two revisions."""
        snapshot = await self._door.admit(req, resp)
        with Given(req, ("from", "to", "pack_ref", "at")) as given:
            revisions, pack = _revisions(given), given.one("pack_ref") or None
        await _send(self._door, req, resp, snapshot, revisions, _Scope(pack=pack))


class _Scope(NamedTuple):
    """What a diff is of: a workflow, a pack with its workflows, or everything."""

    workflow: str | None = None
    pack: str | None = None

    def covers(self, place: Place) -> bool:
        if self.workflow is not None:
            return place == Place("workflow", self.workflow)
        return self.pack is None or self.pack == (place.ref if place.kind == "pack" else pack_of(place.ref))


def _revisions(given: Given) -> _Revisions:
    return given.required("from", "Say with 'from' which revision to compare with."), given.one("to")


async def _send(
    door: Door, req: Request, resp: Response, snapshot: Snapshot, revisions: _Revisions, scope: _Scope
) -> None:
    media = answers.preferred(req, _MEDIA)
    body = await door.aside(_body, door, snapshot, revisions, scope, is_text=media == TEXT)
    resp.set_header("Vary", "Accept")
    answers.send(req, resp, body, answers.digest(body), media)


def _body(door: Door, snapshot: Snapshot, revisions: _Revisions, scope: _Scope, *, is_text: bool) -> bytes:
    repository = door.registry.repository
    old = _commit(repository, "from", revisions[0])
    new = _commit(repository, "to", revisions[1]) if revisions[1] is not None else snapshot.head.commit
    found = differences(repository, snapshot.line, old, new, scope.covers)
    if scope.workflow is not None and not found:
        place = Place("workflow", scope.workflow)
        if not has_file(repository, old, place) and not has_file(repository, new, place):
            raise not_found(place)
    if is_text:
        return as_text(repository, old, new, scope.covers)
    contents = Contents(repository, door.registry.cache, snapshot.contract)
    return answers.as_json({"data": {"from": old, "to": new, **by_field(contents, found)}})


def _commit(repository: Repository, parameter: str, revision: str) -> str:
    with errors.about(parameter=parameter, pointer=""):
        return resolve(repository, revision)
