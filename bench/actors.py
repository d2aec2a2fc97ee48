"""Who uses the registry during a soak: each actor is one deed, done over and over from a thread of its own."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from .client import Answer, Connection
from .processes import Served
from .registries import git, search_terms
from .rows.writes import body
from .workflows import identity, workflow_text

_PULLED = 50
_LISTENED_SECONDS = 5
_PATIENCE_SECONDS = 60


class Pulled(NamedTuple):
    """The seconds that a pull took, with all its attempts."""

    seconds: float
    tries: int


class Actor(threading.Thread):
    """Does its deed so many times a second until stopped; what fails other than by a lost connection is kept."""

    def __init__(self, deed: Callable[[Connection], None], served: Served, token: str, per_second: float) -> None:
        super().__init__(name=getattr(deed, "__name__", "actor"), daemon=True)
        self._deed = deed
        self._served = served
        self._headers = {"Authorization": f"Bearer {token}"}
        self._pause = 1 / per_second
        self._stopping = threading.Event()
        self.failures: list[str] = []
        self.done = 0
        self.lost = 0

    def stop(self) -> None:
        """Stop, and wait for the deed at hand."""
        self._stopping.set()
        self.join(timeout=2 * _PATIENCE_SECONDS)

    def run(self) -> None:
        """Connect, and again when a worker was taken away."""
        while not self._stopping.is_set():
            try:
                with Connection(self._served.port, self._headers) as connection:
                    self._go_on(connection)
            except OSError:
                self.lost += 1
                self._stopping.wait(0.2)

    def _go_on(self, connection: Connection) -> None:
        while not self._stopping.wait(self._pause):
            try:
                self._deed(connection)
                self.done += 1
            except (ValueError, KeyError, RuntimeError) as error:
                self.failures.append(f"{self.name}: {error}")


class Reader:
    """Reads of all kinds; `latencies` are those since they were last taken, in ms."""

    def __init__(self, size: int, seed: str) -> None:
        self._size = size
        self._dice = Random(f"reader {seed}")
        self._rare, self._common = search_terms()
        self.latencies: list[float] = []

    def read(self, connection: Connection) -> None:
        """One request."""
        dice = self._dice
        ref = identity(dice.randrange(self._size)).ref
        path = dice.choice(
            [
                *[f"/api/v1/workflows/{ref}"] * 6,
                f"/api/v1/workflows?page={dice.randint(1, 50)}",
                f"/api/v1/workflows?search={dice.choice(self._rare)}&enabled=true",
                f"/api/v1/workflows?search={dice.choice(self._common)}&tags=incident,billing",
                f"/api/v1/workflows/{ref}/history",
            ]
        )
        begun = time.perf_counter()
        answer = connection.get(path)
        self.latencies.append((time.perf_counter() - begun) * 1000)
        expect(answer, path, 200)

    def take(self) -> list[float]:
        """The latencies so far; begins anew."""
        taken, self.latencies = self.latencies, []
        return taken


class Writer:
    """Changes, creations and deletions; `known` is the ETag of every file whose write was acknowledged."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._dice = Random("writer")
        self._number = 3_000_000
        self._created: list[str] = []
        self.known: dict[str, str | None] = {}

    def write(self, connection: Connection) -> None:
        """One write; of the first quarter of the registry, which nobody else changes."""
        kind = self._dice.random()
        if kind < 0.6:
            self._change(connection, identity(self._dice.randrange(self._size // 4)).ref)
        elif kind < 0.8 or not self._created:
            self._create(connection)
        else:
            self._delete(connection, self._created.pop(0))

    def _change(self, connection: Connection, ref: str) -> None:
        # What is under way when a worker dies may be written or not: nothing is known of it.
        self.known.pop(ref, None)
        path = f"/api/v1/workflows/{ref}"
        answer = connection.ask("PUT", path, {"version": f"6.0.{time.time_ns() // 1000}"})
        if expect(answer, path, 200, 409, 503).status == 200:
            self.known[ref] = answer.etag

    def _create(self, connection: Connection) -> None:
        self._number += 1
        new = body(self._number)
        answer = connection.ask("POST", "/api/v1/workflows", new)
        if expect(answer, "POST", 201, 409, 503).status == 201:
            self.known[new["ref"]] = answer.etag
            self._created.append(new["ref"])

    def _delete(self, connection: Connection, ref: str) -> None:
        self.known.pop(ref, None)
        answer = connection.ask("DELETE", f"/api/v1/workflows/{ref}")
        if expect(answer, "DELETE", 200, 409, 503).status == 200:
            self.known[ref] = None


class Proposer:
    """Proposals that are made, approved by somebody else, and merged or closed."""

    def __init__(self, size: int, reviewer: str) -> None:
        self._size = size
        self._reviewer = reviewer
        self._count = 0

    def propose(self, connection: Connection) -> None:
        """One proposal from its beginning to its end; of the second quarter of the registry."""
        self._count += 1
        name = f"soak-{self._count}-{time.time_ns()}"
        ref = identity(self._size // 4 + self._count % (self._size // 4)).ref
        change: dict[str, Any] = {"version": f"5.0.{time.time_ns() // 1000}"}
        answer = connection.ask("PUT", f"/api/v1/workflows/{ref}?proposal={name}", change)
        if expect(answer, "propose", 200, 409, 503).status != 200:
            return
        expect(connection.get(f"/api/v1/proposals/{name}"), "look at a proposal", 200)
        if self._count % 3 == 0:
            expect(connection.ask("DELETE", f"/api/v1/proposals/{name}"), "close", 200, 409, 503)
            return
        with connection.as_somebody_else(self._reviewer) as other:
            review = other.ask("POST", f"/api/v1/proposals/{name}/review", {"verdict": "approve"})
            expect(review, "review", 200, 409, 503)
        expect(connection.ask("POST", f"/api/v1/proposals/{name}/merge"), "merge", 200, 409, 503)


class Puller:
    """Somebody commits 50 files elsewhere, and the clone that is served pulls them."""

    def __init__(self, size: int, directory: Path, upstream: Path) -> None:
        self._size = size
        self._directory = directory
        self._upstream = upstream
        self._edition = 4_000

    def pull(self, _connection: Connection) -> None:
        """One commit and pull; of the second half of the registry."""
        self._edition += 1
        first = self._size // 2 + self._edition * _PULLED % (self._size // 2 - _PULLED)
        for number in range(first, first + _PULLED):
            (self._upstream / identity(number).path).write_text(workflow_text(number, self._edition))
        git(self._upstream, "commit", "--quiet", "--all", "--message", f"Change {_PULLED}")
        pull_until_done(self._directory)


class Trouble:
    """Workers that are restarted, asked to go, and killed, in turn."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._turn = 0

    def strike(self, _connection: Connection) -> None:
        """One of them; the server has to be whole again before the next."""
        self._turn += 1
        workers = self._served.workers()
        if self._turn % 3 == 0:
            os.kill(self._served.process.pid, signal.SIGHUP)
        else:
            os.kill(workers[self._turn % len(workers)], signal.SIGTERM if self._turn % 3 == 1 else signal.SIGKILL)


def listen(connection: Connection) -> None:
    """Follow the stream of events for a while, and hang up."""
    connection.send("GET", "/api/v1/events")
    time.sleep(_LISTENED_SECONDS)
    raise ConnectionError("heard enough")


def expect(answer: Answer, what: str, *statuses: int) -> Answer:
    """The answer, if its status is one of these. Raises RuntimeError."""
    if answer.status not in statuses:
        raise RuntimeError(f"{what} answers {answer.status}: {answer.body[:300].decode(errors='replace')}")
    return answer


def pull_until_done(directory: Path) -> Pulled:
    """Pull as a person would, who takes back and tries again what another's commit got in the way of."""
    begun = time.perf_counter()
    for tries in count(1):
        done = _git(directory, "pull", "--quiet", "--no-rebase", "--no-edit", "origin", "main")
        if not done.returncode:
            return Pulled(time.perf_counter() - begun, tries)
        if time.perf_counter() - begun > _PATIENCE_SECONDS:
            raise RuntimeError(f"git pull does not come through: {done.stderr}")
        # git merge does not expect that HEAD moves or the index changes while it runs, and leaves its work half done.
        if (directory / ".git" / "MERGE_HEAD").exists() and _git(directory, "merge", "--abort").returncode:
            _git(directory, "reset", "--quiet", "--hard")
        time.sleep(0.05)
    raise AssertionError("unreachable")


def _git(directory: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(("git", *arguments), cwd=directory, capture_output=True, check=False, text=True)
