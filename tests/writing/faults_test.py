"""A full disk, a disk that cannot be written, a failing call: a sentence, and everything as it was."""

import errno
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from writes import ANN, FIRST, NEW, SECOND, as_changes, assert_whole, repair, write

from attune_registry.errors import RegistryError, Unavailable
from attune_registry.git import fsyncs
from attune_registry.git.repository import Repository
from attune_registry.writing.lock import WriteLock
from attune_registry.writing.transaction import Transaction
from gitrepo import Repo

CHANGES = ((FIRST, "label: First\n"), (NEW, "label: New\n"), (SECOND, None))


def mount(folder: Path, *options: str) -> None:
    subprocess.run(["mount", *options, str(folder)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path, repo: Repo) -> Iterator[Repo]:
    """A clone on a disk of 2 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount(disk, "-t", "tmpfs", "-o", "size=2m", "tmpfs")
    try:
        repo.git("clone", "-q", "--no-hardlinks", str(repo.root), str(disk / "clone"))
        yield Repo(disk / "clone")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def fill(disk: Path, leave: int) -> Path:
    """A file that takes all room but so many pages."""
    big = disk / "big"
    with big.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            file.truncate(max(0, file.tell() - leave * 4096))
    return big


def test_a_full_disk_is_said_and_nothing_is_half_written(small_disk: Repo) -> None:
    """With room for ever more of the write, until it fits."""
    root = small_disk.root
    before = small_disk.head()
    codes = []
    for leave in range(40):
        big = fill(root.parent, leave)
        try:
            write(root, *CHANGES)
        except RegistryError as error:
            codes.append(error.code)
        big.unlink()
        repair(root)
        assert_whole(small_disk)
        assert (small_disk.head() == before) == (len(codes) == leave + 1)
        if small_disk.head() != before:
            break
    assert codes
    assert set(codes) == {"DISK_FULL"}
    assert small_disk.head() != before


def test_a_read_only_file_system_is_said(small_disk: Repo) -> None:
    disk = small_disk.root.parent
    write(small_disk.root, (FIRST, "label: Before\n"))
    before = small_disk.head()
    mount(disk, "-o", "remount,ro")
    with pytest.raises(Unavailable) as refused:
        write(small_disk.root, *CHANGES)
    assert refused.value.code == "REPOSITORY_READ_ONLY"
    assert "write access" in refused.value.message
    mount(disk, "-o", "remount,rw")
    assert small_disk.head() == before
    assert_whole(small_disk)


def test_git_on_another_file_system_than_the_files(tmp_path: Path, small_disk: Repo) -> None:
    """New content is written next to the file then; nothing of it stays."""
    linked = Repo(tmp_path / "linked")
    small_disk.git("worktree", "add", "-q", "-b", "side", str(linked.root))
    assert os.stat(linked.root).st_dev != os.stat(small_disk.root).st_dev
    write(linked.root, *CHANGES)
    assert linked.status() == ""
    assert (linked.root / NEW).read_text() == "label: New\n"
    assert sorted(path.name for path in (linked.root / "packs/demo/workflows").iterdir()) == ["first.yaml", "new.yaml"]


FAILING = ["link", "rename", "unlink", "open", "mkdir", "fsync", "truncate", "posix_fallocate", "utime", "fchmod"]


@pytest.mark.parametrize("name", FAILING)
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_any_call_may_fail_at_any_time(repo: Repo, monkeypatch: pytest.MonkeyPatch, name: str, number: int) -> None:
    """The n-th call of a function of the system fails, for every n; what follows repairs what it has to."""
    genuine: Callable[..., Any] = getattr(os, name)
    repository = Repository.open(repo.root)
    write(repo.root, (FIRST, "label: Zero\n"))
    for failing in range(1, 200):
        calls = 0

        def fail(*arguments: Any, failing: int = failing, **named: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == failing:
                raise OSError(number, os.strerror(number))
            return genuine(*arguments, **named)

        before = repo.head()
        made = None
        with monkeypatch.context() as patch:
            patch.setattr(os, name, fail)
            patch.setattr(fsyncs, "_CALLS", None if name == "fsync" else fsyncs._CALLS)
            patch.setattr(fsyncs, "_unused", [])
            try:
                with WriteLock(repository), Transaction.begin(repository) as transaction:
                    changes = as_changes((FIRST, f"label: {failing}\n"), (f"packs/demo/n{failing}.yaml", "label: n\n"))
                    made = transaction.commit(changes, ANN, "Change")
                    transaction.land()
            except Unavailable:
                made = None
        repair(repo.root)
        assert_whole(repo)
        assert made is None or repo.head() == made.commit
        assert repo.head() == before or repo.git("rev-parse", "HEAD~1").strip() == before
        if calls < failing:
            break
    else:
        pytest.fail("it never ran through")
