"""Where every request comes in: who is asking, and which snapshot answers."""

import asyncio
import re
import uuid

from falcon.asgi import Request, Response

from .. import errors
from ..access.bearer import Gate
from ..access.principals import Principal
from ..registry import Registry
from ..snapshot import Snapshot
from ..writing.plans import Write
from ..writing.requests import Caller
from ..writing.writer import Done, Writer

_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}\Z")


class Door:
    """What all resources share."""

    def __init__(self, registry: Registry, gate: Gate, writer: Writer, *, is_read_only: bool) -> None:
        self.registry = registry
        self._gate = gate
        self._writer = writer
        self._is_read_only = is_read_only

    async def admit(self, req: Request, resp: Response) -> Snapshot:
        """The snapshot that answers this request, fresh as of now. Raises Unauthenticated or Forbidden."""
        snapshot = await self.fresh()
        resp.set_header("X-Registry-Revision", snapshot.revision)
        self._gate.principal(req.get_header("Authorization"), snapshot.roster).may_read()
        return snapshot

    async def admit_writer(self, req: Request, resp: Response) -> Caller:
        """Who wants to write. Raises Unauthenticated or Forbidden."""
        snapshot = await self.fresh()
        resp.set_header("X-Registry-Revision", snapshot.revision)
        principal = self._gate.principal(req.get_header("Authorization"), snapshot.roster)
        principal.require_role("editor", "writing")
        if self._is_read_only:
            raise errors.Forbidden("This server is read-only; write through another one.", code="READ_ONLY")
        return Caller(principal, request_id(req), _commit_message(req))

    async def fresh(self) -> Snapshot:
        """The snapshot with everything that git or the API finished before now."""
        registry = self.registry
        if registry.is_current():
            return registry.snapshot
        return await asyncio.get_running_loop().run_in_executor(None, registry.refresh)

    async def write(self, write: Write) -> Done:
        """Have it written; returns when it is durable. Raises what refuses it."""
        return await asyncio.shield(asyncio.wrap_future(self._writer.submit(write)))

    def principal(self, req: Request) -> Principal:
        """Who asks, by the roster of the snapshot at hand."""
        return self._gate.principal(req.get_header("Authorization"), self.registry.snapshot.roster)


def request_id(req: Request) -> str:
    """The id a client gave its request, or a new one."""
    given = req.get_header("X-Request-Id") or ""
    if "request_id" not in req.context:
        req.context["request_id"] = given if _REQUEST_ID.match(given) else uuid.uuid4().hex
    return str(req.context["request_id"])


def _commit_message(req: Request) -> str:
    raw = req.get_header("X-Commit-Message") or ""
    try:
        # ASGI gives headers as Latin-1; what clients send is UTF-8.
        return raw.encode("latin-1").decode().strip()
    except UnicodeError:
        raise errors.Invalid("X-Commit-Message is not UTF-8.") from None
