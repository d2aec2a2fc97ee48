"""What the working tree says otherwise than the commit: edits that nobody has committed yet."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from .blobs import READ_LIMIT
from .git.ids import blob_id
from .git.process import run
from .git.repository import Repository
from .git.trees import REGULAR, ROOTS, TreeFile, files_in, find_file
from .layout import is_folder, matters


class Edit(NamedTuple):
    """The working file at a path where it differs from the commit's; all None where it is deleted there.

    `modified` is in seconds; `raw` is None too where the path is a link, or no file that can be read.
    """

    blob: str | None
    raw: bytes | None
    modified: int | None

    @property
    def is_unreadable(self) -> bool:
        """True for a link, and for what is no file that can be read."""
        return self.blob == _UNREADABLE_BLOB


DELETED = Edit(None, None, None)
# What stands for the content of a link, a socket, or a file that may not be read.
_UNREADABLE_BLOB = "0" * 40


def all_edits(repository: Repository, commit: str | None) -> dict[str, Edit]:
    """Every edit below `packs/` and `registry/`; git finds them, in time that goes with the registry."""
    return {path: edit for path, edit in _edits_by_git(repository, commit, ROOTS) if edit}


def edits_among(repository: Repository, commit: str | None, paths: Iterable[str]) -> dict[str, Edit | None]:
    """What the working tree says of these paths: an edit, or None where it agrees with the commit."""
    answer: dict[str, Edit | None] = {path: None for path in paths if matters(path)}
    doubtful = []
    for folder, inside in groupby(sorted(answer, key=_folder_of), key=_folder_of):
        names = {_name_of(path): path for path in inside}
        committed = files_in(repository, commit, folder, names)
        with open_folder(repository.directory, folder) as descriptor:
            doubtful += [path for name, path in names.items() if not _agrees(committed.get(name), descriptor, path)]
    if doubtful:
        # Filters (line ends, ident) can make equal files differ by bytes, and ignored files do not count: ask git.
        answer.update(_edits_by_git(repository, commit, _uppermost(doubtful)))
    return answer


@contextmanager
def open_folder(root: Path, folder: str) -> Iterator[int | None]:
    """A descriptor of a folder below `root` ("" for that itself), None when there is none.

    Folders are opened one below the other and links are not followed, so that no path leads outside.
    """
    opened: list[int] = []
    try:
        try:
            opened.append(os.open(root, os.O_DIRECTORY | os.O_RDONLY))
            for step in filter(None, folder.split("/")):
                opened.append(os.open(step, os.O_DIRECTORY | os.O_RDONLY | os.O_NOFOLLOW, dir_fd=opened[-1]))
            found: int | None = opened[-1]
        except OSError:
            found = None
        yield found
    finally:
        for descriptor in opened:
            os.close(descriptor)


def read_working_file(folder: int | None, name: str) -> tuple[bytes, int] | None:
    """The bytes (at most READ_LIMIT) and modification time of a file in a folder; None where none can be read."""
    if folder is None:
        return None
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        return None
    try:
        found = os.fstat(descriptor)
        return (_read_all(descriptor), int(found.st_mtime)) if stat.S_ISREG(found.st_mode) else None
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def _name_of(path: str) -> str:
    return path.rpartition("/")[2]


def _uppermost(paths: Iterable[str]) -> Iterator[str]:
    """Those of some paths that are below no other: asked for what is in another repository, git tells of that alone."""
    above = ""
    for path in sorted(paths, key=lambda path: path.split("/")):
        if not above or not path.startswith(f"{above}/"):
            above = path
            yield path


def _read_all(descriptor: int) -> bytes:
    parts = []
    left = READ_LIMIT
    while left > 0 and (part := os.read(descriptor, left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _agrees(committed: TreeFile | None, folder: int | None, path: str) -> bool:
    working = read_working_file(folder, _name_of(path))
    if committed is None or working is None:
        return committed is None and working is None and not _exists(folder, path)
    return committed.mode in REGULAR and blob_id(working[0]) == committed.blob


def _exists(folder: int | None, path: str) -> bool:
    """True for what is at a path; a folder where one belongs does not count, unless it is a repository of its own."""
    if folder is None:
        return False
    name = _name_of(path)
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if is_folder(path) and stat.S_ISDIR(found.st_mode):
            os.stat(f"{name}/.git", dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return True


def _edits_by_git(
    repository: Repository, commit: str | None, paths: Iterable[str]
) -> Iterator[tuple[str, Edit | None]]:
    status = run(
        repository.directory,
        *("status", "--porcelain=v2", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=dirty"),
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
            # A repository of somebody's own is told as one folder, with a slash behind it.
            paths.append(row.split(" ", fields)[fields].removesuffix("/"))
    return paths


def _edit_of(repository: Repository, commit: str | None, path: str) -> Edit | None:
    committed = find_file(repository, commit, path)
    with open_folder(repository.directory, _folder_of(path)) as folder:
        working = read_working_file(folder, _name_of(path))
        if working is None:
            if _exists(folder, path):
                return Edit(_UNREADABLE_BLOB, None, None)
            return DELETED if committed else None
    blob = blob_id(working[0])
    return None if committed and committed.blob == blob else Edit(blob, *working)
