"""A client without manners: sends the bytes it is given, whatever they are."""

import contextlib
import socket
from collections.abc import Mapping

_TIMEOUT_SECONDS = 30
NO_ANSWER = 599


class RawClient:
    """Sends requests as they are; an answer is a status, 0 when the server just hangs up."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._token = token
        self._socket: socket.socket | None = None

    def ask(self, method: bytes, target: bytes, headers: Mapping[bytes, bytes], body: bytes) -> int:
        """The status of the answer."""
        lines = [method + b" " + target + b" HTTP/1.1", b"Host: 127.0.0.1", b"Content-Length: %d" % len(body)]
        if b"Authorization" not in headers:
            lines.append(b"Authorization: Bearer " + self._token.encode())
        lines += [name + b": " + value for name, value in headers.items()]
        return self.send(b"\r\n".join(lines) + b"\r\n\r\n" + body)

    def send(self, raw: bytes) -> int:
        """The status of the answer to these bytes; NO_ANSWER when none comes."""
        try:
            return self._send_again_if_closed(raw)
        except TimeoutError:
            self.close()
            return NO_ANSWER

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _send_again_if_closed(self, raw: bytes) -> int:
        is_fresh = self._socket is None
        with contextlib.suppress(ConnectionError):
            status = self._send(raw)
            if status or is_fresh:
                return status
        self.close()
        # The server may have hung up after the answer before this one: once more on a new connection.
        with contextlib.suppress(ConnectionError):
            return self._send(raw)
        self.close()
        return 0

    def _send(self, raw: bytes) -> int:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=_TIMEOUT_SECONDS)
        with contextlib.suppress(ConnectionError):
            # A server that refuses does not read to the end; what it says is still there.
            self._socket.sendall(raw)
        return self._receive()

    def _receive(self) -> int:
        if self._socket is None:
            return 0
        got = b""
        while b"\r\n\r\n" not in got:
            part = self._socket.recv(1 << 16)
            if not part:
                self.close()
                return 0
            got += part
        head, _, rest = got.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        headers = dict(line.lower().split(b": ", 1) for line in lines if b": " in line)
        status = int(first.split(b" ")[1])
        left = int(headers.get(b"content-length", b"0")) - len(rest) if status != 304 else 0
        while left > 0:
            part = self._socket.recv(1 << 16)
            if not part:
                break
            left -= len(part)
        if headers.get(b"connection") == b"close" or b"content-length" not in headers:
            self.close()
        return status
