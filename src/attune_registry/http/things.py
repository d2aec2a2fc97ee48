"""Packs and workflows over HTTP: lists, details, and the writes."""

from typing import Literal

import falcon
from falcon.asgi import Request, Response

from ..layout import Place
from ..query import Query
from ..snapshot import Snapshot
from ..writing.creation import Creation
from ..writing.deletion import Deletion
from ..writing.plans import not_found
from ..writing.update import Update
from . import answers
from .bodies import read_object
from .conditions import conditions
from .door import Door
from .parameters import FILTERS, PAGING, Given
from .writes import perform, say_deleted, say_written

Kind = Literal["pack", "workflow"]
# A pack is in no other, and is not switched off.
_KNOWN: dict[Kind, tuple[str, ...]] = {
    "pack": (*PAGING, *(name for name in FILTERS if name != "enabled"), "at"),
    "workflow": (*PAGING, *FILTERS, "pack_ref", "at"),
}


class Things:
    """`/api/v1/workflows` and `/api/v1/packs`."""

    def __init__(self, door: Door, kind: Kind) -> None:
        self._door = door
        self._kind = kind

    async def on_get(self, req: Request, resp: Response) -> None:
        """A page of the list."""
        snapshot = await self._door.admit(req, resp)
        with Given(req, _KNOWN[self._kind]) as given:
            query, paging = given.query(given.one("pack_ref")), given.paging()
        send_page(req, resp, snapshot, self._kind, query, paging)

    async def on_post(self, req: Request, resp: Response) -> None:
        """Create one."""
        caller = await self._door.admit_writer(req, resp)
        write = Creation(self._kind, await read_object(req), caller, conditions(req))
        await perform(self._door, req, resp, write, say_written("created", falcon.HTTP_201))


class Thing:
    """`/api/v1/workflows/{ref}` and `/api/v1/packs/{ref}`."""

    def __init__(self, door: Door, kind: Kind) -> None:
        self._door = door
        self._kind = kind

    async def on_get(self, req: Request, resp: Response, ref: str) -> None:
        """The details."""
        snapshot = await self._door.admit(req, resp)
        Given(req, ("at",)).refuse()
        place = Place(self._kind, ref)
        entry = snapshot.find(place)
        if entry is None:
            raise not_found(place)
        answers.send(req, resp, answers.detail(entry), entry.blob)

    async def on_put(self, req: Request, resp: Response, ref: str) -> None:
        """Change it."""
        caller = await self._door.admit_writer(req, resp)
        body = await read_object(req)
        write = Update(Place(self._kind, ref), body, caller, conditions(req))
        await perform(self._door, req, resp, write, say_written("updated", falcon.HTTP_200))

    async def on_delete(self, req: Request, resp: Response, ref: str) -> None:
        """Delete it."""
        caller = await self._door.admit_writer(req, resp)
        write = Deletion(Place(self._kind, ref), caller, conditions(req))
        await perform(self._door, req, resp, write, say_deleted)


class PackWorkflows:
    """`/api/v1/packs/{ref}/workflows`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def on_get(self, req: Request, resp: Response, ref: str) -> None:
        """A page of the pack's workflows."""
        snapshot = await self._door.admit(req, resp)
        with Given(req, (*PAGING, *FILTERS, "at")) as given:
            query, paging = given.query(ref), given.paging()
        if snapshot.packs.get(ref) is None and not snapshot.has_workflows(ref):
            raise not_found(Place("pack", ref))
        send_page(req, resp, snapshot, "workflow", query, paging)


def send_page(
    req: Request, resp: Response, snapshot: Snapshot, kind: Kind, query: Query, paging: tuple[int, int]
) -> None:
    """The page of a list that a request asks for."""
    number, per_page = paging
    # Of one revision a clone whose history is cut says less than one that has all of it: dates, last valid contents.
    etag = answers.digest(snapshot.revision, snapshot.line.begins, kind, query, number, per_page)
    answer = answers.Answer(answers.entries_page(snapshot, kind, query, number, per_page), etag)
    # What a revision is called can move, or go, while the snapshot stays the same.
    if "at" not in req.params:
        # By these it is found ready when it is asked for again (ready.py).
        answers.keep(snapshot, (req.scope["path"], req.scope["query_string"]), answer)
    answers.send(req, resp, *answer)
