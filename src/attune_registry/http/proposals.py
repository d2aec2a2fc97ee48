"""Proposals over HTTP: what there is, what it brings, and what is done about it."""

import functools
from typing import Any

import falcon
from falcon.asgi import Request, Response

from .. import errors
from ..proposals.board import Board, summary_of
from ..proposals.branches import Branch, require_branch
from ..proposals.reviews import VERDICTS
from ..snapshot import Snapshot
from ..writing.making import Done
from ..writing.merge import Merge
from ..writing.requests import Conditions
from ..writing.reviewing import Request as Asked
from ..writing.reviewing import close, review
from ..writing.targets import refuse_served
from . import answers
from .bodies import read_object
from .conditions import conditions
from .door import Door
from .fields import Field, read_fields
from .parameters import PAGING, Given
from .writes import answer

_FIELDS = {
    "verdict": Field(str, "approve or reject", required=True, one_of=VERDICTS),
    "comment": Field(str, "a text", may_be_empty=True),
}


class Proposals:
    """`/api/v1/proposals`."""

    def __init__(self, door: Door, board: Board) -> None:
        self._door = door
        self._board = board

    async def on_get(self, req: Request, resp: Response) -> None:
        """A page of the list, by name."""
        served = await _present(self._door, req, resp)
        with Given(req, PAGING) as given:
            number, per_page = given.paging()
        body, etag = await self._door.aside(self._page, served, number, per_page)
        answers.send(req, resp, body, etag)

    def _page(self, served: Snapshot, number: int, per_page: int) -> tuple[bytes, str]:
        state = self._board.state(served)
        branches = self._board.branches(served)
        shown = branches[(number - 1) * per_page : number * per_page]
        items = answers.as_json([self._board.summary(served, branch) for branch in shown])[1:-1]
        etag = answers.digest(state, "proposals", branches, number, per_page)
        return answers.page(items, number, per_page, len(branches)), etag


class Proposal:
    """`/api/v1/proposals/{name}`, with `/review` and `/merge` below it; a name that people made may have slashes."""

    def __init__(self, door: Door, board: Board) -> None:
        self._door = door
        self._board = board
        self._deeds = {"review": self._review, "merge": self._merge}

    async def on_get(self, req: Request, resp: Response, name: str) -> None:
        """The proposal, with its changes field by field; the ETag begins with its head."""
        served = await _present(self._door, req, resp)
        Given(req, ()).refuse()
        body, etag = await self._door.aside(self._detail, served, name)
        answers.send(req, resp, body, etag)

    async def on_delete(self, req: Request, resp: Response, name: str) -> None:
        """Close it."""
        asked = await self._asked(req, resp, name)
        answers.refuse_other_media(req)
        branch = await self._door.aside(close, self._door.registry, asked)
        message = f"Proposal '{name}' closed; its head was {branch.head}"
        resp.data = answers.as_json({"success": True, "message": message})
        resp.content_type = falcon.MEDIA_JSON
        resp.set_header("ETag", f'"{branch.head}"')

    async def on_post(self, req: Request, resp: Response, name: str) -> None:
        """Review it, or merge it."""
        if "POST" not in self.methods(name):
            raise falcon.HTTPMethodNotAllowed(self.methods(name))
        name, _, deed = name.rpartition("/")
        await self._deeds[deed](req, resp, name)

    def methods(self, name: str) -> list[str]:
        """The methods of a path: what looks like a deed on a proposal may be one's name as well."""
        proposal, _, deed = name.rpartition("/")
        return ["DELETE", "GET", "HEAD", "OPTIONS", *(["POST"] if proposal and deed in self._deeds else [])]

    def _detail(self, served: Snapshot, name: str) -> tuple[bytes, str]:
        branch = _find(self._door, served, name)
        state = self._board.state(served)
        body = answers.as_json({"data": self._board.detail(served, branch)})
        return body, f"{branch.head}-{answers.digest(state)}"

    async def _asked(self, req: Request, resp: Response, name: str) -> Asked:
        caller = await self._door.admit_writer(req, resp)
        Given(req, ()).refuse()
        return Asked(name, caller, _conditions(req))

    async def _review(self, req: Request, resp: Response, name: str) -> None:
        asked = await self._asked(req, resp, name)
        fields = read_fields(await read_object(req), _FIELDS)
        answers.refuse_other_media(req)
        registry = self._door.registry
        work = functools.partial(review, registry, asked, fields["verdict"], fields.get("comment", ""))
        standing = await self._door.aside(work)
        data = summary_of(registry, registry.snapshot, standing)
        resp.data = answers.as_json({"data": data, "message": "Review kept"})
        resp.content_type = falcon.MEDIA_JSON
        resp.set_header("ETag", f'"{standing.branch.head}"')

    async def _merge(self, req: Request, resp: Response, name: str) -> None:
        caller = await self._door.admit_writer(req, resp)
        with Given(req, ("dry_run",)) as given:
            is_dry_run = given.boolean("dry_run") or False
        write = Merge(name, caller, _conditions(req))
        await answer(self._door, req, resp, write, _say_merged, is_dry_run=is_dry_run)


async def _present(door: Door, req: Request, resp: Response) -> Snapshot:
    present = await door.admit_now(req, resp)
    if "at" in req.params:
        with errors.about(parameter="at", pointer=""):
            raise errors.Invalid("Proposals are those of now: leave 'at' out.", code="INVALID_PARAMETER")
    return present


def _find(door: Door, served: Snapshot, name: str) -> Branch:
    refuse_served(served, name)
    return require_branch(door.registry.repository, name)


def _conditions(req: Request) -> Conditions:
    """Those of a proposal, whose ETag is its head, or that of its GET, which begins with it."""
    found = conditions(req)
    return Conditions(_heads(found.if_match), _heads(found.if_none_match))


def _heads(etags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(etag.partition("-")[0] for etag in etags)


def _say_merged(resp: Response, done: Done) -> bytes:
    found = done.plan.deeds
    data: dict[str, Any] = {
        "workflows": [{"ref": place.ref, "change": deed} for place, deed in found.items() if place.kind == "workflow"],
        "packs": [{"ref": place.ref, "change": deed} for place, deed in found.items() if place.kind == "pack"],
        "commit": done.commit,
    }
    message = "Proposal merged" if done.plan.changes else "Proposal closed: everything in it is served already"
    resp.set_header("ETag", f'"{answers.digest(done.snapshot.revision, "merge")}"')
    return answers.as_json({"data": data, "message": message})
