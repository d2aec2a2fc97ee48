"""Which worker takes the next client: the one that has the fewest, so that none is idle beside one that has too many.

Left to themselves, workers that share a socket take whatever waits there as soon as they wake, up to 16 of 16
connections; a socket for each worker on the same port (socket(7), SO_REUSEPORT) spreads them as dice do, and a worker
that dies takes those that wait at its own socket along. Connections that are kept stay where they began.
"""

import asyncio
import mmap
import socket
from collections.abc import Callable
from typing import Any

import structlog
import uvloop

_MOST_WORKERS = 256
_ABSENT = -1
_BLINK_SECONDS = 0.001
# A worker with fewer clients that has not taken one for so long is busy.
_PATIENCE_SECONDS = 0.005
# The first workers of a server do not begin at the same time.
_TOGETHER_SECONDS = 1.0
# As asyncio does it where accepting fails, of too many open files, say.
_REST_SECONDS = 1.0
_log = structlog.get_logger()

MakeProtocol = Callable[[], asyncio.BaseProtocol]


class Seats:
    """How many connections each worker has, in memory that all of them share; made before the first one is."""

    def __init__(self) -> None:
        self._counts = memoryview(mmap.mmap(-1, 8 * _MOST_WORKERS)).cast("q")
        for number in range(_MOST_WORKERS):
            self.leave(number)

    def note(self, number: int, count: int) -> None:
        """The worker in this seat has so many connections."""
        self._counts[number] = count

    def add(self, number: int) -> None:
        """The worker in this seat has one more, until it says how many it really has."""
        self._counts[number] += 1

    def leave(self, number: int) -> None:
        """The worker in this seat takes no more."""
        self._counts[number] = _ABSENT

    def taken(self) -> int:
        """How many workers take connections."""
        return sum(count != _ABSENT for count in self._counts)

    def is_turn_of(self, number: int) -> bool:
        """True when no other worker has fewer."""
        mine = self._counts[number]
        return not any(_ABSENT < count < mine for count in self._counts)


class Acceptor:
    """Takes connections from a socket that several workers share; stands for an asyncio.Server."""

    def __init__(self, listener: socket.socket, make_protocol: MakeProtocol, seats: Seats, number: int) -> None:
        self._listener = listener
        self._make_protocol = make_protocol
        self._seats = seats
        self._number = number
        self._task: asyncio.Task[None] | None = None
        self._beginning: set[asyncio.Task[Any]] = set()

    def start(self, together: int) -> None:
        """Begin to take connections: when so many workers do, or have had their time to."""
        self._seats.note(self._number, 0)
        self._task = asyncio.get_running_loop().create_task(self._run(together))

    def close(self) -> None:
        """Take no more."""
        self._seats.leave(self._number)
        if self._task is not None:
            self._task.cancel()

    async def wait_closed(self) -> None:
        """Wait until none is being taken any more."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _run(self, together: int) -> None:
        await _until(lambda: self._seats.taken() >= together, _TOGETHER_SECONDS)
        while True:
            await _readable(self._listener)
            await _until(lambda: self._seats.is_turn_of(self._number), _PATIENCE_SECONDS)
            try:
                client, _ = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                continue  # another worker has taken it, or it has gone
            except OSError as error:
                _log.error("cannot_accept", reason=error.strerror)
                await asyncio.sleep(_REST_SECONDS)
                continue
            client.setblocking(False)
            self._seats.add(self._number)
            self._begin(client)

    def _begin(self, client: socket.socket) -> None:
        """Hand a connection to a protocol, which counts it from then on; nobody waits for that."""
        loop = asyncio.get_running_loop()
        beginning = loop.create_task(loop.connect_accepted_socket(self._make_protocol, client))
        self._beginning.add(beginning)  # a loop keeps no task alive
        beginning.add_done_callback(self._begun)

    def _begun(self, beginning: "asyncio.Task[Any]") -> None:
        self._beginning.discard(beginning)
        if not beginning.cancelled() and (error := beginning.exception()):
            _log.warning("connection_not_begun", reason=str(error))


class Loop(uvloop.Loop):
    """An event loop of a worker that takes connections in turn with the others."""

    def __init__(self, seats: Seats, number: int, together: int) -> None:
        super().__init__()
        self._place = (seats, number)
        self._together = together

    async def create_server(self, *arguments: Any, **options: Any) -> Any:
        """Take connections from a socket that listens already, for the protocol that a call of the argument gives."""
        (make_protocol,) = arguments
        acceptor = Acceptor(options["sock"], make_protocol, *self._place)
        acceptor.start(self._together)
        return acceptor


async def _until(is_so: Callable[[], bool], seconds: float) -> None:
    """Wait for something, and no longer than that."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not is_so() and loop.time() < deadline:
        await asyncio.sleep(_BLINK_SECONDS)


async def _readable(listener: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(listener, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(listener)
