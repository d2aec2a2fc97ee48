"""What is flushed follows git's settings, and is everything when they say nothing."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from attune_registry.git import durability
from attune_registry.git.durability import durability_of, flush
from attune_registry.git.fsyncs import fsync_all
from attune_registry.git.objects import Author, FileChange
from attune_registry.git.repository import Repository
from attune_registry.writing import foundations
from attune_registry.writing.lock import WriteLock
from attune_registry.writing.transaction import Transaction
from gitrepo import Repo


@pytest.mark.parametrize(
    ("fsync", "object_files", "expected"),
    [
        ("", "", {"loose-object", "reference"}),
        ("", "false", {"reference"}),
        ("none", "", set()),
        ("-loose-object", "", {"reference"}),
        ("committed,-loose-object", "", {"loose-object", "reference"}),
        ("none,reference", "", {"reference"}),
        ("all", "false", {"loose-object", "reference", "index"}),
        ("added, -reference", "", {"loose-object", "reference", "index"}),
        ("what-is-this", "", {"loose-object", "reference"}),
    ],
)
def test_what_is_flushed_is_what_git_is_told_to(repo: Repo, fsync: str, object_files: str, expected: set[str]) -> None:
    for name, value in (("core.fsync", fsync), ("core.fsyncObjectFiles", object_files)):
        if value:
            repo.git("config", name, value)
    found = durability_of(Repository.open(repo.root))
    parts = {"loose-object": found.objects, "reference": found.refs, "index": found.indexes}
    assert {name for name, is_flushed in parts.items() if is_flushed} == expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("core.fsync", "committed", True),
        ("core.fsync", "none,loose-object", True),
        ("core.fsync", "reference", False),
        ("core.fsync", "-loose-object", False),
        ("core.fsyncObjectFiles", "true", True),
        ("core.fsyncObjectFiles", "false", False),
        ("core.abbrev", "12", False),
    ],
)
def test_git_flushes_its_own_objects_where_it_is_told_to(repo: Repo, name: str, value: str, expected: bool) -> None:
    repo.git("config", name, value)
    assert durability_of(Repository.open(repo.root)).by_git is expected


def land(repo: Repo) -> None:
    repository = Repository.open(repo.root)
    with WriteLock(repository), Transaction.begin(repository) as transaction:
        transaction.commit([FileChange("packs/demo/pack.yaml", b"label: x\n")], Author("A", "a@example.com"), "Write")
        transaction.land()


def flushed(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that a write flushes, by their last folder and name; what it is built on is on disk."""
    found: list[str] = []

    def note(descriptors: list[int], meanwhile: Callable[[], None]) -> None:
        found.extend(os.readlink(f"/proc/self/fd/{descriptor}") for descriptor in descriptors)
        fsync_all(descriptors, meanwhile)

    monkeypatch.setattr(durability, "fsync_all", note)
    known = {str(Repository.open(repo.root).common_dir): {repo.head(): None}}
    monkeypatch.setattr(foundations, "_on_disk", known)
    land(repo)
    return [path.removeprefix(f"{repo.root}/") for path in found]


def test_objects_journal_file_ref_and_folders_are_flushed(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    found = flushed(repo, monkeypatch)
    assert sum(path.startswith(".git/objects/pack/tmp_") for path in found) == 2
    assert any("/incoming/" in path for path in found)
    for part in (".git/objects/pack", "/journal", "/ref-value", ".git/refs/heads", "packs/demo"):
        assert any(path.endswith(part) for path in found), part


def test_the_index_is_in_its_place_before_the_last_flush_which_is_of_its_folder(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next landing's journal, which says nothing of it, may be on disk before anything else of that landing."""
    seen: list[tuple[str, str]] = []

    def look(descriptors: list[int], meanwhile: Callable[[], None]) -> None:
        seen.append((os.readlink(f"/proc/self/fd/{descriptors[-1]}"), repo.git("diff", "--cached", "--name-only")))
        fsync_all(descriptors, meanwhile)

    monkeypatch.setattr(durability, "fsync_all", look)
    land(repo)
    assert seen[-1] == (str(repo.root / ".git"), "")


def test_nothing_is_flushed_where_git_is_told_not_to(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("config", "core.fsync", "none")
    Repository.open(repo.root)
    found = flushed(repo, monkeypatch)
    assert [path for path in found if "index-lock-mark" not in path] == []


def test_a_batch_is_flushed_twice_before_the_branch_moves_and_after(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.git("config", "core.fsyncMethod", "batch")
    heads: list[str] = []
    monkeypatch.setattr(durability, "sync_all", lambda _: heads.append(repo.head()) or True)
    before = repo.head()
    land(repo)
    assert heads == [before, repo.head()]


def test_writeout_only_does_not_wait(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("config", "core.fsyncMethod", "writeout-only")
    assert [path for path in flushed(repo, monkeypatch) if "index-lock-mark" not in path] == []


def test_flushing_nothing_is_no_work() -> None:
    flush([], "fsync")
    flush([], "batch")


@pytest.mark.parametrize("method", ["fsync", "batch", "writeout-only"])
@pytest.mark.parametrize("with_all_before", [True, False])
def test_what_is_to_be_done_meanwhile_is_done_once(
    tmp_path: Path, method: durability.Method, with_all_before: bool
) -> None:
    (tmp_path / "file").write_text("text")
    called: list[int] = []
    flush([tmp_path / "file"], method, with_all_before=with_all_before, meanwhile=lambda: called.append(1))
    assert called == [1]
