"""The one thread per worker that writes: everything waiting, in order, a commit each, one landing for the lot."""

import contextlib
import queue
import threading
from concurrent.futures import Future
from typing import NamedTuple

import structlog

from .. import errors
from ..git.head import Head
from ..git.objects import Author
from ..registry import Registry
from ..snapshot import Snapshot
from ..workshop import Workshop
from .lock import WriteLock
from .messages import commit_message
from .plans import Desk, Plan, Write
from .recovery import recover
from .transaction import Transaction

MAX_WAITING = 256
MAX_GROUP = 64
# Without an index lock to keep others out (a bare repository), the branch may move under a group.
_ATTEMPTS = 5
_log = structlog.get_logger()


class Done(NamedTuple):
    """A write that is on disk: its plan, the snapshot right after it, its commit (None where nothing changed)."""

    plan: Plan
    snapshot: Snapshot
    commit: str | None


class _Waiting(NamedTuple):
    write: Write
    answer: "Future[Done]"


class Writer:
    """Takes writes from any thread; answers each when it is durable, or with the RegistryError that refuses it."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._waiting: queue.Queue[_Waiting | None] = queue.Queue(MAX_WAITING)
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    def start(self) -> None:
        """Repair what a process that died while writing has left, and begin to write."""
        self._repair()
        self._thread.start()

    def stop(self) -> None:
        """Finish what is waiting, then end."""
        self._waiting.put(None)
        self._thread.join(timeout=30)

    def submit(self, write: Write) -> "Future[Done]":
        """Put a write into the queue. Raises Unavailable when the queue is full."""
        answer: Future[Done] = Future()
        try:
            self._waiting.put_nowait(_Waiting(write, answer))
        except queue.Full:
            raise errors.Unavailable(
                f"{MAX_WAITING} writes are waiting already; try again in a moment.", code="QUEUE_FULL"
            ) from None
        return answer

    def _repair(self) -> None:
        try:
            with WriteLock(self._registry.repository):
                recover(self._registry.repository)
        except errors.RegistryError as error:
            # Reading goes on; the next write tries again, and says so if it cannot either.
            _log.warning("repair_postponed", reason=error.message)

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            group = [first]
            with contextlib.suppress(queue.Empty):
                while len(group) < MAX_GROUP:
                    following = self._waiting.get_nowait()
                    if following is None:
                        self._waiting.put(None)
                        break
                    group.append(following)
            # A client that has hung up has cancelled its answer; whoever waits gets one, whatever happens.
            self._answer([item for item in group if item.answer.set_running_or_notify_cancel()])

    def _answer(self, group: list[_Waiting]) -> None:
        try:
            for item, outcome in zip(group, self._write_group(group), strict=True):
                if isinstance(outcome, Done):
                    item.answer.set_result(outcome)
                else:
                    item.answer.set_exception(outcome)
        except Exception as error:
            if not isinstance(error, errors.RegistryError):
                _log.exception("write_failed")
            for item in group:
                item.answer.set_exception(error)

    def _write_group(self, group: list[_Waiting]) -> list["Done | errors.RegistryError"]:
        for attempt in range(_ATTEMPTS):
            try:
                with WriteLock(self._registry.repository):
                    return self._land(group)
            except errors.Conflict as error:
                if error.code != "BRANCH_MOVED" or attempt == _ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    def _land(self, group: list[_Waiting]) -> list["Done | errors.RegistryError"]:
        registry = self._registry
        with registry.building, Transaction.begin(registry.repository) as transaction:
            snapshot = registry.refresh()
            if snapshot.head != transaction.head:
                raise errors.Conflict("The branch has moved; try again.", code="BRANCH_MOVED")
            outcomes: list[Done | errors.RegistryError] = []
            for item in group:
                try:
                    done = self._make(item.write, transaction, snapshot)
                    snapshot = done.snapshot
                    outcomes.append(done)
                except errors.RegistryError as error:
                    outcomes.append(error)
            if any(isinstance(outcome, Done) and outcome.commit for outcome in outcomes):
                transaction.land()
                registry.publish(snapshot)
            return outcomes

    def _make(self, write: Write, transaction: Transaction, snapshot: Snapshot) -> Done:
        registry = self._registry
        desk = Desk(
            registry.repository, snapshot, Workshop(registry.repository, registry.cache, snapshot.contract)
        )
        plan = write.plan(desk)
        if not plan.changes:
            return Done(plan, snapshot, None)
        for change in plan.changes:
            transaction.refuse_if_edited(change.path)
        principal = write.caller.principal
        author = Author(principal.name, principal.email)
        made = transaction.commit(plan.changes, author, commit_message(plan, write.caller))
        head = Head(snapshot.head.branch, made.commit)
        return Done(plan, registry.indexer.advance(snapshot, head, snapshot.edits), made.commit)
