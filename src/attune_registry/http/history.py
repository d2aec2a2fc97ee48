"""Histories over HTTP: of a workflow, of a pack and its workflows, of the registry."""

from falcon.asgi import Request, Response

from ..contents import Contents
from ..gists import Gists
from ..history import Page, history, history_of, told
from ..layout import Place
from ..line import is_cut
from ..snapshot import Snapshot
from ..writing.plans import not_found
from . import answers
from .door import Door
from .parameters import PAGING, Given


class WorkflowHistory:
    """`/api/v1/workflows/{ref}/history`."""

    def __init__(self, door: Door) -> None:
        self._pages = _Pages(door)

    async def on_get(self, req: Request, resp: Response, ref: str) -> None:
        """A page of what commits did to the workflow, newest first."""
        await self._pages.send(req, resp, Place("workflow", ref))


class PackHistory:
    """`/api/v1/packs/{ref}/history`."""

    def __init__(self, door: Door) -> None:
        self._pages = _Pages(door)

    async def on_get(self, req: Request, resp: Response, ref: str) -> None:
        """A page of what commits did to the pack's file and its workflows, newest first."""
        await self._pages.send(req, resp, Place("pack", ref))


class History:
    """`/api/v1/history`."""

    def __init__(self, door: Door) -> None:
        self._pages = _Pages(door)

    async def on_get(self, req: Request, resp: Response) -> None:
        """A page of what commits did to packs and workflows, newest first."""
        await self._pages.send(req, resp, None)


class _Pages:
    def __init__(self, door: Door) -> None:
        self._door = door

    async def send(self, req: Request, resp: Response, place: Place | None) -> None:
        snapshot = await self._door.admit(req, resp)
        with Given(req, (*PAGING, "at")) as given:
            number, per_page = given.paging()
        key = ("history", place, number, per_page)
        known: answers.Answer | None = snapshot.answers.get(key)
        if known is None:
            body = await self._door.aside(self._page, snapshot, place, number, per_page)
            known = answers.keep(snapshot, key, answers.Answer(body, answers.digest(body)))
        answers.send(req, resp, *known)

    def _page(self, snapshot: Snapshot, place: Place | None, number: int, per_page: int) -> bytes:
        repository = self._door.registry.repository
        found = _events(snapshot, place, (number - 1) * per_page, per_page)
        cache = self._door.registry.cache
        gists = Gists(Contents(repository, cache, snapshot.contract), cache)
        items = answers.as_json(told(repository, gists, found.events))[1:-1]
        cut = b'"cut":true' if is_cut(repository, snapshot.line) else b'"cut":false'
        return answers.page(items, number, per_page, found.total, cut)


def _events(snapshot: Snapshot, place: Place | None, first: int, count: int) -> Page:
    """What is on a page. Raises NotFound for what no commit ever touched, and what is not served either."""
    if place is None:
        return history(snapshot.line, None, first, count)
    if place.kind == "pack":
        found = history(snapshot.line, place.ref, first, count)
    else:
        found = history_of(snapshot.line, place, first, count)
    if not found.total and snapshot.find(place) is None:
        raise not_found(place)
    return found
