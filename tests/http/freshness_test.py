"""Promise 3: what git or the API has finished is seen by every request after it, on every worker."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from gitrepo import WORKFLOW, Repo
from serving import Server
from waiting import wait_until

PAIRS = 500


@pytest.fixture
def clients(repo: Repo, start: Callable[..., Server]) -> tuple[Server, list[httpx.Client]]:
    """A server of two workers, and connections that reach both: a kept connection stays with its worker."""
    server = start(repo.root, "--workers", "2")
    clients = [server.new_client(server.token) for _ in range(8)]
    return server, clients


def test_no_answer_is_older_than_an_acknowledged_write(clients: Any) -> None:
    _, connections = clients
    path = "/api/v1/workflows/demo.first"
    for number in range(PAIRS):
        writer, reader = connections[number % 8], connections[(number + 1 + number // 8) % 8]
        written = writer.put(path, json={"label": f"Number {number}"})
        assert written.status_code == 200, written.text
        read = reader.get(path)
        assert read.json()["data"]["label"] == f"Number {number}"
        assert read.headers["x-registry-revision"] == written.headers["x-registry-revision"]


def test_what_git_has_finished_is_seen_by_every_worker(clients: Any, repo: Repo) -> None:
    _, connections = clients
    path = "/api/v1/workflows/demo.first"

    def seen(field: str = "label") -> set[Any]:
        return {client.get(path).json()["data"][field] for client in connections}

    first = repo.head()
    for number in range(20):
        repo.workflow("demo.first", label=f"Commit {number}")
        repo.git("commit", "-qam", "Change it")
        assert seen() == {f"Commit {number}"}
    repo.git("reset", "-q", "--hard", first)
    assert seen() == {"first"}
    repo.git("checkout", "-q", "-b", "other")
    repo.workflow("demo.first", label="On another branch")
    repo.git("commit", "-qam", "Branch")
    assert seen() == {"On another branch"}
    repo.git("checkout", "-q", "main")
    assert seen() == {"first"}
    repo.git("merge", "-q", "--no-ff", "-m", "Merge", "other")
    assert seen() == {"On another branch"}
    repo.git("revert", "--no-edit", "-m", "1", "HEAD")
    assert seen() == {"first"}
    repo.git("gc", "-q")
    assert seen() == {"first"}


def test_commands_that_move_no_ref_are_seen_too(clients: Any, repo: Repo) -> None:
    server, connections = clients
    path = "/api/v1/workflows/demo.first"
    for number in range(10):
        repo.workflow("demo.first", label=f"Edit {number}")
        wait_until(lambda label=f"Edit {number}": server.get(path).json()["data"]["label"] == label)
        command = [("checkout", "--", "packs"), ("stash", "-q"), ("reset", "-q", "--hard"), ("restore", "packs")]
        repo.git(*command[number % 4])
        for client in connections:
            data = client.get(path).json()["data"]
            assert (data["label"], data["git"]["dirty"]) == ("first", False)


def test_a_pull_of_a_hundred_files_is_seen_at_once(clients: Any, repo: Repo, new_repo: Callable[[str], Repo]) -> None:
    _, connections = clients
    other = new_repo("other")
    other.git("pull", "-q", str(repo.root), "main")
    for number in range(100):
        other.workflow(f"demo.pulled_{number:03}")
    other.commit("Add a hundred")
    repo.git("pull", "-q", "--ff-only", str(other.root), "main")
    for client in connections:
        answer = client.get("/api/v1/workflows?search=pulled&per_page=100")
        assert answer.json()["meta"]["total"] == 100
        assert answer.headers["x-registry-revision"] == other.head()


@pytest.mark.parametrize("save", ["in place", "by rename", "new file", "delete"])
def test_an_editors_save_shows_within_moments(clients: Any, repo: Repo, save: str) -> None:
    server, _ = clients
    file = repo.root / "packs/demo/workflows/first.yaml"
    for number in range(5):
        text = WORKFLOW.format(label=f"Saved {number}")
        target = file if save != "new file" else file.with_name(f"saved_{number}.yaml")
        if save == "by rename":
            draft = file.with_name(f".first.yaml.{number}.swp")
            draft.write_text(text)
            draft.rename(file)
        elif save == "delete":
            text = file.read_text()
            file.unlink()
            wait_until(lambda: server.get("/api/v1/workflows/demo.first").status_code == 404)
            file.write_text(text)
            wait_until(lambda: server.get("/api/v1/workflows/demo.first").status_code == 200)
            continue
        else:
            target.write_text(text)
        path = f"/api/v1/workflows/demo.{target.stem}"
        wait_until(lambda path=path, number=number: label_of(server, path) == f"Saved {number}")


@pytest.mark.alone
def test_a_broken_file_takes_nothing_down_and_goes_on_at_its_last_valid_revision(clients: Any, repo: Repo) -> None:
    server, connections = clients
    good = server.get("/api/v1/workflows/demo.first").json()["data"]
    repo.write("packs/demo/workflows/first.yaml", "label: [oops\n")
    repo.write("packs/demo/workflows/new.yaml", "label: Nothing else\n")
    repo.commit("Break one, add a broken one")
    for client in connections:
        stale = client.get("/api/v1/workflows/demo.first").json()["data"]
        assert stale["stale"] is True
        assert stale["problems"][0]["line"] == 1
        assert {key: stale[key] for key in ("id", "label", "definition")} == {
            key: good[key] for key in ("id", "label", "definition")
        }
        assert client.get("/api/v1/workflows/demo.new").status_code == 404
        assert client.get("/api/v1/workflows").json()["meta"]["total"] == 2
        problems = client.get("/api/v1/problems").json()["data"]
        paths = {found["path"] for found in problems if found["severity"] == "error"}
        assert paths == {"packs/demo/workflows/first.yaml", "packs/demo/workflows/new.yaml"}
        assert all({"path", "line", "column", "rule", "severity", "message"} <= found.keys() for found in problems)
    # A registry that has only ever seen the broken state says the same.
    clone = repo.root.parent / "clone"
    subprocess.run(["git", "clone", "-q", str(repo.root), str(clone)], check=True)
    assert_same_answers(server, clone)


def assert_same_answers(server: Server, clone: Path) -> None:
    other = Server(clone, "--workers", "1")
    try:
        for path in ("/api/v1/workflows", "/api/v1/workflows/demo.first", "/api/v1/packs/demo", "/api/v1/problems"):
            one, two = server.get(path), other.get(path)
            assert (one.content, one.headers["etag"]) == (two.content, two.headers["etag"])
            assert one.headers["x-registry-revision"] == two.headers["x-registry-revision"]
    finally:
        other.stop()


def label_of(server: Server, path: str) -> str | None:
    answer = server.get(path)
    return answer.json()["data"]["label"] if answer.status_code == 200 else None
