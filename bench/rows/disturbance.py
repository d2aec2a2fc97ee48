"""The 99th percentile of GET while others write and pull, against the same in quiet."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from ..actors import Pulled, pull_until_done
from ..client import Connection
from ..load import CONNECTIONS, own_load
from ..measures import Bar, Row, at_most, in_turn, percentile
from ..processes import Served, bare_server, registry_server
from ..registries import clone, git
from ..session import Session
from ..workflows import identity, workflow_text

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

_WRITES_PER_SECOND, _WRITERS = 50, 10
_PULLED = 500
_STEADY_RATE = 300


def under_writes(session: Session, size: int) -> Iterator[Row]:
    """Under all the load that 16 connections make, and at a steady rate of requests.

    In a full run the same of an application that has nothing to do with the writes and the pull, beside which they
    happen: what they leave of the machine to anybody.
    """
    with _Disturbed.of(session, size) as disturbed:
        yield from _rows(session, size, disturbed, "", "GET", at_most(3))
        if not session.is_quick:
            with disturbed.bare():
                yield from _rows(session, size, disturbed, "-bare", "the bare application beside that", None)


def _rows(
    session: Session, size: int, disturbed: "_Disturbed", suffix: str, whose: str, bar: Bar | None
) -> Iterator[Row]:
    for name, load, measure in (
        ("p99", f"{CONNECTIONS} connections", disturbed.full_load),
        ("p99-steady", f"{_STEADY_RATE}/s", disturbed.steady_load),
    ):
        samples = in_turn(session.rounds, partial(disturbed.during, measure), measure)
        what, note = f"p99 of {whose}, {load}, during writes and a pull", disturbed.achieved()
        yield Row(name + suffix, size, what, "without them", "ms", *samples, bar=bar, note=note)


class _Disturbed:
    """A served copy, a repository that it pulls from, and a process that writes."""

    def __init__(self, session: Session, size: int, directory: Path, served: Served) -> None:
        self._size = size
        self._seconds = 3 if session.is_quick else 10
        self._editions = count(2_000)
        self._rates: list[float] = []
        self._pulls: list[Pulled] = []
        self._directory = directory
        self._upstream = directory.parent / "upstream"
        self._served = served
        # Whom the load asks, and for what.
        self._asked = served
        self._path = f"/api/v1/workflows/{identity(size - 1).ref}"

    @classmethod
    @contextmanager
    def of(cls, session: Session, size: int) -> Iterator["_Disturbed"]:
        """All three, for one row."""
        with session.own(size) as directory:
            upstream = clone(directory, directory.parent / "upstream")
            git(directory, "remote", "set-url", "origin", str(upstream))
            with registry_server(directory) as served:
                yield cls(session, size, directory, served)

    @contextmanager
    def bare(self) -> Iterator[None]:
        """The load asks the bare application for the same bytes; writes and pulls stay where they are."""
        path, self._path = self._path, "/0"
        with Connection(self._served.port, self._served.headers) as connection:
            body = connection.get(path).body
        with bare_server([body], self._directory.parent) as self._asked:
            yield
        self._asked, self._path = self._served, path

    def full_load(self) -> float:
        """As many requests as are answered."""
        return own_load(self._asked.port, self._path, self._asked.headers, self._seconds).p99

    def steady_load(self) -> float:
        """Requests at fixed times; how long after its time each was answered, in ms."""
        latencies: list[float] = []
        lanes = [Thread(target=self._lane, args=(number, latencies)) for number in range(CONNECTIONS)]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
        return percentile(latencies, 0.99)

    def during(self, measure: Callable[[], float]) -> float:
        """What `measure` says while a process writes and a pull brings 500 files."""
        self._change_upstream()
        written = multiprocessing.Value("q", 0)
        arguments = (self._served.port, self._served.headers, self._seconds, self._size, written)
        writer = multiprocessing.get_context("fork").Process(target=_write, args=arguments)
        puller = Thread(target=self._pull)
        writer.start()
        puller.start()
        found = measure()
        writer.join()
        puller.join()
        self._rates.append(written.value / self._seconds)
        return found

    def achieved(self) -> str:
        """What the disturbance came to."""
        rate = sum(self._rates) / len(self._rates)
        slowest, tries = max(pulled.seconds for pulled in self._pulls), sum(pulled.tries for pulled in self._pulls)
        note = (
            f"{rate:.0f} writes/s of {_WRITES_PER_SECOND}; pulls of {_PULLED} files took {slowest:.1f} s at most, "
            f"{tries} tries for {len(self._pulls)}"
        )
        self._rates.clear()
        self._pulls.clear()
        return note

    def _lane(self, number: int, latencies: list[float]) -> None:
        step = CONNECTIONS / _STEADY_RATE
        with Connection(self._asked.port, self._asked.headers) as connection:
            begun = time.perf_counter()
            for turn in range(int(self._seconds / step)):
                due = begun + (turn + number / CONNECTIONS) * step
                time.sleep(max(due - time.perf_counter(), 0))
                connection.get(self._path)
                latencies.append((time.perf_counter() - due) * 1000)

    def _change_upstream(self) -> None:
        edition = next(self._editions)
        for number in range(self._size // 2, self._size // 2 + _PULLED):
            who = identity(number % self._size)
            (self._upstream / who.path).write_text(workflow_text(number % self._size, edition))
        git(self._upstream, "commit", "--quiet", "--all", "--message", f"Change {_PULLED}")

    def _pull(self) -> None:
        time.sleep(self._seconds / 4)
        self._pulls.append(pull_until_done(self._directory))


def _write(port: int, headers: dict[str, str], seconds: float, size: int, written: "Synchronized[int]") -> None:
    """PUTs at the rate wanted, on connections enough for it, from a process of their own."""

    def lane(lane_number: int) -> None:
        with Connection(port, headers) as connection:
            for number in range(lane_number, int(seconds * _WRITES_PER_SECOND), _WRITERS):
                time.sleep(max(begun + number / _WRITES_PER_SECOND - time.perf_counter(), 0))
                if time.perf_counter() - begun > seconds:
                    break
                # None of those that the pull changes.
                change = {"version": f"8.0.{time.time_ns() // 1000}"}
                answer = connection.ask("PUT", f"/api/v1/workflows/{identity(number % (size // 4)).ref}", change)
                with written.get_lock():
                    written.value += answer.status == 200

    begun = time.perf_counter()
    lanes = [Thread(target=lane, args=(number,)) for number in range(_WRITERS)]
    for thread in lanes:
        thread.start()
    for thread in lanes:
        thread.join()
