"""A snapshot kept on disk: the same when read again, and nothing at all when it is not what was written."""

import gc
import os
import weakref
from pathlib import Path

import pytest
from steps_test import facts

from attune_registry.git.repository import Repository
from attune_registry.opening import Opening
from attune_registry.registry import Registry
from attune_registry.snapshot_cache import FILE_NAME, SnapshotCache
from gitrepo import Repo

CALLER = "label: {0}\nversion: 1.0.0\ndefinition:\n  tasks:\n    - {{name: a, action: demo.w{1}, timeout: 5}}\n"


@pytest.fixture
def kept(repo: Repo) -> Path:
    """The file, of a registry with a broken file, a stale one, problems between workflows, and words of all kinds."""
    for number in range(40):
        repo.write(f"packs/demo/workflows/w{number}.yaml", CALLER.format(f"Straße {number} 世界", number + 5))
    repo.write("packs/demo/workflows/w3.yaml", CALLER.format("Earlier", 4))
    repo.commit("Begin")
    repo.write("packs/demo/workflows/w3.yaml", "label: [")
    repo.write("packs/demo/workflows/never.yaml", "label: [")
    repo.write("packs/demo/workflows/W4.yaml", CALLER.format("Late", 4))
    repo.commit("Break")
    assert SnapshotCache(Repository.open(repo.root)).keep(Registry.open(repo.root).snapshot)
    return repo.root / ".git" / "attune-registry" / FILE_NAME


def test_what_is_read_again_is_what_was_kept(repo: Repo, kept: Path) -> None:
    resumed = Registry.open(repo.root).snapshot
    kept.unlink()
    assert facts(resumed) == facts(Registry.open(repo.root).snapshot)
    assert any(entry.is_stale for entry in resumed.workflows)
    assert resumed.links
    assert resumed.contested


def test_what_has_changed_since_is_looked_at(repo: Repo, kept: Path) -> None:
    repo.write("packs/demo/workflows/w7.yaml", CALLER.format("Newer", 1))
    (repo.root / "packs/demo/workflows/w9.yaml").unlink()
    repo.commit("Change")
    repo.write("packs/demo/workflows/w8.yaml", CALLER.format("Edited", 1))
    resumed = Registry.open(repo.root).snapshot
    kept.unlink()
    assert facts(resumed) == facts(Registry.open(repo.root).snapshot)
    assert resumed.workflows.get("demo.w9") is None


@pytest.mark.alone
def test_memory_that_all_workflows_have_left_is_free(repo: Repo, kept: Path) -> None:
    registry = Registry.open(repo.root)
    read = weakref.ref(registry.snapshot.workflows.chunks[0].buffer)
    assert read() is not None
    for number in range(40):
        repo.write(f"packs/demo/workflows/w{number}.yaml", CALLER.format(f"Another {number}", number))
    repo.commit("Change all")
    registry.settle_down()
    gc.collect()
    assert read() is None


def test_a_file_cut_short_or_with_any_byte_changed_is_left_alone(repo: Repo, kept: Path) -> None:
    whole = kept.read_bytes()
    cache = SnapshotCache(Repository.open(repo.root))
    assert cache.load() is not None
    step = max(1, len(whole) // 60)
    for at in range(0, len(whole), step):
        kept.write_bytes(whole[:at])
        assert cache.load() is None
        kept.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        assert cache.load() is None
    kept.write_bytes(whole + b"\0")
    assert cache.load() is None


@pytest.mark.parametrize("kind", ["folder", "garbage", "nothing"])
def test_what_is_no_such_file_costs_time_and_no_more(repo: Repo, kept: Path, kind: str) -> None:
    expected = facts(Registry.open(repo.root).snapshot)
    kept.unlink()
    if kind == "folder":
        kept.mkdir()
    elif kind == "garbage":
        kept.write_bytes(b"attune\0\1" + bytes(range(256)) * 40)
    assert facts(Registry.open(repo.root).snapshot) == expected


def test_what_was_kept_under_other_settings_or_on_a_branch_that_is_gone_is_not_used(repo: Repo, kept: Path) -> None:
    repo.write("registry/config.yaml", "rules: {timeout-missing: off}\n")
    repo.commit("Settings")
    repo.git("checkout", "-q", "--orphan", "other")
    repo.git("commit", "-q", "-m", "Another beginning")
    repo.git("branch", "-q", "-D", "main")
    resumed = Registry.open(repo.root).snapshot
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "-q", "--prune=now")
    assert facts(Registry.open(repo.root).snapshot) == facts(resumed)
    kept.unlink()
    assert facts(Registry.open(repo.root).snapshot) == facts(resumed)


def test_edits_are_nothing_to_keep(repo: Repo, kept: Path) -> None:
    before = kept.read_bytes()
    repo.write("packs/demo/workflows/w8.yaml", CALLER.format("Edited", 1))
    assert not SnapshotCache(Repository.open(repo.root)).keep(Registry.open(repo.root).snapshot)
    assert kept.read_bytes() == before


def test_many_workflows_are_kept_by_the_first_start_and_read_by_the_next(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attune_registry.opening._WORTH_KEEPING", 3)
    for number in range(5):
        repo.write(f"packs/demo/workflows/w{number}.yaml", CALLER.format(f"W{number}", number))
    repo.commit("Begin")
    first = Registry.open(repo.root)
    assert (repo.root / ".git" / "attune-registry" / FILE_NAME).exists()
    again = Registry.open(repo.root)
    assert facts(again.snapshot) == facts(first.snapshot)
    opening = Opening(again.repository, again.indexer)
    monkeypatch.setattr(again.indexer, "index", None)
    assert facts(opening.snapshot(again.snapshot.head, dict)) == facts(first.snapshot)


def test_a_large_first_index_is_made_by_another_process(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(700):
        repo.write(f"packs/demo/workflows/w{number}.yaml", CALLER.format(f"W{number}", number + 1))
    repo.commit("Begin")
    repo.write("packs/demo/workflows/w8.yaml", CALLER.format("Edited", 1))
    told: list[tuple[int, int]] = []
    monkeypatch.setattr("attune_registry.aside._MANY_FILES", 600)
    made_aside = Registry.open(repo.root, progress=lambda *done: told.append(done))
    assert told
    assert told[-1][0] == told[-1][1] >= 700
    assert made_aside.snapshot.workflows.chunks[0].buffer
    (repo.root / ".git" / "attune-registry" / FILE_NAME).unlink()
    monkeypatch.setattr("attune_registry.aside._MANY_FILES", 10_000)
    monkeypatch.setattr("attune_registry.opening._WORTH_KEEPING", 10_000)
    assert facts(Registry.open(repo.root).snapshot) == facts(made_aside.snapshot)


def test_where_no_other_process_can_make_it_this_one_does(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.workflow("demo.one")
    repo.commit("Begin")
    monkeypatch.setattr("attune_registry.aside._MANY_FILES", 0)
    for command in (("/nonexistent",), ("false",)):
        monkeypatch.setattr("attune_registry.aside._COMMAND", command)
        assert Registry.open(repo.root).snapshot.workflows.get("demo.one")


def test_what_a_killed_process_left_half_written_goes_away(repo: Repo, kept: Path) -> None:
    left, young = (kept.with_name(f"{FILE_NAME}.{name}") for name in ("left", "young"))
    for file in (left, young):
        file.write_bytes(b"half")
    os.utime(left, (0, 0))
    SnapshotCache(Repository.open(repo.root)).keep(Registry.open(repo.root).snapshot)
    assert not left.exists()
    assert young.exists()
