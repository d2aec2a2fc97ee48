"""What people save and git moves, as the one process that watches tells it to the workers.

Each message is of JSON: the paths of working files that may not be as they were (null: any), and whether they are what
a writer of the registry's own has told of.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple, NoReturn

from ..mishaps import Mishaps
from ..registry import Registry
from .door import Door
from .lines import Line
from .switchboard import Switchboard

# What writers tell of is caught up with where somebody asks or writes; where nobody does, after this long.
_IN_TIME_SECONDS = 0.25
_AGAIN_SECONDS = 0.05


class News(NamedTuple):
    """What may have changed: files at `paths`, with None any; nothing but what a writer told with `is_told`."""

    paths: frozenset[str] | None
    is_told: bool

    def and_also(self, more: "News") -> "News":
        """Both."""
        paths = None if self.paths is None or more.paths is None else self.paths | more.paths
        return News(paths, self.is_told and more.is_told)


ANYTHING = News(None, is_told=False)


class Listener:
    """The end of a line at which it is told what is new."""

    def __init__(self, news: News | None) -> None:
        self._news = news
        self._has_news = asyncio.Event()
        if news is not None:
            self._has_news.set()

    def note(self, news: News) -> None:
        """There is something more to tell."""
        self._news = self._news.and_also(news) if self._news is not None else news
        self._has_news.set()

    async def keep_posted(self, line: Line) -> None:
        """Tell it as it comes, several things at once where they come quickly. Raises Hangup."""
        while True:
            await self._has_news.wait()
            self._has_news.clear()
            news, self._news = self._news, None
            if news is not None:
                await line.send((None if news.paths is None else sorted(news.paths), news.is_told))


class Listening:
    """A worker's side: takes the place of a watcher of its own."""

    def __init__(self, registry: Registry, door: Door, switchboard: Switchboard) -> None:
        self._registry = registry
        self._door = door
        self._switchboard = switchboard
        self._tasks: set[asyncio.Task[None]] = set()
        self._told: set[str] = set()
        self._is_waiting = False
        self._mishaps = Mishaps("news_in_vain")

    def start(self) -> None:
        """Begin to listen."""
        self._begin(self._listen())

    def stop(self) -> None:
        """Listen no more."""
        for task in self._tasks:
            task.cancel()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)  # a loop keeps no task alive
        task.add_done_callback(self._tasks.discard)

    async def _listen(self) -> None:
        while True:
            # Another process takes the place of one that has ended; and one day this one may open files again.
            with contextlib.suppress(OSError):
                await self._listen_to(await Line.over(await self._switchboard.dial()))
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _listen_to(self, line: Line) -> NoReturn:
        """Raises Hangup."""
        try:
            while True:
                paths, is_told = await line.receive()
                await self._hear(News(None if paths is None else frozenset(paths), is_told))
        finally:
            line.close()

    async def _hear(self, news: News) -> None:
        if news.paths is None:
            await self._have_done(self._registry.rescan)
            return
        self._told |= news.paths
        if not news.is_told:
            await self._look()
            return
        self._registry.keep_up()
        if not self._is_waiting:
            self._is_waiting = True
            self._begin(self._look_in_time())

    async def _look_in_time(self) -> None:
        await asyncio.sleep(_IN_TIME_SECONDS)
        self._is_waiting = False
        await self._look()

    async def _look(self) -> None:
        paths, self._told = self._told, set()
        await self._have_done(self._registry.note, paths)

    async def _have_done(self, work: Callable[..., object], *arguments: object) -> None:
        # Whatever it is, the next request looks again and answers for itself.
        with self._mishaps.borne():
            await self._door.unhurried(work, *arguments)
