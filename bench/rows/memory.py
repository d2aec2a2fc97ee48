"""Memory of a worker, against the bytes of the YAML on disk, and what a second worker adds."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from ..client import Connection
from ..measures import Row, at_most
from ..processes import Served, memory_of, registry_server
from ..registries import search_terms, workflow_files
from ..session import Session
from ..workflows import identity

_MB = 1_000_000
_READS = 4_000


class _Taken(NamedTuple):
    """Bytes: the largest worker's resident set, and what all processes take together."""

    worker: int
    together: int


def of_workers(session: Session, size: int) -> Iterator[Row]:
    """After reads of all kinds have been answered by every worker."""
    with session.own(size) as directory:
        on_disk = sum(path.stat().st_size for path in workflow_files(directory)) / _MB
        one, two = (_taken(directory, size, workers) for workers in (1, 2))
    worker, added = one.worker / _MB, (two.together - one.together) / _MB
    is_meant = size == 100_000
    yield Row(
        *("memory", size, "resident memory of a worker", "bytes of the YAML", "MB", (worker,), (on_disk,)),
        bar=at_most(2.5) if is_meant else None,
        note=f"all processes, shared pages once: {one.together / _MB:.0f} MB with one worker, "
        f"{two.together / _MB:.0f} MB with two",
    )
    yield Row(
        *("memory-second", size, "what a second worker adds", "the first worker", "MB", (added,), (worker,)),
        bar=at_most(0.5) if is_meant else None,
    )


def _taken(directory: Path, size: int, workers: int) -> _Taken:
    with registry_server(directory, workers=workers) as served:
        _use(served, size, workers)
        own = [memory_of(pid) for pid in served.workers()]
        master = memory_of(served.process.pid)
        return _Taken(max(each.resident for each in own), master.proportional + sum(each.proportional for each in own))


def _use(served: Served, size: int, workers: int) -> None:
    """Reads that touch everything, on enough connections for each worker to get its share of them, and a write."""
    dice = Random("memory")
    connections = [Connection(served.port, served.headers) for _ in range(8 * workers)]
    rare, common = search_terms()
    for turn in range(_READS * workers):
        connection = connections[turn % len(connections)]
        connection.get(f"/api/v1/workflows/{identity(dice.randrange(size)).ref}")
    for number, term in enumerate((*rare[:40], *common[:20])):
        for connection in connections[:: 2 if number % 2 else 3]:
            connection.get(f"/api/v1/workflows?enabled=true&search={term}")
    for page in range(1, size // 100 + 1):
        connections[page % len(connections)].get(f"/api/v1/workflows?per_page=100&page={page}")
    for number in range(3):
        connections[0].ask("PUT", f"/api/v1/workflows/{identity(number).ref}", {"version": "7.0.0"})
    for connection in connections:
        connection.get("/api/v1/workflows")
        connection.close()
