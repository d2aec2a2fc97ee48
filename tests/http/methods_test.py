"""HEAD is GET without its body, and OPTIONS is answered to those who may read."""

import httpx
import pytest

from http_asserts import assert_error
from serving import Server

HOP_BY_HOP = {"date", "transfer-encoding"}
ONE = "/api/v1/workflows/demo.first"


@pytest.mark.parametrize(
    "path",
    [
        *("/healthz", "/readyz", ONE, "/api/v1/workflows", "/api/v1/packs/demo", "/api/v1/packs/demo/workflows"),
        *("/api/v1/problems", "/api/v1/history", "/api/v1/diff?from=HEAD", "/api/v1/changes", "/api/v1/proposals"),
        *("/api/v1/events", f"{ONE}?at=HEAD", f"{ONE}?at=nowhere", "/api/v1/nothing", "/api/v1/workflows/validate"),
    ],
)
def test_head_has_the_status_and_the_headers_of_get(refusing_server: Server, path: str) -> None:
    client = refusing_server.client
    with client.stream("GET", path) as got:
        wanted = {name: value for name, value in got.headers.items() if name not in HOP_BY_HOP}
    for _ in range(2):
        answer = client.head(path)
        assert answer.status_code == got.status_code
        assert {name: value for name, value in answer.headers.items() if name not in HOP_BY_HOP} == wanted
        assert answer.content == b""


def test_head_is_refused_and_unchanged_as_get_is(refusing_server: Server) -> None:
    client, nobody = refusing_server.client, refusing_server.new_client(None)
    assert nobody.head(ONE).status_code == 401
    assert nobody.head("/api/v1/events").status_code == 401
    assert client.head(ONE, headers={"Accept": "text/html"}).status_code == 406
    etag = client.head(ONE).headers["etag"]
    assert client.head(ONE, headers={"If-None-Match": etag}).status_code == 304


def test_options_tells_the_methods_to_those_who_may_read(refusing_server: Server) -> None:
    client, nobody = refusing_server.client, refusing_server.new_client(None)
    for path, methods in (
        (ONE, "DELETE, GET, HEAD, OPTIONS, PUT"),
        ("/api/v1/problems", "GET, HEAD, OPTIONS"),
        ("/api/v1/workflows/validate", "OPTIONS, POST"),
    ):
        answer = client.options(path)
        assert (answer.status_code, answer.headers["allow"], answer.content) == (200, methods, b"")
        assert client.patch(path).headers["allow"] == methods
        assert_error(nobody.options(path), 401, "MISSING_TOKEN")
    assert nobody.options("/healthz").headers["allow"] == "GET, HEAD, OPTIONS"


def test_proposals_have_the_methods_that_allow_tells(refusing_server: Server) -> None:
    client = refusing_server.client
    for path, methods in (
        ("/api/v1/proposals/x", "DELETE, GET, HEAD, OPTIONS"),
        ("/api/v1/proposals/review", "DELETE, GET, HEAD, OPTIONS"),
        ("/api/v1/proposals/x/y", "DELETE, GET, HEAD, OPTIONS"),
        ("/api/v1/proposals/x/review", "DELETE, GET, HEAD, OPTIONS, POST"),
        ("/api/v1/proposals/x/y/merge", "DELETE, GET, HEAD, OPTIONS, POST"),
    ):
        assert client.options(path).headers["allow"] == methods
        for method in ("PUT", "PATCH", "FOO", *(["POST"] if "POST" not in methods else [])):
            refused = client.request(method, path)
            assert_error(refused, 405, "METHOD_NOT_ALLOWED")
            assert refused.headers["allow"] == methods


@pytest.mark.parametrize("method", ["FOO", "TRACE", "PROPFIND", "WEBSOCKET"])
def test_a_method_that_nobody_knows_is_not_allowed(refusing_server: Server, method: str) -> None:
    client, nobody = refusing_server.client, refusing_server.new_client(None)
    refused = client.request(method, ONE)
    assert_error(refused, 405, "METHOD_NOT_ALLOWED")
    assert refused.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PUT"
    assert_error(client.request(method, "/api/v1/nothing"), 404, "NOT_FOUND")
    assert_error(nobody.request(method, ONE), 401, "MISSING_TOKEN")
    assert nobody.request(method, "/healthz").headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", [ONE, "/api/v1/workflows?per_page=1", "/healthz", "/api/v1/nothing"])
def test_the_whole_address_is_a_path_as_well(refusing_server: Server, path: str) -> None:
    """As proxies send it."""
    client, nobody = refusing_server.client, refusing_server.new_client(None)
    for asking in (client, nobody):
        whole = httpx.Request("GET", asking.base_url, extensions={"target": f"{refusing_server.url}{path}".encode()})
        whole.headers.update(asking.headers)
        got, wanted = asking.send(whole), asking.get(path)
        assert (got.status_code, got.content) == (wanted.status_code, wanted.content)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("OPTIONS", f"/{ONE}"), ("PATCH", f"/{ONE}"), ("GET", "//api/v1/nothing"), ("GET", f"//{ONE}")),
        *(("GET", "/api/v1/proposals?at=HEAD"), ("GET", "/api/v1/proposals/p?at=HEAD")),
    ],
)
def test_nothing_under_api_is_told_without_a_token(refusing_server: Server, method: str, path: str) -> None:
    nobody = refusing_server.new_client(None)
    # As httpx would have it, what stands behind two slashes is a host.
    answer = nobody.request(method, f"{refusing_server.url}{path}")
    assert_error(answer, 401, "MISSING_TOKEN")
    assert answer.headers["x-registry-revision"]


def test_answers_under_api_say_which_commit_they_speak_of(refusing_server: Server) -> None:
    """As the README says, with an ETag where something was read or written."""
    client, nobody = refusing_server.client, refusing_server.new_client(None)
    with_etag = [
        client.get(path)
        for path in (
            *(ONE, "/api/v1/workflows", "/api/v1/packs/demo", "/api/v1/packs/demo/workflows", "/api/v1/problems"),
            *("/api/v1/history", "/api/v1/diff?from=HEAD", "/api/v1/changes", "/api/v1/proposals"),
        )
    ]
    with_etag.append(client.put(f"{ONE}?dry_run=true", json={"label": "Changed"}))
    without = [
        *(client.get("/api/v1/nothing"), client.get(f"{ONE}?x=1"), nobody.get(ONE), nobody.put(ONE, json={})),
        *(client.patch(ONE), client.options(ONE), client.post("/api/v1/packs/demo/workflows/validate")),
        client.get("/api/v1/workflows", headers={"Accept": "text/html"}),
    ]
    for answer in with_etag + without:
        assert answer.headers["x-registry-revision"], answer.request
        assert ("etag" in answer.headers) == (answer in with_etag), answer.request
    for path in ("/healthz", "/readyz", "/elsewhere"):
        assert not {"x-registry-revision", "etag"} & set(nobody.get(path).headers)
