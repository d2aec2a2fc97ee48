"""One file changed by `git commit`, until every worker serves it: against the same in a registry of 1,000."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from ..client import Connection
from ..measures import Row, at_most, in_turn
from ..processes import Served, registry_server
from ..registries import SIZES, git
from ..session import Session
from ..workflows import identity, workflow_text

# Enough for both workers to hold some of them.
_CONNECTIONS = 8
_COMMITS = 10


def commit_until_served(session: Session, size: int) -> Iterator[Row]:
    """From the end of `git commit` to the moment when the slowest connection has had the new version."""
    if size == SIZES[0]:
        return
    with _Watched.of(session, size) as large, _Watched.of(session, SIZES[0]) as small:
        samples = in_turn(_COMMITS, large.milliseconds, small.milliseconds)
    yield Row(
        *("git-commit", size, "a file changed by git commit, until served", f"the same at {SIZES[0]:,}", "ms"),
        *samples,
        bar=at_most(3) if size == SIZES[-1] else None,
        note=f"from the end of the commit to the last of {_CONNECTIONS} connections that asked at once",
    )


class _Watched:
    """A served copy, in which somebody commits."""

    def __init__(self, size: int, directory: Path, served: Served) -> None:
        self._size = size
        self._directory = directory
        self._dice = Random("commits")
        self._edition = 1_000
        self._connections = [Connection(served.port, served.headers) for _ in range(_CONNECTIONS)]

    @classmethod
    @contextmanager
    def of(cls, session: Session, size: int) -> Iterator["_Watched"]:
        """A copy of this size, for one row."""
        with session.own(size) as directory, registry_server(directory) as served:
            yield cls(size, directory, served)

    def milliseconds(self) -> float:
        """One commit."""
        self._edition += 1
        number = self._dice.randrange(self._size)
        path = self._directory / identity(number).path
        path.write_text(workflow_text(number, self._edition))
        git(self._directory, "add", "--", str(path))
        git(self._directory, "commit", "--quiet", "--message", "Change one")
        begun = time.perf_counter()
        for connection in self._connections:
            connection.send("GET", f"/api/v1/workflows/{identity(number).ref}")
        answers = [connection.receive() for connection in self._connections]
        took = time.perf_counter() - begun
        if not all(answer.json()["data"]["version"].endswith(f".{self._edition}") for answer in answers):
            raise RuntimeError("An answer was out of date: promise 3 is broken.")
        return took * 1000
