"""One connection to the server, and its answers."""

import http.client
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

_TIMEOUT_SECONDS = 60
# What a connection fails with when the server is killed.
GONE = (OSError, http.client.HTTPException)


class Answer(NamedTuple):
    """A response; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def etag(self) -> str:
        """Without the quotes."""
        return self.headers.get("etag", "").strip('"')

    @property
    def revision(self) -> str:
        """The commit that it speaks of (what follows a plus sign stands for edits on top of it)."""
        return self.headers.get("x-registry-revision", "").partition("+")[0]

    @property
    def code(self) -> str:
        """The code of an error; "" for any other answer."""
        return str(self.json().get("code", "")) if self.status >= 400 else ""

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Client:
    """A connection kept alive. Raises one of GONE when the server is not there any more."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)
        self._headers = {"Authorization": f"Bearer {token}"}

    @property
    def port(self) -> int:
        """The port of its own end, once it has asked something."""
        return int(self._connection.sock.getsockname()[1])

    def ask(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """The answer to a request, whose body is sent as JSON."""
        sent = {**self._headers, **(headers or {})}
        raw = None
        if body is not None:
            raw = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        self._connection.request(method, path, raw, sent)
        response = self._connection.getresponse()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())

    def close(self) -> None:
        """Hang up."""
        self._connection.close()
