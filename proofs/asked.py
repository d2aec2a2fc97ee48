"""What clients asked and were answered, with the moments between which it happened."""

import threading
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from .client import Answer, Client

_lock = threading.Lock()


class Asked(NamedTuple):
    """A request and its answer. `body` is None for a GET or DELETE, `match` is the ETag asked for ("": none)."""

    request: str
    method: str
    ref: str
    body: Mapping[str, Any] | None
    match: str
    sent: float
    got: float
    answer: Answer

    @property
    def is_success(self) -> bool:
        """True for 200 and 201."""
        return self.answer.status in (200, 201)

    def __str__(self) -> str:
        about = f"{self.method} {self.ref} {dict(self.body or {})} If-Match {self.match!r} by {self.request}"
        return f"{about}: {self.answer.status} {self.answer.body[:200]!r} at {self.answer.revision}"


class Ledger:
    """All that was asked, by all clients."""

    def __init__(self) -> None:
        self.all: list[Asked] = []

    def ask(
        self, client: Client, request: str, method: str, ref: str, body: Mapping[str, Any] | None, match: str
    ) -> Asked:
        """Ask, and write down what was answered."""
        headers = {"X-Request-Id": request} | ({"If-Match": f'"{match}"'} if match else {})
        path = "/api/v1/workflows" if method == "POST" else f"/api/v1/workflows/{ref}"
        sent = time.monotonic()
        answer = client.ask(method, path, body, headers)
        asked = Asked(request, method, ref, body, match, sent, time.monotonic(), answer)
        with _lock:
            self.all.append(asked)
        return asked
