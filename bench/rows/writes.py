"""Writes over HTTP, against `git add` and `git commit` of such files in an identical clone."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from ..client import Connection
from ..measures import Row, Samples, at_least, at_most, in_turn
from ..processes import Served, registry_server
from ..registries import SIZES, git
from ..session import Session
from ..workflows import identity, pack_name, workflow_text

_CLIENTS = 16
_WARMING_UP = 4
_GIT = "git add + git commit"
# Files that no registry has: made of numbers above all others.
_numbers = count(1_000_000)


class Site:
    """A copy that is written to over HTTP, and an identical clone of it that git commits to."""

    def __init__(self, directory: Path, clone: Path, served: Served) -> None:
        self.directory = directory
        self.clone = clone
        self._served = served
        self._one = self.connect()
        # A worker copies what it touches for the first time of the memory that all share, and git reads its packs.
        for _ in range(_WARMING_UP):
            self.posted()
            self.put()
            self.committed_new()

    @classmethod
    @contextmanager
    def of(cls, session: Session, size: int) -> Iterator["Site"]:
        """Both, for one row."""
        with (
            session.own(size) as clone,
            session.own(size) as directory,
            registry_server(directory) as served,
        ):
            yield cls(directory, clone, served)

    def connect(self) -> Connection:
        """A connection of its own."""
        return Connection(self._served.port, self._served.headers)

    def post(self, connection: Connection, number: int) -> None:
        """Create one workflow."""
        answer = connection.ask("POST", "/api/v1/workflows", body(number))
        if answer.status != 201:
            raise RuntimeError(f"POST answers {answer.status}: {answer.body.decode()}")

    def posted(self) -> float:
        """Milliseconds for one POST on a connection of its own."""
        number = next(_numbers)
        body(number)
        return _milliseconds(lambda: self.post(self._one, number))

    def put(self) -> float:
        """Milliseconds for one PUT that switches a workflow off, or on again."""
        number = next(_numbers) % 1_000
        change = {"version": f"9.0.{time.time_ns() // 1000}"}

        def update() -> None:
            answer = self._one.ask("PUT", f"/api/v1/workflows/{identity(number).ref}", change)
            if answer.status != 200:
                raise RuntimeError(f"PUT answers {answer.status}: {answer.body.decode()}")

        return _milliseconds(update)

    def committed_new(self) -> float:
        """Milliseconds for `git add` and `git commit` of a new file."""
        number = next(_numbers)
        return self._committed(_path(number), workflow_text(number))

    def committed_change(self) -> float:
        """The same for a file that is there."""
        number = next(_numbers) % 1_000
        return self._committed(identity(number).path, workflow_text(number, time.time_ns() // 1000))

    def _committed(self, path: str, text: str) -> float:
        (self.clone / path).write_text(text)

        def commit() -> None:
            git(self.clone, "add", "--", path)
            git(self.clone, "commit", "--quiet", "--message", f"Write {path}")

        return _milliseconds(commit)


@cache
def body(number: int) -> dict[str, Any]:
    """A generated workflow as the body of a POST, in the first pack."""
    found: dict[str, Any] = yaml.load(workflow_text(number), yaml.CSafeLoader)
    return {**found, "ref": f"{pack_name(0)}.{identity(number).name}", "pack_ref": pack_name(0)}


def sequential(session: Session, size: int) -> Iterator[Row]:
    """One write after the other: creations, then changes."""
    bar = at_least(4) if size > SIZES[0] else None
    writes = 10 if session.is_quick else 25
    with Site.of(session, size) as site:
        posts = in_turn(writes, site.posted, site.committed_new)
        puts = in_turn(writes, site.put, site.committed_change)
    yield Row("post", size, "POST, one after the other", _GIT, "ms", *posts, bar=bar, is_speed=True)
    yield Row("put", size, "PUT, one after the other", _GIT, "ms", *puts, bar=bar, is_speed=True)


def concurrent(session: Session, size: int) -> Iterator[Row]:
    """16 clients at once."""
    with Site.of(session, size) as site, ThreadPoolExecutor(_CLIENTS) as pool:
        connections = [site.connect() for _ in range(_CLIENTS)]
        each = 12 if session.is_quick else 30

        def client(connection: Connection, numbers: list[int]) -> None:
            for number in numbers:
                site.post(connection, number)

        def all_clients() -> float:
            chosen = [[next(_numbers) for _ in range(each)] for _ in connections]
            for numbers in chosen:
                for number in numbers:
                    body(number)
            took = _milliseconds(lambda: list(pool.map(client, connections, chosen)))
            return 1000 * each * _CLIENTS / took

        samples = in_turn(session.rounds, all_clients, lambda: _rate(site.committed_new))
    yield Row(
        *("post-16", size, f"POST, {_CLIENTS} clients", _GIT, "writes/s"),
        *samples,
        bar=at_least(12) if size == 10_000 else None,
    )


def growth(session: Session, size: int) -> Iterator[Row]:
    """What a write costs here, against what it costs in the smallest registry."""
    if size == SIZES[0]:
        return
    with Site.of(session, size) as large, Site.of(session, SIZES[0]) as small:
        samples: Samples = in_turn(20 if session.is_quick else 50, large.posted, small.posted)
    bar = at_most(3) if size == SIZES[-1] else None
    yield Row("post-growth", size, "POST", f"POST at {SIZES[0]:,}", "ms", *samples, bar=bar)


def _path(number: int) -> str:
    return f"packs/{pack_name(0)}/workflows/{identity(number).name}.yaml"


def _rate(milliseconds: Callable[[], float]) -> float:
    return 1000 / (sum(milliseconds() for _ in range(5)) / 5)


def _milliseconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000
