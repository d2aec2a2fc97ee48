"""Stamps are what Python says of a file, and asking for them leaves the interpreter where it is."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from attune_registry.git.head import HeadProbe
from attune_registry.git.repository import Repository
from attune_registry.git.stamps import STAMP, stamp_of
from gitrepo import Repo


@contextmanager
def beside_a_busy_thread() -> Iterator[Callable[[], int]]:
    """Says how often that thread has had a turn; it takes one wherever another lets go of the interpreter."""
    over = threading.Event()
    count = 0

    def run() -> None:
        nonlocal count
        while not over.is_set():
            count += 1

    before = sys.getswitchinterval()
    thread = threading.Thread(target=run)
    thread.start()
    # From now on nobody is made to let go.
    sys.setswitchinterval(1)
    time.sleep(0.01)
    try:
        yield lambda: count
    finally:
        sys.setswitchinterval(before)
        over.set()
        thread.join()


@pytest.mark.parametrize("content", [b"", b"a line\n", b"x" * 100_000])
def test_a_stamp_is_what_python_says_of_the_file(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "fil\u00e9"
    file.write_bytes(content)
    os.utime(file, ns=(1, 1_234_567_890_123_456_789))
    assert stamp_of(file) == stamp_of(str(file)) == STAMP(file.stat())
    assert stamp_of(tmp_path) == STAMP(tmp_path.stat())
    assert stamp_of(tmp_path / "no") is None
    assert stamp_of(file / "below") is None


def test_asking_whether_head_has_moved_lets_nobody_else_take_the_interpreter(repo: Repo) -> None:
    """Python's own calls do, each of them: beside a thread at work an answer then waits for thirty turns."""
    probe = HeadProbe(Repository.open(repo.root))
    head, fingerprint = probe.look()
    # As shortly after a commit: what the files say is read each time.
    fingerprint = fingerprint._replace(is_racy=True)
    with beside_a_busy_thread() as turns:
        before = turns()
        assert all(probe.is_still(fingerprint, head) for _ in range(20))
        assert turns() == before
        assert any(os.stat(repo.root) and turns() > before for _ in range(10_000))


def test_a_request_to_a_full_clone_looks_for_nothing_that_only_shallow_ones_have(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []
    shallow = (repo.root / ".git/shallow").as_posix().encode()

    def asking(path: bytes) -> object:
        asked.append(path)
        return stamp_of(path)

    monkeypatch.setattr("attune_registry.git.head.stamp_of", asking)
    for is_shallow in (False, True):
        if is_shallow:
            repo.write(".git/shallow", f"{repo.head()}\n")
        probe = HeadProbe(Repository.open(repo.root))
        head, fingerprint = probe.look()
        asked.clear()
        assert probe.is_unchanged(fingerprint, head)
        assert (shallow in asked) is is_shallow
