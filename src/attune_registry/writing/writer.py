"""The one thread per worker that writes: everything waiting, in order, a commit each, one landing for the lot."""

import contextlib
import queue
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby, takewhile
from typing import NamedTuple

import structlog

from .. import errors
from ..arenas import give_back
from ..git.head import read_head
from ..git.repacking import merge_small
from ..git.replaced import remove_kept
from ..priority import stand_back
from ..registry import Registry
from .draft import Draft
from .landing import land_locked
from .lock import WriteLock
from .making import Done, authorized
from .plans import Desk, Write
from .recovery import repair

MAX_WAITING = 256
MAX_GROUP = 64
# Without a write for so long, there is time for what others have not to wait for: records kept, packs merged.
_MOMENT_SECONDS = 0.05
# As long as something is left to be removed then, it is looked after this often.
_LATER_SECONDS = 0.6
_MOST_GATHERED = 256
# What the heap has free goes back to the system no more often than this: it takes milliseconds.
_SELDOM_SECONDS = 20.0
_log = structlog.get_logger()


class _Waiting(NamedTuple):
    write: Write
    proposal: str | None
    answer: "Future[Done]"


class Writer:
    """Takes writes from any thread; answers each when it is durable, or with the RegistryError that refuses it."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._waiting: queue.Queue[_Waiting | None] = queue.Queue(MAX_WAITING)
        self._draft: Draft | None = None
        self._has_put_off = False
        self._giving_back = 0.0
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        # What the disk is told to free is waited for: a client's next write need not.
        self._removing = ThreadPoolExecutor(1, "removing", stand_back)

    def start(self) -> None:
        """Repair what a process that died while writing has left, and begin to write."""
        repair(self._registry.repository)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is waiting, then end."""
        self._waiting.put(None)
        self._thread.join(timeout=30)
        self._removing.shutdown()

    def submit(self, write: Write, proposal: str | None = None) -> "Future[Done]":
        """Put a write (to the branch served, or to a proposal) into the queue. Raises Unavailable when it is full."""
        answer: Future[Done] = Future()
        try:
            self._waiting.put_nowait(_Waiting(write, proposal, answer))
        except queue.Full:
            raise errors.Unavailable(
                f"{MAX_WAITING} writes are waiting already; try again in a moment.", code="QUEUE_FULL"
            ) from None
        return answer

    def _run(self) -> None:
        stand_back()
        with self._registry.cache.gathering():
            while (first := self._next()) is not None:
                self._write([first])

    def _next(self) -> _Waiting | None:
        """What comes next; what has been put off is done when nothing comes for a moment."""
        seconds = _MOMENT_SECONDS
        while self._has_put_off:
            with contextlib.suppress(queue.Empty):
                return self._waiting.get(timeout=seconds)
            self._registry.cache.flush()
            if time.monotonic() > self._giving_back:
                give_back()
                self._giving_back = time.monotonic() + _SELDOM_SECONDS
            self._has_put_off = merge_small(self._registry.repository)
            seconds = _LATER_SECONDS
        return self._waiting.get()

    def _write(self, group: list[_Waiting]) -> None:
        try:
            with WriteLock(self._registry.repository, meanwhile=self._foreseeing(group)):
                # What has come while another worker was writing is written together.
                self._take_waiting(group)
                for proposal, writes in groupby(self._claimed(group), key=lambda item: item.proposal):
                    self._answer(list(writes), proposal)
            merge_small(self._registry.repository, is_pressed=True)
        except errors.RegistryError as error:
            self._refuse(self._claimed(group), error)
        finally:
            self._removing.submit(remove_kept)
            self._drop_draft()
            self._has_put_off = True
            if len(self._registry.cache.gathered) > _MOST_GATHERED:
                self._registry.cache.flush()

    def _foreseeing(self, group: list[_Waiting]) -> Iterator[bool]:
        """Does beforehand what can be done before it is this worker's turn, a piece at a time, while there is any.

        What another worker has written is caught up with. Once it has told what it is about to land, the writes are
        made on that. Until then they are planned for nothing but what that leaves in the caches: writing out, reading
        back, checking.
        """
        planned = 0
        while True:
            self._take_waiting(group)
            if self._catch_up() or self._draft_next(group):
                yield True
            elif planned < len(group) and self._draft is None:
                # What it really comes to is found when it is planned in earnest.
                with contextlib.suppress(Exception):
                    self._plan_early(group[planned].write)
                planned += 1
                yield True
            else:
                yield False

    def _plan_early(self, write: Write) -> None:
        snapshot = self._registry.snapshot
        write.plan(Desk.over(self._registry, snapshot), authorized(write, snapshot))

    def _draft_next(self, group: list[_Waiting]) -> bool:
        """Make one more of the writes on what is foreseen. True when there was one to make."""
        registry = self._registry
        base = registry.foreseen
        draft = self._draft
        if draft is not None and draft.base is not base and draft.base is not registry.snapshot:
            self._drop_draft()
            draft = None
        if draft is None and base is not None:
            draft = self._draft = Draft(registry, base)
        writes = [item.write for item in takewhile(lambda item: item.proposal is None, group)]
        if draft is None or not draft.wants_work(writes) or not registry.building.acquire(blocking=False):
            return False
        try:
            draft.work(writes)
        finally:
            registry.building.release()
        return True

    def _drop_draft(self) -> None:
        draft, self._draft = self._draft, None
        if draft is not None:
            draft.drop()

    def _catch_up(self) -> bool:
        """True when there was something to catch up with."""
        registry = self._registry
        before = registry.snapshot
        # Whatever goes wrong here goes wrong again where somebody is told.
        with contextlib.suppress(Exception):
            if registry.foresee():
                return True
            # The first question costs little and is asked all the time; its answer is no while git is at work, too.
            if not registry.is_current() and read_head(registry.repository) != before.head:
                registry.refresh()
        return registry.snapshot is not before

    def _take_waiting(self, group: list[_Waiting]) -> None:
        with contextlib.suppress(queue.Empty):
            while len(group) < MAX_GROUP:
                following = self._waiting.get_nowait()
                if following is None:
                    self._waiting.put(None)
                    return
                group.append(following)

    def _claimed(self, group: list[_Waiting]) -> list[_Waiting]:
        """The writes whose clients still wait; who has hung up has cancelled."""
        return [item for item in group if item.answer.set_running_or_notify_cancel()]

    def _answer(self, group: list[_Waiting], proposal: str | None) -> None:
        try:
            outcomes = land_locked(self._registry, [item.write for item in group], proposal, self._draft)
        except Exception as error:
            # Whatever it was, whoever waits gets an answer, and the thread goes on.
            if not isinstance(error, errors.RegistryError):
                _log.exception("write_failed")
            self._refuse(group, error)
            return
        for item, outcome in zip(group, outcomes, strict=True):
            if isinstance(outcome, Done):
                item.answer.set_result(outcome)
            else:
                item.answer.set_exception(outcome)

    def _refuse(self, group: list[_Waiting], error: Exception) -> None:
        for item in group:
            item.answer.set_exception(error)
