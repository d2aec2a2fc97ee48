"""The feed test: a consumer that is cut off and resumes at random ends with exactly the registry's state."""

import argparse
import contextlib
import http.client
import json
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .client import GONE, Client
from .clone import Clone, path_of, workflow_text
from .server import Server, make_token
from .surroundings import own_folder
from .verdict import Verdict
from .writers import new_workflow

_WRITERS = 4
_REFS = 60
_PULLS = 8
_PATIENCE_SECONDS = 120
_WHILE_GIT_WORKS = ("GIT_AT_WORK", "BRANCH_MOVED", "INDEX_LOCKED", "REF_LOCKED")


class Consumer(threading.Thread):
    """Reads the stream of events by whatever worker answers, hangs up now and then, and goes on from the last id."""

    def __init__(self, port: int, token: str, dice: random.Random) -> None:
        super().__init__(name="consumer", daemon=True)
        self.ids: list[str] = []
        self.rows: list[dict[str, Any]] = []
        self.resets = 0
        self.cuts = 0
        self._where = ("127.0.0.1", port)
        self._token = token
        self._dice = dice
        self._done = threading.Event()

    def run(self) -> None:
        """Read until told to stop."""
        while not self._done.is_set():
            with contextlib.suppress(*GONE):
                self._read_until_cut()

    def wait_for(self, commit: str) -> bool:
        """True when the event of this commit has come; the consumer stops then."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while commit not in self.ids[-1:] and time.monotonic() < deadline:
            time.sleep(0.02)
        self._done.set()
        return commit in self.ids[-1:]

    def _read_until_cut(self) -> None:
        headers = {"Authorization": f"Bearer {self._token}"}
        if self.ids:
            headers["Last-Event-ID"] = self.ids[-1]
        connection = http.client.HTTPConnection(*self._where, timeout=30)
        with contextlib.closing(connection):
            connection.request("GET", "/api/v1/events", headers=headers)
            answer = connection.getresponse()
            if answer.status != 200:
                raise http.client.HTTPException(f"{answer.status}")
            for event in _events(answer):
                self._take(event)
                if self._done.is_set() or self._dice.random() < 0.03:
                    self.cuts += 1
                    return

    def _take(self, event: dict[str, str]) -> None:
        self.ids.append(event["id"])
        if event["event"] == "reset":
            self.resets += 1
        else:
            self.rows += json.loads(event["data"])


def _events(answer: http.client.HTTPResponse) -> Iterator[dict[str, str]]:
    """Whole events only, as the WHATWG's specification has it: one that is cut off never was."""
    fields: dict[str, str] = {}
    while line := answer.readline():
        if name_value := line.decode().rstrip("\n"):
            name, _, value = name_value.partition(": ")
            fields[name] = value
        else:
            if "data" in fields:
                yield fields
            fields = {}


class Writer(threading.Thread):
    """One client that creates, updates, deletes and creates again, so many times."""

    def __init__(
        self, number: int, client: Client, turns: tuple[int, threading.Event], dice: random.Random, verdict: Verdict
    ) -> None:
        super().__init__(name=f"writer-{number}", daemon=True)
        self._refs = [f"demo.w{number}_{at}" for at in range(_REFS)]
        self._client = client
        self._writes, self._may_write = turns
        self._dice = dice
        self._verdict = verdict
        self._there: set[str] = set()

    def run(self) -> None:
        """Write."""
        with contextlib.closing(self._client):
            for step in range(self._writes):
                self._may_write.wait()
                ref = self._dice.choice(self._refs)
                self._write(ref, f"{self.name}, step {step}")

    def _write(self, ref: str, label: str) -> None:
        path = f"/api/v1/workflows/{ref}"
        if ref not in self._there:
            self._there.add(ref)
            self._ask("POST", "/api/v1/workflows", new_workflow(ref, label))
        elif self._dice.random() < 0.4:
            self._there.remove(ref)
            self._ask("DELETE", path)
        else:
            self._ask("PUT", path, {"label": label})

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> None:
        """While git merges in the clone, a write is refused: it is asked for again."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while (answer := self._client.ask(method, path, body)).code in _WHILE_GIT_WORKS:
            self._verdict.tally["writes asked for again"] += 1
            if time.monotonic() > deadline:
                break
            time.sleep(0.01)
        self._verdict.expect(answer.status < 300, f"{method} {path} was answered {answer.status} {answer.code}")


def run(writes: int, pulled: int, seed: int, *, keep: bool = False) -> int:
    """The exit code after so many writes and pulled commits."""
    verdict = Verdict("feed-test")
    with own_folder("feed", keep=keep) as folder:
        clone = Clone.begin(folder / "clone")
        upstream = _upstream(clone, folder / "upstream")
        server = Server(clone.root, make_token(clone.root))
        try:
            server.wait()
            consumer = Consumer(server.port, server.token, random.Random(seed))
            consumer.start()
            _write_and_pull(server, clone, upstream, (writes, pulled), seed, verdict)
            with contextlib.closing(server.client()) as client:
                last = client.ask("POST", "/api/v1/workflows", new_workflow("demo.last", "The last")).revision
                verdict.expect(consumer.wait_for(last), f"the event of the last commit, {last}, did not come")
                _judge(consumer, clone, _served(client), verdict)
        finally:
            server.stop()
        for line in server.mishaps():
            verdict.lost(f"in the log: {line}")
    return verdict.close()


def _upstream(clone: Clone, root: Path) -> Clone:
    clone.git("clone", "-q", str(clone.root), str(root))
    clone.git("remote", "add", "origin", str(root))
    return Clone(root)


def _write_and_pull(
    server: Server, clone: Clone, upstream: Clone, counts: tuple[int, int], seed: int, verdict: Verdict
) -> None:
    writes, pulled = counts
    clients = server.clients(_WRITERS)
    may_write = threading.Event()
    may_write.set()
    writers = [
        Writer(number, client, (writes // _WRITERS, may_write), random.Random(seed + number), verdict)
        for number, client in enumerate(clients)
    ]
    for writer in writers:
        writer.start()
    for pull in range(_PULLS):
        for number in range(pulled // _PULLS):
            upstream.write(path_of(f"pulled.w{number % 40}"), workflow_text(f"Pull {pull}, number {number}"))
            upstream.write("packs/pulled/pack.yaml", "label: Pulled\nversion: 1.0.0\n")
            upstream.git("add", "-A")
            upstream.git("commit", "-q", "-m", f"Upstream {pull}-{number}")
            verdict.tally["commits pulled"] += 1
        _pull(clone, may_write, verdict)
        verdict.progress(f"{pull + 1} of {_PULLS} pulls")
    for writer in writers:
        writer.join()
    verdict.tally["writes"] += writes // _WRITERS * _WRITERS


def _pull(clone: Clone, may_write: threading.Event, verdict: Verdict) -> None:
    """As a person pulls: while others write, git finds that the branch has moved; then they are asked to wait."""
    command = ("pull", "-q", "--no-rebase", "--no-edit", "origin", "main")
    if clone.tries(*command):
        verdict.tally["pulls while others wrote"] += 1
        return
    may_write.clear()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        # What a merge that lost the race has left is nobody's work.
        for undo in (("merge", "--abort"), ("reset", "-q", "--merge"), ("clean", "-fdq", "packs/pulled")):
            clone.tries(*undo)
        if clone.tries(*command):
            break
        if time.monotonic() > deadline:
            raise RuntimeError(f"a pull did not come through: {clone.status()}")
    may_write.set()


def _judge(consumer: Consumer, clone: Clone, served: dict[str, str], verdict: Verdict) -> None:
    expected = clone.git("log", "--first-parent", "--reverse", "-m", "--format=%H", "--", "packs").split()
    missed, foreign = set(expected) - set(consumer.ids), set(consumer.ids) - set(expected)
    verdict.expect(not missed, f"{len(missed)} commits were missed: {sorted(missed)[:3]}")
    verdict.expect(not foreign, f"{len(foreign)} events are of no commit of the line: {sorted(foreign)[:3]}")
    verdict.expect(len(consumer.ids) == len(set(consumer.ids)), "events came twice")
    verdict.expect(consumer.ids == expected or missed or foreign, "events came in another order than their commits")
    verdict.expect(consumer.resets == 0, f"{consumer.resets} times the consumer was told to start over")
    added_up: dict[str, str] = {}
    for row in consumer.rows:
        if row["kind"] == "workflow":
            added_up[row["ref"]] = row["commit"]
            if row["change"] == "deleted":
                del added_up[row["ref"]]
    verdict.expect(added_up == served, f"added up, the feed says {len(added_up)}, served are {len(served)} workflows")
    verdict.tally["events"] += len(consumer.ids)
    verdict.tally["cuts"] += consumer.cuts
    verdict.tally["workflows in the end"] += len(served)


def _served(client: Client) -> dict[str, str]:
    """Which workflows there are, and the newest commit of the history of each."""
    found: dict[str, str] = {}
    page, pages = 1, 1
    while page <= pages:
        answer = client.ask("GET", f"/api/v1/workflows?per_page=100&page={page}").json()
        page, pages = page + 1, answer["meta"]["total_pages"]
        for item in answer["data"]:
            history = client.ask("GET", f"/api/v1/workflows/{item['ref']}/history?per_page=1").json()
            found[item["ref"]] = history["data"][0]["commit"]
    return found


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writes", type=int, default=2000)
    parser.add_argument("--pulled", type=int, default=200)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**6)
    parser.add_argument("--keep", action="store_true", help="keep the folder, for a look at what went wrong")
    asked = parser.parse_args()
    print(
        f"feed-test: {asked.writes} writes on 2 workers, {asked.pulled} commits pulled, seed {asked.seed}", flush=True
    )
    return run(asked.writes, asked.pulled, asked.seed, keep=asked.keep)


if __name__ == "__main__":
    raise SystemExit(main())
