"""A connection between two processes of one server, on which each tells the other values."""

import asyncio
import contextlib
import socket
import struct
from typing import Any

import orjson

_LENGTH = struct.Struct("<I")


class Hangup(ConnectionError):
    """The other end is closed."""


class Line:
    """One end, for JSON values. For one task that sends and one that receives."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def over(cls, connection: socket.socket) -> "Line":
        """The end that this socket is."""
        return cls(*await asyncio.open_unix_connection(sock=connection))

    async def send(self, value: Any) -> None:
        """Tell the other end. Raises Hangup."""
        text = orjson.dumps(value)
        try:
            self._writer.write(_LENGTH.pack(len(text)) + text)
            await self._writer.drain()
        except OSError as error:
            raise Hangup from error

    async def receive(self) -> Any:
        """The next value. Raises Hangup."""
        try:
            head = await self._reader.readexactly(_LENGTH.size)
            return orjson.loads(await self._reader.readexactly(*_LENGTH.unpack(head)))
        except (asyncio.IncompleteReadError, OSError) as error:
            raise Hangup from error

    def close(self) -> None:
        """Close this end."""
        with contextlib.suppress(OSError):
            self._writer.close()
