"""Moves a branch from one commit to the next: locked as git locks it, compared, logged, flushed."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from ..errors import Conflict, Unavailable
from .head import Head, resolve_ref
from .locks import has_content, take
from .objects import REGISTRY_EMAIL, REGISTRY_NAME
from .replaced import keep
from .repository import Repository
from .smallfile import append, write_new

_LOCK_SECONDS = 2.0
_NOBODY = "0" * 40


class BranchMove:
    """Points refs/heads/<branch> at `new` if it is at `old` (None: is not there)."""

    def __init__(self, repository: Repository, branch: str, old: str | None, new: str, message: str) -> None:
        self.folder = _path_of(repository, branch).parent
        self._repository = repository
        self._branch = branch
        self._old = old
        self._new = new
        self._message = message
        self._value = repository.state_folder / "ref-value"

    def prepare(self) -> Path:
        """Writes the file that becomes the ref; it is to be flushed before `move`."""
        self._value.unlink(missing_ok=True)  # never written in place: after a crash it may be the ref itself
        write_new(self._value, f"{self._new}\n".encode("ascii"))
        return self._value

    def move(self, agree: Callable[[], Head]) -> None:
        """Moves the branch; `folder` is to be flushed then.

        `agree` is asked while it is locked: it says where HEAD is, and may object.

        Raises Conflict (BRANCH_MOVED, BRANCH_NAME_TAKEN) or Unavailable (REF_LOCKED); OSErrors pass through.
        """
        path = _path_of(self._repository, self._branch)
        with self._locked(path) as lock:
            found = resolve_ref(self._repository, f"refs/heads/{self._branch}")
            if found != self._old:
                raise Conflict(
                    f"The branch '{self._branch}' has moved to {found or 'nothing'} meanwhile; try again.",
                    code="BRANCH_MOVED",
                )
            head = agree()
            self._log(is_head=head.branch == self._branch)
            keep(self._repository, path)
            try:
                lock.rename(path)
            except IsADirectoryError as error:
                raise _name_taken(self._branch) from error

    def _log(self, *, is_head: bool) -> None:
        """Adds the line that `git reflog` shows, for the branch and for a HEAD that is on it."""
        text = " ".join(self._message.split())
        who = f"{REGISTRY_NAME} <{REGISTRY_EMAIL}> {int(time.time())} +0000"
        line = f"{self._old or _NOBODY} {self._new} {who}\t{text}\n".encode()
        make = _makes_logs(self._repository)
        _append(f"{self._repository.common_dir}/logs/refs/heads/{self._branch}", line, make)
        if is_head:
            _append(f"{self._repository.git_dir}/logs/HEAD", line, make)

    @contextlib.contextmanager
    def _locked(self, path: Path) -> Iterator[Path]:
        lock = path.with_name(path.name + ".lock")
        if not self.folder.is_dir():
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except (FileExistsError, NotADirectoryError) as error:
                raise _name_taken(self._branch) from error
        if path.is_dir():
            try:
                _remove_empty(path)
            except OSError as error:
                raise _name_taken(self._branch) from error
        if self._old is None:
            _refuse_packed_neighbours(self._repository, self._branch)
        if not take(lock, self._value, _LOCK_SECONDS):
            raise Unavailable(
                f"Another program is changing the branch '{self._branch}'; try again. If no git command is "
                f"running, remove '{lock}'.",
                code="REF_LOCKED",
            )
        try:
            self._value.unlink(missing_ok=True)
            yield lock
        finally:
            lock.unlink(missing_ok=True)


def refuse_taken_name(repository: Repository, branch: str) -> None:
    """Raises Conflict (BRANCH_NAME_TAKEN) where making the branch would, and touches nothing."""
    path = _path_of(repository, branch)
    nearest = next(folder for folder in path.parents if folder.exists())
    if not nearest.is_dir() or any(files for _, _, files in os.walk(path)):
        raise _name_taken(branch)
    _refuse_packed_neighbours(repository, branch)


def remove_stale_lock(repository: Repository, branch: str, new: str) -> None:
    """Removes the lock of a branch that a dead process left when it was moving it to `new`."""
    lock = _path_of(repository, branch)
    lock = lock.with_name(lock.name + ".lock")
    if has_content(lock, new.encode() + b"\n"):
        lock.unlink(missing_ok=True)


@lru_cache
def _path_of(repository: Repository, branch: str) -> Path:
    return repository.common_dir / "refs" / "heads" / branch


def _remove_empty(folder: Path | str) -> None:
    """Folders of refs that are gone, and of their logs, stand in the way of one of that name; git removes them, too.

    Raises OSError where anything is in them.
    """
    for below, _, _ in os.walk(folder, topdown=False):
        os.rmdir(below)


def _refuse_packed_neighbours(repository: Repository, branch: str) -> None:
    if resolve_ref(repository, f"refs/heads/{branch}"):
        return
    names = _packed_branches(repository)
    parents = {branch[:at] for at, character in enumerate(branch) if character == "/"}
    if any(name in parents or name.startswith(branch + "/") for name in names):
        raise _name_taken(branch)


def _packed_branches(repository: Repository) -> list[str]:
    try:
        lines = os.fsdecode((repository.common_dir / "packed-refs").read_bytes()).split("\n")
    except FileNotFoundError:
        return []
    return [line[52:] for line in lines if line[40:52] == " refs/heads/"]


def _name_taken(branch: str) -> Conflict:
    return Conflict(
        f"The branch '{branch}' cannot be made: a branch whose name is part of this one (or the other way "
        "round) is there already.",
        code="BRANCH_NAME_TAKEN",
    )


def _makes_logs(repository: Repository) -> bool:
    setting = repository.config("core", "logAllRefUpdates").lower()
    if not setting:
        return not repository.switch("core", "bare")
    return setting == "always" or repository.switch("core", "logAllRefUpdates")


def _append(path: str, line: bytes, make: bool) -> None:
    """One write to a file opened for appending: lines of other programs stay whole."""
    if not make and not os.path.isfile(path):
        return
    try:
        append(path, line)
    except IsADirectoryError:
        _remove_empty(path)
        append(path, line)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        append(path, line)
