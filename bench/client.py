"""A small HTTP client: one connection kept alive, little work of its own."""

import json
import socket
from collections.abc import Mapping
from select import select
from types import TracebackType
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """A response; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def etag(self) -> str:
        """The ETag, quotes included."""
        return self.headers["etag"]

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Connection:
    """One connection to a server on this machine. Raises ConnectionError when the server hangs up."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._fixed = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._port = port
        self._left = b""

    def __enter__(self) -> "Connection":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def as_somebody_else(self, token: str) -> "Connection":
        """Another connection to the same server, with this token."""
        return Connection(self._port, {"Authorization": f"Bearer {token}"})

    def get(self, path: str) -> Answer:
        """The answer to a GET."""
        return self.ask("GET", path)

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """The answer to a request, whose body is sent as JSON."""
        self.send(method, path, body)
        return self.receive()

    def send(self, method: str, path: str, body: Any = None) -> None:
        """Ask without waiting for the answer."""
        raw = b"" if body is None else json.dumps(body).encode()
        about = f"Content-Type: application/json\r\nContent-Length: {len(raw)}\r\n" if raw else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n{self._fixed}{about}\r\n"
        self._socket.sendall(head.encode() + raw)

    def wait(self) -> None:
        """Return when the first byte of an answer is there."""
        select((self._socket,), (), ())

    def receive(self) -> Answer:
        """The answer to what was sent."""
        while b"\r\n\r\n" not in self._left:
            self._receive()
        head, _, self._left = self._left.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        named = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in named}
        status = int(first.split(" ", 2)[1])
        length = 0 if status == 304 else int(headers.get("content-length", 0))
        while len(self._left) < length:
            self._receive()
        body, self._left = self._left[:length], self._left[length:]
        return Answer(status, headers, body)

    def _receive(self) -> None:
        part = self._socket.recv(1 << 18)
        if not part:
            raise ConnectionError("the server hung up")
        self._left += part
