"""What libgit2 does not find at first is looked for again: packs may have been merged while it was looking."""

from typing import Any

import pygit2
import pytest

from attune_registry.git.objects import blob_id
from attune_registry.git.repository import Repository
from attune_registry.git.trees import read_blob
from gitrepo import Repo


@pytest.mark.parametrize(("name", "missing"), [("git_object_lookup_prefix", None), ("read", KeyError("gone"))])
def test_what_is_missed_once_is_found(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, name: str, missing: Exception | None
) -> None:
    blob = repo.git("rev-parse", "HEAD:packs/demo/pack.yaml").strip()
    handle = Repository.open(repo.root).handle()
    real, misses = getattr(pygit2.Repository, name), [missing]

    def miss_once(self: pygit2.Repository, id: Any) -> Any:
        if not misses:
            return real(self, id)
        if (answer := misses.pop()) is not None:
            raise answer
        return None

    monkeypatch.setattr(pygit2.Repository, name, miss_once, raising=False)
    found = handle[blob].data if missing is None else handle.read(blob)[1]
    assert blob_id(found) == blob


def test_what_is_not_there_is_missed_all_the_same(repo: Repo) -> None:
    with pytest.raises(KeyError):
        read_blob(Repository.open(repo.root), "0" * 39 + "1", 100)
