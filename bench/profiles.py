"""Where the time goes in the hot paths: py-spy on a worker under load, cProfile where there is no server."""

import cProfile
import os
import pstats
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from attune_registry.checks.engine import Contract
from attune_registry.layout import place
from attune_registry.records import make_record
from attune_registry.registry import Registry

from .client import Connection
from .load import load
from .processes import Served, registry_server
from .rows.writes import body
from .session import Session
from .workflows import identity, workflow_text

_SECONDS = 6
_SAMPLES_PER_SECOND = 500
_FILES = 1_000
# Where a worker answers a request, and where its writer's thread works off what waits.
_ANSWERING, _WRITING = "ASGIProtocol._handle_http_request (", "Writer._answer ("
# Threads that wait for work: py-spy takes some of them for busy.
_WAITING = ("Condition.wait", "_worker (concurrent", "InotifyFD._check")
_IDLE = re.compile(r"Queue\.get |EventEmitter\.run |Watcher\._wait")


class Cost(NamedTuple):
    """A function's share of the time, from 0 to 1: in itself, and with all that it calls."""

    function: str
    own: float
    inclusive: float


def show(costs: list[Cost], top: int, console: Console) -> None:
    """The most expensive functions, by what they take with all that they call."""
    for title, chosen in (("in itself", lambda cost: cost.own), ("with all it calls", lambda cost: cost.inclusive)):
        table = Table(title=f"Share of the time {title}", title_justify="left")
        table.add_column("own", justify="right")
        table.add_column("inclusive", justify="right")
        table.add_column("function")
        for cost in sorted(costs, key=chosen, reverse=True)[:top]:
            table.add_row(f"{cost.own:.1%}", f"{cost.inclusive:.1%}", cost.function)
        console.print(table)


def parse_stacks(raw: str, within: str = "") -> list[Cost]:
    """The costs in py-spy's raw format, `outer;inner count`: of what goes on in the function `within`, less waiting."""
    own: Counter[str] = Counter()
    inclusive: Counter[str] = Counter()
    total = 0
    for line in raw.splitlines():
        stack, _, count = line.rpartition(" ")
        functions = [_short(frame) for frame in stack.split(";")]
        first = next((at for at, function in enumerate(functions) if function.startswith(within)), None)
        if first is None or functions[-1].startswith(_WAITING) or any(map(_IDLE.match, functions)):
            continue
        functions = functions[first:]
        total += int(count)
        own[functions[-1]] += int(count)
        for function in set(functions):
            inclusive[function] += int(count)
    return [Cost(name, own[name] / total, inclusive[name] / total) for name in inclusive]


def _short(frame: str) -> str:
    name, _, place_of_it = frame.partition(" (")
    return f"{name} ({'/'.join(place_of_it.rstrip(')').partition(':')[0].split('/')[-3:])})"


def _reads(path: str, headers: dict[str, str]) -> Callable[[Served], None]:
    def work(served: Served) -> None:
        load(served.port, path, served.headers | headers, _SECONDS)

    return work


def _writes(clients: int) -> Callable[[Served], None]:
    def client(served: Served, first: int) -> None:
        until = time.monotonic() + _SECONDS
        number = first
        with Connection(served.port, served.headers) as connection:
            while time.monotonic() < until:
                connection.ask("POST", "/api/v1/workflows", body(number))
                number += 1

    def work(served: Served) -> None:
        threads = [Thread(target=client, args=(served, 2_000_000 + lane * 100_000)) for lane in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return work


def _served(
    size: int, make_work: Callable[[Served], Callable[[Served], None]], within: str, *, with_waiting: bool = False
) -> list[Cost]:
    """A server with one worker under load, looked at from outside: what goes on in the function `within`."""
    spy = shutil.which("py-spy", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if spy is None:
        raise SystemExit("py-spy is not installed: pip install py-spy")
    with (
        Session(is_quick=True) as session,
        session.own(size) as directory,
        registry_server(directory, workers=1) as served,
        TemporaryDirectory() as folder,
    ):
        work = make_work(served)
        stacks = Path(folder) / "stacks"
        idle = ("--idle",) if with_waiting else ()
        options = (
            *idle,
            "--rate",
            str(_SAMPLES_PER_SECOND),
            "--duration",
            str(_SECONDS - 2),
            "--format",
            "raw",
            "--function",
        )
        loader = Thread(target=work, args=(served,))
        loader.start()
        time.sleep(1)
        # Not before: a process that has just been started has not said yet that it is the one that watches.
        (worker,) = served.workers()
        command = (spy, "record", "--pid", str(worker), *options, "--output", str(stacks))
        subprocess.run(command, check=True, capture_output=True)
        loader.join()
        return parse_stacks(stacks.read_text(), within)


def _of_one(size: int) -> str:
    return f"/api/v1/workflows/{identity(size // 2).ref}"


def _get_one(size: int) -> list[Cost]:
    return _served(size, lambda served: _reads(_of_one(size), {}), _ANSWERING)


def _not_modified(size: int) -> list[Cost]:
    def work(served: Served) -> Callable[[Served], None]:
        with Connection(served.port, served.headers) as connection:
            return _reads(_of_one(size), {"If-None-Match": connection.get(_of_one(size)).etag})

    return _served(size, work, _ANSWERING)


def _list_page(size: int) -> list[Cost]:
    return _served(size, lambda served: _reads("/api/v1/workflows?page=1&per_page=20", {}), _ANSWERING)


@contextmanager
def _profiled() -> Iterator[list[Cost]]:
    costs: list[Cost] = []
    profile = cProfile.Profile()
    with profile:
        yield costs
    profile_of = pstats.Stats(profile).get_stats_profile()
    for name, found in profile_of.func_profiles.items():
        where = "/".join(found.file_name.split("/")[-3:])
        shares = (found.tottime / profile_of.total_tt, found.cumtime / profile_of.total_tt)
        costs.append(Cost(f"{name} ({where})", *shares))


def _index(size: int) -> list[Cost]:
    """One process, files never seen before."""
    contract = Contract.load(None, None, None)[0]
    files = [(place(identity(number).ref), workflow_text(number).encode()) for number in range(min(size, _FILES))]
    with _profiled() as costs:
        for at, raw in files:
            make_record(raw, at, contract)
    return costs


def _restart(size: int) -> list[Cost]:
    with Session(is_quick=True) as session:
        directory = session.indexed(size)
        with _profiled() as costs:
            Registry.open(directory)
    return costs


PROFILES: dict[str, Callable[[int], list[Cost]]] = {
    "get-one": _get_one,
    "not-modified": _not_modified,
    "list-page": _list_page,
    "post": lambda size: _served(size, lambda served: _writes(1), _WRITING, with_waiting=True),
    "post-16": lambda size: _served(size, lambda served: _writes(16), _WRITING, with_waiting=True),
    "first-index": _index,
    "restart": _restart,
}
