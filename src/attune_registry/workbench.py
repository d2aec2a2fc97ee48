"""Processes that make records, so that many files are parsed on all cores: this program's, and its children's, side."""

import gc
import marshal
import os
import queue
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from .checks.engine import Contract
from .edits import READ_LIMIT
from .forms.pairs import Raw
from .git.repository import Repository
from .layout import Place
from .pairs import read_content
from .problems import Problem
from .records import Record, make_record, pack_record

Progress = Callable[[int, int], None]
_PORTION = 64
# How many objects may come before rubbish in circles is looked for.
_SELDOM = (200_000, 10, 10)
_LENGTH = struct.Struct("<Q")
# Neither fork (this process may have threads) nor multiprocessing's other ways (they run the main module again).
_COMMAND = (sys.executable, "-c", "from attune_registry.workbench import work; work()")


class Job(NamedTuple):
    """A file to make a record of; `raw` is None when its bytes are to be had from git by the blob's id."""

    place: Place
    blob: str
    raw: Raw | None = None


def make_here(repository: Repository, job: Job, contract: Contract) -> Record:
    """The record of one file, made by this process."""
    try:
        raw = job.raw if job.raw is not None else read_content(repository, job.blob, READ_LIMIT)
    except KeyError:
        message = f"The content of blob {job.blob} is not in this clone."
        return Record((Problem("file-missing", "error", message, "", 1, 1),), is_valid=False)
    return make_record(raw, job.place, contract)


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
            yield results
            made += len(results)
            if progress:
                progress(made, len(jobs))


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


def work() -> None:
    """What a child does: told of a repository and a contract, it makes records until its input ends."""
    sent, wanted = sys.stdout.buffer, sys.stdin.buffer
    git_dir, common_dir, root, raw = _receive(wanted)
    repository = Repository(Path(git_dir), Path(common_dir), Path(root) if root else None)
    contract, _ = Contract.load(*raw)
    # Nothing of what is here now will ever be garbage, and hardly anything of what comes is in circles.
    gc.freeze()
    gc.set_threshold(*_SELDOM)
    while (jobs := _receive(wanted)) is not None:
        made = (make_here(repository, Job(Place(kind, ref), blob, text), contract) for kind, ref, blob, text in jobs)
        _send(sent, [pack_record(record) for record in made])
    # Taking everything down in order would take its time, and all of it is said.
    os._exit(0)


@contextmanager
def _bench(repository: Repository, contract: Contract) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(_COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment()) as bench:
        root = str(repository.root) if repository.root else None
        _send(_pipe(bench.stdin), (str(repository.git_dir), str(repository.common_dir), root, contract.raw))
        yield bench


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def _ask(bench: "subprocess.Popen[bytes]", question: Any) -> list[bytes]:
    _send(_pipe(bench.stdin), question)
    answer: list[bytes] = _receive(_pipe(bench.stdout))
    return answer


def _pipe(end: IO[bytes] | None) -> IO[bytes]:
    if end is None:
        raise RuntimeError("a child process without pipes")
    return end


def _send(pipe: IO[bytes], value: Any) -> None:
    text = marshal.dumps(value)
    pipe.write(_LENGTH.pack(len(text)) + text)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> Any:
    """The next value; None at the end of the pipe."""
    head = pipe.read(_LENGTH.size)
    return marshal.loads(pipe.read(*_LENGTH.unpack(head))) if len(head) == _LENGTH.size else None
