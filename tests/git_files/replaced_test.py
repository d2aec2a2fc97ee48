"""What a landing replaces goes when it is answered, or at the next start."""

import os

import pytest

from attune_registry.git import replaced
from attune_registry.git.repository import Repository
from attune_registry.registry import Registry
from attune_registry.writing.landing import land, land_locked
from attune_registry.writing.lock import WriteLock
from attune_registry.writing.recovery import repair
from authors import creation
from gitrepo import Repo


def left(repo: Repo) -> list[str]:
    """What has a name aside."""
    folder = repo.root / ".git/attune-registry/replaced"
    return sorted(path.name for path in folder.glob("*"))


def test_index_and_ref_keep_a_name_until_the_landing_is_answered(repo: Repo) -> None:
    registry = Registry.open(repo.root)
    with WriteLock(registry.repository):
        land_locked(registry, [creation("demo.one")])
        assert len(left(repo)) == 2
    replaced.remove_kept()
    assert left(repo) == []
    assert repo.status() == ""


def test_nothing_is_left_of_a_landing(repo: Repo) -> None:
    land(Registry.open(repo.root), [creation("demo.one")])
    assert left(repo) == []


def test_what_a_process_that_died_has_left_is_gone_after_a_start(repo: Repo) -> None:
    registry = Registry.open(repo.root)
    with WriteLock(registry.repository):
        land_locked(registry, [creation("demo.one")])
    replaced._kept.clear()
    repair(Repository.open(repo.root))
    assert left(repo) == []


def test_what_cannot_have_a_second_name_goes_at_once(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError("no links here")

    repository = Repository.open(repo.root)
    for name in ("a", "b"):
        (repo.root / name).write_text(name)
    monkeypatch.setattr(os, "link", refused)
    monkeypatch.setattr(os, "rename", refused)
    replaced.keep(repository, repo.root / "a")
    replaced.put_away(repository, repo.root / "b")
    replaced.put_away(repository, repo.root / "c")
    assert (repo.root / "a").exists()
    assert not (repo.root / "b").exists()
    assert left(repo) == []
