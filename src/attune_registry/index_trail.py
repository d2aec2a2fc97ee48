"""Which changes of the index are the registry's own: those need no look at the working tree.

Each writer notes what index it has left at which commit, and keeps the name of the trail as long as the index it
found was the one left by the writer before. Whoever has looked at the files since the trail began knows them still.
"""

import hashlib
import os
import uuid
from collections.abc import Iterable

from .git.repository import Repository
from .git.smallfile import read_small
from .git.stamps import Stamp, stamp_of


def new_trail(index: Stamp, commit: str | None) -> str:
    """The name of a trail that begins where somebody else has left this index, at this commit."""
    return f"{uuid.uuid4().hex}.{_beginning(index, commit)}"


def begins_at(trail: str, index: Stamp, commit: str | None) -> bool:
    """True when nobody but the trail's writers has changed the index since it had this stamp, at this commit."""
    return trail.partition(".")[2] == _beginning(index, commit)


def _beginning(index: Stamp, commit: str | None) -> str:
    return hashlib.blake2b(f"{commit} {index}".encode(), digest_size=16).hexdigest()


def leave_trail(repository: Repository, trail: str, *left: tuple[Stamp, str | None]) -> None:
    """Note that an index that looks like one of these is left by a writer, at its commit. Losing this only costs time.

    Two are noted before one replaces the other, so that there is no moment in which neither is known.
    """
    said = "\n".join(_text(index, commit, trail) for index, commit in left).encode()
    # Written in place, since a new file costs a millisecond on some disks; who reads half of it knows it is not whole.
    descriptor = os.open(_path(repository), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        os.pwrite(descriptor, said, 0)
        os.ftruncate(descriptor, len(said))
    finally:
        os.close(descriptor)


def trail_of(repository: Repository, commits: Iterable[str | None]) -> str | None:
    """The trail that has led to the index as it is now at one of these commits; None when somebody else left it.

    A branch moves before the index does: where writers have told of all that came since, an earlier commit will do.
    """
    try:
        said = read_small(_path(repository)).decode()
    except (OSError, ValueError):
        return None
    trail, lines = said.partition(" ")[0], said.split("\n")
    index = stamp_of(f"{repository.git_dir}/index")
    return trail if any(_text(index, commit, trail) in lines for commit in commits) else None


def _text(index: Stamp, commit: str | None, trail: str) -> str:
    # Being renamed into its place changes the second time of a file, and nothing else of its stamp.
    mtime, _, inode, size = index or (0, 0, 0, 0)
    return f"{trail} {commit} {mtime} {inode} {size}"


def _path(repository: Repository) -> str:
    worktree = "" if repository.git_dir == repository.common_dir else f"-{repository.git_dir.name}"
    return f"{repository.state_folder}/index-trail{worktree}"
