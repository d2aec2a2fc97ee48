"""Ready is what answers reads, and takes writes unless it is read-only."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from attune_registry.http.app import Options
from gitrepo import Repo
from in_process import Api
from privileges import no_power_over_files

READY = {"status": "ready", "index": "loaded", "repository": "writable", "tokens": "known"}
FIRST = "/api/v1/workflows/demo.first"


@pytest.fixture
def api(repo: Repo) -> Iterator[Api]:
    with no_power_over_files():
        made = Api(repo.root)
        yield made
        made.close()


@pytest.mark.parametrize(
    ("path", "spoil", "field", "why"),
    [
        (".git/refs/heads/main", lambda path: path.write_text(""), "index", "is damaged"),
        (".git/HEAD", lambda path: path.write_text("garbage"), "index", "is damaged"),
        (".git/refs/heads", lambda path: path.chmod(0o500), "repository", "refs/heads"),
        (".git/attune-registry", lambda path: path.chmod(0o500), "repository", ".git/attune-registry"),
        (".git/attune-registry", lambda path: path.chmod(0), "repository", ".git/attune-registry"),
        (".git/objects/pack", lambda path: path.chmod(0o500), "repository", "objects/pack"),
        (".git/attune-registry/tokens.json", lambda path: path.chmod(0), "tokens", "cannot be read"),
        (".git/attune-registry/tokens.json", lambda path: path.write_text("{"), "tokens", "not JSON"),
    ],
)
def test_it_is_not_ready_while_requests_would_be_refused(
    repo: Repo, api: Api, path: str, spoil: Callable[[Path], object], field: str, why: str
) -> None:
    # In a clone it is packed.
    (repo.root / ".git/refs/heads/main").write_text(f"{repo.head()}\n")
    assert api.get("/readyz").json() == READY
    place = repo.root / path
    mode, content = place.stat().st_mode, place.read_bytes() if place.is_file() else None
    spoil(place)
    for _ in range(2):
        answer = api.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["status"] == "not ready"
        assert why in answer.json()[field]
    assert api.put(FIRST, {"label": "Changed"}).status_code == 503
    place.chmod(mode)
    if content is not None:
        place.write_bytes(content)
    assert (api.get("/readyz").status_code, api.get("/readyz").json()) == (200, READY)
    assert api.put(FIRST, {"label": "Changed"}).status_code == 200


@pytest.mark.parametrize("name", ["write.turn", "write.lock"])
def test_it_is_not_ready_while_somebody_elses_lock_is_in_the_way(repo: Repo, api: Api, name: str) -> None:
    assert api.put(FIRST, {"label": "Changed"}).status_code == 200
    lock = repo.root / ".git/attune-registry" / name
    lock.chmod(0o444)
    answer = api.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["repository"] == f"not writable: {lock}"
    assert api.put(FIRST, {"label": "Again"}).status_code == 503
    lock.chmod(0o644)
    assert (api.get("/readyz").status_code, api.get("/readyz").json()) == (200, READY)


def test_a_server_that_never_writes_is_ready_where_nobody_can(repo: Repo) -> None:
    with no_power_over_files():
        api = Api(repo.root, options=Options(read_only=True))
        for place in (repo.root, repo.root / ".git", repo.root / ".git/refs"):
            place.chmod(0o500)
        answer = api.get("/readyz")
        assert (answer.status_code, answer.json()["repository"]) == (200, "not written to by this server")
        api.close()


def test_while_much_is_being_read_it_is_ready(repo: Repo, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attune_registry.http.door._LONG_SECONDS", 0.05)
    repo.workflow("demo.third")
    repo.commit("Another")
    with api.registry.building:
        assert api.get("/readyz").json() == READY
    assert api.get("/api/v1/workflows/demo.third").status_code == 200
