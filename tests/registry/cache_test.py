"""Records kept on disk cost time where they cannot be kept, and little of it."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from attune_registry.cache import FILE_NAME, Cache
from attune_registry.git.repository import Repository
from attune_registry.registry import Registry
from gitrepo import Repo
from privileges import no_power_over_files


@pytest.fixture
def sealed(repo: Repo) -> Iterator[Repo]:
    """With what was kept on disk, in a state folder that nobody may write to."""
    Registry.open(repo.root).cache.close()
    state = Repository.open(repo.root).state_folder
    for place in (*state.iterdir(), state):
        place.chmod(place.stat().st_mode & ~0o222)
    with no_power_over_files():
        yield repo
    state.chmod(0o755)


def test_a_cache_that_cannot_be_written_costs_a_start_no_time(sealed: Repo) -> None:
    began = time.monotonic()
    with capture_logs() as logs:
        registry = Registry.open(sealed.root)
        assert registry.snapshot.workflows
        registry.cache.put_gists({"a": b"b"}, "mark")
        assert registry.cache.get_mark() is None
    assert time.monotonic() - began < 5
    assert [entry["path"] for entry in logs if entry["event"] == "cache_unusable"] == [
        str(registry.repository.state_folder / FILE_NAME)
    ]


def test_a_cache_that_can_be_written_again_is_used_again(sealed: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache.of(Repository.open(sealed.root))
    cache.put_gists({"a": b"b"})
    state = Repository.open(sealed.root).state_folder
    for place in (state, *state.iterdir()):
        place.chmod(0o755)
    monkeypatch.setattr("attune_registry.cache._REST_SECONDS", 0)
    cache.put_gists({"a": b"b"})
    assert cache.get_gists(["a"]) == {"a": b"b"}


def test_a_cache_that_is_broken_and_cannot_be_removed_costs_only_time(sealed: Repo) -> None:
    state = Repository.open(sealed.root).state_folder
    (state / FILE_NAME).chmod(0o644)
    (state / FILE_NAME).write_bytes(b"broken" * 1000)
    registry = Registry.open(sealed.root)
    registry.cache.put_gists({"a": b"b"})
    assert registry.snapshot.workflows
    assert registry.cache.get_gists(["a"]) == {}


def test_a_cache_that_somebody_is_making_is_waited_for(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / FILE_NAME, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    threading.Timer(0.3, other.rollback).start()
    cache = Cache(tmp_path / FILE_NAME)
    cache.put_gists({"a": b"b"})
    assert cache.get_gists(["a"]) == {"a": b"b"}
    other.close()
    cache.close()
