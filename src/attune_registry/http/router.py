"""Routes: what answers GET answers HEAD, and OPTIONS says what there is to those who may read."""

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import falcon
from falcon.asgi import Request, Response
from falcon.routing import CompiledRouter

from .door import Door, is_guarded


@runtime_checkable
class Varied(Protocol):
    """A resource with paths of which not all have the same methods."""

    def methods(self, name: str) -> list[str]:
        """Those of one path, in order."""


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
        everywhere = sorted((*found, "OPTIONS"))
        methods = resource.methods if isinstance(resource, Varied) else lambda **_: everywhere
        found["OPTIONS"] = _options(self._door, methods)
        return {**dict.fromkeys(falcon.constants.HTTP_METHODS, _refusal(methods)), **found}


def _options(door: Door, methods: Callable[..., list[str]]) -> Any:
    async def on_options(req: Request, resp: Response, **path: Any) -> None:
        if is_guarded(req):
            await door.admit(req, resp)
        resp.set_header("Allow", ", ".join(methods(**path)))
        resp.set_header("Content-Length", "0")

    return on_options


def _refusal(methods: Callable[..., list[str]]) -> Any:
    async def refuse(req: Request, resp: Response, **path: Any) -> None:
        raise falcon.HTTPMethodNotAllowed(methods(**path))

    return refuse
