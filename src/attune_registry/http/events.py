"""The feed of changes as server-sent events: an event for each commit, whose id is the commit."""

import asyncio
import re
from collections.abc import AsyncIterator

from falcon.asgi import Request, Response, SSEvent

from .. import errors
from ..changes import Cursor, end_of, of_one_commit, row_json, start_of
from ..line import Line
from .answers import as_json, preferred
from .door import Door
from .parameters import Given

HEARTBEAT_SECONDS = 15.0
_LOOK_SECONDS = 0.1
_RETRY_MILLISECONDS = 1000
# Rows of one commit that are put into words without leaving the event loop.
_FEW = 500
# Commits sent before all others get a turn, and before it is asked again whether the client may still read.
_BATCH = 32
_MEDIA = ("text/event-stream",)
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")


class Events:
    """`/api/v1/events`."""

    def __init__(self, door: Door, heartbeat_seconds: float) -> None:
        self._door = door
        self._heartbeat_seconds = heartbeat_seconds

    async def on_get(self, req: Request, resp: Response) -> None:
        """A stream of what happens, after `Last-Event-ID` or `since`, without either from the beginning."""
        snapshot = await self._door.admit(req, resp)
        with Given(req, ("since",)) as given:
            since = given.one("since") or ""
        preferred(req, _MEDIA)
        cursor = await self._start(req, snapshot.line, since)
        resp.set_header("Cache-Control", "no-store")
        resp.set_header("X-Accel-Buffering", "no")
        if req.method == "HEAD":
            # Of what is streamed, falcon gives no length.
            resp.content_type, resp.stream = _MEDIA[0], _nothing()
        else:
            resp.sse = self._while_allowed(req, cursor)

    async def _start(self, req: Request, line: Line, since: str) -> Cursor | None:
        """Where the client is; None when that is after a commit the line does not have any more.

        It is told to start over by an event then: a browser could do nothing with a refusal.
        """
        last = (req.get_header("Last-Event-ID") or "").strip()
        if not last:
            with errors.about(parameter="since", pointer=""):
                row = await self._door.aside(start_of, self._door.registry.repository, line, since)
            return Cursor(row, line)
        if not _COMMIT.match(last):
            raise errors.Invalid("Last-Event-ID has to be the id of an event: a full commit id.", code="INVALID_HEADER")
        position = line.position(last)
        return None if position is None else Cursor(line.rows_before(position + 1), line)

    async def _while_allowed(self, req: Request, cursor: Cursor | None) -> AsyncIterator[SSEvent]:
        try:
            async for event in self._stream(req, cursor):
                yield event
        except errors.RegistryError:
            # The token is worth nothing any more, or the repository cannot be read: asking anew tells which.
            return

    async def _stream(self, req: Request, cursor: Cursor | None) -> AsyncIterator[SSEvent]:
        stopping = req.scope.get("state", {}).get("stopping") or asyncio.Event()
        clock = asyncio.get_running_loop().time
        # gunicorn holds back the headers until there is a body.
        yield SSEvent(comment="these are changes", retry=_RETRY_MILLISECONDS)
        last_sent = clock()
        while not stopping.is_set():
            line = (await self._door.fresh()).line
            cursor = cursor.on(line) if cursor else None
            if cursor is None:
                cursor = end_of(line)
                yield _reset(line)
                last_sent = clock()
            elif cursor.row < line.row_count():
                self._door.principal(req).may_read()
                for _ in range(_BATCH):
                    event, row = await self._next(line, cursor.row)
                    cursor = Cursor(row, line)
                    yield event
                    if row == line.row_count():
                        break
                last_sent = clock()
                await asyncio.sleep(0)
            else:
                if clock() - last_sent >= self._heartbeat_seconds:
                    self._door.principal(req).may_read()
                    yield SSEvent(comment="heartbeat")
                    last_sent = clock()
                await asyncio.sleep(_LOOK_SECONDS)

    async def _next(self, line: Line, row: int) -> tuple[SSEvent, int]:
        """The event of the commit of a row, and the row of the next one."""
        if line.rows_before(line.row(row).position + 1) - row > _FEW:
            return await self._door.aside(_event, line, row)
        return _event(line, row)


async def _nothing() -> AsyncIterator[bytes]:
    for part in b"":
        yield bytes((part,))


def _event(line: Line, row: int) -> tuple[SSEvent, int]:
    events = of_one_commit(line, row)
    data = as_json([row_json(event) for event in events])
    return SSEvent(data=data, event="changes", event_id=events[0].commit), row + len(events)


def _reset(line: Line) -> SSEvent:
    return SSEvent(data=as_json({"commit": line.tip}), event="reset", event_id=line.tip)
