"""Answers that are there already: a GET for the bytes of the snapshot passes by falcon, but by none of its checks."""

import contextlib
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple

import falcon

from ..errors import RegistryError
from ..layout import Place
from ..snapshot import Snapshot
from . import answers
from .door import Door
from .failures import App

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
# A header that is given twice, and a GET with a body, are falcon's to make sense of.
_OURS = frozenset((b"authorization", b"if-none-match", b"accept", b"content-length", b"transfer-encoding"))
# RFC 9112, 3.2.2: a server takes the whole address as well, of which gunicorn makes the path.
_BEFORE_PATH = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_ANY_MEDIA = (b"*/*", b"application/json")
_WORKFLOW = "/api/v1/workflows/"
_JSON = falcon.MEDIA_JSON.encode()


class Ready:
    """An ASGI application before falcon's, with a shorter way for what programs ask all day: a workflow, a page again.

    Freshness, token and conditions are looked at by the same functions as on the long way. Whatever is unusual about
    a request, be it a refusal or a parameter, goes the long way.
    """

    def __init__(self, app: App, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Message, receive: Any, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and _BEFORE_PATH.match(scope["path"]):
            scope = {**scope, "path": _BEFORE_PATH.sub("", scope["path"], count=1) or "/"}
        ready = None
        if scope["type"] == "http" and scope["method"] == "GET":
            # What is wrong with the repository is told on the long way.
            with contextlib.suppress(RegistryError):
                ready = self._ready(scope) or await self._settling(scope)
        if ready is None:
            await self._app(scope, receive, send)
            return
        for message in ready:
            await send(message)

    async def _settling(self, scope: Message) -> tuple[Message, Message] | None:
        """The answer for a workflow that turns out not to be among what is just being read and checked."""
        while _ref_asked(scope) and self._door.current() is None and await self._door.wait_a_moment():
            ready = self._ready(scope)
            if ready is not None:
                return ready
        return None

    def _ready(self, scope: Message) -> tuple[Message, Message] | None:
        # ASGI promises iterables, of iterables; some can be gone through once only.
        headers = scope["headers"] = [(name, value) for name, value in scope["headers"]]
        given = _headers(headers)
        if given is None or given.accept not in _ANY_MEDIA:
            return None
        ref = _ref_asked(scope)
        snapshot = self._door.current()
        if snapshot is None and ref:
            snapshot = self._door.registry.settled(ref)
            if snapshot is not None:
                self._door.refresh_soon()
        if snapshot is None or not self._door.may_read(given.authorization, snapshot):
            return None
        prepared = _prepared(snapshot, scope["path"], scope["query_string"])
        if prepared is None:
            return None
        is_known = given.if_none_match and answers.is_known(given.if_none_match, prepared.etag)
        return prepared.unchanged if is_known else prepared.whole


class _Given(NamedTuple):
    authorization: str
    if_none_match: str
    accept: bytes


class _Prepared(NamedTuple):
    etag: str
    whole: tuple[Message, Message]
    unchanged: tuple[Message, Message]


def _ref_asked(scope: Message) -> str:
    """The ref of the workflow that a request is for; empty for all others."""
    path: str = scope["path"]
    return path[len(_WORKFLOW) :] if path.startswith(_WORKFLOW) and not scope["query_string"] else ""


def _headers(headers: Iterable[tuple[bytes, bytes]]) -> _Given | None:
    found = {}
    for name, value in headers:
        if name in _OURS:
            if name in found:
                return None
            found[name] = value
    if b"content-length" in found or b"transfer-encoding" in found:
        return None
    authorization, known = found.get(b"authorization", b""), found.get(b"if-none-match", b"")
    return _Given(authorization.decode("latin-1"), known.decode("latin-1"), found.get(b"accept", b"*/*"))


def _prepared(snapshot: Snapshot, path: str, query: bytes) -> _Prepared | None:
    key = ("ready", path, query)
    prepared: _Prepared | None = snapshot.answers.get(key)
    if prepared is None:
        answer = _answer(snapshot, path, query)
        prepared = answers.keep(snapshot, key, _prepare(snapshot, answer)) if answer else None
    return prepared


def _answer(snapshot: Snapshot, path: str, query: bytes) -> answers.Answer | None:
    if query or not path.startswith(_WORKFLOW):
        kept: answers.Answer | None = snapshot.answers.get((path, query))
        return kept
    entry = snapshot.find(Place("workflow", path[len(_WORKFLOW) :]))
    return answers.Answer(answers.detail(entry), entry.blob) if entry else None


def _prepare(snapshot: Snapshot, answer: answers.Answer) -> _Prepared:
    headers = [(b"x-registry-revision", snapshot.revision.encode()), (b"etag", f'"{answer.etag}"'.encode())]
    content = [(b"content-type", _JSON), (b"content-length", str(len(answer.body)).encode())]
    return _Prepared(
        answer.etag,
        (_start(200, headers + content), {"type": "http.response.body", "body": answer.body}),
        (_start(304, headers), {"type": "http.response.body"}),
    )


def _start(status: int, headers: list[tuple[bytes, bytes]]) -> Message:
    return {"type": "http.response.start", "status": status, "headers": headers}
