"""Clients that write until they are stopped or the server dies, and remember what was acknowledged."""

import contextlib
import random
import threading
from collections.abc import Sequence
from typing import Any, NamedTuple

from .client import GONE, Answer, Client

WORKFLOWS = "/api/v1/workflows"
# What a write to a ref that others write to, too, may be answered.
_RACES = (404, 409)


class Ack(NamedTuple):
    """A write that was answered with success: `revision` is its commit."""

    request: str
    ref: str
    action: str
    revision: str


def new_workflow(ref: str, label: str) -> dict[str, Any]:
    """The body of a POST."""
    tasks = [{"name": "only", "action": "core.noop", "timeout": 30}]
    pack = ref.partition(".")[0]
    return {"ref": ref, "pack_ref": pack, "label": label, "version": "1.0.0", "definition": {"tasks": tasks}}


class Writer(threading.Thread):
    """Writes to refs of its own and to shared ones, one write at a time; each label is the id of its request."""

    def __init__(self, name: str, client: Client, own: Sequence[str], shared: Sequence[str], seed: int) -> None:
        super().__init__(name=name, daemon=True)
        self.acks: list[Ack] = []
        self.surprises: list[str] = []
        self.unanswered: list[str] = []
        self._client = client
        self._own = own
        self._shared = shared
        self._dice = random.Random(seed)
        self._there: dict[str, bool] = {}
        self._end = threading.Event()

    def stop(self) -> None:
        """No more writes after the one under way."""
        self._end.set()

    def run(self) -> None:
        """Write."""
        with contextlib.closing(self._client) as client, contextlib.suppress(*GONE):
            for ref in self._own:
                self._there[ref] = client.ask("GET", f"{WORKFLOWS}/{ref}").status == 200
            number = 0
            while not self._end.is_set():
                number += 1
                self._write(client, f"{self.name}-{number}")

    def _write(self, client: Client, request: str) -> None:
        is_own = self._dice.random() < 0.8
        ref = self._dice.choice(self._own if is_own else self._shared)
        action = self._action(ref, is_own=is_own)
        self.unanswered.append(request)
        answer = send(client, action, ref, request)
        self.unanswered.pop()
        if answer.status in (200, 201):
            self.acks.append(Ack(request, ref, action, answer.revision))
            self._there[ref] = action != "delete"
        elif is_own or answer.status not in _RACES:
            self.surprises.append(f"{action} {ref} by {request}: {answer.status} {answer.body.decode()}")

    def _action(self, ref: str, *, is_own: bool) -> str:
        is_there = self._there.get(ref) if is_own else self._dice.random() < 0.7
        if not is_there:
            return "create"
        return "delete" if self._dice.random() < 0.15 else "update"


def send(client: Client, action: str, ref: str, request: str, more: dict[str, str] | None = None) -> Answer:
    """The answer to a write whose label is the id of its request."""
    headers = {"X-Request-Id": request, **(more or {})}
    if action == "create":
        return client.ask("POST", WORKFLOWS, new_workflow(ref, request), headers)
    if action == "update":
        return client.ask("PUT", f"{WORKFLOWS}/{ref}", {"label": request}, headers)
    return client.ask("DELETE", f"{WORKFLOWS}/{ref}", None, headers)
