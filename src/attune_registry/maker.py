"""A process that makes records for another one: it loads nothing but what that takes."""

import gc
import marshal
import os
import struct
import sys
from pathlib import Path
from typing import IO, Any, NamedTuple

from .blobs import READ_LIMIT, read_content
from .checks.contract import Contract
from .forms.pairs import Raw
from .git.repository import Repository
from .layout import Place
from .problems import Problem
from .records import Record, make_record, pack_record

# How many objects may come before rubbish in circles is looked for.
_SELDOM = (200_000, 10, 10)
_LENGTH = struct.Struct("<Q")


def send(pipe: IO[bytes], value: Any) -> None:
    """Tell the process at the other end of a pipe a value of plain data."""
    text = marshal.dumps(value)
    pipe.write(_LENGTH.pack(len(text)) + text)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Any:
    """The next value; None at the end of the pipe."""
    head = pipe.read(_LENGTH.size)
    return marshal.loads(pipe.read(*_LENGTH.unpack(head))) if len(head) == _LENGTH.size else None


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


def work() -> None:
    """What such a process does: told of a repository and a contract, it makes records until its input ends."""
    sent, wanted = sys.stdout.buffer, sys.stdin.buffer
    git_dir, common_dir, root, raw = receive(wanted)
    repository = Repository(Path(git_dir), Path(common_dir), Path(root) if root else None)
    contract, _ = Contract.load(*raw)
    # Nothing of what is here now will ever be garbage, and hardly anything of what comes is in circles.
    gc.freeze()
    gc.set_threshold(*_SELDOM)
    while (jobs := receive(wanted)) is not None:
        made = (make_here(repository, Job(Place(kind, ref), blob, text), contract) for kind, ref, blob, text in jobs)
        send(sent, [pack_record(record) for record in made])
    # Taking everything down in order would take its time, and all of it is said.
    os._exit(0)
