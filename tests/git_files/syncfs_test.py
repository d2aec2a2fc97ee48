"""What others wrote is flushed with a few files, where it is asked for."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from attune_registry.git import durability, syncfs
from attune_registry.git.durability import flush


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Two open files of a file system that is known, whichever it is."""
    monkeypatch.setattr(syncfs, "_is_known", lambda _: True)
    opened = [os.open(tmp_path / name, os.O_WRONLY | os.O_CREAT) for name in ("a", "b")]
    yield opened
    for descriptor in opened:
        os.close(descriptor)


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The files that were flushed by themselves."""
    found: list[int] = []
    monkeypatch.setattr(durability, "fsync_all", lambda descriptors, _: found.extend(descriptors))
    return found


def test_what_is_flushed_with_all_before_is_not_flushed_again(
    files: list[int], tmp_path: Path, flushed: list[int]
) -> None:
    flush([tmp_path / "a", tmp_path / "b"], "fsync", with_all_before=True)
    assert flushed == []
    flush([tmp_path / "a", tmp_path / "b"], "fsync")
    assert len(flushed) == 2


def test_a_batch_is_flushed_at_once(files: list[int], tmp_path: Path, flushed: list[int]) -> None:
    flush([tmp_path / "a", tmp_path / "b"], "batch")
    assert flushed == []


def test_files_are_flushed_as_well_where_it_is_not_known_what_the_file_system_does(
    files: list[int], tmp_path: Path, flushed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncfs, "_is_known", lambda _: False)
    flush([tmp_path / "a", tmp_path / "b"], "fsync", with_all_before=True)
    assert len(flushed) == 2
    flush([tmp_path / "a", tmp_path / "b"], "batch")
    assert len(flushed) == 4


def test_an_older_kernel_flushes_everything_and_each_file(files: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    syncfs._is_able.cache_clear()
    monkeypatch.setattr(syncfs.platform, "release", lambda: "5.4.0-generic")
    called: list[str] = []
    monkeypatch.setattr(os, "sync", lambda: called.append("sync"))
    try:
        assert not syncfs.sync_all(files)
    finally:
        syncfs._is_able.cache_clear()
    assert called == ["sync"]


def test_what_cannot_be_flushed_is_an_error(files: list[int]) -> None:
    path = os.open(os.curdir, os.O_RDONLY | os.O_PATH)
    try:
        with pytest.raises(OSError, match="Bad file descriptor"):
            syncfs.sync_all([path])
    finally:
        os.close(path)
