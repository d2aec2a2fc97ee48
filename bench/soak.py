"""A soak: everything at once for minutes, to see that nothing grows that should not."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from .actors import Actor, Proposer, Puller, Reader, Trouble, Writer, listen
from .client import Connection
from .measures import middle, most, percentile
from .processes import Served, make_token, memory_of, open_files, registry_server, watches
from .registries import clone, git
from .session import Session

_INTERVAL_SECONDS = 10
_READERS = 2
_READS_PER_SECOND, _WRITES_PER_SECOND = 50, 5
_PROPOSALS_PER_SECOND, _PULLS_PER_SECOND, _TROUBLES_PER_SECOND = 1 / 10, 1 / 20, 1 / 45


class _Bound(NamedTuple):
    """How far a field of the samples may rise: what a busy machine and a longer history add, and no more.

    Looked at is what is usual, or another figure `of` several samples.
    """

    what: str
    field: str
    unit: float = 1
    factor: float = 1
    more: float = 0
    of: Callable[[Sequence[float]], float] = middle


_BOUNDS = (
    _Bound("memory of all processes, MB", "memory", 1e6, factor=1.1),
    # git's packs are opened one by one, and closed together after 20 s or when there are 64: what is usual of that is
    # chance, and what is left open by mistake comes on top of the most.
    _Bound("open files of a process, at most", "files", more=3, of=most),
    _Bound("inotify watches of a process", "watches", more=2),
    _Bound("median latency of a read, ms", "median", factor=1.5),
    _Bound("p99 latency of a read, ms", "p99", factor=1.5),
)


class Sample(NamedTuple):
    """One look: bytes of all processes, the largest worker's files and watches, latencies of reads in ms."""

    memory: int
    files: int
    watches: int
    median: float
    p99: float


class Verdict(NamedTuple):
    """What was looked at, early and late, and whether it stayed within its bounds."""

    what: str
    early: float
    late: float
    is_ok: bool


def soak(size: int, minutes: float, console: Console) -> bool:
    """Run for so many minutes; True when everything stayed flat and nothing failed."""
    with Session(is_quick=True) as session, session.own(size) as directory:
        upstream = clone(directory, directory.parent / "upstream")
        git(directory, "remote", "set-url", "origin", str(upstream))
        with registry_server(directory) as served:
            readers = [Reader(size, str(number)) for number in range(_READERS)]
            writer = Writer(size)
            with _acting(_actors(served, size, directory, upstream, readers, writer), console) as actors:
                samples = list(_watch(served, readers, minutes, console))
            failures = [failure for actor in actors for failure in actor.failures]
            failures += _losses(served, writer) + _traces(served)
        failures += _state_of(directory)
    return _report(samples, failures, console)


def judge(samples: Sequence[Sample]) -> list[Verdict]:
    """The second quarter of a soak (the first one warms up) against the last."""
    quarter = max(len(samples) // 4, 1)
    parts = (samples[quarter : 2 * quarter], samples[-quarter:])
    verdicts = []
    for bound in _BOUNDS:
        before, after = (bound.of([getattr(sample, bound.field) / bound.unit for sample in part]) for part in parts)
        verdicts.append(Verdict(bound.what, before, after, after <= before * bound.factor + bound.more))
    return verdicts


def _actors(
    served: Served, size: int, directory: Path, upstream: Path, readers: Sequence[Reader], writer: Writer
) -> list[Actor]:
    proposer = Proposer(size, make_token(directory))
    return [
        *(Actor(reader.read, served, served.token, _READS_PER_SECOND) for reader in readers),
        Actor(writer.write, served, served.token, _WRITES_PER_SECOND),
        Actor(proposer.propose, served, make_token(directory), _PROPOSALS_PER_SECOND),
        Actor(Puller(size, directory, upstream).pull, served, served.token, _PULLS_PER_SECOND),
        Actor(Trouble(served).strike, served, served.token, _TROUBLES_PER_SECOND),
        Actor(listen, served, served.token, 1),
    ]


@contextmanager
def _acting(actors: list[Actor], console: Console) -> Iterator[list[Actor]]:
    for actor in actors:
        actor.start()
    yield actors
    for actor in actors:
        actor.stop()
        console.print(f"{actor.name}: {actor.done} done, {actor.lost} connections lost, {len(actor.failures)} failed")


def _watch(served: Served, readers: Sequence[Reader], minutes: float, console: Console) -> Iterator[Sample]:
    until = time.monotonic() + minutes * 60
    while time.monotonic() < until:
        time.sleep(_INTERVAL_SECONDS)
        latencies = [latency for reader in readers for latency in reader.take()]
        sample = _look(served, latencies)
        if sample is not None:
            console.print(
                f"{(until - time.monotonic()) / 60:5.1f} min left: {sample.memory / 1e6:.0f} MB, {sample.files} files, "
                f"{sample.watches} watches, median {sample.median:.1f} ms, p99 {sample.p99:.0f} ms",
                highlight=False,
            )
            yield sample


def _look(served: Served, latencies: Sequence[float]) -> Sample | None:
    """None when a worker went while it was looked at."""
    try:
        everybody = served.everybody()
        memory = sum(memory_of(pid).proportional for pid in everybody)
        files, watched = max(map(open_files, everybody)), max(map(watches, everybody))
    except (OSError, KeyError):
        return None
    return Sample(memory, files, watched, middle(latencies), percentile(latencies, 0.99))


def _losses(served: Served, writer: Writer) -> list[str]:
    """Acknowledged writes that are not there."""
    lost = []
    with Connection(served.port, served.headers) as connection:
        for ref, etag in writer.known.items():
            answer = connection.get(f"/api/v1/workflows/{ref}")
            found = answer.etag if answer.status == 200 else None
            if found != etag:
                lost.append(f"{ref} was acknowledged as {etag} and is {found}")
    return lost


def _traces(served: Served) -> list[str]:
    return ["a traceback is in the log: " + served.log.read_text()[-2000:]] if _has_trace(served) else []


def _has_trace(served: Served) -> bool:
    return "Traceback" in served.log.read_text(errors="replace")


def _state_of(directory: Path) -> list[str]:
    status = git(directory, "status", "--porcelain")
    git(directory, "fsck", "--no-dangling", "--connectivity-only")
    return [f"git status is not clean:\n{status}"] if status else []


def _report(samples: Sequence[Sample], failures: Sequence[str], console: Console) -> bool:
    verdicts = judge(samples)
    for what, early, late, is_ok in verdicts:
        console.print(f"{'ok ' if is_ok else 'NOT'} {what}: {early:.1f} early, {late:.1f} late", highlight=False)
    for failure in failures[:20]:
        console.print(f"NOT {failure}", highlight=False, markup=False)
    if len(failures) > 20:
        console.print(f"... and {len(failures) - 20} more")
    return not failures and all(verdict.is_ok for verdict in verdicts)
