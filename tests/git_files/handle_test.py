"""What libgit2 keeps for a handle is free when the handle is."""

import gc
import weakref
from collections.abc import Iterator

import pygit2
import pytest

from attune_registry.git.handle import Handle
from gitrepo import Repo


@pytest.fixture
def uncollected() -> Iterator[None]:
    """As for what was there before a fork, or for minutes in a server that makes little rubbish."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
def test_a_handle_goes_at_once_with_all_that_libgit2_keeps_for_it(repo: Repo) -> None:
    before = pygit2.settings.cached_memory[0]
    handle = Handle(str(repo.root / ".git"))
    gone = weakref.ref(handle)
    commit = handle[repo.head()]
    assert isinstance(commit, pygit2.Commit)
    assert len(commit.tree) > 0
    assert pygit2.settings.cached_memory[0] > before
    del handle, commit
    assert gone() is None
    assert pygit2.settings.cached_memory[0] == before


def test_a_handle_knows_its_refs(repo: Repo) -> None:
    handle = Handle(str(repo.root / ".git"))
    found = handle.find_reference("refs/heads/main")
    assert found is not None
    assert str(found.target) == repo.head()
    assert handle.find_reference("refs/heads/other") is None
    assert handle.find_reference("refs/heads/" + "x" * 5000) is None
