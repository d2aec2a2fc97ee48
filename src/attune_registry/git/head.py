"""What is checked out: HEAD, its branch and commit, and a fingerprint that changes when they may have."""

import errno
import os
import time
from typing import NamedTuple

from .repository import Repository
from .smallfile import read_small
from .stamps import RACY_NS, Stamp, is_racy, stamp_of

_PREFIX = "ref: "
# A disk that fails must not look like a HEAD that is detached.
_ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError)


class Head(NamedTuple):
    """The branch checked out (None when HEAD is detached) and its commit (None before the first)."""

    branch: str | None
    commit: str | None


class Stamps(NamedTuple):
    """Stamps of HEAD, the branch's ref, packed-refs (while the ref is not loose) and the index."""

    head: Stamp
    ref: Stamp
    packed: Stamp
    index_file: Stamp


class Fingerprint(NamedTuple):
    """The stamps at a moment; `is_racy` when a change right after it might not show in them."""

    stamps: Stamps
    is_racy: bool


def read_head(repository: Repository) -> Head:
    """HEAD as the files say it now; the branch's name is without `refs/heads/`."""
    text = _read(f"{repository.git_dir}/HEAD")
    if not text.startswith(_PREFIX):
        return Head(None, text or None)
    name = text.removeprefix(_PREFIX).strip()
    return Head(name.removeprefix("refs/heads/"), resolve_ref(repository, name))


def resolve_ref(repository: Repository, name: str) -> str | None:
    """The commit of a full ref name, loose or packed; None when there is no such ref, or it names another ref."""
    file = f"{repository.common_dir}/{name}"
    loose = _read(file)
    if loose and not loose.startswith(_PREFIX):
        return loose
    suffix = f" {name}"
    for line in _read(f"{repository.common_dir}/packed-refs").splitlines():
        if line.endswith(suffix):
            return line.partition(" ")[0]
    # A ref packed between the two looks above is loose no more; packed-refs was replaced before that.
    loose = _read(file)
    return loose if loose and not loose.startswith(_PREFIX) else None


class HeadProbe:
    """Says at each request, in microseconds, whether anything may have moved since."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._git_dir = os.fsencode(repository.git_dir)
        self._refs = os.fsencode(repository.common_dir / "refs" / "heads")
        self._packed = os.fsencode(repository.common_dir / "packed-refs")
        self._calm: tuple[Fingerprint, int, int] | None = None

    def look(self) -> tuple[Head, Fingerprint]:
        """What is checked out, and a fingerprint that was there before and after it was read."""
        head = read_head(self._repository)
        while True:
            fingerprint = self.take(head)
            again = read_head(self._repository)
            if again == head:
                return head, fingerprint
            head = again

    def take(self, head: Head) -> Fingerprint:
        """The fingerprint while `head` is checked out."""
        now = time.time_ns()
        stamps = self._stamps(head.branch)
        return Fingerprint(stamps, any(is_racy(stamp, now) for stamp in stamps))

    def is_still(self, fingerprint: Fingerprint, head: Head) -> bool:
        """As `is_unchanged`, also for a fingerprint that is racy: then HEAD and the branch are read again."""
        if fingerprint.is_racy:
            return self.take(head).stamps == fingerprint.stamps and read_head(self._repository) == head
        return self.is_unchanged(fingerprint, head)

    def is_unchanged(self, fingerprint: Fingerprint, head: Head) -> bool:
        """True when all stamps are those of the fingerprint.

        git replaces these files, never writes into one: while the folders they are in have not changed since the
        last time all was found unchanged, nothing has.
        """
        folders = self._folder_times(head.branch)
        calm = self._calm
        if calm is not None and calm[0] is fingerprint and calm[1:] == folders:
            return True
        now = time.time_ns()
        if fingerprint.stamps != self._stamps(head.branch):
            return False
        if max(folders) < now - RACY_NS:
            self._calm = (fingerprint, *folders)
        return True

    def _folder_times(self, branch: str | None) -> tuple[int, int]:
        inside = self._refs
        if branch is not None and "/" in branch:
            inside = b"%b/%b" % (inside, os.fsencode(branch.rpartition("/")[0]))
        own, below = stamp_of(self._git_dir), stamp_of(inside)
        if own is None or below is None:
            # Packed branches need no folder: then the files are looked at each time.
            return time.time_ns(), 0
        return own[0], below[0]

    def _stamps(self, branch: str | None) -> Stamps:
        ref = stamp_of(b"%b/%b" % (self._refs, os.fsencode(branch))) if branch else None
        packed = None if ref else stamp_of(self._packed)
        return Stamps(stamp_of(self._git_dir + b"/HEAD"), ref, packed, stamp_of(self._git_dir + b"/index"))


def _read(path: str) -> str:
    try:
        return read_small(path).decode("ascii", "replace").strip()
    except _ABSENT:
        return ""
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:  # then git could not have made it either
            return ""
        raise
