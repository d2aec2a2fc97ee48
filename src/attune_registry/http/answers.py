"""Answers: bytes of the snapshot, with the headers that let clients keep them."""

import hashlib
from collections.abc import Callable, Collection
from typing import Any, NamedTuple, TypeVar

import falcon
import orjson
from falcon.asgi import Request, Response

from ..entries import Entry
from ..query import Query, Selection
from ..shown import all_shown
from ..snapshot import Snapshot

# Answers already made are kept with their snapshot, as many as a dashboard has windows.
_KEPT = 1024
_JSON_ONLY = (falcon.MEDIA_JSON,)
Kept = TypeVar("Kept")


class Answer(NamedTuple):
    """A body and its ETag, without quotes."""

    body: bytes
    etag: str


def send(req: Request, resp: Response, body: bytes, etag: str, media: str = falcon.MEDIA_JSON) -> None:
    """A body with its ETag, or 304 where the client has it. That it takes any media but JSON, the caller knows."""
    if media is falcon.MEDIA_JSON:
        refuse_other_media(req)
    resp.set_header("ETag", f'"{etag}"')
    if is_known(req.get_header("If-None-Match") or "", etag):
        resp.status = 304
        return
    resp.content_type = media
    resp.data = body


def is_known(if_none_match: str, etag: str) -> bool:
    """True when the header says that the client has what this ETag (without quotes) names."""
    return f'"{etag}"' in if_none_match or if_none_match.strip() == "*"


def refuse_other_media(req: Request) -> None:
    """Raise falcon's 406 when the client does not take JSON."""
    if req.accept != "*/*":
        preferred(req, _JSON_ONLY)


def preferred(req: Request, media: Collection[str]) -> str:
    """The one of these media types that the client likes best. Raises falcon's 406 when it takes none."""
    try:
        # Media types are the same in any case (RFC 9110, 8.3.1); an empty part of a list says nothing (5.6.1).
        accept = ",".join(filter(str.strip, req.accept.lower().split(","))) or "*/*"
        found = falcon.mediatypes.best_match(media, accept)
    except falcon.errors.InvalidMediaType:
        found = ""
    if not found:
        offered, first = " or ".join(media), next(iter(media))
        raise falcon.HTTPNotAcceptable(title=f"This is served as {offered} only; send 'Accept: {first}'.")
    return found


def as_json(value: Any, default: Callable[[Any], Any] | None = None) -> bytes:
    """A value as JSON; in names that are not UTF-8, as git's may be, what is not is replaced."""
    try:
        return orjson.dumps(value, default)
    except orjson.JSONEncodeError:
        return orjson.dumps(all_shown(value), default)


def detail(entry: Entry) -> bytes:
    """A pack or workflow."""
    return b'{"data":' + entry.detail + b"}"


def detail_with_message(entry: Entry | None, message: str) -> bytes:
    """A pack or workflow (None: it is gone), and what happened to it."""
    return b'{"data":' + (entry.detail if entry else b"null") + b',"message":' + as_json(message) + b"}"


def page(items: bytes, number: int, per_page: int, total: int, more: bytes = b"") -> bytes:
    """A page of a list: `items` are JSON objects joined by commas, `more` are further members of its meta."""
    pages = -(-total // per_page)
    meta = f'],"meta":{{"page":{number},"per_page":{per_page},"total":{total},"total_pages":{pages}'
    # Joined, not added up: each + would copy all of the page.
    return b"".join((b'{"data":[', items, meta.encode(), b"," + more if more else b"", b"}}"))


def digest(*parts: object) -> str:
    """A short name for what these parts determine."""
    return hashlib.blake2b(repr(parts).encode(errors="surrogatepass"), digest_size=10).hexdigest()


def entries_page(snapshot: Snapshot, kind: str, query: Query, number: int, per_page: int) -> bytes:
    """A page of packs or workflows."""
    selection = _selection(snapshot, kind, query)
    items = selection.summaries((number - 1) * per_page, per_page)
    return page(items, number, per_page, selection.total)


def _selection(snapshot: Snapshot, kind: str, query: Query) -> Selection:
    return Selection(snapshot.workflows if kind == "workflow" else snapshot.packs, query)


def keep(snapshot: Snapshot, key: object, answer: Kept) -> Kept:
    """The answer, in whatever form, kept with its snapshot for who asks again; `key` is all that it was made by."""
    if len(snapshot.answers) >= _KEPT:
        snapshot.answers.clear()
    snapshot.answers[key] = answer
    return answer
