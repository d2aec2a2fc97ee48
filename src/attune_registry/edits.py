"""What the working tree says otherwise than the commit: edits that nobody has committed yet."""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from .git.process import run
from .git.repository import Repository
from .git.trees import REGULAR, ROOTS, blob_id, find_file
from .layout import matters

# One byte more than a document may have, so that what is too large is seen to be too large.
READ_LIMIT = (1 << 20) + 1


class Edit(NamedTuple):
    """The working file at a path where it differs from the commit's; all None where it is deleted there.

    `modified` is in seconds; `raw` is None too where the path is a link, or no file that can be read.
    """

    blob: str | None
    raw: bytes | None
    modified: int | None


DELETED = Edit(None, None, None)
# What stands for the content of a link, a socket, or a file that may not be read.
_UNREADABLE_BLOB = "0" * 40


def all_edits(repository: Repository, commit: str | None) -> dict[str, Edit]:
    """Every edit below `packs/` and `registry/`; git finds them, in time that goes with the registry."""
    return {path: edit for path, edit in _edits_by_git(repository, commit, ROOTS) if edit}


def edits_among(repository: Repository, commit: str | None, paths: Iterable[str]) -> dict[str, Edit | None]:
    """What the working tree says of these paths: an edit, or None where it agrees with the commit."""
    answer: dict[str, Edit | None] = dict.fromkeys(paths)
    doubtful = [path for path in answer if not _agrees(repository, commit, path)]
    if doubtful:
        # Filters (line ends, ident) can make equal files differ by bytes, and ignored files do not count: ask git.
        answer.update(_edits_by_git(repository, commit, doubtful))
    return answer


def read_working_file(root: Path, path: str) -> tuple[bytes, int] | None:
    """The bytes (at most READ_LIMIT) and modification time of a working file; None where none can be read.

    Folders and the file are opened one below the other and links are not followed, so no path leads outside.
    """
    *folders, name = path.split("/")
    opened: list[int] = []
    try:
        opened.append(os.open(root, os.O_DIRECTORY | os.O_RDONLY))
        for folder in folders:
            opened.append(os.open(folder, os.O_DIRECTORY | os.O_RDONLY | os.O_NOFOLLOW, dir_fd=opened[-1]))
        opened.append(os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=opened[-1]))
        found = os.fstat(opened[-1])
        if not stat.S_ISREG(found.st_mode):
            return None
        return _read_all(opened[-1]), int(found.st_mtime)
    except OSError:
        return None
    finally:
        for descriptor in opened:
            os.close(descriptor)


def _read_all(descriptor: int) -> bytes:
    parts = []
    left = READ_LIMIT
    while left > 0 and (part := os.read(descriptor, left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _agrees(repository: Repository, commit: str | None, path: str) -> bool:
    committed = find_file(repository, commit, path)
    working = read_working_file(repository.directory, path)
    if committed is None or working is None:
        return committed is None and working is None and not _exists(repository, path)
    return committed.mode in REGULAR and blob_id(working[0]) == committed.blob


def _exists(repository: Repository, path: str) -> bool:
    return os.path.lexists(repository.directory / path)


def _edits_by_git(
    repository: Repository, commit: str | None, paths: Iterable[str]
) -> Iterator[tuple[str, Edit | None]]:
    status = run(
        repository.directory,
        *("status", "--porcelain=v2", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=all"),
        *("--", *paths),
    )
    for path in parse_status(status):
        if matters(path):
            yield path, _edit_of(repository, commit, path)


def parse_status(status: bytes) -> list[str]:
    """The paths in the output of `git status --porcelain=v2 -z --no-renames`."""
    fields_before_path = {"1": 8, "u": 10, "?": 1}
    paths = []
    for row in status.decode(errors="surrogateescape").split("\0"):
        fields = fields_before_path.get(row[:1])
        if fields:
            paths.append(row.split(" ", fields)[fields])
    return paths


def _edit_of(repository: Repository, commit: str | None, path: str) -> Edit | None:
    committed = find_file(repository, commit, path)
    working = read_working_file(repository.directory, path)
    if working is None:
        if _exists(repository, path):
            return Edit(_UNREADABLE_BLOB, None, None)
        return DELETED if committed else None
    blob = blob_id(working[0])
    return None if committed and committed.blob == blob else Edit(blob, *working)
