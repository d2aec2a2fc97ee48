"""Servers under measurement: started, asked who their workers are and what memory they take, stopped."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from attune_registry.http.server import WATCHER_NAME

_COMMAND = str(Path(sys.executable).with_name("attune-registry"))
_HERE = Path(__file__).parent.parent
_PATIENCE_SECONDS = 900


class Served(NamedTuple):
    """A server that answers. `token` is an admin's."""

    process: "subprocess.Popen[bytes]"
    port: int
    token: str
    log: Path

    @property
    def headers(self) -> dict[str, str]:
        """What lets a request in."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def workers(self) -> list[int]:
        """The process ids of the workers, of which there is one at least; not of the process that watches for them."""
        while not (found := self._workers()) and self.process.poll() is None:
            time.sleep(0.01)
        return found

    def everybody(self) -> list[int]:
        """The process ids of all that answer, write or watch."""
        return [self.process.pid, *children(self.process.pid)]

    def _workers(self) -> list[int]:
        return [pid for pid in children(self.process.pid) if name_of(pid) != WATCHER_NAME]


class Memory(NamedTuple):
    """Bytes of one process: resident, its share of what it shares, and what is its own alone."""

    resident: int
    proportional: int
    unique: int


@contextmanager
def registry_server(directory: Path, *, workers: int = 2, token: str = "") -> Iterator[Served]:
    """`attune-registry serve` over a repository; its token is a new one if none is given."""
    token = token or make_token(directory)
    command = (_COMMAND, "serve", "--repo", str(directory), "--port", "0", "--workers", str(workers))
    with _running((*command, "--log-level", "warning"), directory.parent, token) as served:
        yield served


@contextmanager
def bare_server(bodies: Sequence[bytes], folder: Path, *, workers: int = 2) -> Iterator[Served]:
    """The bare application of `bare_app`, which answers /0, /1, ... with these bodies."""
    paths = []
    for number, body in enumerate(bodies):
        paths.append(folder / f"body-{number}")
        paths[-1].write_bytes(body)
    command = (sys.executable, "-m", "bench.bare_app", str(workers), *map(str, paths))
    with _running(command, folder, "") as served:
        yield served


def make_token(directory: Path) -> str:
    """A new admin's token for a registry."""
    name = f"bench-{time.time_ns()}"
    command = (_COMMAND, "token", "create", name, "--role", "admin", "--repo", str(directory))
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def command(*arguments: str) -> float:
    """The seconds that `attune-registry <arguments>` takes; a wrong exit code is an error."""
    begun = time.perf_counter()
    subprocess.run((_COMMAND, *arguments), stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def python(module: str, *arguments: str) -> str:
    """What a module of this package prints, run in a process of its own."""
    run = (sys.executable, "-m", f"bench.{module}", *arguments)
    done = subprocess.run(run, capture_output=True, text=True, check=False, cwd=_HERE)
    if done.returncode:
        raise RuntimeError(f"bench.{module} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def memory_of(pid: int) -> Memory:
    """What the kernel says of a process (smaps_rollup)."""
    found = dict(re.findall(r"^(\w+):\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE))
    sizes = {name: int(size) * 1024 for name, size in found.items()}
    return Memory(sizes["Rss"], sizes["Pss"], sizes["Private_Clean"] + sizes["Private_Dirty"])


def children(pid: int) -> list[int]:
    """The processes that a process started and that still run."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def name_of(pid: int) -> str:
    """What a process calls itself; empty for one that is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def open_files(pid: int) -> int:
    """How many file descriptors a process holds."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def watches(pid: int) -> int:
    """How many inotify watches a process holds."""
    count = 0
    for info in Path(f"/proc/{pid}/fdinfo").iterdir():
        try:
            count += sum(line.startswith("inotify wd:") for line in info.read_text().splitlines())
        except OSError:
            # Closed since it was listed.
            continue
    return count


@contextmanager
def _running(arguments: Sequence[str], folder: Path, token: str) -> Iterator[Served]:
    log = folder / f"server-{time.monotonic_ns()}.log"
    with log.open("wb") as file:
        process = subprocess.Popen(arguments, stdout=file, stderr=subprocess.STDOUT, start_new_session=True, cwd=_HERE)
    try:
        yield Served(process, _port(process, log), token, log)
    except Exception as error:
        error.add_note(f"The server's last words:\n{log.read_text(errors='replace')[-3000:]}")
        raise
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _port(process: "subprocess.Popen[bytes]", log: Path) -> int:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:(\d+)", log.read_text(errors="replace"))
        if found:
            return int(found[1])
        time.sleep(0.005)
    raise RuntimeError(f"The server did not start:\n{log.read_text(errors='replace')}")
