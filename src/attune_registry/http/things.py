"""Packs and workflows over HTTP: lists, details, and the writes."""

from typing import Any, Literal

import falcon
import orjson
from falcon.asgi import Request, Response

from ..layout import Place
from ..snapshot import Snapshot
from ..writing.creation import Creation
from ..writing.deletion import Deletion
from ..writing.plans import Write, not_found
from ..writing.update import Update
from ..writing.writer import Done
from . import answers, parameters
from .bodies import read_object
from .door import Door

Kind = Literal["pack", "workflow"]


class Things:
    """`/api/v1/workflows` and `/api/v1/packs`."""

    def __init__(self, door: Door, kind: Kind) -> None:
        self._door = door
        self._kind = kind

    async def on_get(self, req: Request, resp: Response) -> None:
        """A page of the list."""
        snapshot = await self._door.admit(req, resp)
        send_page(req, resp, snapshot, self._kind)

    async def on_post(self, req: Request, resp: Response) -> None:
        """Create one."""
        caller = await self._door.admit_writer(req, resp)
        write = Creation(self._kind, await read_object(req), caller, parameters.conditions(req))
        await perform(self._door, req, resp, write, "created", falcon.HTTP_201)


class Thing:
    """`/api/v1/workflows/{ref}` and `/api/v1/packs/{ref}`."""

    def __init__(self, door: Door, kind: Kind) -> None:
        self._door = door
        self._kind = kind

    async def on_get(self, req: Request, resp: Response, ref: str) -> None:
        """The details."""
        snapshot = await self._door.admit(req, resp)
        entry = (snapshot.workflows if self._kind == "workflow" else snapshot.packs).get(ref)
        if entry is None:
            raise not_found(Place(self._kind, ref))
        answers.send(req, resp, answers.detail(entry), entry.blob)

    async def on_put(self, req: Request, resp: Response, ref: str) -> None:
        """Change it."""
        caller = await self._door.admit_writer(req, resp)
        body = await read_object(req)
        write = Update(Place(self._kind, ref), body, caller, parameters.conditions(req))
        await perform(self._door, req, resp, write, "updated", falcon.HTTP_200)

    async def on_delete(self, req: Request, resp: Response, ref: str) -> None:
        """Delete it."""
        caller = await self._door.admit_writer(req, resp)
        write = Deletion(Place(self._kind, ref), caller, parameters.conditions(req))
        await perform(self._door, req, resp, write, "deleted", falcon.HTTP_200)


class PackWorkflows:
    """`/api/v1/packs/{ref}/workflows`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def on_get(self, req: Request, resp: Response, ref: str) -> None:
        """A page of the pack's workflows."""
        snapshot = await self._door.admit(req, resp)
        if snapshot.packs.get(ref) is None and not snapshot.has_workflows(ref):
            raise not_found(Place("pack", ref))
        send_page(req, resp, snapshot, "workflow", ref)


def send_page(req: Request, resp: Response, snapshot: Snapshot, kind: Kind, pack_ref: str | None = None) -> None:
    """The page of a list that a request asks for."""
    query = parameters.query(req, pack_ref)
    number, per_page = parameters.paging(req)
    etag = answers.digest(snapshot.revision, kind, query, number, per_page)
    if answers.has(req, etag):
        answers.send(req, resp, b"", etag)
    else:
        answers.send(req, resp, answers.entries_page(snapshot, kind, query, number, per_page), etag)


async def perform(door: Door, req: Request, resp: Response, write: Write, participle: str, status: str) -> None:
    """Have something written, and say so in the contract's words."""
    answers.refuse_other_media(req)
    done = await door.write(write)
    resp.status = status
    resp.content_type = falcon.MEDIA_JSON
    resp.set_header("X-Registry-Revision", done.snapshot.revision)
    kind, ref = done.plan.place
    if participle == "deleted":
        body: dict[str, Any] = {
            "success": True,
            "message": f"{kind.capitalize()} '{ref}' deleted successfully",
        }
        resp.data = orjson.dumps(body)
        resp.set_header("ETag", f'"{answers.digest(done.commit)}"')
        return
    _send_written(resp, done, f"{kind.capitalize()} {participle} successfully")


def _send_written(resp: Response, done: Done, message: str) -> None:
    kind, ref = done.plan.place
    entry = (done.snapshot.workflows if kind == "workflow" else done.snapshot.packs).get(ref)
    if entry is None:
        raise not_found(done.plan.place)
    if resp.status == falcon.HTTP_201:
        resp.location = f"/api/v1/{kind}s/{ref}"
    resp.set_header("ETag", f'"{entry.blob}"')
    resp.data = answers.detail_with_message(entry, message)
