"""Routes: what answers GET answers HEAD, and OPTIONS says what there is to those who may read."""

from collections.abc import Iterable
from typing import Any

from falcon.asgi import Request, Response
from falcon.routing import CompiledRouter

from .door import Door, is_guarded


class Router(CompiledRouter):
    """As falcon's, which sends the headers of an answer to HEAD alone; it knows nothing of either method by itself."""

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door

    def map_http_methods(self, resource: object, **kwargs: Any) -> dict[str, Any]:
        """What answers each method of a resource."""
        found: dict[str, Any] = {**super().map_http_methods(resource, **kwargs)}
        if "GET" in found:
            found["HEAD"] = found["GET"]
        found["OPTIONS"] = _options(self._door, sorted((*found, "OPTIONS")))
        return found


def _options(door: Door, methods: Iterable[str]) -> Any:
    allowed = ", ".join(methods)

    async def on_options(req: Request, resp: Response, **_: Any) -> None:
        if is_guarded(req):
            await door.admit(req, resp)
        resp.set_header("Allow", allowed)
        resp.set_header("Content-Length", "0")

    return on_options
