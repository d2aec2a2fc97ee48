"""Rollbacks over HTTP: of one pack or workflow, of a whole pack, of everything."""

from dataclasses import replace
from typing import Literal

from falcon.asgi import Request, Response

from ..layout import Place
from ..writing.making import Done
from ..writing.requests import Caller
from ..writing.rollback import Rollback, WideRollback
from . import answers
from .bodies import read_object
from .conditions import conditions
from .door import Door
from .fields import Field, read_fields
from .writes import perform, say_restored

_FIELDS = {
    "to": Field(str, "a revision: a commit, a tag, a branch or an instant", required=True),
    "message": Field(str, "a sentence for the commit"),
    "force": Field(bool, "true or false"),
}
_WIDE_FIELDS = _FIELDS | {"pack_ref": Field(str, "a pack's ref")}


class ThingRollback:
    """`/api/v1/workflows/{ref}/rollback` and `/api/v1/packs/{ref}/rollback`."""

    def __init__(self, door: Door, kind: Literal["pack", "workflow"]) -> None:
        self._door = door
        self._kind = kind

    async def on_post(self, req: Request, resp: Response, ref: str) -> None:
        """Bring back the file as it was."""
        caller = await self._door.admit_writer(req, resp)
        asked = read_fields(await read_object(req), _FIELDS)
        place, force = Place(self._kind, ref), asked.get("force", False)
        write = Rollback(place, asked["to"], _saying(caller, asked), force, conditions(req))
        await perform(self._door, req, resp, write, say_restored)


class WholeRollback:
    """`/api/v1/rollback`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def on_post(self, req: Request, resp: Response) -> None:
        """Bring back a pack, or all of them, in one commit."""
        caller = await self._door.admit_writer(req, resp)
        asked = read_fields(await read_object(req), _WIDE_FIELDS)
        pack_ref, force = asked.get("pack_ref"), asked.get("force", False)
        write = WideRollback(pack_ref, asked["to"], _saying(caller, asked), force, conditions(req))
        await perform(self._door, req, resp, write, _say_all)


def _saying(caller: Caller, asked: dict[str, str]) -> Caller:
    """The caller, with the words of the body for the commit."""
    return replace(caller, message=asked["message"].strip()) if "message" in asked else caller


def _say_all(resp: Response, done: Done) -> bytes:
    found = done.plan.deeds
    data = {
        "workflows": [{"ref": place.ref, "change": deed} for place, deed in found.items() if place.kind == "workflow"],
        "packs": [{"ref": place.ref, "change": deed} for place, deed in found.items() if place.kind == "pack"],
        "commit": done.commit,
    }
    resp.set_header("ETag", f'"{answers.digest(done.snapshot.revision, "rollback")}"')
    message = "Rolled back successfully" if done.plan.changes else "Everything is as it was then already"
    return answers.as_json({"data": data, "message": message})
