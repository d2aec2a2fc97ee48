"""A few lines that would take a validator years, sent or committed: the server goes on answering."""

import time

import pytest

from gitrepo import begun
from serving import Server

pytestmark = pytest.mark.timeout(120)

_TASKS = "definition:\n  tasks:\n    - name: only\n      action: {action}\n      timeout: 30\n"
_HEAD = "label: Fresh\nversion: 1.0.0\n"
_DEFS = "".join(
    f'    a{number}: {{allOf: [{{$ref: "#/$defs/a{number - 1}"}}, {{$ref: "#/$defs/a{number - 1}"}}]}}\n'
    for number in range(1, 46)
)
_SCHEMA = (
    "param_schema:\n  type: object\n  properties:\n    x: {{{default}$ref: '#/$defs/a45'}}\n  $defs:\n    a0: {{}}\n"
)
_CALLER = _HEAD + _TASKS.format(action="demo.called") + "      input: {x: 5}\n"


def _bomb(default: str = "default: 1, ") -> str:
    return _HEAD + _SCHEMA.format(default=default) + _DEFS + _TASKS.format(action="core.noop")


@pytest.fixture(scope="module")
def repo(tmp_path_factory):
    made = begun(tmp_path_factory.mktemp("too_much") / "registry")
    made.workflow("demo.called", _HEAD + _TASKS.format(action="core.noop"))
    made.workflow("demo.caller", _CALLER)
    made.commit()
    return made


@pytest.fixture(scope="module")
def server(repo):
    running = Server(repo.root, "--workers", "1")
    yield running
    running.stop()


def _rules(server: Server, path: str) -> set[str]:
    return {
        problem["rule"]
        for problem in server.get("/api/v1/problems?per_page=100").json()["data"]
        if path in problem["path"]
    }


def test_a_reader_who_sends_such_a_schema_gets_told_at_once(server: Server) -> None:
    reader = server.new_client(server.make_token("reader", "reader"))
    headers = {"Content-Type": "application/yaml"}
    began = time.monotonic()
    answer = reader.post("/api/v1/workflows/validate", content=_bomb(), headers=headers)
    assert "schema-limit" in answer.text
    assert time.monotonic() - began < 10


def test_a_write_of_such_a_schema_is_refused(server: Server) -> None:
    parts = {f"a{number}": {"allOf": [{"$ref": f"#/$defs/a{number - 1}"}] * 2} for number in range(1, 46)}
    schema = {"$defs": {"a0": {}, **parts}, "properties": {"x": {"$ref": "#/$defs/a45", "default": 1}}}
    definition = {"tasks": [{"name": "only", "action": "core.noop"}]}
    body = {"ref": "demo.big", "pack_ref": "demo", "label": "Big", "version": "1.0.0", "definition": definition}
    answer = server.client.post("/api/v1/workflows", json={**body, "param_schema": schema})
    assert answer.status_code in (400, 422)
    assert "schema-limit" in answer.text


def test_one_that_is_committed_takes_nothing_but_itself_out_of_service(repo, server: Server) -> None:
    repo.workflow("demo.bomb", _bomb())
    repo.workflow("demo.called", _bomb(default=""))
    repo.commit()
    assert server.get("/healthz").status_code == 200
    assert server.get("/api/v1/workflows/demo.called").status_code == 200
    assert "schema-limit" in _rules(server, "bomb")
    again = Server(repo.root, "--workers", "1")
    try:
        assert again.get("/api/v1/workflows/demo.caller").status_code == 200
    finally:
        again.stop()
