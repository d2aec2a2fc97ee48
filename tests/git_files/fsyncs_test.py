"""Files are flushed by the kernel at once, or one after the other where it cannot."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from attune_registry.git import fsyncs
from attune_registry.git.fsyncs import fsync_all


@pytest.fixture
def files(tmp_path: Path) -> Iterator[list[int]]:
    """So many open files that the kernel does not take all of them at once."""
    opened = [os.open(tmp_path / str(number), os.O_WRONLY | os.O_CREAT) for number in range(fsyncs._MOST + 3)]
    yield opened
    for descriptor in opened:
        os.close(descriptor)


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The files that were flushed by a call for each."""
    called: list[int] = []
    monkeypatch.setattr(os, "fsync", called.append)
    return called


def test_the_kernel_flushes_what_it_can_take_and_the_rest_follows(files: list[int], one_by_one: list[int]) -> None:
    has_queue = fsyncs._take_queue() is not None
    fsync_all(files)
    # A kernel without asynchronous I/O, or with no room for more of it, takes none.
    assert one_by_one == (files[fsyncs._MOST :] if has_queue else files)


def test_where_the_kernel_cannot_they_are_flushed_all_the_same(
    files: list[int], one_by_one: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fsyncs, "_CALLS", None)
    monkeypatch.setattr(fsyncs, "_unused", [])
    fsync_all(files)
    assert one_by_one == files


def test_what_fails_is_told_and_leaves_nothing_behind_for_the_next(files: list[int]) -> None:
    out, into = os.pipe()
    closed = os.dup(into)
    os.close(closed)
    for bad in (out, closed):
        with pytest.raises(OSError, match=r"Invalid argument|Bad file descriptor"):
            fsync_all([*files[:2], bad])
        unused = len(fsyncs._unused)
        fsync_all(files[:2])
        assert len(fsyncs._unused) == unused
    os.close(out)
    os.close(into)


def test_what_is_done_meanwhile_is_done_before_the_disk_is_waited_for(
    files: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    if fsyncs._take_queue() is None:
        pytest.skip("This kernel flushes one file after the other.")
    order: list[str] = []
    genuine = fsyncs._Queue.wait
    monkeypatch.setattr(fsyncs._Queue, "wait", lambda queue, count: order.append("wait") or genuine(queue, count))
    fsync_all(files[:2], lambda: order.append("meanwhile"))
    assert order == ["meanwhile", "wait"]


def test_where_that_fails_the_disk_is_waited_for_all_the_same(files: list[int]) -> None:
    def fail() -> None:
        raise ValueError("no")

    fsync_all(files[:2])
    unused = len(fsyncs._unused)
    with pytest.raises(ValueError, match="no"):
        fsync_all(files[:2], fail)
    assert len(fsyncs._unused) == unused


def test_a_child_has_queues_of_its_own(files: list[int]) -> None:
    fsync_all(files[:2])
    child = os.fork()
    if not child:
        try:
            fsync_all(files[:2])
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
