"""What a landing is about to do, on disk before it does it, so that a crash in between can be repaired."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from ..git.repository import Repository
from ..git.smallfile import read_small, write_over
from .swap import Replacement

_FORMAT = 2
# That of versions whose journals had whole paths: one of them may have been killed, and this one started instead.
_FORMER = 1


class Journal(NamedTuple):
    """A landing: the branch goes from `old` to `new`, and these files of the working tree with it.

    `git_dir` is that of the working tree, seen from the folder that all of them share ("." is that one itself): who
    moves or copies a repository takes its journal along.
    """

    git_dir: str
    branch: str
    old: str | None
    new: str
    files: tuple[Replacement, ...]


@lru_cache
def journal_path(repository: Repository) -> Path:
    """One journal for all worktrees: they share the write lock."""
    return repository.state_folder / "journal"


def write_journal(repository: Repository, journal: Journal) -> Path:
    """Writes the journal; nothing may be changed before the file returned is flushed.

    It is written in place, over what is there: a rename would cost a flush of its own, and ext4 writes out at once
    what replaces a file that was cut off. Its first line is the checksum of the second, so half a journal is none.
    """
    path = journal_path(repository)
    body = json.dumps({"format": _FORMAT, **journal._asdict()}).encode()
    write_over(path, _checksum(body) + b"\n" + body + b"\n")
    return path


def remove_journal(repository: Repository) -> None:
    """The landing is done, or was undone."""
    path = journal_path(repository)
    if path.exists():
        write_over(path, b"\n\n")


def read_journal(repository: Repository) -> Journal | None:
    """The journal that a dead process left; None when there is none, or only the beginning of one."""
    try:
        return parse_journal(read_small(journal_path(repository)))
    except (FileNotFoundError, ValueError):
        return None


def parse_journal(raw: bytes) -> Journal:
    """The journal in these bytes. Raises ValueError for anything else."""
    checksum, body, *_ = (*raw.split(b"\n", 2), b"")
    if checksum != _checksum(body):
        raise ValueError("not a whole journal")
    fields: dict[str, Any] = json.loads(body)
    if fields.pop("format", None) not in (_FORMAT, _FORMER):
        raise ValueError("a journal of another format")
    fields.pop("root", None)
    try:
        files = tuple(Replacement(*file) for file in fields.pop("files"))
        return Journal(files=files, **fields)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a journal: {error}") from error


def _checksum(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()
