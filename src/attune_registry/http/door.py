"""Where every request comes in: who is asking, and which snapshot answers."""

import asyncio
import re
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from falcon.asgi import Request, Response

from .. import errors
from ..access.bearer import Gate
from ..access.principals import Principal
from ..access.roster import Roster
from ..git.head import read_head
from ..priority import stand_back
from ..registry import Registry
from ..snapshot import Snapshot
from ..writing.making import Done
from ..writing.plans import Write
from ..writing.preview import preview
from ..writing.requests import Caller
from ..writing.writer import Writer
from . import parameters
from .turns import OncePerTurn

_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}\Z")
# Threads that read git for answers: their own, so that none of them keeps a request for the present waiting.
_READERS = 4
_MOMENT_SECONDS = 0.02
_SOON_SECONDS = 0.02
_LONG_SECONDS = 1.0
# So many times is put off what would be old at once.
_MOST_PUT_OFF = 3
_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


class Door:
    """What all resources share."""

    def __init__(self, registry: Registry, gate: Gate, writer: Writer, *, is_read_only: bool) -> None:
        self.registry = registry
        # As the registry's `current`: the snapshot that misses nothing, or None while one has to be made.
        self.current = OncePerTurn(registry.current)
        self._gate = gate
        self._tokens = OncePerTurn(gate.tokens)
        self._writer = writer
        self._is_read_only = is_read_only
        self._refreshing: asyncio.Future[Snapshot] | None = None
        self._soon: asyncio.TimerHandle | None = None
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="reader")
        self._refresher = ThreadPoolExecutor(1, thread_name_prefix="refresher", initializer=stand_back)

    async def admit(self, req: Request, resp: Response) -> Snapshot:
        """The snapshot that answers this request: fresh as of now, or that of `?at=`.

        Raises Unauthenticated or Forbidden, by who may read now, and NotFound or Invalid for the revision.
        """
        snapshot = await self.admit_now(req, resp)
        if "at" in req.params:
            with errors.about(parameter="at", pointer=""):
                snapshot = await self._past(req, snapshot)
            resp.set_header("X-Registry-Revision", snapshot.revision)
        return snapshot

    async def admit_now(self, req: Request, resp: Response) -> Snapshot:
        """As `admit`, for what has no past."""
        snapshot = self.current() or await self.fresh()
        resp.set_header("X-Registry-Revision", snapshot.revision)
        self._gate.principal(req.get_header("Authorization"), snapshot.roster, self._tokens).may_read()
        return snapshot

    def may_read(self, authorization: str, snapshot: Snapshot) -> bool:
        """True for the header of somebody who may read now."""
        try:
            self._gate.principal(authorization, snapshot.roster, self._tokens).may_read()
        except errors.RegistryError:
            return False
        return True

    async def aside(self, work: Callable[_Given, _Answer], *args: _Given.args, **more: _Given.kwargs) -> _Answer:
        """What a function that reads git answers, off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, lambda: work(*args, **more))

    async def _past(self, req: Request, present: Snapshot) -> Snapshot:
        revision = parameters.revision(req)
        past = self.registry.past
        known = past.known(revision, present)
        return known if known is not None else await self.aside(past.at, revision, present)

    async def admit_writer(self, req: Request, resp: Response) -> Caller:
        """Who wants to write. Raises Unauthenticated or Forbidden, and Invalid for a write into the past."""
        authorization = req.get_header("Authorization")

        def principal(roster: Roster) -> Principal:
            found = self._gate.principal(authorization, roster)
            found.require_role("editor", "writing")
            return found

        # A write is judged, and its caller once more, on the newest state when its turn comes: no need to wait here,
        # and good reason not to, since those who wait for the one being written could not be written together.
        snapshot = self.registry.snapshot
        try:
            principal(snapshot.roster)
        except errors.Forbidden:
            snapshot = await self.fresh()
            principal(snapshot.roster)
        resp.set_header("X-Registry-Revision", snapshot.revision)
        if self._is_read_only:
            raise errors.Forbidden("This server is read-only; write through another one.", code="READ_ONLY")
        if "at" in req.params:
            raise errors.Invalid(
                "The past cannot be written to: send this without 'at', or write to a proposal.", code="WRITE_TO_PAST"
            )
        return Caller(principal, request_id(req), _commit_message(req))

    async def fresh(self) -> Snapshot:
        """The snapshot with everything that git or the API finished before now."""
        current = self.registry.current()
        if current is None and self._refreshing and not self._refreshing.done():
            # Begun before this request came, it may miss what this one must see, but mostly does not.
            await asyncio.wait([self._refreshing])
            current = self.registry.current()
        if current is None:
            current = await asyncio.shield(self._refresh(None))
        return current

    def begin_refreshing(self, where: ThreadPoolExecutor | None = None) -> "asyncio.Future[Snapshot]":
        """Have the snapshot that is missing made, if nobody is at it; by the event loop's threads, unless told."""
        if self._refreshing is None or self._refreshing.done():
            return self._refresh(where)
        return self._refreshing

    def _refresh(self, where: ThreadPoolExecutor | None) -> "asyncio.Future[Snapshot]":
        refreshing = asyncio.get_running_loop().run_in_executor(where, self.registry.refresh)
        # Where nobody is left to hear why it failed, asyncio would log that as forgotten.
        refreshing.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._refreshing = refreshing
        return refreshing

    def refresh_soon(self, put_off: int = 0) -> None:
        """Have the snapshot that is missing made when those who need not wait for it have had their answers."""
        if self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(_SOON_SECONDS, self._refresh_now, put_off)

    def _refresh_now(self, put_off: int) -> None:
        self._soon = None
        if self.registry.is_current():
            return
        if put_off < _MOST_PUT_OFF and self.registry.is_more_coming():
            self.refresh_soon(put_off + 1)
        else:
            self.begin_refreshing(self._refresher)

    async def unhurried(self, work: Callable[_Given, _Answer], *args: _Given.args, **more: _Given.kwargs) -> _Answer:
        """What a function answers that nobody waits for, off the event loop and behind everybody else."""
        return await asyncio.get_running_loop().run_in_executor(self._refresher, lambda: work(*args, **more))

    async def wait_a_moment(self) -> bool:
        """While the snapshot that is missing is being made, which is begun here. False when that has failed."""
        refreshing = self.begin_refreshing()
        await asyncio.wait([refreshing], timeout=_MOMENT_SECONDS)
        return not refreshing.done() or refreshing.exception() is None

    async def refusal(self) -> errors.RegistryError | None:
        """Why requests are refused, or will be; None when they are not, or when that takes long to find out."""
        try:
            # Reads may go on for a while without looking into these files; writes do not.
            read_head(self.registry.repository)
            if self.current() is not None:
                return None
        except errors.RegistryError as error:
            return error
        refreshing = self.begin_refreshing()
        await asyncio.wait([refreshing], timeout=_LONG_SECONDS)
        failure = refreshing.exception() if refreshing.done() else None
        return failure if isinstance(failure, errors.RegistryError) else None

    async def write(self, write: Write, proposal: str | None = None) -> Done:
        """Have it written, to the branch served or to a proposal; returns when it is durable, or raises a refusal."""
        landing = asyncio.wrap_future(self._writer.submit(write, proposal))
        # A client that hangs up leaves nobody to hear of a refusal; asyncio would log it as forgotten.
        landing.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(landing)

    async def preview(self, write: Write, proposal: str | None = None) -> Done:
        """What writing it would come to. Raises what would refuse it."""
        return await self.aside(preview, self.registry, write, proposal)

    def principal(self, req: Request) -> Principal:
        """Who asks, by the roster of the snapshot at hand."""
        return self._gate.principal(req.get_header("Authorization"), self.registry.snapshot.roster)


def is_guarded(req: Request) -> bool:
    """True for a path that nobody may ask for without a token; to the routes, slashes in front are all one."""
    return req.path.lstrip("/").startswith("api/")


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
