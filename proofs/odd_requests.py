"""Requests for the fuzz: methods, targets, headers and bodies, most of them wrong in some way."""

import json
import random
from typing import Any, NamedTuple
from urllib.parse import quote

from . import odd_values

_TASKS = [
    {"name": "one", "action": "core.noop", "input": {"text": "{{ name }}"}, "on_success": "two", "timeout": 30},
    {"name": "two", "action": "core.echo", "retry": {"count": 2}},
]
_SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
WORKFLOW = {
    "ref": "demo.fuzzed",
    "pack_ref": "demo",
    "label": "Fuzzed",
    "description": "By the fuzz",
    "version": "1.0.0",
    "param_schema": _SCHEMA,
    "out_schema": {"type": "object"},
    "definition": {"tasks": _TASKS},
    "tags": ["one", "two"],
    "enabled": True,
}
PACK = {"ref": "fuzzed", "label": "Fuzzed", "description": "By the fuzz", "version": "1.0.0", "tags": ["one"]}
_PROPOSAL = {"name": "fuzzed", "title": "Fuzzed"}
_ROLLBACK = {"revision": "HEAD", "to": "HEAD"}
_ROUTES = (
    *("workflows", "packs", "problems", "history", "diff", "changes", "rollback", "proposals", "workflows/demo.first"),
    *("workflows/demo.first/history", "workflows/demo.first/diff", "workflows/demo.first/rollback", "packs/demo"),
    *("packs/demo/workflows", "packs/demo/history", "packs/demo/rollback", "proposals/fuzzed", "proposals/a/b/c"),
)
_WRITES: tuple[tuple[bytes, str, Any], ...] = (
    (b"POST", "workflows", WORKFLOW),
    (b"POST", "workflows", WORKFLOW),
    (b"PUT", "workflows/demo.first", WORKFLOW | {"ref": "demo.first"}),
    (b"PUT", "workflows/demo.fuzzed", {key: WORKFLOW[key] for key in ("label", "definition", "tags", "param_schema")}),
    (b"POST", "packs", PACK),
    (b"PUT", "packs/demo", PACK | {"ref": "demo"}),
    (b"PUT", "packs/fuzzed", {"label": "Fuzzed", "tags": []}),
    (b"POST", "workflows/demo.first/rollback", _ROLLBACK),
    (b"POST", "rollback", _ROLLBACK),
    (b"POST", "proposals", _PROPOSAL),
)
_PARAMETERS = (
    *("page", "per_page", "tags", "enabled", "search", "pack_ref", "sort", "at", "from", "to", "since", "dry_run"),
    *("proposal", "path", "ref", "author", "severity", "rule", "timeout", "limit"),
)
_HEADERS = (
    *(
        b"If-Match",
        b"If-None-Match",
        b"X-Commit-Message",
        b"X-Request-Id",
        b"Accept",
        b"Content-Type",
        b"Authorization",
    ),
    *(b"Accept-Encoding", b"Cookie", b"Range", b"Last-Event-ID", b"X-Forwarded-For", b"Expect", b"Content-Encoding"),
    *(b"X-HTTP-Method-Override", b"Origin"),
)
_REVISIONS = (
    "HEAD",
    "main",
    "HEAD~1",
    "-p",
    "--output=/tmp/proof-forged",
    "HEAD:packs",
    "@{u}",
    "main^{tree}",
    "0" * 40,
    "a..b",
)


class Request(NamedTuple):
    """What goes over the wire."""

    method: bytes
    target: bytes
    headers: dict[bytes, bytes]
    body: bytes


def body_request(dice: random.Random) -> Request:
    """A write to a right address with a body that most often is wrong."""
    method, route, good = dice.choice(_WRITES)
    target = f"/api/v1/{route}" + dice.choice(("", "", "", "?dry_run=true", "?proposal=fuzzed"))
    return Request(method, target.encode(), {b"Content-Type": b"application/json"}, _body(good, dice))


def _body(good: Any, dice: random.Random) -> bytes:
    kind = dice.random()
    if kind < 0.45:
        return _dumped(odd_values.damaged(good, dice))
    if kind < 0.55 and "ref" in good:
        return _dumped(good | {"ref": _hostile_ref(dice)})
    if kind < 0.65:
        return odd_values.damaged_bytes(json.dumps(good).encode(), dice)
    if kind < 0.8:
        return _dumped(odd_values.value(dice))
    if kind < 0.9:
        return dice.randbytes(dice.randrange(500))
    return odd_values.strange_json(dice)


def _hostile_ref(dice: random.Random) -> str:
    """A path in the place of a name, in a pack that is there."""
    steps = "../" * dice.randrange(1, 6) + dice.choice(("sibling/", ".git/hooks/", "", "packs/other/workflows/"))
    return f"demo.{dice.choice(('', '/', './', 'x/', '.'))}{steps}{dice.choice(odd_values.TEXTS)}"


def _dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


def odd_request(dice: random.Random) -> Request:
    """A request whose target, query and headers are wrong in some way."""
    method = dice.choice(
        (b"GET", b"GET", b"GET", b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"HEAD", b"TRACE", b"BREW")
    )
    # An event stream has no end to wait for; it is left to its own tests.
    target = _target(dice).replace(b"events", b"event")
    headers = {dice.choice(_HEADERS): _header(dice) for _ in range(dice.randrange(4))}
    body = _body(WORKFLOW, dice) if method in (b"POST", b"PUT") and dice.random() < 0.5 else b""
    return Request(method if method != b"HEAD" else b"GET", target, headers, body)


def _target(dice: random.Random) -> bytes:
    path = dice.choice(_ROUTES)
    kind = dice.random()
    if kind < 0.5:
        steps = path.split("/")
        steps[dice.randrange(len(steps))] = _encoded(dice)
        path = "/".join(steps)
    elif kind < 0.6:
        path += "/" + _encoded(dice)
    pairs = [f"{_parameter(dice)}={_encoded(dice)}" for _ in range(dice.randrange(4))]
    target = dice.choice(("/api/v1/", "/api/v1/", "/api/v1/", "/", "//api/v1/", "/api/v1/../v1/")) + path
    return (target + ("?" + dice.choice("&;&&").join(pairs) if pairs else "")).encode("latin-1", "replace")


def _parameter(dice: random.Random) -> str:
    return dice.choice(_PARAMETERS) if dice.random() < 0.8 else _encoded(dice)


def _encoded(dice: random.Random) -> str:
    text = str(odd_values.scalar(dice)) if dice.random() < 0.7 else dice.choice(_REVISIONS)
    kind = dice.random()
    if kind < 0.6:
        return quote(text, safe="", errors="surrogatepass")
    if kind < 0.7:
        return quote(quote(text, safe="", errors="surrogatepass"), safe="%")
    if kind < 0.85:
        return dice.choice(
            ("%00", "%", "%zz", "%2e%2e%2f", "..%2f..%2f", "%c0%ae%c0%ae", "%ff", "%ED%A0%80", "%0d%0aX:%20y")
        )
    return "".join(char for char in text if char.isalnum() and char.isascii()) * dice.choice((1, 1, 30))


def _header(dice: random.Random) -> bytes:
    kind = dice.random()
    if kind < 0.4:
        text = str(odd_values.scalar(dice)).encode("utf-8", "replace")
    elif kind < 0.6:
        text = dice.choice(
            (b"*", b'"x"', b'W/"x"', b'"', b'"a" "b"', b",", b"Bearer", b"Bearer a.b.c", b"Basic eDp5", b"text/html")
        )
    elif kind < 0.8:
        text = dice.randbytes(dice.randrange(60))
    else:
        text = b"y" * dice.choice((1000, 5000, 20_000))
    return text.replace(b"\r", b"").replace(b"\n", b"").replace(b"\0", b"")
