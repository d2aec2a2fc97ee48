"""What the proofs have found once, each as a test of its own."""

import os
import signal
from collections.abc import Callable

import httpx
import pytest

from gitrepo import Repo
from serving import Server
from waiting import wait_until


def test_a_staged_name_that_is_not_utf8_does_not_disturb_writes(repo: Repo, start: Callable[..., Server]) -> None:
    (repo.root / os.fsdecode(b"\xff\xfe.txt")).write_text("odd\n")
    repo.git("add", "-A")
    status = repo.status()
    server = start(repo.root, "--workers", "1")
    for label in ("One", "Two"):
        answer = server.client.put("/api/v1/workflows/demo.first", json={"label": label})
        assert answer.status_code == 200, answer.text
    assert repo.status() == status
    assert not (repo.root / ".git/index.lock").exists()


def test_files_of_a_landing_that_never_was_are_not_served_after_a_crash(
    repo: Repo, start: Callable[..., Server]
) -> None:
    """They were: whoever reads the files before the repair takes them for a person's edits."""
    blob = repo.git("rev-parse", "HEAD:packs/demo/workflows/first.yaml").strip()
    server = start(repo.root, env={"ATTUNE_REGISTRY_PAUSE": "index-prepared:30"})
    writing = server.new_client(server.token)
    writing.timeout = 1
    with pytest.raises(httpx.TimeoutException):
        writing.put("/api/v1/workflows/demo.first", json={"label": "Never landed"})
    wait_until(lambda: "Never landed" in (repo.root / "packs/demo/workflows/first.yaml").read_text())
    server.stop(signal.SIGKILL)
    again = start(repo.root, "--workers", "1")
    assert again.get("/api/v1/workflows/demo.first").headers["etag"] == f'"{blob}"'
    assert repo.status() == ""
