"""The next index: made beside the old one, put in its place by one rename once the branch has moved."""

import contextlib
import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import NamedTuple

from ..errors import GitFailed
from ..git.durability import Durability, flush
from ..git.index import SIGNATURE, IndexChange, IndexMap
from ..git.process import run
from ..git.replaced import put_away
from ..git.repository import Repository
from ..git.smallfile import read_start
from ..git.stamps import stamp_of
from ..git.syscalls import exchange
from ..index_trail import leave_trail
from .index_draft import NO_CHECKSUM, IndexDraft, draft_index, next_index_path
from .stage import Stage, identity_of, index_path, remember, unusable_index

_REMOVED = "0" * 40
_HEADER_SIZE = 12
# Settings by which git leaves the sum of an index out (git-config(1)).
_WITHOUT_SUM = (("index", "skipHash"), ("feature", "manyFiles"))
_HERE = -100  # AT_FDCWD


class PreparedIndex(NamedTuple):
    """An index in a file of its own; its map when that is known, its checksum when that is still to be added."""

    path: Path
    map: IndexMap | None = None
    checksum: "Future[bytes] | None" = None
    written_at: int = 0


def prepare(
    repository: Repository,
    stage: Stage,
    changes: Sequence[IndexChange],
    durability: Durability,
    drafted: IndexDraft | None = None,
) -> PreparedIndex:
    """Writes the index with these entries changed and all others as they are; its room on disk is taken.

    `drafted` is what was made of it already, for the same entries; where the index is another one since, that is
    for nothing.
    """
    if drafted is None or drafted.identity != stage.identity or not drafted.has_time_for(changes):
        drafted = draft_index(repository, stage, changes)
    prepared = _by_git(repository, changes) if drafted is None else PreparedIndex(*drafted.settled(changes))
    if durability.indexes:
        prepared = _complete(prepared)
        flush([prepared.path], durability.method)
    return prepared


def publish(repository: Repository, prepared: PreparedIndex, stage: Stage, commit: str | None) -> None:
    """Puts the prepared index in the place of the old one; `commit` is what HEAD is at by now."""
    index, fresh = index_path(repository), _complete(prepared).path
    with contextlib.suppress(OSError):
        leave_trail(repository, stage.trail, (stamp_of(fresh), commit), (stamp_of(index), stage.commit))
    _put_in_place(repository, fresh, index)
    left = Stage(identity_of(index), commit, stage.staged, stage.is_unmerged, prepared.map, stage.trail)
    with contextlib.suppress(OSError):
        remember(repository, left)


def _put_in_place(repository: Repository, fresh: Path, index: Path) -> None:
    # Both change places where they can: to get a second name would change the old one, which others look at.
    with contextlib.suppress(FileNotFoundError):
        if exchange(_HERE, str(fresh), _HERE, str(index)):
            put_away(repository, fresh)
            return
    fresh.rename(index)


def _complete(prepared: PreparedIndex) -> PreparedIndex:
    """With the checksum at its end, and its time set back: nothing that was racy may look settled."""
    if prepared.checksum is None:
        return prepared
    with prepared.path.open("r+b", buffering=0) as file:
        file.seek(-len(NO_CHECKSUM), os.SEEK_END)
        file.write(prepared.checksum.result())
        os.utime(file.fileno(), ns=(prepared.written_at, prepared.written_at))
    return prepared._replace(checksum=None)


def is_blank(repository: Repository) -> bool:
    """True for an index of nothing but zeros, or of nothing at all.

    That is what a loss of power may leave of an index written shortly before (`index_draft.py` says why; what git has
    written, and some file systems, leave nothing).
    """
    try:
        return not read_start(index_path(repository))[:_HEADER_SIZE].strip(b"\0")
    except FileNotFoundError:
        return False


def is_torn(repository: Repository) -> bool:
    """True for an index that is blank, or of which a part is missing, older or blank: sums it, 7 ms for 100,000 files.

    What does not begin like one is something else, for git to complain of and for a person to mend.
    """
    if is_blank(repository):
        return True
    try:
        index = index_path(repository).read_bytes()
    except FileNotFoundError:
        return False
    if not index.startswith(SIGNATURE):
        return False
    body, checksum = index[: -len(NO_CHECKSUM)], index[-len(NO_CHECKSUM) :]
    if checksum != NO_CHECKSUM:
        return hashlib.sha1(body, usedforsecurity=False).digest() != checksum
    # Its last part is blank, or git was told to leave the sum out.
    if not any(repository.switch(*setting) for setting in _WITHOUT_SUM):
        return True
    try:
        run(repository.directory, "ls-files", "--stage")
    except GitFailed:
        return True
    return False


def rebuild(repository: Repository, commit: str | None) -> None:
    """Makes a torn index anew from the commit, under its lock."""
    target = next_index_path(repository)
    target.unlink(missing_ok=True)
    run(repository.directory, "read-tree", commit or "--empty", env={"GIT_INDEX_FILE": str(target)})
    target.rename(index_path(repository))


def is_skipped(repository: Repository, path: str) -> bool:
    """True when a sparse checkout leaves the file out of the working tree.

    The index says so. A handle on the repository that was open before does not: `git sparse-checkout set` keeps its
    settings in a file (config.worktree) that it may have been the first to make.
    """
    said = run(repository.directory, "ls-files", "-t", "-z", "--", path)
    return said.startswith((b"S ", b"s "))


def _by_git(repository: Repository, changes: Sequence[IndexChange]) -> PreparedIndex:
    """The way for an index of another kind: git itself, on a copy."""
    target = next_index_path(repository)
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
        raise unusable_index(error) from error
    return PreparedIndex(target)


def _info(change: IndexChange) -> bytes:
    mode = change.mode if change.blob else 0
    return b"%o %s\t%s\0" % (mode, (change.blob or _REMOVED).encode(), os.fsencode(change.path))
