"""What a landing is about to do, on disk before it does it, so that a crash in between can be repaired."""

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from ..git.durability import Durability, flush_files
from ..git.repository import Repository
from .swap import Replacement

_FORMAT = 1


class Journal(NamedTuple):
    """A landing: the branch goes from `old` to `new`, and these files of the working tree with it."""

    git_dir: str
    root: str | None
    branch: str
    old: str | None
    new: str
    files: tuple[Replacement, ...]


def journal_path(repository: Repository) -> Path:
    """One journal for all worktrees: they share the write lock."""
    return repository.state_folder / "journal.json"


def write_journal(repository: Repository, journal: Journal, also: list[Path], settings: Durability) -> None:
    """Puts the journal, and the files named in `also` before it, on disk."""
    path = journal_path(repository)
    fresh = path.with_name("journal.new")
    fields = {"format": _FORMAT, **journal._asdict()}
    fresh.write_text(json.dumps(fields), encoding="utf-8")
    if settings.objects:
        flush_files([*also, fresh], settings)
    fresh.rename(path)
    if settings.objects:
        flush_files([path], settings)


def remove_journal(repository: Repository) -> None:
    """The landing is done, or was undone."""
    journal_path(repository).unlink(missing_ok=True)


def read_journal(repository: Repository) -> Journal | None:
    """The journal that a dead process left; None when there is none.

    One that cannot be read was never finished (its landing had not begun) and is put aside.
    """
    path = journal_path(repository)
    try:
        return parse_journal(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        os.replace(path, path.with_name("journal.unreadable"))
        return None


def parse_journal(raw: bytes) -> Journal:
    """The journal in these bytes. Raises ValueError for anything else."""
    try:
        fields: dict[str, Any] = json.loads(raw)
        if fields.pop("format") != _FORMAT:
            raise ValueError("a journal of another format")
        files = tuple(Replacement(*file) for file in fields.pop("files"))
        return Journal(files=files, **fields)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a journal: {error}") from error
