"""Bodies of requests: JSON objects of bounded size, read strictly."""

import json
import math
from collections.abc import Collection
from typing import Any, NoReturn

import falcon
import orjson
from falcon.asgi import Request

from .. import errors

MAX_BODY = 1 << 20
# What is too large is let come in up to here, and forgotten: a client that is answered while it sends, and hung up on,
# may never see the answer (one in eleven did not).
_MAX_FORGOTTEN = 16 << 20
_UNCODED = ("", "identity")


class _Refused(ValueError):
    """What a parser's hook found wrong."""


async def read_object(req: Request) -> dict[str, Any]:
    """The JSON object in the body. Raises Invalid with what is wrong, or falcon's 413 and 415."""
    return parse_object(await read_bytes(req, (falcon.MEDIA_JSON,)))


async def read_bytes(req: Request, media: Collection[str]) -> bytes:
    """The body, sent as one of these media types. Raises falcon's 413 and 415."""
    if media_type(req) not in media:
        raise falcon.HTTPUnsupportedMediaType
    if (req.get_header("Content-Encoding") or "").strip().lower() not in _UNCODED:
        raise falcon.HTTPUnsupportedMediaType(headers={"Accept-Encoding": "identity"})
    announced = req.content_length or 0
    raw: bytes = await req.stream.read(MAX_BODY + 1) if announced <= MAX_BODY else b""
    if max(announced, len(raw)) > MAX_BODY:
        await _forget(req, announced)
        raise falcon.HTTPContentTooLarge
    return raw


async def _forget(req: Request, announced: int) -> None:
    left = _MAX_FORGOTTEN if announced <= _MAX_FORGOTTEN else 0
    while left > 0 and (part := await req.stream.read(min(left, MAX_BODY))):
        left -= len(part)


def media_type(req: Request) -> str:
    """What the body is said to be, without its parameters."""
    return (req.content_type or "").partition(";")[0].strip().lower()


def parse_object(raw: bytes) -> dict[str, Any]:
    """The object that these bytes are, every key once, every number finite. Raises Invalid."""
    try:
        # A byte order mark may be passed over (RFC 8259, 8.1).
        text = raw.decode("utf-8-sig")
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_not_json, parse_float=_finite)
        # What no answer could hold either: numbers over 64 bits, halves of surrogate pairs, too deep a nesting.
        orjson.dumps(value)
    except UnicodeDecodeError as error:
        raise _invalid(f"The body is not UTF-8 (at byte {error.start}).") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _invalid(f"The body is not JSON: {error.msg} at {where}.") from error
    except (_Refused, TypeError) as error:
        raise _invalid(f"The body cannot be taken: {error}.") from error
    except (RecursionError, ValueError) as error:
        raise _invalid("The body cannot be taken: it nests too deeply, or has too large a number.") from error
    if not isinstance(value, dict):
        raise _invalid("The body has to be a JSON object.")
    return value


def _invalid(sentence: str) -> errors.Invalid:
    return errors.Invalid(sentence, code="MALFORMED_BODY", details=[{"pointer": "", "message": sentence}])


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Refused(f"the key {twice!r} is there twice in one object")
    return found


def _not_json(text: str) -> NoReturn:
    raise _Refused(f"{text} is no JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise _Refused(f"the number {text} is too large")
    return value
