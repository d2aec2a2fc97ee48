"""Whoever asks for what is not concerned does not wait for what is; whoever asks for what is, does."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import Any

import pytest

from attune_registry.snapshot import Snapshot
from gitrepo import Repo
from in_process import Api

CHANGED, OTHER = "/api/v1/workflows/demo.first", "/api/v1/workflows/demo.second"


@pytest.fixture
def api(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    # It would begin with the file as it is saved, before it is committed.
    monkeypatch.setattr("attune_registry.watcher.Watcher.start", lambda _: None)
    repo.workflow("demo.second")
    repo.commit("A second one")
    api = Api(repo.root)
    yield api
    api.close()


def test_only_what_is_concerned_is_waited_for(repo: Repo, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    genuine = api.registry.indexer.advance

    def advance(*arguments: Any) -> Snapshot:
        assert go_on.wait(20)
        return genuine(*arguments)

    monkeypatch.setattr(api.registry.indexer, "advance", advance)
    repo.workflow("demo.first", label="Changed")
    repo.commit("Change it")
    before = api.registry.snapshot.revision
    with ThreadPoolExecutor(1) as asking:
        other = asking.submit(api.get, OTHER).result(10)
        assert (other.status_code, other.headers["x-registry-revision"]) == (200, repo.head())
        assert api.registry.snapshot.revision == before
        unchanged = asking.submit(api.get, OTHER, If_None_Match=other.headers["etag"]).result(10)
        assert unchanged.status_code == 304
        waiting = asking.submit(api.get, CHANGED)
        with pytest.raises(NotYet):
            waiting.result(0.3)
        go_on.set()
        changed = waiting.result(10)
    assert changed.json()["data"]["label"] == "Changed"
    assert changed.headers["x-registry-revision"] == repo.head() == api.registry.snapshot.revision
    assert api.get(OTHER).json() == other.json()


def test_a_failure_in_the_making_is_answered_and_not_waited_for(
    repo: Repo, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> Snapshot:
        raise OSError("The disk has failed.")

    with monkeypatch.context() as broken:
        broken.setattr(api.registry.indexer, "advance", fail)
        repo.workflow("demo.first", label="Changed")
        repo.commit("Change it")
        with ThreadPoolExecutor(1) as asking:
            assert asking.submit(api.get, CHANGED).result(10).status_code == 500
    assert api.get(CHANGED).json()["data"]["label"] == "Changed"
