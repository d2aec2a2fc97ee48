"""What a person has committed is on disk before a write that is built on it is answered."""

from collections.abc import Iterable

import pytest

from attune_registry.git import durability
from attune_registry.git.syncfs import sync_all
from attune_registry.registry import Registry
from attune_registry.writing import foundations
from attune_registry.writing.landing import land
from attune_registry.writing.merge import Merge
from authors import ANN, creation
from gitrepo import Repo

_FILE = "packs/demo/workflows/second.yaml"


@pytest.fixture
def heads(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where the branch was each time that all of the disk was flushed."""
    found: list[str] = []

    def note(descriptors: Iterable[int]) -> bool:
        found.append(repo.head())
        return sync_all(descriptors)

    monkeypatch.setattr(durability, "sync_all", note)
    return found


def written(registry: Registry, name: str) -> None:
    (outcome,) = land(registry, [creation(f"demo.{name}")])
    assert not isinstance(outcome, Exception)


def test_a_commit_of_a_person_is_flushed_before_the_branch_moves_on(repo: Repo, heads: list[str]) -> None:
    registry = Registry.open(repo.root)
    written(registry, "one")
    repo.git("commit", "--quiet", "--allow-empty", "--message", "By hand")
    by_hand = repo.head()
    heads.clear()
    written(registry, "two")
    assert heads == [by_hand]
    written(registry, "three")
    assert heads == [by_hand]


def test_what_another_worker_has_landed_is_not_flushed_again(
    repo: Repo, heads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written(Registry.open(repo.root), "one")
    heads.clear()
    monkeypatch.setattr(foundations, "_on_disk", {})
    written(Registry.open(repo.root), "two")
    assert heads == []


def test_what_a_merge_brings_in_is_flushed(repo: Repo, heads: list[str]) -> None:
    repo.write("registry/config.yaml", "required_approvals: 0\n")
    repo.commit("Ask for nobody")
    registry = Registry.open(repo.root)
    written(registry, "one")
    repo.git("switch", "--quiet", "--create", "proposals/by-hand")
    repo.write(_FILE, (repo.root / "packs/demo/workflows/first.yaml").read_text())
    repo.commit("Propose")
    repo.git("switch", "--quiet", "main")
    heads.clear()
    (outcome,) = land(registry, [Merge("by-hand", ANN)])
    assert not isinstance(outcome, Exception), outcome
    assert len(heads) == 1


@pytest.mark.parametrize("setting", ["core.fsync=committed", "core.fsync=none", "core.fsyncMethod=writeout-only"])
def test_it_is_left_to_git_or_to_nobody_where_the_configuration_says_so(
    repo: Repo, heads: list[str], setting: str
) -> None:
    repo.git("config", *setting.split("="))
    written(Registry.open(repo.root), "one")
    assert heads == []


def test_the_latest_that_are_known_are_kept(repo: Repo) -> None:
    registry = Registry.open(repo.root)
    foundations._note(registry.repository, map(str, range(foundations._MOST + 1)))
    assert not foundations._are_on_disk(registry.repository, ["0"])
    assert foundations._are_on_disk(registry.repository, ["1", str(foundations._MOST)])
