import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest
from commands import COMMAND, attune, environment, git

from attune_registry.access.tokens import token_store
from attune_registry.cli.serve import renewed_demo_token
from attune_registry.git.repository import Repository
from attune_registry.logs import without_secrets, without_tokens
from serving import processes_of


class Serving:
    """A server that runs, its address and what it has printed."""

    def __init__(self, process):
        self.process = process
        self.said = [process.stdout.readline()]
        self.address = re.search(r"http://\S+", self.said[0])[0]

    @property
    def port(self):
        return int(self.address.rpartition(":")[2])

    def get(self, path, **headers):
        return httpx.get(self.address + path, headers=headers)

    def answers(self, seconds):
        """True as soon as it does; what a dying worker had accepted is cut off, and asked again."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                return self.get("/healthz").status_code == 200
            except httpx.TransportError:
                time.sleep(0.05)
        return False

    def ended(self, seconds):
        self.process.wait(seconds)
        return self.process.returncode


@contextlib.contextmanager
def serving(folder, *arguments):
    process = subprocess.Popen(
        (COMMAND, "serve", "--port", "0", *arguments),
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Serving(process)
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def folder(tmp_path):
    attune(tmp_path, "init", ".")
    return tmp_path


def test_a_free_port_is_found_and_named_and_the_process_is_up(folder):
    with serving(folder) as server:
        assert server.port > 0
        assert server.get("/healthz").status_code == 200
        assert server.get("/api/v1/workflows").status_code == 401


def workers_of(server):
    return list(map(str, processes_of(server.process.pid)["workers"]))


def connections_at(server):
    """How many connections of clients each worker has."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    established = {f[9] for f in lines if f[1].endswith(f":{server.port:04X}") and f[3] == "01"}
    return [
        sum(os.readlink(file)[len("socket:[") : -1] in established for file in Path(f"/proc/{pid}/fd").iterdir())
        for pid in workers_of(server)
    ]


@pytest.mark.parametrize("workers", [2, 4])
def test_clients_that_waited_for_the_server_are_shared_out_among_its_workers(folder, workers):
    """Evenly, but where a worker has other things to do for longer than another one waits for it."""
    with serving(folder, "--workers", str(workers)) as server, contextlib.ExitStack() as clients:
        for _ in range(32):
            client = clients.enter_context(httpx.Client(base_url=server.address))
            assert client.get("/healthz").status_code == 200
        assert min(connections_at(server)) >= 32 // workers // 2


def test_clients_come_to_those_that_are_left_when_a_worker_dies(folder):
    """None is lost that had not been taken yet."""
    with serving(folder, "--workers", "2") as server, contextlib.ExitStack() as clients:
        assert server.answers(5)
        subprocess.run(("kill", "-9", workers_of(server)[0]), check=True)
        for _ in range(20):
            client = clients.enter_context(httpx.Client(base_url=server.address))
            assert client.get("/healthz").status_code == 200


def test_a_server_ends_at_once_although_clients_keep_their_connections(folder):
    with (
        serving(folder) as server,
        httpx.Client() as client,
        socket.create_connection(("127.0.0.1", server.port)) as silent,
    ):
        for _ in range(4):
            assert client.get(server.address + "/healthz").status_code == 200
        begun = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.ended(5) == 0
        assert time.monotonic() - begun < 3
        assert silent.recv(1) == b""


def test_a_server_that_is_stopped_while_it_starts_stops(folder):
    for pause in (0, 0.05):
        with serving(folder, "--workers", "4") as server:
            time.sleep(pause)
            server.process.send_signal(signal.SIGTERM)
            assert server.ended(5) == 0


def test_ctrl_c_ends_a_server_quietly(folder):
    with serving(folder) as server:
        server.get("/healthz")
        server.process.send_signal(signal.SIGINT)
        assert server.ended(5) == 0
        assert server.process.stderr.read() == ""


def test_a_worker_that_dies_is_replaced(folder):
    with serving(folder, "--workers", "1") as server:
        server.get("/healthz")
        (worker,) = workers_of(server)
        subprocess.run(("kill", "-9", worker), check=True)
        assert server.answers(30)


def test_the_demo_token_works_and_stands_in_a_line_to_paste(folder):
    with serving(folder, "--demo-token") as server:
        line = ""
        while not line.strip().startswith("curl"):
            line = server.process.stdout.readline()
        assert line.strip().endswith(f"{server.address}/api/v1/workflows")
        bearer = re.search(r"Bearer \S+(?=\")", line)[0]
        assert server.get("/api/v1/workflows", Authorization=bearer).status_code == 200


def test_an_earlier_demo_token_is_worthless(folder):
    repository = Repository.open(folder)
    old, new = renewed_demo_token(repository), renewed_demo_token(repository)
    store = token_store(repository.state_folder)
    assert store.find(old) is None
    assert store.find(new).role == "admin"


def test_a_port_that_is_taken_is_a_sentence(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = attune(folder, "serve", "--port", taken.getsockname()[1])
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert b"Address already in use. Choose another" in done.stderr


def test_a_public_key_in_place_of_the_secret_is_a_sentence(folder):
    key = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n"
    done = attune(folder, "serve", "--port", "0", ATTUNE_REGISTRY_JWT_SECRET=key)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"Error: ATTUNE_REGISTRY_JWT_SECRET holds a public key")
    assert done.stderr.count(b"\n") == 1


def test_a_repository_of_another_format_is_answered_with_the_reason(tmp_path):
    git(tmp_path, "init", "-q", "--object-format=sha256")
    with serving(tmp_path) as server:
        answer = server.get("/api/v1/workflows")
        assert answer.status_code == 503
        assert "sha1 object format" in answer.json()["error"]


def test_logs_are_json_lines_when_piped_and_hold_no_token(folder):
    with serving(folder, "--access-log") as server:
        server.get("/api/v1/workflows", Authorization="Bearer art_secret")
        for query in ("access_token=art_secret", "q=x&auth=art_secret&page=2", "q=%61rt_secret", "TOKEN=a_secret"):
            server.get(f"/api/v1/workflows?{query}")
        server.process.send_signal(signal.SIGTERM)
        server.ended(5)
        logged = server.process.stderr.read()
    events = [json.loads(line) for line in logged.splitlines()]
    assert any("GET /api/v1/workflows" in event["event"] for event in events)
    assert any("GET /api/v1/workflows?q=x&auth=[removed]&page=2 HTTP/1.1" in event["event"] for event in events)
    assert "secret" not in logged


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?access_token=abc", "?access_token=[removed]"),
        ("?page=2&%74oken=a+b&q=x", "?page=2&%74oken=[removed]&q=x"),
        ("?q=art_abc", "?q=[removed]"),
        ("?q=Bearer%20abc&tags=art", "?q=[removed]&tags=art"),
        ("?a=1;jwt=eyJhbGciOi.eyJzdWIi.c2ln", "?a=1;jwt=[removed]"),
        ("??token=abc", "??token=[removed]"),
        ("?q=%2561&q=start_art_&x", "?q=%2561&q=start_art_&x"),
        ("", ""),
    ],
)
def test_a_token_in_a_query_is_left_out_of_the_log_and_nothing_else(query, told):
    assert without_tokens(f"/a=art_b{query}") == f"/a=art_b{told}"


@pytest.mark.parametrize("filler", ["?", "&", "a", "=", ";a", "?a="])
def test_any_query_is_looked_through_in_little_time(filler):
    began = time.process_time()
    without_tokens("/?" + filler * (100_000 // len(filler)))
    assert time.process_time() - began < 2


def test_what_could_let_somebody_in_is_taken_out_of_every_event():
    event = without_secrets(None, "info", {"event": "x", "Authorization": "Bearer art_1", "demo_token": "art_2"})
    assert event == {"event": "x", "Authorization": "[removed]", "demo_token": "[removed]"}
