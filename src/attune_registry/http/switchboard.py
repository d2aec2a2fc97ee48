"""Connections between processes of one server that need no address: who dials sends one end to who picks up.

The ends travel over a pair of sockets that is made before the first fork and that the master never closes: what is
dialled while nobody picks up waits there for whoever takes the place. No other program can dial.
"""

import asyncio
import socket
from collections.abc import Callable

_DIALLED = b"."
_BUSY_SECONDS = 0.01


class Switchboard:
    """Made once, before processes are forked."""

    def __init__(self) -> None:
        self._dialling, self._picking_up = socket.socketpair()
        self._dialling.setblocking(False)
        self._picking_up.setblocking(False)

    async def dial(self) -> socket.socket:
        """A connection to the process that picks up, now or in a moment."""
        mine, other = socket.socketpair()
        mine.setblocking(False)
        with other:
            while True:
                try:
                    socket.send_fds(self._dialling, [_DIALLED], [other.fileno()])
                except BlockingIOError:
                    # As many wait as the system lets.
                    await asyncio.sleep(_BUSY_SECONDS)
                except BaseException:
                    mine.close()
                    raise
                else:
                    return mine

    def pick_up(self, begin: Callable[[socket.socket], None]) -> None:
        """From now on, have `begin` called in this loop with each connection that is dialled."""
        asyncio.get_running_loop().add_reader(self._picking_up, self._receive, begin)

    def hang_up(self) -> None:
        """Pick up no more."""
        asyncio.get_running_loop().remove_reader(self._picking_up)

    def close(self) -> None:
        """Let go of it: what is dialled from then on nobody picks up."""
        self._dialling.close()
        self._picking_up.close()

    def _receive(self, begin: Callable[[socket.socket], None]) -> None:
        try:
            _, descriptors, _, _ = socket.recv_fds(self._picking_up, len(_DIALLED), 1)
        except BlockingIOError:
            return
        for descriptor in descriptors:
            connection = socket.socket(fileno=descriptor)
            connection.setblocking(False)
            begin(connection)
