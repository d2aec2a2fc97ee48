"""Connections, taken in turn by workers that share a socket; here as several acceptors in one loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, ClassVar

import pytest

from attune_registry.http.accepting import Acceptor, Loop, Seats


class Counting(asyncio.Protocol):
    """Notes in a seat how many connections there are, as the server's worker does."""

    transports: ClassVar[set[Any]] = set()

    def __init__(self, counts: list[int], number: int, seats: Seats) -> None:
        self.counts, self.number, self.seats = counts, number, seats

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transports.add(transport)
        self.count(1)

    def connection_lost(self, _: Exception | None) -> None:
        self.count(-1)

    def count(self, more: int) -> None:
        self.counts[self.number] += more
        self.seats.note(self.number, self.counts[self.number])


@contextlib.asynccontextmanager
async def accepting(
    seats: Seats, counts: list[int], together: int
) -> AsyncIterator[tuple[socket.socket, list[Acceptor]]]:
    """A socket, and as many acceptors at it as there are counts."""
    with socket.create_server(("127.0.0.1", 0)) as listening, contextlib.ExitStack() as stack:
        listening.setblocking(False)

        def acceptor(number: int) -> Acceptor:
            # Of its own, as each worker has one: a loop waits for a descriptor once.
            shared = stack.enter_context(listening.dup())
            return Acceptor(shared, lambda: Counting(counts, number, seats), seats, number)

        acceptors = list(map(acceptor, range(len(counts))))
        for each in acceptors:
            each.start(together)
        try:
            yield listening, acceptors
        finally:
            for each in acceptors:
                each.close()
                await each.wait_closed()
            # uvloop waits for ever for a connection that is open at the end, where its warning of that is an error.
            while Counting.transports:
                Counting.transports.pop().abort()
            await asyncio.sleep(0.01)


def connected(listening: socket.socket) -> socket.socket:
    return socket.create_connection(listening.getsockname())


async def until(is_so: Callable[[], bool]) -> None:
    for _ in range(1000):
        if is_so():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come to be")


def in_loop(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with asyncio.Runner(loop_factory=lambda: Loop(Seats(), 0, 1)) as runner:
        runner.run(work())


def test_whoever_has_the_fewest_takes_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attune_registry.http.accepting._PATIENCE_SECONDS", 30)

    async def work() -> None:
        counts, seats = [0, 0, 0], Seats()
        async with accepting(seats, counts, 3) as (listening, acceptors):
            await until(lambda: seats.taken() == 3)
            counts[0] = 5
            seats.note(0, 5)
            clients = [connected(listening) for _ in range(10)]
            await until(lambda: sum(counts) == 15)
            assert counts == [5, 5, 5]
            acceptors[1].close()
            clients += [connected(listening) for _ in range(4)]
            await until(lambda: sum(counts) == 19)
            assert counts == [7, 5, 7]
            for client in clients:
                client.close()
            await until(lambda: sum(counts) == 5)

    in_loop(work)


def test_one_that_is_too_busy_to_take_any_is_not_waited_for() -> None:
    async def work() -> None:
        counts, seats = [0], Seats()
        seats.note(1, 0)
        async with accepting(seats, counts, 2) as (listening, _):
            clients = [connected(listening) for _ in range(3)]
            await until(lambda: counts == [3])
            for client in clients:
                client.close()

    in_loop(work)


def test_the_first_waits_for_the_others_and_not_for_ever() -> None:
    async def work() -> None:
        counts = [0]
        async with accepting(Seats(), counts, 2) as (listening, _):
            with connected(listening):
                await asyncio.sleep(0.3)
                assert counts == [0]
                await until(lambda: counts == [1])

    in_loop(work)
