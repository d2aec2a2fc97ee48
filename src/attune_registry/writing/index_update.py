"""The next index: made beside the old one, put in its place by one rename once the branch has moved."""

import contextlib
import os
import time
from collections.abc import Sequence
from pathlib import Path
from stat import S_IMODE
from typing import NamedTuple

from ..errors import GitFailed, Unavailable
from ..git.durability import Durability, flush_files
from ..git.filters import is_same_as_blob
from ..git.index import IndexChange, IndexMap, Splice, locate, scan
from ..git.process import run
from ..git.repository import Repository
from .stage import Stage, identity_of, index_path, remember

# Files to look into because their stat data proves nothing (racy-git.txt); beyond this git does it faster.
_MOST_DOUBTFUL = 1000
_REMOVED = "0" * 40


class PreparedIndex(NamedTuple):
    """A finished index in a file of its own, and its map when it is known."""

    path: Path
    map: IndexMap | None


def prepare(
    repository: Repository, stage: Stage, changes: Sequence[IndexChange], durability: Durability
) -> PreparedIndex:
    """Writes the index with these entries changed and all others as they are."""
    target = repository.state_folder / "index-next"
    prepared = _spliced(repository, stage, changes, target) or _by_git(repository, changes, target)
    if durability.indexes:
        flush_files([prepared.path], durability)
    return prepared


def publish(repository: Repository, prepared: PreparedIndex, stage: Stage, commit: str | None) -> None:
    """Puts the prepared index in the place of the old one; `commit` is what HEAD is at by now."""
    index = index_path(repository)
    prepared.path.rename(index)
    fresh = Stage(identity_of(index), commit, stage.staged, stage.is_unmerged, prepared.map)
    with contextlib.suppress(OSError):
        remember(repository, fresh)


def is_skipped(repository: Repository, path: str) -> bool:
    """True when a sparse checkout leaves the file out of the working tree."""
    if repository.config("core", "sparseCheckout").lower() != "true":
        return False
    said = run(repository.directory, "ls-files", "-t", "-z", "--", path)
    return said.startswith((b"S ", b"s "))


def _spliced(
    repository: Repository, stage: Stage, changes: Sequence[IndexChange], target: Path
) -> PreparedIndex | None:
    index = index_path(repository)
    try:
        data, old = index.read_bytes(), index.stat()
    except FileNotFoundError:
        return None
    known = stage.map or scan(data, old.st_mtime_ns // 10**9)
    if known is None:
        return None
    at = min([time.time_ns(), *(change.stat.st_mtime_ns for change in changes if change.stat)])
    changed = {change.path for change in changes}
    doubts = _doubts(repository, data, known, changed, at)
    if doubts is None:
        return None
    still_racy, modified = doubts
    pieces, made = Splice(data, known).apply(changes, modified)
    _write(target, pieces, S_IMODE(old.st_mode), at)
    racy = (*still_racy, *(change.path for change in changes if change.stat is not None))
    return PreparedIndex(target, made._replace(racy=racy))


def _doubts(
    repository: Repository, data: bytes, known: IndexMap, changed: set[str], at: int
) -> tuple[list[str], list[str]] | None:
    """Which entries stay racy in an index written `at` (ns), and which must be looked at by their content.

    git compares whole seconds (unless built otherwise): an entry whose file was changed in the second of the
    index, or later, is looked into. The new index is of a later second, so what was racy is looked into now.
    """
    still_racy: list[str] = []
    older: list[str] = []
    for path in known.racy:
        if path in changed:
            continue
        _, entry, _ = locate(data, known, os.fsencode(path))
        if entry is None:
            continue
        seconds = int.from_bytes(data[entry.start + 8 : entry.start + 12], "big")
        (still_racy if seconds >= at // 10**9 else older).append(path)
    if len(older) > _MOST_DOUBTFUL:
        return None
    return still_racy, [path for path in older if not _is_unchanged(repository, data, known, path)]


def _is_unchanged(repository: Repository, data: bytes, known: IndexMap, path: str) -> bool:
    _, entry, _ = locate(data, known, os.fsencode(path))
    if entry is None or repository.root is None:
        return False
    try:
        file = repository.root / path
        return not file.is_symlink() and is_same_as_blob(repository, path, file.read_bytes(), entry.blob.hex())
    except OSError:
        return False


def _write(target: Path, pieces: Sequence[bytes | memoryview], mode: int, at: int) -> None:
    target.unlink(missing_ok=True)
    with target.open("xb", buffering=0) as file:
        os.fchmod(file.fileno(), mode)
        for piece in pieces:
            view = memoryview(piece)
            while view:
                view = view[file.write(view) :]
        os.utime(file.fileno(), ns=(at, at))


def _by_git(repository: Repository, changes: Sequence[IndexChange], target: Path) -> PreparedIndex:
    """The way for an index of another kind: git itself, on a copy."""
    for left in (target, target.with_name(target.name + ".lock")):
        left.unlink(missing_ok=True)
    with contextlib.suppress(FileNotFoundError):
        target.write_bytes(index_path(repository).read_bytes())
    skipped = [change.path for change in changes if change.blob and is_skipped(repository, change.path)]
    lines = b"".join(_info(change) for change in changes)
    env = {"GIT_INDEX_FILE": str(target)}
    try:
        run(repository.directory, "update-index", "-z", "--index-info", stdin=lines, env=env)
        if skipped:
            names = b"".join(os.fsencode(path) + b"\0" for path in skipped)
            run(repository.directory, "update-index", "--skip-worktree", "-z", "--stdin", stdin=names, env=env)
    except GitFailed as error:
        raise Unavailable(
            f"git cannot change the index: {error.message} If it is damaged, 'git reset' makes it anew.",
            code="INDEX_UNUSABLE",
        ) from error
    return PreparedIndex(target, None)


def _info(change: IndexChange) -> bytes:
    mode = change.mode if change.blob else 0
    return b"%o %s\t%s\0" % (mode, (change.blob or _REMOVED).encode(), os.fsencode(change.path))
