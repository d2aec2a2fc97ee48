"""The checks over HTTP: of what is sent, and of a pack as it is."""

import json
import sqlite3
import time

import pytest

from attune_registry.checks.rules import RULES
from gitrepo import Repo, begun
from http_asserts import assert_error
from serving import Server

CHECK = "/api/v1/workflows/validate"
DEFINITION = {"tasks": [{"name": "only", "action": "core.noop", "timeout": 30}]}
BODY = {"ref": "demo.fresh", "pack_ref": "demo", "label": "Fresh", "version": "1.0.0", "definition": DEFINITION}
TEXT = """\
label: Fresh
version: 1.0.0
definition:
  tasks:
    - name: only
      action: core.noop
      timeout: 30
"""
YAML = {"Content-Type": "application/yaml"}
KEYS = ["path", "line", "column", "rule", "severity", "message", "pointer", "hint"]
CALLED = TEXT.replace("core.noop", "core.ping\n      input: {host: '{{ host }}'}")
CALLED += "param_schema:\n  type: object\n  required: [host]\n  properties: {host: {type: string}}\n"


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A server that all tests here share."""
    repo = begun(tmp_path_factory.mktemp("validation") / "registry")
    repo.workflow("demo.called", CALLED)
    repo.commit()
    running = Server(repo.root, "--workers", "1")
    yield running
    running.stop()
    assert "Traceback" not in running.output(), running.output()


@pytest.fixture
def server(shared):
    """The server, in front of what was there at first."""
    repo = Repo(shared.root)
    first = repo.head()
    yield shared
    repo.git("reset", "-q", "--hard", first)


@pytest.fixture
def check(server):
    """Send something to be checked as a reader; the `data` of the answer, after which nothing may be written."""
    repo = Repo(server.root)
    reader = server.new_client(server.make_token(f"reader-{time.monotonic_ns()}", "reader"))
    before = state(repo)

    def ask(sent, *, ref=None, media="application/yaml"):
        params = {"ref": ref} if ref else {}
        if isinstance(sent, dict):
            answer = reader.post(CHECK, json=sent, params=params)
        else:
            answer = reader.post(CHECK, content=sent, headers={"Content-Type": media}, params=params)
        assert answer.status_code == 200, answer.text
        assert list(answer.json()) == ["data"]
        data = answer.json()["data"]
        assert all(list(problem) == KEYS for problem in data["problems"])
        assert data["valid"] is not any(problem["severity"] == "error" for problem in data["problems"])
        return data

    yield ask
    assert before == state(repo)


def state(repo):
    return repo.status(), repo.git("count-objects"), repo.git("for-each-ref", "refs/heads")


def kept(root):
    """How many records the cache holds."""
    database = sqlite3.connect(root / ".git/attune-registry/records.sqlite")
    try:
        return database.execute("SELECT count(*) FROM record").fetchone()
    finally:
        database.close()


def test_what_is_tried_out_takes_no_place_on_disk(check, server):
    before = kept(server.root)
    check(BODY)
    check(TEXT, ref="demo.first")
    assert kept(server.root) == before


def found(data):
    return {(problem["rule"], problem["line"]) for problem in data["problems"]}


def test_a_good_workflow_is_valid_as_json_and_as_yaml(check):
    for data in (check(BODY), check(TEXT, ref="demo.fresh"), check("ref: demo.fresh\n" + TEXT), check(TEXT)):
        assert (data["valid"], data["problems"]) == (True, [])
        assert data["graph"]["tasks"] == ["only"]
        assert data["graph"]["starts"] == ["only"]


@pytest.mark.parametrize("media", ["application/yaml", "application/x-yaml", "text/yaml; charset=utf-8"])
def test_yaml_is_taken_by_all_its_names(check, media):
    assert check(TEXT, media=media)["valid"] is True


def test_problems_of_a_text_have_their_places(check):
    wrong = TEXT.replace("label:", "labl:").replace("timeout: 30", "timeout: soon")
    data = check(wrong, ref="demo.fresh")
    assert data["valid"] is False
    assert {("unknown-field", 1), ("schema-type", 7)} <= found(data)
    assert {problem["path"] for problem in data["problems"]} == {"packs/demo/workflows/fresh.yaml"}
    problem = next(problem for problem in data["problems"] if problem["rule"] == "unknown-field")
    assert "label" in problem["hint"]


def test_yaml_that_is_none_is_a_problem_and_no_error_of_the_request(check):
    assert found(check("a: [", ref="demo.fresh")) == {("yaml-syntax", 1)}
    assert check("")["valid"] is False


def test_problems_of_a_body_have_their_places_in_it(check):
    body = {**BODY, "label": 5, "colour": "red"}
    del body["version"]
    text = json.dumps(body, indent=2)
    data = check(text, media="application/json")
    at = {problem["pointer"]: (problem["rule"], problem["line"]) for problem in data["problems"]}
    lines = text.splitlines()
    assert at["/label"] == ("schema-type", next(n for n, line in enumerate(lines, 1) if '"label"' in line))
    assert at["/colour"] == ("unknown-field", next(n for n, line in enumerate(lines, 1) if '"colour"' in line))
    assert at["/version"][0] == "schema-required"
    assert {rule for rule, _ in at.values()} <= set(RULES)


def test_a_body_that_reads_otherwise_as_yaml_has_its_problems_at_its_beginning(check):
    text = json.dumps({**BODY, "description": "\U0001f600", "label": 5}, indent=2)
    assert "\\ud83d" in text, "which are two characters in YAML, and half of one in JSON"
    assert found(check(text, media="application/json")) == {("schema-type", 1)}


def test_what_creating_would_refuse_is_not_valid(check, server):
    """The verdict on a body is that of the POST that it is meant for, and the pointers are the same."""
    bodies = [
        {**BODY, "label": ""},
        {**BODY, "ref": "demo"},
        {**BODY, "pack_ref": "other"},
        {**BODY, "definition": {"tasks": [{"name": "only"}]}},
        {**BODY, "definition": None},
        {key: value for key, value in BODY.items() if key != "ref"},
        {},
    ]
    for body in bodies:
        data = check(body)
        refusal = assert_error(server.client.post("/api/v1/workflows", json=body), 400)
        assert data["valid"] is False
        errors = {problem["pointer"] for problem in data["problems"] if problem["severity"] == "error"}
        assert errors == {detail["pointer"] for detail in refusal["details"]}, body


def test_calls_of_other_workflows_are_checked(check):
    caller = TEXT.replace("core.noop", "demo.called")
    for data in (check(caller, ref="demo.fresh"), check(caller)):
        assert ("action-input-missing", 6) in found(data)
    assert ("action-unknown", 6) in found(check(TEXT.replace("core.noop", "demo.caled"), ref="demo.fresh"))
    assert ("action-cycle", 6) in found(check(TEXT.replace("core.noop", "demo.fresh"), ref="demo.fresh"))


def test_what_a_change_breaks_elsewhere_is_told_with_its_path(server):
    repo = Repo(server.root)
    path = repo.workflow("demo.caller", TEXT.replace("core.noop", "demo.second"))
    repo.commit()
    answer = server.client.post(CHECK, content=CALLED, headers=YAML, params={"ref": "demo.second"})
    problems = answer.json()["data"]["problems"]
    assert [(problem["path"], problem["rule"]) for problem in problems] == [(path, "action-input-missing")]


def test_what_a_body_breaks_elsewhere_has_its_place_there(server):
    repo = Repo(server.root)
    path = repo.workflow("demo.caller", TEXT.replace("core.noop", "demo.second"))
    repo.commit()
    schema = {"type": "object", "required": ["host"], "properties": {"host": {"type": "string"}}}
    body = {**BODY, "ref": "demo.second", "param_schema": schema}
    problems = server.client.post(CHECK, json=body).json()["data"]["problems"]
    assert (path, 6) in {(problem["path"], problem["line"]) for problem in problems}


def test_a_text_for_a_pack_that_is_not_there_says_so(check):
    data = check(TEXT, ref="nowhere.fresh")
    assert [(problem["path"], problem["rule"]) for problem in data["problems"]] == [
        ("packs/nowhere/pack.yaml", "pack-missing")
    ]
    assert data["valid"] is False


def test_the_present_text_of_a_workflow_is_as_valid_as_it_is(check, server):
    text = (server.root / "packs/demo/workflows/first.yaml").read_text()
    assert check(text, ref="demo.first")["problems"] == []
    assert ("ref-path-mismatch", 1) in found(check("ref: demo.other\n" + text, ref="demo.first"))
    assert ("ref-path-mismatch", 1) in found(check({**BODY, "ref": "demo.first"}, ref="demo.second"))
    assert check({key: value for key, value in BODY.items() if key not in ("ref", "pack_ref")}, ref="demo.x")["valid"]


def test_the_rules_are_those_of_the_registry(server):
    text = TEXT.replace("timeout: 30", "timeout: 0")
    assert found(server.client.post(CHECK, content=text, headers=YAML).json()["data"]) == {("timeout-bounds", 7)}
    repo = Repo(server.root)
    repo.write("registry/config.yaml", "rules: {timeout-bounds: off}\n")
    repo.commit()
    assert server.client.post(CHECK, content=text, headers=YAML).json()["data"]["problems"] == []


def test_requests_that_are_none_are_refused_as_elsewhere(server):
    client, stranger = server.client, server.new_client(None)
    assert_error(stranger.post(CHECK, json=BODY), 401, "MISSING_TOKEN")
    assert_error(stranger.post("/api/v1/packs/demo/workflows/validate"), 401, "MISSING_TOKEN")
    assert_error(client.post(CHECK, content="x", headers={"Content-Type": "text/plain"}), 415)
    assert_error(client.post(CHECK, content=b"a" * (1 << 20) + b"a", headers=YAML), 413)
    assert_error(client.post(CHECK, content="{", headers={"Content-Type": "application/json"}), 400, "MALFORMED_BODY")
    assert_error(client.post(CHECK, json=[]), 400, "MALFORMED_BODY")
    assert_error(client.post(CHECK, json=BODY, params={"ref": "demo"}), 400, "INVALID_PARAMETER")
    assert_error(client.post(CHECK, json=BODY, params={"reff": "demo.x"}), 400, "INVALID_PARAMETER")
    assert_error(client.post(CHECK, json=BODY, headers={"Accept": "text/html"}), 406)
    assert_error(client.get(CHECK), 405)
    assert_error(client.post("/api/v1/packs/nowhere/workflows/validate"), 404, "PACK_NOT_FOUND")


def test_a_read_only_server_checks_too(repo, start):
    server = start(repo.root, "--workers", "1", "--read-only")
    assert server.client.post(CHECK, json=BODY).json()["data"]["valid"] is True


def test_a_pack_is_checked_as_it_is_in_the_platforms_words_and_ours(server):
    client, repo = server.client, Repo(server.root)
    url = "/api/v1/packs/demo/workflows/validate"
    good = client.post(url)
    assert good.json() == {
        "data": {
            "pack_ref": "demo",
            "valid": True,
            "files": 3,
            "validated_count": 3,
            "error_count": 0,
            "errors": {},
            "problems": [],
        },
        "message": "Pack workflows validated successfully",
    }
    repo.workflow("demo.broken", TEXT.replace("label:", "labl:"))
    repo.workflow("demo.caller", TEXT.replace("core.noop", "demo.called"))
    repo.workflow("elsewhere.broken", "a: [")
    repo.commit()
    data = client.post(url).json()["data"]
    assert (data["valid"], data["files"], data["error_count"]) == (False, 5, 1)
    assert data["errors"].keys() == {"demo.broken"}
    assert all(isinstance(message, str) for message in data["errors"]["demo.broken"])
    assert ("packs/demo/workflows/caller.yaml", "action-input-missing") in {
        (problem["path"], problem["rule"]) for problem in data["problems"]
    }
    listed = client.get("/api/v1/problems", params={"per_page": 100}).json()["data"]
    assert data["problems"] == [problem for problem in listed if problem["path"].startswith("packs/demo/")]


def test_a_broken_pack_without_workflows_is_checked(server):
    repo = Repo(server.root)
    repo.write("packs/bad/pack.yaml", "labl: Bad\n")
    repo.commit()
    data = server.client.post("/api/v1/packs/bad/workflows/validate").json()["data"]
    assert (data["valid"], data["files"], data["error_count"]) == (False, 0, 0)
