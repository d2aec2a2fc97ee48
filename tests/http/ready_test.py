"""The shorter way to an answer gives what the long way gives, and is no way around a check."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from attune_registry.access.tokens import token_store
from attune_registry.http.app import Options, create_app
from attune_registry.http.ready import Ready
from attune_registry.registry import Registry
from gitrepo import Repo

LIST, ONE = "/api/v1/workflows?enabled=true&per_page=1", "/api/v1/workflows/demo.first"


class Watched:
    """The application, and how often it went the long way."""

    def __init__(self, registry: Registry) -> None:
        app = create_app(registry, Options())
        assert isinstance(app, Ready)
        self.long_ways = 0
        self._app, self._long = app, app._app
        app._app = self._count

    async def _count(self, *given: Any) -> None:
        self.long_ways += 1
        await self._long(*given)

    def get(self, path: str, *headers: tuple[str, str], method: str = "GET") -> tuple[int, dict[str, str], bytes]:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        path, _, query = path.partition("?")
        raw = [(name.lower().encode(), value.encode()) for name, value in (("Host", "localhost"), *headers)]
        scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path}
        more = {"query_string": query.encode(), "headers": raw, "scheme": "http", "server": ("localhost", 80)}
        asyncio.run(self._app({**scope, **more}, receive, send))
        heads = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], heads, b"".join(message.get("body", b"") for message in sent[1:])


@pytest.fixture
def registry(repo: Repo) -> Registry:
    return Registry.open(repo.root)


@pytest.fixture
def app(registry: Registry) -> Iterator[Watched]:
    return Watched(registry)


@pytest.fixture
def token(registry: Registry) -> tuple[str, str]:
    store = token_store(registry.repository.state_folder)
    return "Authorization", f"Bearer {store.create('reader', 'reader')}"


@pytest.mark.parametrize("path", [LIST, ONE, "/api/v1/workflows", "/api/v1/packs/demo/workflows?page=2&per_page=1"])
def test_both_ways_give_the_same_answer(app: Watched, token: tuple[str, str], path: str) -> None:
    long_way = app.get(path, token, ("Accept", "application/json;q=0.9"))
    assert app.long_ways == 1
    assert app.get(path, token) == long_way
    etag = long_way[1]["etag"]
    unchanged = app.get(path, token, ("If-None-Match", etag))
    assert unchanged[0] == 304
    assert not unchanged[2]
    assert app.long_ways == 1
    assert app.get(path, token, ("If-None-Match", etag), ("Accept", "application/json;q=0.9")) == unchanged


def test_a_request_that_is_refused_is_refused_after_it_was_answered(
    app: Watched, registry: Registry, token: tuple[str, str]
) -> None:
    for path in (LIST, ONE):
        assert [app.get(path, token)[0] for _ in range(2)] == [200, 200]
        assert app.get(path)[0] == 401
        assert app.get(path, ("Authorization", f"{token[1]}x"))[0] == 401
        assert app.get(path, token, ("Accept", "text/html"))[0] == 406
        assert app.get(path, token, method="PATCH")[0] == 405
    token_store(registry.repository.state_folder).revoke("reader")
    for path in (LIST, ONE):
        assert app.get(path, token)[0] == 401


def test_an_answer_that_was_kept_is_not_given_after_a_commit(app: Watched, repo: Repo, token: tuple[str, str]) -> None:
    before = [app.get(path, token) for path in (LIST, ONE) for _ in range(2)][::2]
    repo.workflow("demo.first", label="Another")
    repo.commit("Rename")
    after = [app.get(path, token) for path in (LIST, ONE) for _ in range(2)]
    assert after[::2] == after[1::2]
    for (_, old_heads, old), (_, heads, body) in zip(before, after[::2], strict=True):
        assert b"Another" in body
        assert b"Another" not in old
        assert heads["etag"] != old_heads["etag"]
        assert heads["x-registry-revision"] == repo.head()


def test_a_refusal_is_not_kept(app: Watched, token: tuple[str, str]) -> None:
    for path in (
        "/api/v1/workflows?enabled=maybe",
        "/api/v1/workflows/demo.none",
        "/api/v1/workflows/demo.first?at=no",
    ):
        first = app.get(path, token)
        assert first[0] in (400, 404)
        assert app.get(path, token) == first


@pytest.mark.parametrize("parameter", ["at=moving", "at=mov%69ng", "%61t=moving&per_page=1"])
@pytest.mark.parametrize("path", ["/api/v1/workflows", "/api/v1/packs", "/api/v1/packs/demo/workflows"])
def test_a_list_by_a_name_follows_the_name_where_the_branch_stays(
    app: Watched, repo: Repo, token: tuple[str, str], path: str, parameter: str
) -> None:
    repo.git("branch", "moving")
    before = app.get(f"{path}?{parameter}", token)
    assert before[1]["x-registry-revision"] == repo.head()
    after = repo.git("commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "Go on").strip()
    repo.git("branch", "-f", "moving", after)
    moved = app.get(f"{path}?{parameter}", token, ("If-None-Match", before[1]["etag"]))
    assert (moved[0], moved[1]["x-registry-revision"]) == (200, after)
    repo.git("branch", "-D", "moving")
    assert app.get(f"{path}?{parameter}", token)[0] == 404
