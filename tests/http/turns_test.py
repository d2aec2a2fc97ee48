"""One look for all requests of a turn of the event loop is later than each of them, and no later request uses it."""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvloop

from attune_registry.http.turns import OncePerTurn

Run = Callable[[Coroutine[Any, Any, None]], None]


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a coroutine on one of the two kinds of loop that applications are served by."""
    factory = uvloop.new_event_loop if request.param == "uvloop" else asyncio.new_event_loop

    def run(coroutine: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(coroutine)

    return run


class Outside:
    """Something that moves on, and how often it was looked at."""

    def __init__(self) -> None:
        self.now, self.looks = 1, 0

    def look(self) -> int | None:
        self.looks += 1
        return self.now or None


def test_requests_that_wait_together_share_a_look(run: Run) -> None:
    outside = Outside()
    current = OncePerTurn(outside.look)

    async def requests() -> None:
        async def request() -> int | None:
            return current()

        assert await asyncio.gather(*(request() for _ in range(5))) == [1] * 5
        assert outside.looks == 1
        outside.now = 2
        assert await asyncio.gather(*(request() for _ in range(5))) == [2] * 5
        assert outside.looks == 2

    run(requests())


def test_what_is_sent_after_something_moved_sees_it(run: Run) -> None:
    """A client is told that something has moved, by whatever way, and asks on a connection of its own."""
    outside, seen = Outside(), []
    current = OncePerTurn(outside.look)

    class Server(asyncio.Protocol):
        def data_received(self, data: bytes) -> None:
            async def answer() -> None:
                seen.append((int(data), current()))

            self._task = asyncio.get_running_loop().create_task(answer())

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        pairs = [socket.socketpair() for _ in range(3)]
        ends = []
        for _, theirs in pairs:
            theirs.setblocking(False)
            ends.append(await loop.create_connection(Server, sock=theirs))
        for number in range(60):
            # Moved in the middle of a turn in which others ask already, and only then asked for.
            current()
            outside.now = number + 1
            pairs[number % 3][0].send(str(outside.now).encode())
            while len(seen) <= number:
                await asyncio.sleep(0)
                current()
        for transport, _ in ends:
            transport.close()
        for ours, _ in pairs:
            ours.close()

    run(serve())
    assert all(now == found for now, found in seen)
    assert len(seen) == 60


def test_nothing_to_share_is_looked_for_each_time(run: Run) -> None:
    outside = Outside()
    current = OncePerTurn(outside.look)

    async def requests() -> None:
        outside.now = 0
        assert current() is None
        assert current() is None
        assert outside.looks == 2
        outside.now = 3
        assert current() == 3

    run(requests())


def test_nothing_is_kept_where_nothing_would_make_it_forgotten() -> None:
    outside = Outside()
    current = OncePerTurn(outside.look)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="no running event loop"):
            current()
    assert outside.looks == 2
