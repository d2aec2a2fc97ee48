"""The reference for reads: falcon.asgi and nothing else, under the very gunicorn settings of the registry."""

import hashlib
import sys
from pathlib import Path

import falcon.asgi
from falcon.asgi import Request, Response

from attune_registry.http import server
from attune_registry.http.listener import address_of, listen


class Body:
    """Bytes that are there already."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._etag = f'"{hashlib.sha256(body).hexdigest()[:40]}"'

    async def on_get(self, req: Request, resp: Response) -> None:
        """The bytes, with an ETag."""
        resp.set_header("ETag", self._etag)
        resp.content_type = falcon.MEDIA_JSON
        resp.data = self._body


class Unchanged:
    """An answer without bytes."""

    async def on_get(self, req: Request, resp: Response) -> None:
        """304."""
        resp.set_header("ETag", '"unchanged"')
        resp.status = falcon.HTTP_304


def make_app(bodies: list[bytes]) -> object:
    """/unchanged, and /0, /1, ... with these bodies."""
    app = falcon.asgi.App()
    app.add_route("/unchanged", Unchanged())
    for number, body in enumerate(bodies):
        app.add_route(f"/{number}", Body(body))
    return app


def main(workers: int, paths: list[str]) -> None:
    """Serve the contents of these files until told to stop."""
    bodies = [Path(path).read_bytes() for path in paths]
    listener = listen("127.0.0.1", 0)
    address = address_of(listener)
    server.serve(
        lambda _: make_app(bodies),
        listener,
        workers=workers,
        log_level="warning",
        access_log=False,
        ready=lambda: print(address, flush=True),
        before_fork=lambda: None,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
