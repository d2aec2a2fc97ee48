"""Several files are flushed as one where that is sure, and quicker; what others wrote, where it is asked for."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from attune_registry.git import durability, syncfs
from attune_registry.git.durability import flush
from attune_registry.git.fsyncs import fsyncing


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Two open files of a file system that is known, whichever it is, with nothing else to be written."""
    monkeypatch.setattr(syncfs, "_is_known", lambda _: True)
    monkeypatch.setattr(syncfs, "_waiting_kilobytes", lambda: 0)
    opened = [os.open(tmp_path / name, os.O_WRONLY | os.O_CREAT) for name in ("a", "b")]
    yield opened
    for descriptor in opened:
        os.close(descriptor)


def test_two_files_are_flushed_together(files: list[int]) -> None:
    assert syncfs.sync_together(files)


def test_one_file_is_flushed_alone(files: list[int]) -> None:
    assert not syncfs.sync_together(files[:1])


def test_each_is_flushed_by_itself_where_much_else_waits_for_the_disk(
    files: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncfs, "_waiting_kilobytes", lambda: 2_049)
    assert not syncfs.sync_together(files)


def test_each_is_flushed_by_itself_where_it_is_not_known_what_the_file_system_does(
    files: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncfs, "_is_known", lambda _: False)
    assert not syncfs.sync_together(files)
    assert not syncfs.sync_all(files)


def test_an_older_kernel_flushes_everything_and_each_file(files: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    syncfs._is_able.cache_clear()
    monkeypatch.setattr(syncfs.platform, "release", lambda: "5.4.0-generic")
    called: list[str] = []
    monkeypatch.setattr(os, "sync", lambda: called.append("sync"))
    try:
        assert not syncfs.sync_together(files)
        assert not syncfs.sync_all(files)
    finally:
        syncfs._is_able.cache_clear()
    assert called == ["sync"]


def test_what_cannot_be_flushed_is_an_error(files: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    closed = os.open(os.curdir, os.O_RDONLY | os.O_PATH)
    try:
        with pytest.raises(OSError, match="Bad file descriptor"):
            syncfs.sync_all([closed])
    finally:
        os.close(closed)


def test_the_kernel_says_what_waits_for_the_disk() -> None:
    assert 0 <= syncfs._waiting_kilobytes() < float("inf")


@pytest.mark.parametrize(("method", "is_each"), [("together", False), ("fsync", True)])
def test_each_file_is_flushed_where_the_configuration_asks_for_it(
    files: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: durability.Method, is_each: bool
) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(durability, "fsyncing", lambda some: flushed.extend(some) or fsyncing(some))
    for with_all_before in (False, True):
        flushed.clear()
        flush([tmp_path / "a", tmp_path / "b"], method, with_all_before=with_all_before)
        assert len(flushed) == (2 if is_each else 0)
