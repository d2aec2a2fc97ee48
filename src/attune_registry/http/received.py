"""A request as it comes in, made such that falcon can read it."""

from typing import Any
from urllib.parse import quote_from_bytes

import falcon
from falcon.asgi import Request

# All of ASCII: what is percent-encoded already, or should have been, is not this module's to judge.
_KEPT = bytes(range(128)).decode()


class Received(Request):
    """As falcon's, which fails at a query string that is no UTF-8 before anything can answer for it.

    A byte beyond ASCII, which no query string may have (RFC 3986, 3.4), says what its percent-encoding says. A method
    that falcon does not know counts as one that nothing here has: it is no bad request, and there are others.
    """

    def __init__(self, scope: dict[str, Any], *arguments: Any, **more: Any) -> None:
        query: bytes = scope["query_string"]
        if not query.isascii():
            scope = {**scope, "query_string": quote_from_bytes(query, safe=_KEPT).encode()}
        if scope["type"] == "http" and scope["method"] not in falcon.constants.HTTP_METHODS:
            scope = {**scope, "method": "TRACE"}
        super().__init__(scope, *arguments, **more)
