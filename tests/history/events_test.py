"""The stream of changes over real HTTP: none missed and none twice, across cuts, workers and restarts."""

import asyncio
import json
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import falcon.testing
import httpx

from attune_registry.access.tokens import token_store
from attune_registry.http.app import Options, create_app
from attune_registry.registry import Registry
from gitrepo import Repo
from http_asserts import assert_error
from serving import Server
from waiting import wait_until

Start = Callable[..., Server]
WRITES, PULLED = 2000, 200


class Event(NamedTuple):
    name: str
    id: str
    data: Any


def events_of(lines: Iterator[str]) -> Iterator[Event]:
    """Events by the rules of the WHATWG's specification: dispatched at a blank line, forgotten at a cut."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        else:
            if "data" in fields:
                yield Event(fields.get("event", "message"), fields.get("id", ""), json.loads(fields["data"]))
            fields = {}


class Consumer:
    """Reads the stream, is cut off now and then, and goes on from the last id it saw."""

    def __init__(self, server: Server, cut: Callable[[], bool] = lambda: False) -> None:
        self.server = server
        self.rows: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.resets: list[str] = []
        self.cuts = 0
        self._cut = cut
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def wait_for(self, commit: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while commit not in self.ids[-1:]:
            assert time.monotonic() < deadline, f"{commit} did not come; {len(self.ids)} events did"
            time.sleep(0.02)
        self._done.set()

    def _run(self) -> None:
        while not self._done.is_set():
            try:
                self._read_until_cut()
            except httpx.HTTPError:
                time.sleep(0.02)

    def _read_until_cut(self) -> None:
        headers = {"Authorization": f"Bearer {self.server.token}"}
        if self.ids:
            headers["Last-Event-ID"] = self.ids[-1]
        url = f"{self.server.url}/api/v1/events"
        with httpx.Client(timeout=30) as client, client.stream("GET", url, headers=headers) as response:
            assert response.status_code == 200
            for event in events_of(response.iter_lines()):
                self.ids.append(event.id)
                if event.name == "reset":
                    self.resets.append(event.id)
                else:
                    self.rows += event.data
                if self._done.is_set() or self._cut():
                    self.cuts += 1
                    return


def test_a_consumer_that_is_cut_off_at_random_ends_with_the_registrys_state(
    repo: Repo, start: Start, tmp_path: Path
) -> None:
    repo.git("clone", "-q", str(repo.root), str(tmp_path / "upstream"))
    upstream = Repo(tmp_path / "upstream")
    repo.git("remote", "add", "origin", str(upstream.root))
    server = start(repo.root, "--workers", "2")
    chance = random.Random(8)
    consumer = Consumer(server, cut=lambda: chance.random() < 0.03)
    writers = [threading.Thread(target=_write, args=(server, number)) for number in range(4)]
    for thread in writers:
        thread.start()
    _commit_upstream(upstream)
    for thread in writers:
        thread.join()
    repo.git("pull", "-q", "--no-rebase", "--no-edit", "origin", "main")
    last = server.client.post("/api/v1/packs", json={"ref": "last", "label": "Last", "version": "1.0.0"})
    consumer.wait_for(str(last.headers["X-Registry-Revision"]))
    assert consumer.cuts > 20
    assert consumer.resets == []
    assert len(consumer.ids) == len(set(consumer.ids)) > WRITES
    expected = repo.git("log", "--first-parent", "--reverse", "-m", "--format=%H", "--", "packs").split()
    assert consumer.ids == expected
    assert _added_up(consumer.rows) == _state(server)


def _write(server: Server, number: int) -> None:
    """Create, update, delete and create again, through whatever worker answers."""
    chance = random.Random(number)
    client = server.new_client(server.token)
    definition = {"tasks": [{"name": "a", "action": "core.noop", "timeout": 3}]}
    body = {"pack_ref": "demo", "version": "1.0.0", "definition": definition}
    mine: list[str] = []
    for step in range(WRITES // 4):
        if not mine or chance.random() < 0.4:
            ref = f"demo.w{number}_{step % 50}"
            response = client.post("/api/v1/workflows", json={"ref": ref, "label": f"L{step}", **body})
            if response.status_code == 409:
                response = client.put(f"/api/v1/workflows/{ref}", json={"label": f"Again {step}"})
            else:
                mine.append(ref)
        elif chance.random() < 0.5:
            response = client.put(f"/api/v1/workflows/{chance.choice(mine)}", json={"label": f"M{step}"})
        else:
            response = client.delete(f"/api/v1/workflows/{mine.pop(chance.randrange(len(mine)))}")
        assert response.status_code in (200, 201), response.text


def _commit_upstream(upstream: Repo) -> None:
    for number in range(PULLED):
        upstream.workflow(f"pulled.w{number % 40}", label=f"Pulled {number}")
        upstream.commit(f"Upstream {number}")


def _added_up(rows: list[dict[str, Any]]) -> dict[str, str]:
    """Which workflows there are, and the commit that each is of."""
    found: dict[str, str] = {}
    for row in rows:
        if row["kind"] == "workflow":
            found[row["ref"]] = row["commit"]
            if row["change"] == "deleted":
                del found[row["ref"]]
    return found


def _state(server: Server) -> dict[str, str]:
    found: dict[str, str] = {}
    number = 1
    while True:
        page = server.get(f"/api/v1/workflows?per_page=100&page={number}").json()
        for row in page["data"]:
            found[row["ref"]] = server.get(f"/api/v1/workflows/{row['ref']}").json()["data"]["git"]["commit"]
        if number >= page["meta"]["total_pages"]:
            return found
        number += 1


def test_a_stream_goes_on_after_a_restart_on_another_worker(repo: Repo, start: Start) -> None:
    first = start(repo.root, "--workers", "1")
    with first.client.stream("GET", "/api/v1/events") as response:
        last = next(events_of(response.iter_lines())).id
    assert last == repo.head()
    assert first.stop() == 0
    commits = []
    for number in range(3):
        repo.workflow("demo.first", label=f"Meanwhile {number}")
        commits.append(repo.commit(f"Meanwhile {number}"))
    second = start(repo.root, "--workers", "2")
    for _ in range(4):
        with second.new_client(second.token).stream(
            "GET", "/api/v1/events", headers={"Last-Event-ID": last}
        ) as response:
            events = events_of(response.iter_lines())
            assert [next(events).id for _ in commits] == commits


def test_streams_end_cleanly_at_shutdown(repo: Repo, start: Start) -> None:
    server = start(repo.root, "--workers", "2")
    heard: list[str] = []
    ended: list[str] = []

    def read() -> None:
        with server.client.stream("GET", "/api/v1/events") as response:
            for line in response.iter_lines():
                heard.append(line)
            ended.append("end")

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    wait_until(lambda: sum(line.startswith("id: ") for line in heard) == 4, seconds=30)
    server.process.send_signal(signal.SIGTERM)
    # Far less than the patience that is had with requests that do not end.
    for thread in threads:
        thread.join(timeout=8)
    assert ended == ["end"] * 4
    assert server.process.wait(timeout=10) == 0


def test_a_rewritten_history_is_told_by_an_event_and_then_it_goes_on(repo: Repo, start: Start) -> None:
    begin = repo.head()
    repo.workflow("demo.first", label="Rewritten")
    gone = repo.commit("To be rewritten")
    server = start(repo.root, "--workers", "1")
    with server.client.stream("GET", f"/api/v1/events?since={begin}") as response:
        events = events_of(response.iter_lines())
        assert next(events).id == gone
        repo.git("reset", "-q", "--hard", begin)
        assert next(events) == Event("reset", begin, {"commit": begin})
        repo.workflow("demo.first", label="Otherwise")
        otherwise = repo.commit("Otherwise")
        assert next(events).id == otherwise
    with server.client.stream("GET", "/api/v1/events", headers={"Last-Event-ID": gone}) as response:
        assert next(events_of(response.iter_lines())) == Event("reset", repo.head(), {"commit": repo.head()})


def test_a_history_that_is_deepened_beside_a_stream_is_not_told_again(repo: Repo, start: Start, tmp_path: Path) -> None:
    for number in range(5):
        repo.workflow("demo.first", label=f"Number {number}")
        repo.commit(f"Number {number}")
    repo.git("clone", "-q", "--depth", "2", f"file://{repo.root}", str(tmp_path / "shallow"))
    shallow = Repo(tmp_path / "shallow")
    server = start(shallow.root, "--workers", "1")
    with server.client.stream("GET", "/api/v1/events") as response:
        events = events_of(response.iter_lines())
        assert [next(events).id for _ in range(2)] == shallow.git("rev-list", "--reverse", "HEAD").split()
        shallow.git("fetch", "-q", "--unshallow")
        # The stream looks at what there is several times meanwhile.
        time.sleep(0.5)
        shallow.workflow("demo.first", label="Later")
        later = shallow.commit("Later")
        assert next(events).id == later
    with server.client.stream("GET", "/api/v1/events") as response:
        ids = [event.id for event in islice(events_of(response.iter_lines()), 7)]
    assert ids == shallow.git("rev-list", "--reverse", "HEAD").split()


def test_an_event_has_all_the_rows_of_its_commit(repo: Repo, start: Start) -> None:
    server = start(repo.root, "--workers", "1")
    repo.workflow("demo.third")
    (repo.root / "packs/demo/workflows/first.yaml").unlink()
    commit = repo.commit("Two things")
    with server.client.stream("GET", "/api/v1/events?since=HEAD~1") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        event = next(events_of(response.iter_lines()))
    feed = server.get("/api/v1/changes?since=HEAD~1").json()["data"]
    assert event == Event("changes", commit, feed)
    assert [(row["ref"], row["change"]) for row in feed] == [("demo.first", "deleted"), ("demo.third", "created")]


def test_a_stream_is_refused_like_any_other_answer(repo: Repo, start: Start) -> None:
    server = start(repo.root, "--workers", "1")
    assert_error(server.new_client(None).get("/api/v1/events"), 401)
    assert_error(server.get("/api/v1/events?since=nowhere"), 404, "REVISION_NOT_FOUND")
    assert_error(server.get("/api/v1/events?at=HEAD"), 400, "INVALID_PARAMETER")
    assert_error(server.get("/api/v1/events", headers={"Last-Event-ID": "7"}), 400, "INVALID_HEADER")


def test_it_gives_signs_of_life_until_the_token_is_revoked(repo: Repo) -> None:
    registry = Registry.open(repo.root)
    store = token_store(registry.repository.state_folder)
    token = store.create("listener", "reader")
    app = create_app(registry, Options(heartbeat_seconds=0.2))

    parts: list[bytes] = []
    requests = iter([{"type": "http.request"}])

    async def receive() -> dict[str, str]:
        request = next(requests, None)
        if request is None:
            await asyncio.sleep(60)
        return request or {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message.get("body"):
            parts.append(message["body"])
            if len(parts) == 4:
                store.revoke("listener")

    headers = {"Authorization": f"Bearer {token}"}
    scope = falcon.testing.create_scope("/api/v1/events", query_string="since=HEAD", headers=headers)
    asyncio.run(asyncio.wait_for(app(scope, receive, send), 20))
    assert parts[0].startswith(b": ")
    assert parts[1:4] == [b": heartbeat\n\n"] * 3
    assert len(parts) <= 5
