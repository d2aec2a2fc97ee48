"""What is refused, with which status, and that nothing is written then."""

import gzip
import socket
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from attune_registry.access.tokens import token_store
from gitrepo import WORKFLOW, Repo
from http_asserts import assert_error
from in_process import Api
from serving import Server

GOOD = {
    "ref": "demo.new",
    "pack_ref": "demo",
    "label": "New",
    "version": "1.0.0",
    "definition": {"tasks": [{"name": "only", "action": "core.noop"}]},
}


@pytest.fixture
def server(repo: Repo, start: Callable[..., Any]) -> Any:
    return start(repo.root, "--workers", "1")


def test_a_request_without_a_good_token_is_401(refusing_server: Server) -> None:
    nobody = refusing_server.new_client(None)
    for path in ("/api/v1/workflows", "/api/v1/nothing", "/api/v1/packs/demo"):
        assert_error(nobody.get(path), 401)
        assert nobody.get(path).headers["www-authenticate"].startswith("Bearer")
    assert_error(nobody.get("/api/v1/packs", headers={"Authorization": "Bearer art_wrong"}), 401)
    assert nobody.get("/healthz").status_code == 200
    assert nobody.get("/readyz").status_code == 200


def test_roles_and_packs_are_kept_to(server: Any, repo: Repo) -> None:
    head = repo.head()
    reader = server.new_client(server.make_token("reader", "reader"))
    stranger = server.new_client(server.make_token("stranger", "editor", "--pack", "other*"))
    assert reader.get("/api/v1/workflows").status_code == 200
    for client in (reader, stranger):
        assert_error(client.post("/api/v1/workflows", json=GOOD), 403)
        assert_error(client.put("/api/v1/workflows/demo.first", json={"enabled": False}), 403)
        assert_error(client.delete("/api/v1/workflows/demo.first"), 403)
        assert_error(client.post("/api/v1/packs", json={"ref": "demo2", "label": "x", "version": "1.0.0"}), 403)
    assert repo.head() == head


def test_a_revoked_token_counts_no_more_at_once(server: Any) -> None:
    client = server.new_client(server.make_token("gone", "reader"))
    assert client.get("/api/v1/packs").status_code == 200
    subprocess.run([*server.command, "token", "revoke", "gone", "--repo", str(server.root)], check=True)
    assert_error(client.get("/api/v1/packs"), 401)


def test_a_token_counts_from_when_it_is_made_until_it_is_revoked_beside_other_requests(server: Any, repo: Repo) -> None:
    """Requests that a worker answers together share their look at the tokens."""
    store = token_store(repo.root / ".git" / "attune-registry")
    path = "/api/v1/workflows/demo.first"
    is_over = threading.Event()

    def ask_all_the_time() -> None:
        client = server.new_client(server.token)
        while not is_over.is_set():
            assert client.get(path).status_code == 200

    with ThreadPoolExecutor(6) as others:
        asking = [others.submit(ask_all_the_time) for _ in range(6)]
        nobody = server.new_client(None)
        try:
            for _ in range(40):
                headers = {"Authorization": f"Bearer {store.create('passing', 'reader')}"}
                assert nobody.get(path, headers=headers).status_code == 200
                assert nobody.get("/api/v1/packs", headers=headers).status_code == 200
                store.revoke("passing")
                assert_error(nobody.get(path, headers=headers), 401)
        finally:
            is_over.set()
        for one in asking:
            one.result()


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"label": None}, {"/label"}),
        ({"lable": "x"}, {"/lable"}),
        ({"version": "1.0"}, {"/version"}),
        ({"label": 5, "version": "x", "tags": "a"}, {"/label", "/version", "/tags"}),
        ({"ref": "other.new"}, {"/ref"}),
        ({"ref": "demo"}, {"/ref"}),
        ({"ref": "demo.a/b"}, {"/ref"}),
        ({"ref": "demo...\u0000"}, {"/ref"}),
        ({"ref": "../../etc.x", "pack_ref": "../../etc"}, {"/ref", "/pack_ref"}),
        *(({"pack_ref": wrong}, {"/pack_ref"}) for wrong in (["demo"], 5, "", "a b", {"a": 1}, False, "x" * 201)),
        ({"ref": "bad", "pack_ref": {"a": 1}}, {"/ref", "/pack_ref"}),
        ({"ref": ["demo"], "pack_ref": 5, "label": 5}, {"/ref", "/pack_ref", "/label"}),
        ({"definition": {"tasks": [{"name": "a"}]}}, {"/definition/tasks/0"}),
        ({"definition": {"tasks": [{"name": "a", "action": "nodot"}]}}, {"/definition/tasks/0/action"}),
        (
            {"definition": {"tasks": [{"name": "a", "action": "b.c", "on_success": "z", "timeout": -1}]}},
            {"/definition/tasks/0/on_success", "/definition/tasks/0/timeout"},
        ),
        (
            {"definition": {"tasks": [{"name": "a", "action": "b.c"}, {"name": "a", "action": "b.c"}]}},
            {"/definition/tasks/1/name"},
        ),
        (
            {"definition": {"tasks": [{"name": "a", "action": "b.c", "input": {"x": "{{ oops"}}]}},
            {"/definition/tasks/0/input/x"},
        ),
        ({"param_schema": {"type": "strin"}}, {"/param_schema/type"}),
        ({"out_schema": {"required": "x"}}, {"/out_schema/required"}),
    ],
)
def test_a_bad_workflow_is_400_with_every_problem(
    refusing_server: Server, changes: dict[str, Any], pointers: set[str]
) -> None:
    repo = Repo(refusing_server.root)
    head = repo.head()
    body = assert_error(refusing_server.client.post("/api/v1/workflows", json=GOOD | changes), 400)
    assert {detail["pointer"] for detail in body["details"]} == pointers
    assert repo.head() == head
    assert repo.status() == ""


def _nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("value", [_nested(70), [1] * 200_000, ["\n\n"] * 90_000], ids=["deep", "many", "long"])
def test_more_than_a_file_may_hold_is_400(refusing_server: Server, value: Any) -> None:
    repo = Repo(refusing_server.root)
    head = repo.head()
    definition = {**GOOD["definition"], "variables": {"v": value}}
    client = refusing_server.client
    for answer in (
        client.post("/api/v1/workflows", json=GOOD | {"definition": definition}),
        client.put("/api/v1/workflows/demo.first", json={"definition": definition}),
    ):
        body = assert_error(answer, 400, "DOCUMENT_TOO_LARGE")
        assert [detail["rule"] for detail in body["details"]] == ["yaml-limit"]
    assert repo.head() == head
    assert repo.status() == ""


def test_unknown_fields_come_with_the_nearest_known_name(refusing_server: Server) -> None:
    body = assert_error(refusing_server.client.post("/api/v1/workflows", json=GOOD | {"lable": "x"}), 400)
    assert "label" in body["details"][0]["hint"]
    body = assert_error(refusing_server.client.put("/api/v1/workflows/demo.first", json={"enable": False}), 400)
    assert "enabled" in body["details"][0]["hint"]


def test_refusals_of_a_post_come_in_order(refusing_server: Server) -> None:
    post = refusing_server.client.post
    bad_in_no_pack = GOOD | {"ref": "none.first", "pack_ref": "none", "label": 5}
    assert_error(post("/api/v1/workflows", json=bad_in_no_pack), 400)
    assert_error(post("/api/v1/workflows", json=bad_in_no_pack | {"label": "x"}), 404, "PACK_NOT_FOUND")
    assert_error(post("/api/v1/workflows", json=GOOD | {"ref": "demo.first"}), 409, "WORKFLOW_EXISTS")
    assert_error(post("/api/v1/workflows", json=GOOD | {"ref": "demo.FIRST"}), 409, "REF_COLLISION")
    precondition = {"If-None-Match": "*"}
    assert_error(post("/api/v1/workflows", json=GOOD | {"ref": "demo.first"}, headers=precondition), 412)


def test_read_only_fields_may_come_back_unchanged_only(server: Any) -> None:
    data = server.get("/api/v1/workflows/demo.first").json()["data"]
    assert server.client.put("/api/v1/workflows/demo.first", json=data).status_code == 200
    for name, value in {"id": 1, "ref": "demo.x", "pack_ref": "x", "created": "2020-01-01T00:00:00Z"}.items():
        body = assert_error(server.client.put("/api/v1/workflows/demo.first", json={name: value}), 400)
        assert [detail["pointer"] for detail in body["details"]] == [f"/{name}"]
    for name in ("label", "version", "tags", "enabled", "definition"):
        assert_error(server.client.put("/api/v1/workflows/demo.first", json={name: None}), 400)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'{"ref": "a", "ref": "b"}', 400),
        (b'{"tags": [{"a": 1, "a": 2}]}', 400),
        (b'{"timeout": NaN}', 400),
        (b'{"timeout": 1e999}', 400),
        (b'{"label": "\xff"}', 400),
        (b'{"label": "\\ud800"}', 400),
        (b'{"id": 123456789012345678901234567890}', 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 50_000, 400),
        (b'{"label": "' + b"x" * (1 << 20) + b'"}', 413),
    ],
)
def test_malformed_bodies_are_refused(refusing_server: Server, content: bytes, status: int) -> None:
    headers = {"Content-Type": "application/json"}
    for method, path in (("POST", "/api/v1/workflows"), ("PUT", "/api/v1/workflows/demo.first")):
        assert_error(refusing_server.client.request(method, path, content=content, headers=headers), status)


def test_a_coded_body_is_refused_and_told_to_come_uncoded(refusing_server: Server) -> None:
    api = refusing_server.client
    for coding, content in (("gzip", gzip.compress(b"{}")), ("gzip", b"{}"), ("identity, br", b"{}")):
        headers = {"Content-Type": "application/json", "Content-Encoding": coding}
        for method, path in (("PUT", "/api/v1/workflows/demo.first"), ("POST", "/api/v1/workflows/validate")):
            answer = api.request(method, path, content=content, headers=headers)
            assert "Content-Encoding" in assert_error(answer, 415)["error"]
            assert answer.headers["accept-encoding"] == "identity"
    for coding in ("identity", "IDENTITY", ""):
        headers = {"Content-Type": "application/json", "Content-Encoding": coding}
        assert api.put("/api/v1/workflows/demo.first", content=b"{}", headers=headers).status_code == 200


def test_a_byte_order_mark_before_a_body_is_passed_over(refusing_server: Server) -> None:
    headers = {"Content-Type": "application/json"}
    api, content = refusing_server.client, b'\xef\xbb\xbf{"label": "first"}'
    assert api.put("/api/v1/workflows/demo.first", content=content, headers=headers).status_code == 200
    answer = api.post("/api/v1/workflows/validate?ref=demo.first", content=content, headers=headers)
    lines = {(problem["line"], problem["column"]) for problem in answer.json()["data"]["problems"]}
    assert lines == {(1, 1)}


@pytest.mark.parametrize("is_announced", [True, False])
def test_who_sends_too_much_always_hears_of_it(refusing_server: Server, is_announced: bool) -> None:
    """A server that hangs up on what it has not read takes its answer back: one in eleven was not heard."""
    headers = {"Content-Type": "application/json"}
    part = b"x" * (1 << 18)
    for _ in range(60):
        content = part * 5 if is_announced else iter([part] * 5)
        answer = refusing_server.client.post("/api/v1/workflows", content=content, headers=headers)
        assert_error(answer, 413)


def test_other_paths_methods_and_media_are_refused(refusing_server: Server) -> None:
    api = refusing_server.client
    assert_error(api.get("/api/v1/nothing"), 404)
    assert_error(api.get("/elsewhere"), 404)
    assert_error(api.get("/api/v1/workflows/demo.none"), 404, "WORKFLOW_NOT_FOUND")
    assert_error(api.get("/api/v1/packs/none/workflows"), 404, "PACK_NOT_FOUND")
    assert_error(api.put("/api/v1/workflows/demo.none", json={}), 404, "WORKFLOW_NOT_FOUND")
    assert_error(api.delete("/api/v1/workflows/demo.none"), 404, "WORKFLOW_NOT_FOUND")
    refused = api.patch("/api/v1/workflows/demo.first", json={})
    assert_error(refused, 405)
    assert {"GET", "PUT", "DELETE"} <= set(refused.headers["allow"].split(", "))
    for path, offered in (
        ("/api/v1/workflows", "application/json"),
        ("/api/v1/workflows/demo.first", "application/json"),
        ("/api/v1/diff?from=HEAD", "application/json or text/x-diff"),
        ("/api/v1/workflows/demo.first/diff?from=HEAD", "application/json or text/x-diff"),
        ("/api/v1/events", "text/event-stream"),
    ):
        refused = assert_error(api.get(path, headers={"Accept": "text/html"}), 406, "NOT_ACCEPTABLE")
        assert refused["error"] == f"This is served as {offered} only; send 'Accept: {offered.partition(' ')[0]}'."
    assert_error(api.post("/api/v1/workflows", content=b"a=b", headers={"Content-Type": "text/plain"}), 415)


@pytest.mark.parametrize("accept", ["application/json, ,", ",application/json", ",", "text/html;q=0.1, ,*/*"])
def test_empty_parts_of_what_is_accepted_are_passed_over(refusing_server: Server, accept: str) -> None:
    assert refusing_server.client.get("/api/v1/workflows", headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        *(("page=0", "page"), ("page=-1", "page"), ("page=x", "page"), ("page=", "page"), ("page=1.5", "page")),
        *(
            ("per_page=0", "per_page"),
            ("per_page=ten", "per_page"),
            ("enabled=yes", "enabled"),
            ("sort=id", "sort"),
        ),
        *(("sort=--ref", "sort"), ("sort=", "sort"), ("page=1&page=2", "page")),
    ],
)
def test_a_bad_parameter_is_named(refusing_server: Server, query: str, parameter: str) -> None:
    body = assert_error(refusing_server.get(f"/api/v1/workflows?{query}"), 400)
    assert parameter in body["error"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "workflows?"),
        ("GET", "workflows/demo.first?"),
        ("GET", "packs?"),
        ("GET", "packs/demo?"),
        ("GET", "packs/demo/workflows?"),
        ("POST", "packs/demo/workflows/validate?"),
        ("POST", "workflows/validate?"),
        ("GET", "problems?"),
        ("GET", "workflows/demo.first/history?"),
        ("GET", "packs/demo/history?"),
        ("GET", "history?"),
        ("GET", "workflows/demo.first/diff?from=HEAD&"),
        ("GET", "diff?from=HEAD&"),
        ("GET", "changes?"),
        ("GET", "events?"),
        ("GET", "proposals?"),
    ],
)
def test_a_parameter_that_nobody_knows_is_not_passed_over(refusing_server: Server, method: str, path: str) -> None:
    answer = refusing_server.client.request(method, f"/api/v1/{path}author=jane")
    body = assert_error(answer, 400, "INVALID_PARAMETER")
    assert body["details"][0]["parameter"] == "author"
    assert "There is no parameter 'author' here; there are " in body["error"]


def test_where_there_are_none_every_parameter_is_refused(refusing_server: Server) -> None:
    answer = refusing_server.client.request("GET", "/api/v1/proposals/none?author=jane")
    body = assert_error(answer, 400, "INVALID_PARAMETER")
    assert "There is no parameter 'author' here; leave it out." in body["error"]


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("workflows?page=0&per_page=x&enabled=maybe&sort=foo", ["enabled", "page", "per_page", "sort"]),
        ("workflows?page=0&zzz=1&search=a&search=b", ["page", "search", "zzz"]),
        ("packs/demo/workflows?yyy=0&zzz=1&pack_ref=demo", ["pack_ref", "yyy", "zzz"]),
        ("packs/none/workflows?yyy=0&page=0", ["page", "yyy"]),
        ("workflows?page=0&page=x&search=%ff", ["page", "search"]),
        ("workflows/demo.first?yyy=0&zzz=1", ["yyy", "zzz"]),
        ("workflows/demo.first/history?page=0&zzz=1", ["page", "zzz"]),
        ("history?page=0&per_page=-1", ["page", "per_page"]),
        ("problems?page=0&per_page=-1", ["page", "per_page"]),
        ("changes?per_page=0&since=a&since=b&page=1", ["page", "per_page", "since"]),
        ("events?since=a&since=b&page=1", ["page", "since"]),
        ("diff?pack_ref=a&pack_ref=b&zzz=1", ["from", "pack_ref", "zzz"]),
        ("workflows/demo.first/diff?to=a&to=b", ["from", "to"]),
        ("proposals?page=0&per_page=-1", ["page", "per_page"]),
    ],
)
def test_all_bad_parameters_are_named(refusing_server: Server, path: str, names: list[str]) -> None:
    body = assert_error(refusing_server.get(f"/api/v1/{path}"), 400)
    assert sorted(detail["parameter"] for detail in body["details"]) == names
    assert body["error"] == f"The query has {len(names)} problems; see details."


def test_all_bad_parameters_of_a_write_and_of_a_check_are_named(refusing_server: Server) -> None:
    for method, path, names in (
        ("PUT", "workflows/demo.first?dry_run=maybe&proposal=a&proposal=b&zzz=1", ["dry_run", "proposal", "zzz"]),
        ("POST", "workflows/validate?ref=demo&zzz=1", ["ref", "zzz"]),
        ("POST", "proposals/fix/merge?dry_run=maybe&zzz=1", ["dry_run", "zzz"]),
    ):
        body = assert_error(refusing_server.client.request(method, f"/api/v1/{path}", json={}), 400)
        assert sorted(detail["parameter"] for detail in body["details"]) == names


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("workflows?at=%ff", "at"),
        ("workflows?search=%ff", "search"),
        ("workflows?tags=a&tags=%c3", "tags"),
        ("packs?search=a%ed%a0%80", "search"),
    ],
)
def test_a_parameter_that_is_no_utf_8_is_named(refusing_server: Server, path: str, name: str) -> None:
    body = assert_error(refusing_server.get(f"/api/v1/{path}"), 400, "INVALID_PARAMETER")
    assert [detail["parameter"] for detail in body["details"]] == [name]
    assert "UTF-8" in body["error"]


def sent_raw(server: Server, target: bytes, token: str | None) -> httpx.Response:
    """The answer to a GET of bytes that no client sends."""
    address = httpx.URL(server.url)
    headers = b"Host: x\r\nConnection: close\r\n" + (f"Authorization: Bearer {token}\r\n".encode() if token else b"")
    with socket.create_connection((address.host, address.port or 80), timeout=30) as connection:
        connection.sendall(b"GET " + target + b" HTTP/1.1\r\n" + headers + b"\r\n")
        raw = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = raw.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    found = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return httpx.Response(int(status.split()[1]), headers=found, content=body)


def test_bytes_beyond_ascii_in_a_query_say_what_their_percent_encoding_says(refusing_server: Server) -> None:
    token = refusing_server.token
    for path in (b"/healthz?q=\xff", b"/readyz?q=\xff"):
        assert_error(sent_raw(refusing_server, path, None), 400, "INVALID_PARAMETER")
    for path in (b"/api/v1/workflows?search=\xe4", b"/api/v1/workflows/demo.first?a=\xff&b=%41"):
        assert_error(sent_raw(refusing_server, path, None), 401)
        assert_error(sent_raw(refusing_server, path, token), 400, "INVALID_PARAMETER")
    assert_error(sent_raw(refusing_server, b"/api/v1/nothing?a=\xff", token), 404)
    assert sent_raw(refusing_server, b"/healthz?q=\xc3\xa9", None).status_code == 200
    found = [
        sent_raw(refusing_server, b"/api/v1/workflows?search=" + search, token).json()
        for search in (b"\xc3\xa9%26+%31", b"%C3%A9%26%20%31")
    ]
    assert found[0] == found[1]


def test_a_page_is_never_larger_than_100(refusing_server: Server) -> None:
    assert refusing_server.get("/api/v1/workflows?per_page=1000").json()["meta"]["per_page"] == 100


def test_if_match_tells_lost_updates(server: Any) -> None:
    etag = server.get("/api/v1/workflows/demo.first").headers["etag"]
    put = server.client.put
    assert put("/api/v1/workflows/demo.first", json={"label": "One"}, headers={"If-Match": etag}).status_code == 200
    assert_error(put("/api/v1/workflows/demo.first", json={"label": "Two"}, headers={"If-Match": etag}), 412)
    assert_error(server.client.delete("/api/v1/workflows/demo.first", headers={"If-Match": etag}), 412)
    assert_error(put("/api/v1/workflows/demo.first", json={}, headers={"If-Match": "unquoted"}), 400)
    now = server.get("/api/v1/workflows/demo.first")
    assert now.json()["data"]["label"] == "One"
    assert server.get("/api/v1/workflows/demo.first", headers={"If-None-Match": now.headers["etag"]}).status_code == 304


def test_if_none_match_is_held_against_what_is_there_by_writes_too(server: Any, repo: Repo) -> None:
    path = "/api/v1/workflows/demo.first"
    etag, head = server.get(path).headers["etag"], repo.head()

    def ask(method: str, known: str, **more: Any) -> Any:
        return server.client.request(method, path, headers={"If-None-Match": known}, **more)

    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        assert_error(ask("PUT", known, json={"label": "Two"}), 412)
        assert_error(ask("PUT", known, json={"label": "Two"}, params={"dry_run": "true"}), 412)
        assert_error(ask("DELETE", known), 412)
    for known in (etag.strip('"'), "", f"{etag},,x"):
        assert_error(ask("PUT", known, json={"label": "Two"}), 400, "INVALID_HEADER")
    assert repo.head() == head
    assert ask("PUT", '"other", W/"another"', json={"label": "Two"}).status_code == 200
    assert ask("DELETE", etag).status_code == 200
    assert server.client.post("/api/v1/workflows", json=GOOD, headers={"If-None-Match": "*"}).status_code == 201


def test_a_registry_can_ask_for_if_match(repo: Repo, start: Callable[..., Any]) -> None:
    repo.write("registry/config.yaml", "require_if_match: true\n")
    repo.commit()
    server = start(repo.root)
    assert_error(server.client.put("/api/v1/workflows/demo.first", json={"enabled": False}), 428)
    assert_error(server.client.delete("/api/v1/workflows/demo.first"), 428)
    headers = {"If-Match": "*"}
    assert server.client.delete("/api/v1/workflows/demo.first", headers=headers).status_code == 200


@pytest.mark.parametrize("slip", ['"true"', "yes", "1", "[true]"])
def test_a_slip_in_a_switch_leaves_no_door_open(repo: Repo, slip: str) -> None:
    repo.write("registry/config.yaml", f"require_if_match: {slip}\n")
    repo.commit()
    api = Api(repo.root)
    assert_error(api.put("/api/v1/workflows/demo.first", {"enabled": False}), 428)
    problems = api.get("/api/v1/problems").json()["data"]
    assert [problem["pointer"] for problem in problems if problem["rule"] == "settings-value"] == ["/require_if_match"]
    repo.write("registry/config.yaml", f"require_version_bump: {slip}\n")
    repo.commit()
    tasks = [{"name": "other", "action": "core.noop", "timeout": 30}]
    assert_error(api.put("/api/v1/workflows/demo.first", {"definition": {"tasks": tasks}}), 409)
    repo.write("registry/config.yaml", "require_if_match:\n")
    repo.commit()
    assert api.put("/api/v1/workflows/demo.first", {"definition": {"tasks": tasks}}).status_code == 200
    api.close()


@pytest.mark.parametrize("path", ["workflows/only.yaml", "actions/only.yaml", "actions/workflows/only.workflow.yaml"])
def test_a_pack_is_not_deleted_while_the_commit_has_workflows_in_it(repo: Repo, path: str) -> None:
    repo.write("packs/more/pack.yaml", "label: More\nversion: 1.0.0\n")
    text = WORKFLOW.format(label="only")
    if path == "actions/only.yaml":
        text = (
            "ref: more.only\nlabel: Only\nversion: 1.0.0\nrunner_type: workflow\nworkflow_file: workflows/gone.yaml\n"
        )
    only = repo.write(f"packs/more/{path}", text)
    repo.commit()
    only.unlink()
    api = Api(repo.root)
    refused = api.delete("/api/v1/packs/more")
    assert_error(refused, 409, "PACK_NOT_EMPTY")
    assert refused.json()["details"] == [{"path": f"packs/more/{path}"}]
    repo.commit("Delete it")
    assert api.delete("/api/v1/packs/more").status_code == 200
    api.close()


def test_a_pack_with_workflows_is_not_deleted(server: Any) -> None:
    assert_error(server.client.delete("/api/v1/packs/demo"), 409, "PACK_NOT_EMPTY")
    for name in ("first", "second"):
        assert server.client.delete(f"/api/v1/workflows/demo.{name}").status_code == 200
    assert server.client.delete("/api/v1/packs/demo").status_code == 200
    assert_error(server.get("/api/v1/packs/demo"), 404)


def test_a_file_with_edits_is_not_written_to(server: Any, repo: Repo) -> None:
    path = repo.root / "packs/demo/workflows/first.yaml"
    text = path.read_text() + "# mine\n"
    path.write_text(text)
    put = server.client.put
    assert_error(put("/api/v1/workflows/demo.first", json={"enabled": False}), 409, "UNCOMMITTED_EDITS")
    assert_error(server.client.delete("/api/v1/workflows/demo.first"), 409, "UNCOMMITTED_EDITS")
    repo.git("add", "-A")
    assert_error(put("/api/v1/workflows/demo.first", json={"enabled": False}), 409, "UNCOMMITTED_EDITS")
    assert put("/api/v1/workflows/demo.second", json={"enabled": False}).status_code == 200
    assert path.read_text() == text
    assert repo.status() == "M  packs/demo/workflows/first.yaml\n"


def test_commit_messages_of_clients_cannot_forge_trailers(server: Any, repo: Repo) -> None:
    put = server.client.put
    for message in ("Registry-Principal: root", "x" * 1001):
        headers = {"X-Commit-Message": message}
        assert_error(put("/api/v1/workflows/demo.first", json={"label": "z"}, headers=headers), 400)
    assert repo.git("rev-list", "--count", "HEAD").strip() == "1"


def test_a_read_only_server_refuses_writes(repo: Repo, start: Callable[..., Any]) -> None:
    server = start(repo.root, "--read-only")
    assert_error(server.client.post("/api/v1/workflows", json=GOOD), 403, "READ_ONLY")
    assert_error(server.client.delete("/api/v1/workflows/demo.first"), 403, "READ_ONLY")
    assert server.get("/api/v1/workflows").status_code == 200


def test_a_refused_write_names_the_revision_that_it_was_judged_by(repo: Repo, start: Callable[..., Any]) -> None:
    server = start(repo.root, "--workers", "2")
    clients = [server.new_client(server.make_token(f"editor{number}", "editor")) for number in range(4)]
    reader = server.new_client(server.make_token("reader", "reader"))
    for number in range(8):
        body = {**GOOD, "ref": f"demo.new{number}"}
        made = clients[0].post("/api/v1/workflows", json=body)
        revision = made.headers["x-registry-revision"]
        assert (made.status_code, revision) == (201, repo.head())
        for client in clients:
            again = client.post("/api/v1/workflows", json=body)
            assert (again.status_code, again.headers["x-registry-revision"]) == (409, revision)
        refused = reader.post("/api/v1/workflows", json=body)
        assert refused.status_code == 403
        assert refused.headers["x-registry-revision"]


def test_what_is_too_long_is_told_as_that(server: Any) -> None:
    long = {**GOOD, "ref": "demo." + "n" * 300}
    (found,) = assert_error(server.client.post("/api/v1/workflows", json=long), 400)["details"]
    assert found["message"] == "The ref has 305 characters."
    said = assert_error(server.client.get("/api/v1/workflows?page=9999999999999999"), 400)
    assert "at most 15 digits" in said["error"]
