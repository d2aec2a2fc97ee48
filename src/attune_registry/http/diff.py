"""Differences between revisions over HTTP: field by field, or as a patch for `Accept: text/x-diff`."""

from typing import NamedTuple

import falcon
from falcon.asgi import Request, Response

from .. import errors
from ..compare import as_text, by_field, differences, has_file
from ..contents import Contents
from ..git.revisions import resolve
from ..layout import Place, pack_of
from ..snapshot import Snapshot
from ..writing.plans import not_found
from . import answers, parameters
from .door import Door

TEXT = "text/x-diff"
_MEDIA = (falcon.MEDIA_JSON, TEXT)


class WorkflowDiff:
    """`/api/v1/workflows/{ref}/diff`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def on_get(self, req: Request, resp: Response, ref: str) -> None:
        """What changed in the workflow between two revisions."""
        await _send(self._door, req, resp, _Scope(workflow=ref), ("from", "to", "at"))


class Diff:
    """`/api/v1/diff`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def on_get(self, req: Request, resp: Response) -> None:
        """What changed in the registry, or with `pack_ref` in a pack, between two revisions."""
        scope = _Scope(pack=parameters.one(req, "pack_ref") or None)
        await _send(self._door, req, resp, scope, ("from", "to", "pack_ref", "at"))


class _Scope(NamedTuple):
    """What a diff is of: a workflow, a pack with its workflows, or everything."""

    workflow: str | None = None
    pack: str | None = None

    def covers(self, place: Place) -> bool:
        if self.workflow is not None:
            return place == Place("workflow", self.workflow)
        return self.pack is None or self.pack == (place.ref if place.kind == "pack" else pack_of(place.ref))


async def _send(door: Door, req: Request, resp: Response, scope: _Scope, known: tuple[str, ...]) -> None:
    snapshot = await door.admit(req, resp)
    parameters.refuse_unknown(req, known)
    from_text, to_text = parameters.one(req, "from"), parameters.one(req, "to")
    if from_text is None:
        raise errors.Invalid("Say with 'from' which revision to compare with.", code="MISSING_PARAMETER")
    media = answers.preferred(req, _MEDIA)
    body = await door.aside(_body, door, snapshot, (from_text, to_text), scope, is_text=media == TEXT)
    resp.set_header("Vary", "Accept")
    answers.send(req, resp, body, answers.digest(body), media)


def _body(door: Door, snapshot: Snapshot, revisions: tuple[str, str | None], scope: _Scope, *, is_text: bool) -> bytes:
    repository = door.registry.repository
    old = resolve(repository, revisions[0])
    new = resolve(repository, revisions[1]) if revisions[1] is not None else snapshot.head.commit
    found = differences(repository, snapshot.line, old, new, scope.covers)
    if scope.workflow is not None and not found:
        place = Place("workflow", scope.workflow)
        if not has_file(repository, old, place) and not has_file(repository, new, place):
            raise not_found(place)
    if is_text:
        return as_text(repository, old, new, scope.covers)
    contents = Contents(repository, door.registry.cache, snapshot.contract)
    return answers.as_json({"data": {"from": old, "to": new, **by_field(contents, found)}})
