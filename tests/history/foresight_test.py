"""What pages of a history need is made before anybody asks, and is what it would be without."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from recordings import Recorded

from attune_registry.blobs import read_content
from attune_registry.cache import Cache
from attune_registry.contents import content_of
from attune_registry.foresight import LOCK_NAME, read_ahead
from attune_registry.forms.pairs import Raw
from attune_registry.git.repository import Repository
from attune_registry.layout import Place
from attune_registry.registry import Registry
from gitrepo import Repo
from in_process import Api
from serving import Server

Start = Callable[..., Server]

_PAGE = "/api/v1/history?per_page=100&page={}"


def test_pages_are_the_same_with_and_without_it_and_open_no_good_file(
    api: Api, recorded: Recorded, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pages = [api.get(_PAGE.format(number)).content for number in (1, 2, 3)]
    recorded.repo.git("clone", "-q", "--no-local", str(recorded.repo.root), str(tmp_path / "other"))
    other = Api(tmp_path / "other")
    _read_ahead(other.registry)

    read = read_content
    opened: list[Raw] = []
    monkeypatch.setattr(
        "attune_registry.contents.read_content", lambda *given: opened.append(read(*given)) or opened[-1]
    )
    again = [other.get(_PAGE.format(number)).content for number in (1, 2, 3)]
    assert again == pages
    # What cannot be read is not kept, and nothing else was opened.
    assert [content_of(Place("workflow", "a.b"), raw).data for raw in opened] == [None] * len(opened)
    other.close()


def test_only_what_came_since_is_read_again(
    recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded.repo.git("clone", "-q", "--no-local", str(recorded.repo.root), str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    _read_ahead(Registry.open(clone.root))
    for number in range(100):
        clone.workflow("alpha.newer", label=f"L{number}")
        clone.commit(f"Number {number}")
    read: list[Any] = []
    monkeypatch.setattr("attune_registry.foresight.read_gist", lambda _, place, blob: read.append(place) or b"")
    _read_ahead(Registry.open(clone.root))
    assert [place.ref for place in read] == ["alpha.newer"] * 100


def test_numbers_and_truths_that_are_equal_to_python_are_different_fields(repo: Repo) -> None:
    texts = ("1", "1.0", "true")
    path = repo.workflow("demo.first")
    text = (repo.root / path).read_text()
    for value in texts:
        repo.write(path, f"{text}param_schema: {{properties: {{a: {{default: {value}}}}}}}\n")
        repo.commit(value)
    api = Api(repo.root)
    entries = api.get("/api/v1/workflows/demo.first/history").json()["data"]
    assert [entry["fields"] for entry in entries[: len(texts) - 1]] == [["param_schema"]] * (len(texts) - 1)
    api.close()


def test_a_server_reads_ahead_in_a_process_that_ends_with_it(repo: Repo, start: Start) -> None:
    for number in range(120):
        repo.workflow("demo.first", label=f"L{number}")
        repo.commit(f"Number {number}")
    server = start(repo.root, "--workers", "2")
    state = repo.root / ".git/attune-registry"
    deadline = time.monotonic() + 60
    while Cache.of(Repository.open(repo.root)).get_mark() != repo.git("rev-parse", "HEAD").strip():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert (state / LOCK_NAME).exists()
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(timeout=30) == 0
    assert not _readers_of(repo.root)


def test_the_process_ends_in_silence_while_its_input_stays_open(repo: Repo) -> None:
    command = (sys.executable, "-c", "from attune_registry.foresight import work_aside; work_aside()")
    Registry.open(repo.root)
    where = (repo.root / ".git", repo.root / ".git", repo.root)
    with subprocess.Popen((*command, *where), stdin=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stderr is not None
        assert child.stderr.read() == b""
        assert child.wait(timeout=30) == 0


def _read_ahead(registry: Registry) -> None:
    read_ahead(registry.repository, registry.cache, registry.snapshot.line)


def _readers_of(root: Path) -> list[str]:
    found = []
    for process in filter(str.isdecimal, os.listdir("/proc")):
        try:
            said = Path(f"/proc/{process}/cmdline").read_bytes()
        except OSError:
            continue
        if b"foresight" in said and os.fsencode(root) in said:
            found.append(process)
    return found
