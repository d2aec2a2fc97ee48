"""Proposals through two real workers: every answered write is on its branch, and a merge is seen at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from gitrepo import Repo
from serving import Server

TASK = {"name": "only", "action": "core.noop", "timeout": 30}


def body(name: str) -> dict[str, object]:
    return {
        "ref": f"demo.{name}",
        "pack_ref": "demo",
        "label": name,
        "version": "1.0.0",
        "definition": {"tasks": [TASK]},
    }


@pytest.mark.alone
def test_many_people_write_to_many_branches_at_once(repo: Repo, start: Callable[..., Server]) -> None:
    server = start(repo.root, "--workers", "2")
    reviewer = server.new_client(server.make_token("bob", "editor"))

    def write(number: int) -> int:
        with_proposal = ("", "?proposal=one", "?proposal=two")[number % 3]
        client = server.new_client(server.token)
        return client.post(f"/api/v1/workflows{with_proposal}", json=body(f"w{number}")).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(write, range(30))) == {201}
    for branch in ("main", "proposals/one", "proposals/two"):
        ahead = repo.git("rev-list", "--count", "--author=admin", branch, *(["^main"] if branch != "main" else []))
        assert int(ahead) == 10
    for name in ("one", "two"):
        for attempt in (
            reviewer.post(f"/api/v1/proposals/{name}/review", json={"verdict": "approve"}),
            server.client.post(f"/api/v1/proposals/{name}/merge"),
        ):
            assert attempt.status_code == 200, attempt.text
        for _ in range(4):
            assert server.new_client(server.token).get(f"/api/v1/proposals/{name}").status_code == 404
    assert server.get("/api/v1/workflows").json()["meta"]["total"] == 32
    assert repo.status() == ""
    repo.git("fsck", "--full", "--strict")


def test_of_two_merges_at_once_one_is_made(repo: Repo, start: Callable[..., Server]) -> None:
    server = start(repo.root, "--workers", "2")
    reviewer = server.new_client(server.make_token("bob", "editor"))
    for round_number in range(3):
        name = f"p{round_number}"
        server.client.post(f"/api/v1/workflows?proposal={name}", json=body(name))
        assert reviewer.post(f"/api/v1/proposals/{name}/review", json={"verdict": "approve"}).status_code == 200
        clients = [server.new_client(server.token) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            path = f"/api/v1/proposals/{name}/merge"
            statuses = list(pool.map(lambda client, path=path: client.post(path).status_code, clients))
        assert set(statuses) <= {200, 404}
        assert 200 in statuses
        assert repo.git("rev-list", "--count", "--merges", "HEAD").strip() == str(round_number + 1)
