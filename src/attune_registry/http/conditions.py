"""Conditional headers, as values or refusals that name the header."""

import re

from falcon.asgi import Request

from .. import errors
from ..writing.requests import Conditions

_ETAG = re.compile(r'\s*(W/)?"([^"]*)"\s*(?:,|\Z)|\s*(\*)\s*\Z')


def conditions(req: Request) -> Conditions:
    """`If-Match` and `If-None-Match` of a write. Raises Invalid for what cannot be read."""
    return Conditions(_etags_in(req, "If-Match"), _etags_in(req, "If-None-Match"))


def _etags_in(req: Request, name: str) -> tuple[str, ...]:
    header = req.get_header(name)
    return etags(header, name) if header is not None else ()


def etags(header: str, name: str) -> tuple[str, ...]:
    """The ETags of a header, without quotes; weak ones, which If-Match knows none of, are marked (RFC 9110, 13.1.1)."""
    found = []
    at = 0
    while at < len(header):
        part = _ETAG.match(header, at)
        if part is None:
            raise errors.Invalid(f"{name} has to be a list of quoted ETags, or '*'.", code="INVALID_HEADER")
        found.append(part[3] or (part[1] or "") + part[2])
        at = part.end()
    if not found:
        raise errors.Invalid(f"{name} is empty; send an ETag in quotes, or '*'.", code="INVALID_HEADER")
    return tuple(found)
