"""The process that watches for all workers, so that they are not woken by each event of each write."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Collection
from typing import Any

import structlog

from ..errors import RegistryError
from ..landed import has_told
from ..registry import Registry
from ..watcher import Watcher
from .lines import Hangup, Line
from .news import ANYTHING, Listener, News
from .switchboard import Switchboard

_log = structlog.get_logger()


class Herald:
    """What a watcher reports to where its news are for other processes; in other threads than the loop's."""

    def __init__(self, registry: Registry) -> None:
        self.repository = registry.repository
        self._registry = registry
        self._listeners: set[Listener] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._has_begun = False

    def note(self, paths: Collection[str]) -> None:
        """These files may have changed, and the branch may have moved."""
        is_told = False
        with contextlib.suppress(OSError, RegistryError):
            is_told = has_told(self.repository, paths)
        self._tell(News(frozenset(paths), is_told))

    def rescan(self) -> None:
        """Any file may have changed."""
        self._has_begun = True
        self._tell(ANYTHING)

    def read_ahead(self, paths: Collection[str]) -> None:
        """Make the records of the working files at these paths: workers find them in the cache."""
        self._registry.read_ahead(paths)

    async def keep_posted(self, line: Line) -> None:
        """Tell a worker, until it hangs up; of what was before it listened, too."""
        self._loop = asyncio.get_running_loop()
        listener = Listener(ANYTHING if self._has_begun else None)
        self._listeners.add(listener)
        telling = self._loop.create_task(listener.keep_posted(line))
        try:
            await line.receive()
        except Hangup:
            return
        finally:
            self._listeners.discard(listener)
            telling.cancel()
            with contextlib.suppress(asyncio.CancelledError, Hangup):
                await telling
            line.close()

    def _tell(self, news: News) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._note, news)

    def _note(self, news: News) -> None:
        for listener in self._listeners:
            listener.note(news)


class Watching:
    """An ASGI application that answers no requests, and stands for the asyncio.Server of a process without clients."""

    def __init__(self, registry: Registry, switchboard: Switchboard) -> None:
        self._switchboard = switchboard
        self._herald = Herald(registry)
        self._watcher = Watcher(self._herald)
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(
        self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        """Begin to watch, and end."""
        await receive()
        self._watcher.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._watcher.stop()
        await send({"type": "lifespan.shutdown.complete"})

    def start(self) -> None:
        """Begin to tell workers."""
        self._switchboard.pick_up(self._begin)

    def close(self) -> None:
        """Take no more of them."""
        self._switchboard.hang_up()

    async def wait_closed(self) -> None:
        """Nothing is left to wait for."""

    def _begin(self, connection: socket.socket) -> None:
        task = asyncio.get_running_loop().create_task(self._keep_posted(connection))
        self._tasks.add(task)  # a loop keeps no task alive
        task.add_done_callback(self._tasks.discard)

    async def _keep_posted(self, connection: socket.socket) -> None:
        await self._herald.keep_posted(await Line.over(connection))
