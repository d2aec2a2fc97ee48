"""The list of problems over HTTP."""

import asyncio

from falcon.asgi import Request, Response

from . import answers
from .door import Door
from .parameters import PAGING, Given


class Problems:
    """`/api/v1/problems`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def on_get(self, req: Request, resp: Response) -> None:
        """A page of the problems, by path, line and column."""
        snapshot = await self._door.admit(req, resp)
        with Given(req, (*PAGING, "at")) as given:
            number, per_page = given.paging()
        # Gathering the problems of many thousand files takes its time, though only once a snapshot.
        problems = await asyncio.get_running_loop().run_in_executor(None, lambda: snapshot.problems)
        items = problems[(number - 1) * per_page : number * per_page]
        body = answers.page(answers.as_json(items)[1:-1], number, per_page, len(problems))
        etag = answers.digest(snapshot.revision, snapshot.line.begins, "problems", number, per_page)
        answers.send(req, resp, body, etag)
