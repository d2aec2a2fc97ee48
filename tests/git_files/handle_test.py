"""What libgit2 keeps for a handle is free when the handle is."""

import gc
import sys
import threading
import time
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


@pytest.fixture
def nobody_is_interrupted() -> Iterator[None]:
    """Another thread gets the interpreter where it is let go of, and nowhere else."""
    seconds = sys.getswitchinterval()
    sys.setswitchinterval(100)
    yield
    sys.setswitchinterval(seconds)


@pytest.mark.usefixtures("nobody_is_interrupted")
def test_others_run_while_a_handle_is_closed(repo: Repo) -> None:
    turns, is_over = 0, False

    def take_turns() -> None:
        nonlocal turns
        while not is_over:
            turns += 1
            time.sleep(0)

    other = threading.Thread(target=take_turns)
    other.start()
    seen = 0
    for _ in range(200):
        handle = Handle(str(repo.root / ".git"))
        assert repo.head() in handle
        before = turns
        del handle
        seen += turns - before
    is_over = True
    other.join()
    assert seen > 0


def test_a_handle_knows_its_refs(repo: Repo) -> None:
    handle = Handle(str(repo.root / ".git"))
    found = handle.find_reference("refs/heads/main")
    assert found is not None
    assert str(found.target) == repo.head()
    assert handle.find_reference("refs/heads/other") is None
    assert handle.find_reference("refs/heads/" + "x" * 5000) is None
