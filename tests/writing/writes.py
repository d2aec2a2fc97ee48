"""What the tests of the write path share: one write, and a process that dies in the middle of one."""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from attune_registry.git.objects import Author, FileChange, Made
from attune_registry.git.repository import Repository
from attune_registry.registry import Registry
from attune_registry.writing import checkout, transaction
from attune_registry.writing.lock import WriteLock
from attune_registry.writing.recovery import recover
from attune_registry.writing.transaction import Transaction
from gitrepo import Repo

ANN = Author("Ann Author", "ann@example.com")
FIRST = "packs/demo/workflows/first.yaml"
SECOND = "packs/demo/workflows/second.yaml"
NEW = "packs/demo/workflows/new.yaml"
Change = tuple[str, str | None]
# The fixture `before_landing`.
Before = Callable[[Callable[[], object]], None]


def write(root: Path, *changes: Change, message: str = "Change it") -> Made:
    """One commit, landed."""
    repository = Repository.open(root)
    with WriteLock(repository), Transaction.begin(repository) as begun:
        made = begun.commit(as_changes(*changes), ANN, message)
        begun.land()
        return made


def write_each(root: Path, *changes: Change) -> None:
    """A commit for each change, in one landing."""
    repository = Repository.open(root)
    with WriteLock(repository), Transaction.begin(repository) as begun:
        for change in changes:
            begun.commit(as_changes(change), ANN, "Change it")
        begun.land()


def as_changes(*changes: Change) -> list[FileChange]:
    return [FileChange(path, None if text is None else text.encode()) for path, text in changes]


def repair(root: Path) -> bool:
    repository = Repository.open(root)
    with WriteLock(repository):
        return recover(repository)


def in_child(work: Callable[[], object]) -> int:
    """Runs it in a process of its own; minus the signal that ended it, or its exit code."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_at_step(step: str, work: Callable[[], object]) -> int:
    """Runs it in a process that is killed at a step of the write path."""

    def pause(reached: str) -> None:
        if reached == step:
            die()

    def doomed() -> None:
        transaction.pause = checkout.pause = pause
        work()

    return in_child(doomed)


def die_at_call(number: int, work: Callable[[], object]) -> int:
    """Runs it in a process that is killed before its n-th call of anything written in C (0: as any other)."""
    left = number

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal left
        if event == "c_call":
            left -= 1
            if left == 0:
                die()

    def doomed() -> None:
        sys.setprofile(count)
        work()

    return in_child(doomed)


def everything(registry: Registry) -> list[object]:
    """All that is served, and what is wrong."""
    snapshot = registry.snapshot
    return [snapshot.head, snapshot.edits, snapshot.others, snapshot.links, *snapshot.workflows, *snapshot.packs]


def assert_whole(repo: Repo, status: str = "") -> None:
    """Nothing half done: git finds nothing wrong, and no lock is left."""
    found = repo.status()
    assert found == status, found
    repo.git("fsck", "--full", "--strict")
    left = [path.name for path in (repo.root / ".git").rglob("*.lock") if path.name != "write.lock"]
    assert left == []
    incoming = repo.root / ".git/attune-registry/incoming"
    assert not incoming.exists() or list(incoming.iterdir()) == []
