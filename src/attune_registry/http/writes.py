"""Every write over HTTP: made, or with `dry_run` only judged; answered in its own words."""

from collections.abc import Callable
from typing import Any

import falcon
from falcon.asgi import Request, Response

from ..layout import Place
from ..proposals.branches import find_branch
from ..writing.making import Done
from ..writing.plans import Write, not_found
from ..writing.preview import diff_of
from . import answers, parameters
from .door import Door

Say = Callable[[Response, Done], bytes]


async def perform(door: Door, req: Request, resp: Response, write: Write, say: Say) -> None:
    """Have something written where and as the request says; `say` gives the answer's object and its headers."""
    proposal, is_dry_run = parameters.target(req)
    await answer(door, req, resp, write, say, proposal, is_dry_run=is_dry_run)


async def answer(
    door: Door,
    req: Request,
    resp: Response,
    write: Write,
    say: Say,
    proposal: str | None = None,
    *,
    is_dry_run: bool = False,
) -> None:
    """As `perform`, for writes whose branch is not the request's to choose."""
    answers.refuse_other_media(req)
    done = await (door.preview(write, proposal) if is_dry_run else door.write(write, proposal))
    resp.content_type = falcon.MEDIA_JSON
    resp.set_header("X-Registry-Revision", done.snapshot.revision)
    more: dict[str, Any] = {}
    if proposal is not None:
        # What changes nothing makes no branch: null, where there is no such proposal.
        is_there = bool(done.plan.changes)
        is_there = is_there or await door.aside(find_branch, door.registry.repository, proposal) is not None
        more["proposal"] = proposal if is_there else None
    if is_dry_run:
        more |= {"dry_run": True, "diff": diff_of(door.registry.repository, done)}
    body = say(resp, done)
    resp.data = body[:-1] + b"," + answers.as_json(more)[1:] if more else body


def say_written(participle: str, status: str) -> Say:
    """The contract's answer to a pack or workflow made or changed."""

    def say(resp: Response, done: Done) -> bytes:
        place = _place_of(done)
        entry = done.snapshot.find(place)
        if entry is None:
            raise not_found(place)
        resp.status = status
        if status == falcon.HTTP_201:
            resp.location = f"/api/v1/{place.kind}s/{place.ref}"
        resp.set_header("ETag", f'"{entry.blob}"')
        return answers.detail_with_message(entry, f"{place.kind.capitalize()} {participle} successfully")

    return say


def say_deleted(resp: Response, done: Done) -> bytes:
    """The contract's answer to a deletion."""
    kind, ref = _place_of(done)
    resp.set_header("ETag", f'"{answers.digest(done.commit)}"')
    return answers.as_json({"success": True, "message": f"{kind.capitalize()} '{ref}' deleted successfully"})


def say_restored(resp: Response, done: Done) -> bytes:
    """A pack or workflow as a rollback left it: null where that is not to be there."""
    place = _place_of(done)
    entry = done.snapshot.find(place)
    resp.set_header("ETag", f'"{entry.blob if entry else answers.digest(done.commit)}"')
    name = place.kind.capitalize()
    message = f"{name} rolled back successfully" if done.plan.changes else f"{name} is as it was then already"
    return answers.detail_with_message(entry, message)


def _place_of(done: Done) -> Place:
    if done.plan.place is None:
        raise TypeError("a write of one pack or workflow has a place")
    return done.plan.place
