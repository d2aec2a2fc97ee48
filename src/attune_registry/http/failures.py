"""What goes wrong, over HTTP: one table of statuses, one shape of error."""

from collections.abc import Sequence
from typing import Any

import falcon
import falcon.asgi
import structlog
from falcon.asgi import Request, Response

from .. import errors
from ..git.faults import git_cannot
from ..git.repository import UnusableRepository
from .answers import as_json
from .door import Door, is_guarded, request_id
from .received import Received

# The first class that fits gives the status.
STATUSES: tuple[tuple[type[errors.RegistryError], int], ...] = (
    (errors.Invalid, 400),
    (errors.Unauthenticated, 401),
    (errors.Forbidden, 403),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.TooMuch, 400),
    (errors.PatchRefused, 409),
    (errors.PreconditionFailed, 412),
    (errors.PreconditionRequired, 428),
    (errors.Unavailable, 503),
    (UnusableRepository, 503),
)
_SENTENCES = {
    400: "The request is not well formed.",
    404: "There is nothing at this path; see the API table in the README.",
    405: "This method is not allowed here; see the Allow header.",
    413: "The body is larger than 1 MiB; send less.",
    415: "Send the body as 'Content-Type: application/json', as it is: without a 'Content-Encoding'.",
}
_CODES = {
    400: "BAD_REQUEST",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    413: "BODY_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
}
App = falcon.asgi.App[Received, Response]
_log = structlog.get_logger()


def install(app: App, door: Door) -> None:
    """Have every failure of this application answered in the one shape."""

    async def on_http_error(req: Request, resp: Response, error: falcon.HTTPError, params: dict[str, Any]) -> None:
        if is_guarded(req):
            await door.admit(req, resp)
        status = falcon.http_status_to_code(error.status)
        for name, value in dict(error.headers or {}).items():
            resp.set_header(name, value)
        answer(resp, status, _SENTENCES.get(status, error.title or "It failed."), _CODES.get(status, "FAILED"))

    async def on_refusal(req: Request, resp: Response, error: errors.RegistryError, params: dict[str, Any]) -> None:
        if req.method not in ("GET", "HEAD"):
            # A write is let in by what is at hand, and judged by what others have written meanwhile.
            resp.set_header("X-Registry-Revision", door.registry.snapshot.revision)
        await on_registry_error(req, resp, error, params)

    app.add_error_handler(Exception, on_surprise)
    app.add_error_handler(falcon.HTTPError, _guarded(on_http_error))
    app.add_error_handler(errors.RegistryError, on_refusal)


def answer(resp: Response, status: int, sentence: str, code: str, details: Sequence[dict[str, Any]] = ()) -> None:
    """The one shape of an error."""
    resp.status = status
    resp.content_type = falcon.MEDIA_JSON
    resp.data = as_json({"error": sentence, "code": code, "details": list(details)}, default=str)


async def on_registry_error(req: Request, resp: Response, error: errors.RegistryError, params: dict[str, Any]) -> None:
    """A refusal in the domain's words."""
    if isinstance(error, errors.GitFailed):
        _log.error("git_failed", request=request_id(req), method=req.method, path=req.path, reason=error.message)
        error = git_cannot(error)
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), 500)
    if status == 500:
        await on_surprise(req, resp, error, params)
        return
    if isinstance(error, errors.Unauthenticated):
        resp.set_header("WWW-Authenticate", 'Bearer realm="attune-registry"')
    if isinstance(error, errors.Unavailable):
        resp.set_header("Retry-After", str(error.retry_after))
    answer(resp, status, error.message, error.code, error.details)


async def on_surprise(req: Request, resp: Response, error: Exception, params: dict[str, Any]) -> None:
    """What nobody foresaw: the log gets everything, the client an id to ask about."""
    found = request_id(req)
    _log.error("request_failed", request=found, method=req.method, path=req.path, exc_info=error)
    answer(resp, 500, f"This is our mistake; tell the operator the request id {found}.", "INTERNAL_ERROR")
    resp.set_header("X-Request-Id", found)


def refuse_everything(reason: errors.RegistryError) -> App:
    """An application that says why there is no registry to serve."""
    app = falcon.asgi.App(request_type=Received)

    async def refuse(req: Request, resp: Response | None, **_: object) -> None:
        if resp is None:
            return
        if req.path == "/healthz":
            resp.media = {"status": "ok"}
        else:
            answer(resp, 503, reason.message, reason.code)

    app.add_sink(refuse)
    return app


def _guarded(handler: Any) -> Any:
    """A handler whose own refusals (no token on an unknown path) are answered too."""

    async def guarded(req: Request, resp: Response, error: falcon.HTTPError, params: dict[str, Any]) -> None:
        try:
            await handler(req, resp, error, params)
        except errors.RegistryError as refusal:
            await on_registry_error(req, resp, refusal, params)

    return guarded
