"""Ten thousand workflows: served rightly, and every kind of change shows."""

from collections.abc import Iterator
from typing import Any

import pytest

from gitrepo import WORKFLOW, Repo
from serving import Server
from waiting import wait_until

PACKS, EACH = 200, 50


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Repo, Server]]:
    root = tmp_path_factory.mktemp("large") / "registry"
    root.mkdir()
    repo = Repo(root)
    repo.git("init", "-q", "-b", "main")
    repo.write_many(PACKS, EACH, "Workflow {number} of {pack}")
    repo.commit("Begin")
    server = Server(root)
    yield repo, server
    server.stop()
    assert "Traceback" not in server.output(), server.output()


def label_of(server: Server, ref: str) -> str:
    """What every worker says, through connections of their own."""
    labels = set()
    for _ in range(6):
        with server.new_client(server.token) as client:
            labels.add(client.get(f"/api/v1/workflows/{ref}").json()["data"]["label"])
    assert len(labels) == 1
    return labels.pop()


def test_ten_thousand_are_listed_page_by_page(large: tuple[Repo, Server]) -> None:
    _, server = large
    refs: list[str] = []
    for page in range(1, 101):
        answer = server.get(f"/api/v1/workflows?per_page=100&page={page}").json()
        assert answer["meta"] == {"page": page, "per_page": 100, "total": 10_000, "total_pages": 100}
        refs += [item["ref"] for item in answer["data"]]
    assert refs == sorted({f"p{pack:03}.w{number:02}" for pack in range(PACKS) for number in range(EACH)})
    found = server.get("/api/v1/workflows?search=WORKFLOW 7 of 19&per_page=100").json()
    assert found["meta"]["total"] == 11
    assert server.get("/api/v1/workflows?pack_ref=p042&search=workflow 1").json()["meta"]["total"] == 11
    assert server.get("/api/v1/problems").json()["meta"]["total"] == 0


def test_every_kind_of_change_shows(large: tuple[Repo, Server], tmp_path: Any) -> None:
    repo, server = large
    repo.workflow("p001.w01", label="By commit")
    repo.git("commit", "-qam", "One")
    assert label_of(server, "p001.w01") == "By commit"

    other = Repo(tmp_path / "other")
    repo.git("clone", "-q", str(repo.root), str(other.root))
    for number in range(100):
        other.workflow(f"p{number:03}.w02", label="By pull")
    other.git("commit", "-qam", "Hundred")
    repo.git("pull", "-q", "--ff-only", str(other.root), "main")
    assert label_of(server, "p000.w02") == label_of(server, "p099.w02") == "By pull"

    repo.git("checkout", "-q", "-b", "elsewhere", "HEAD~2")
    assert label_of(server, "p001.w01") == "Workflow 1 of 1"
    repo.git("checkout", "-q", "main")
    assert label_of(server, "p001.w01") == "By commit"

    file = repo.workflow("p003.w03", label="In place")
    wait_until(lambda: server.get("/api/v1/workflows/p003.w03").json()["data"]["label"] == "In place")
    draft = repo.write("packs/p003/workflows/.draft", WORKFLOW.format(label="By rename"))
    draft.rename(repo.root / file)
    wait_until(lambda: server.get("/api/v1/workflows/p003.w03").json()["data"]["label"] == "By rename")
    repo.git("checkout", "--", "packs")
    assert label_of(server, "p003.w03") == "Workflow 3 of 3"


def test_writes_land_among_ten_thousand(large: tuple[Repo, Server]) -> None:
    repo, server = large
    for number in range(20):
        answer = server.client.put(f"/api/v1/workflows/p1{number:02}.w04", json={"label": f"Put {number}"})
        assert answer.status_code == 200, answer.text
        assert label_of(server, f"p1{number:02}.w04") == f"Put {number}"
    assert repo.status() == ""
    assert len(repo.git("log", "--format=", "--name-only", "-20").split()) == 20
