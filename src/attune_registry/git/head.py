"""What is checked out: HEAD, its branch and commit, and a fingerprint that changes when they may have."""

import errno
import os
import re
import time
from typing import NamedTuple

from ..errors import Unavailable
from .faults import unreadable
from .repository import Repository
from .smallfile import read_small
from .stamps import RACY_NS, Stamp, is_racy, stamp_of

_PREFIX = "ref:"
_BRANCHES = "refs/heads/"
# As far as git follows names of other refs (SYMREF_MAXDEPTH of its refs.h).
_DEEPEST = 5
_REFERENCE = re.compile(r"refs/(?!.*\.\.).+\Z")
# What stands behind an id, a space before it, is nothing to git.
_ID = re.compile(r"[0-9a-fA-F]{40}(?!\S)")
# A file that is there and may not be read must not look like a branch without commits: the next write would begin anew.
_ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


class Head(NamedTuple):
    """The branch checked out (None when HEAD is detached) and its commit (None before the first)."""

    branch: str | None
    commit: str | None


class Stamps(NamedTuple):
    """Stamps of HEAD, the branch's ref, packed-refs (while the ref is not loose), the index, and where history is cut.

    `shallow` is looked at for clones that are shallow, each time: git may bring them more of the history and move
    nothing else. What makes a full clone shallow takes no commit away at once; that it was is seen at the next move.
    `aliases` are those of refs by whose names HEAD comes to the branch; hardly anybody has one.
    """

    head: Stamp
    ref: Stamp
    packed: Stamp
    index_file: Stamp
    shallow: Stamp
    aliases: tuple[Stamp, ...] = ()


class Fingerprint(NamedTuple):
    """The stamps at a moment; `is_racy` when a change right after it might not show in them."""

    stamps: Stamps
    is_racy: bool


def read_head(repository: Repository) -> Head:
    """HEAD as the files say it now; the branch's name is without `refs/heads/`. Raises Unavailable if they are damaged.

    A branch that is only another name of one (`git symbolic-ref`) is that one, as it is to git.
    """
    return _follow(repository)[0]


def resolve_ref(repository: Repository, name: str) -> str | None:
    """The commit of a full ref name, loose or packed; None when there is no such ref, or it names another ref.

    Raises Unavailable for a file that holds no commit's id, or cannot be read: what a lost disk block leaves must not
    look like a branch without commits, nor like what was packed of it long ago.
    """
    file = f"{repository.common_dir}/{name}"
    loose = _read(file)
    if loose is None:
        suffix = f" {name}"
        for line in (_read(f"{repository.common_dir}/packed-refs") or "").split("\n"):
            if line.endswith(suffix):
                return line.partition(" ")[0]
        # A ref packed between the two looks above is loose no more; packed-refs was replaced before that.
        loose = _read(file)
    return None if loose is None or loose.startswith(_PREFIX) else _id_in(loose, name)


def _follow(repository: Repository) -> tuple[Head, tuple[bytes, ...]]:
    """What HEAD comes to, and the files of the refs beside the branch that it comes to it by."""
    text = _read(f"{repository.git_dir}/HEAD")
    if text is None or not text.startswith(_PREFIX):
        # What is read through a link is an id, or nothing where the branch is packed or without commits.
        linked = _linked_to(f"{repository.git_dir}/HEAD")
        if linked is None:
            return Head(None, _id_in(text or "", "HEAD")), ()
        text = _PREFIX + linked
    aliases: list[bytes] = []
    named_by, name = "HEAD", text.removeprefix(_PREFIX).strip()
    while _REFERENCE.match(name) and len(aliases) <= _DEEPEST:
        file = f"{repository.common_dir}/{name}"
        found = _read(file)
        if found is None or not found.startswith(_PREFIX):
            commit = resolve_ref(repository, name) if found is None else _id_in(found, name)
            if name.startswith(_BRANCHES):
                return Head(name.removeprefix(_BRANCHES), commit), tuple(aliases)
            return Head(None, commit), (*aliases, os.fsencode(file))
        aliases.append(os.fsencode(file))
        named_by, name = name, found.removeprefix(_PREFIX).strip()
    raise _damaged(named_by)


def _linked_to(path: str) -> str | None:
    """The ref that a link says, as git makes one for HEAD where core.preferSymlinkRefs is on; None for others."""
    try:
        target = os.readlink(path)
    except OSError:
        return None
    return target if _REFERENCE.match(target) else None


def _id_in(text: str, name: str) -> str:
    found = _ID.match(text)
    if not found:
        raise _damaged(name)
    return found[0].lower()


def _damaged(name: str) -> Unavailable:
    """The answer until it is mended, which git itself does not do (`update-ref` refuses, too)."""
    way_out = (
        "write 'ref: refs/heads/<branch>' into '.git/HEAD'"
        if name == "HEAD"
        else f"the second id in the last line of '.git/logs/{name}' says what it was; write that into '.git/{name}'"
    )
    return Unavailable(
        f"'{name}' in the registry's clone is damaged: it holds neither a commit's id nor a branch's name. Until it is "
        f"mended, nothing is read or written: {way_out}.",
        code="REF_DAMAGED",
        retry_after=30,
    )


class HeadProbe:
    """Says at each request, in microseconds, whether anything may have moved since."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._git_dir = os.fsencode(repository.git_dir)
        self._refs = os.fsencode(repository.common_dir / "refs" / "heads")
        self._packed = os.fsencode(repository.common_dir / "packed-refs")
        self._aliases: tuple[bytes, ...] = ()
        self._shallow = os.fsencode(repository.common_dir / "shallow")
        self._is_linked = repository.git_dir != repository.common_dir
        self._calm: tuple[Fingerprint, int, int] | None = None

    def look(self) -> tuple[Head, Fingerprint]:
        """What is checked out, and a fingerprint that was there before and after it was read."""
        head, self._aliases = _follow(self._repository)
        while True:
            fingerprint = self.take(head)
            again, aliases = _follow(self._repository)
            if (again, aliases) == (head, self._aliases):
                return head, fingerprint
            head, self._aliases = again, aliases

    def take(self, head: Head) -> Fingerprint:
        """The fingerprint while `head` is checked out."""
        now = time.time_ns()
        stamps = self._stamps(head.branch)
        return Fingerprint(stamps, any(is_racy(stamp, now) for stamp in (*stamps[:-1], *stamps.aliases)))

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
        was_shallow = fingerprint.stamps.shallow is not None
        if fingerprint.stamps != self._stamps(head.branch, is_full=not was_shallow):
            return False
        # Of a linked worktree, what says where history is cut is in neither of the folders.
        if max(folders) < now - RACY_NS and not (was_shallow and self._is_linked):
            self._calm = (fingerprint, *folders)
        return True

    def _folder_times(self, branch: str | None) -> tuple[int, int]:
        inside = self._refs
        if branch is not None and "/" in branch:
            inside = b"%b/%b" % (inside, os.fsencode(branch.rpartition("/")[0]))
        own, below = stamp_of(self._git_dir), stamp_of(inside)
        if own is None or below is None or self._aliases:
            # Packed branches need no folder, and aliases have others: then the files are looked at each time.
            return time.time_ns(), 0
        return own[0], below[0]

    def _stamps(self, branch: str | None, *, is_full: bool = False) -> Stamps:
        ref = stamp_of(b"%b/%b" % (self._refs, os.fsencode(branch))) if branch else None
        packed = None if ref else stamp_of(self._packed)
        shallow = None if is_full else stamp_of(self._shallow)
        own = stamp_of(self._git_dir + b"/HEAD"), ref, packed, stamp_of(self._git_dir + b"/index")
        return Stamps(*own, shallow, tuple(map(stamp_of, self._aliases)))


def _read(path: str) -> str | None:
    """What a ref's file says; None where there is none."""
    try:
        return os.fsdecode(read_small(path)).strip()
    except _ABSENT:
        return None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:  # then git could not have made it either
            return None
        raise unreadable(path, error) from error
