"""The feed of changes over HTTP, page by page."""

from falcon.asgi import Request, Response

from .. import errors
from ..changes import portion, row_json, start_of
from ..line import Line, is_cut
from . import answers
from .door import Door
from .parameters import Given

_MAX_PER_PAGE = 1000


class Changes:
    """`/api/v1/changes`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def on_get(self, req: Request, resp: Response) -> None:
        """The rows after `since`, oldest first; ask again with `next_since` while there is `more`."""
        snapshot = await self._door.admit(req, resp)
        with Given(req, ("since", "per_page", "at")) as given:
            per_page = min(given.positive("per_page", 100), _MAX_PER_PAGE)
            since = given.one("since") or ""
        body = await self._door.aside(self._page, snapshot.line, since, per_page)
        answers.send(req, resp, body, answers.digest(body))

    def _page(self, line: Line, since: str, per_page: int) -> bytes:
        repository = self._door.registry.repository
        with errors.about(parameter="since", pointer=""):
            first = start_of(repository, line, since)
        found = portion(line, first, per_page)
        meta = {
            "per_page": per_page,
            "total": len(found.events) + found.left,
            "next_since": found.next_since,
            "more": found.left > 0,
            "cut": is_cut(repository, line),
        }
        return answers.as_json({"data": [row_json(event) for event in found.events], "meta": meta})
