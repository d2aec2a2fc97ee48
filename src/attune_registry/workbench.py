"""Processes that make records, so that many files are parsed on all cores: this program's side."""

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import IO, Any

from .checks.contract import Contract
from .git.repository import Repository
from .maker import Job, make_here, receive, send

__all__ = ["Aside", "Job", "Progress", "make_here", "make_packed"]

Progress = Callable[[int, int], None]
_PORTION = 64
# Neither fork (this process may have threads) nor multiprocessing's other ways (they run the main module again).
_COMMAND = (sys.executable, "-c", "from attune_registry.maker import work; work()")


def make_packed(
    repository: Repository, contract: Contract, jobs: Sequence[Job], progress: Progress | None
) -> Iterator[list[bytes]]:
    """The packed records of many files, in order and in portions, made by as many processes as there are cores.

    They work on while the caller does something with a portion.
    """
    portions = [jobs[at : at + _PORTION] for at in range(0, len(jobs), _PORTION)]
    free: queue.SimpleQueue[subprocess.Popen[bytes]] = queue.SimpleQueue()

    def make(portion: Sequence[Job]) -> list[bytes]:
        bench = free.get()
        try:
            return _ask(bench, [(*job.place, job.blob, job.raw) for job in portion])
        finally:
            free.put(bench)

    made = 0
    with ExitStack() as benches, ThreadPoolExecutor(os.cpu_count() or 1) as feeders:
        for _ in range(os.cpu_count() or 1):
            free.put(benches.enter_context(_bench(repository, contract)))
        for results in feeders.map(make, portions):
            made += len(results)
            if progress:
                progress(made, len(jobs))
            yield results


class Aside:
    """A child that runs `work_aside()` of a module, given a repository, and ends when its input does."""

    def __init__(self, repository: Repository, module: str) -> None:
        command = (sys.executable, "-c", f"from attune_registry.{module} import work_aside; work_aside()")
        where = (str(repository.git_dir), str(repository.common_dir), str(repository.root or ""))
        self._child = subprocess.Popen(
            (*command, *where), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=_environment()
        )
        # Somebody has to hear of its end, or it stays in the table of processes.
        threading.Thread(target=self._child.wait, daemon=True).start()

    def end(self) -> None:
        """End it, be it done or not."""
        self._child.kill()
        self._child.wait()
        _pipe(self._child.stdin).close()


@contextmanager
def _bench(repository: Repository, contract: Contract) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(_COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment()) as bench:
        root = str(repository.root) if repository.root else None
        send(_pipe(bench.stdin), (str(repository.git_dir), str(repository.common_dir), root, contract.raw))
        yield bench


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def _ask(bench: "subprocess.Popen[bytes]", question: Any) -> list[bytes]:
    send(_pipe(bench.stdin), question)
    answer: list[bytes] = receive(_pipe(bench.stdout))
    return answer


def _pipe(end: IO[bytes] | None) -> IO[bytes]:
    if end is None:
        raise RuntimeError("a child process without pipes")
    return end
