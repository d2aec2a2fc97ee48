"""Records kept on disk cost time where they cannot be kept, and little of it."""

import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from attune_registry.cache import FILE_NAME, Cache
from attune_registry.git.repository import Repository
from attune_registry.registry import Registry
from gitrepo import Repo
from in_process import Api
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


_COUNT = "SELECT (SELECT count(*) FROM record) + (SELECT count(*) FROM gist)"


def flip(path: Path, chance: random.Random) -> None:
    """Change a bit of each row."""
    reads = ("SELECT key, value FROM record", "SELECT key, value FROM gist")
    writes = ("UPDATE record SET value = ? WHERE key = ?", "UPDATE gist SET value = ? WHERE key = ?")
    with closing(sqlite3.connect(path)) as database, database:
        for read, write in zip(reads, writes, strict=True):
            for key, value in database.execute(read).fetchall():
                torn = bytearray(value)
                torn[chance.randrange(len(torn))] ^= 1 << chance.randrange(8)
                database.execute(write, (bytes(torn), key))


def everything(root: Path, who: str) -> list[bytes]:
    """What a server that is started now answers."""
    api = Api(root, admin=who)
    paths = ("workflows", "workflows/demo.first", "history", "workflows/demo.first/history", "problems")
    answers = [api.get(f"/api/v1/{path}", who=who).content for path in paths]
    api.registry.cache.close()
    api.close()
    return answers


@pytest.mark.parametrize("seed", range(6))
def test_what_a_disk_has_changed_is_made_anew_and_told_once(repo: Repo, seed: int) -> None:
    answers = everything(repo.root, "first")
    state = Repository.open(repo.root).state_folder
    flip(state / FILE_NAME, random.Random(seed))
    for name in ("line", "snapshot"):
        (state / name).unlink(missing_ok=True)
    with capture_logs() as logs:
        assert everything(repo.root, "second") == answers
        assert everything(repo.root, "third") == answers
    found = [entry for entry in logs if "cache" in entry["event"]]
    assert {entry["event"] for entry in found} == {"cache_damaged"}
    assert all(entry["rows"] for entry in found)
    assert sum(entry["rows"] for entry in found) == rows(state / FILE_NAME)


def rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        count: int = database.execute("SELECT (SELECT count(*) FROM record) + (SELECT count(*) FROM gist)").fetchone()[
            0
        ]
    return count


def test_a_row_is_that_of_its_key(tmp_path: Path) -> None:
    cache = Cache(tmp_path / FILE_NAME)
    cache.put_gists({"a": b"1", "b": b"2"}, "mark")
    with sqlite3.connect(tmp_path / FILE_NAME) as database:
        database.execute("UPDATE gist SET value = (SELECT value FROM gist WHERE key = 'a') WHERE key = 'b'")
        database.execute("UPDATE gist SET value = 'text' WHERE key = 'a'")
    assert cache.get_gists(["a", "b"]) == {}
    assert cache.get_mark() == "mark"
    cache.put_gists({"a": b"1"})
    assert cache.get_gists(["a", "b"]) == {"a": b"1"}
