"""A client that goes on writing whatever git does meanwhile, and remembers what was acknowledged and what refused."""

import contextlib
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence

from .client import Client
from .writers import Ack, send

# What a write may be answered while a person uses git: wait and try again, or the branch checked out has it not.
EXPECTED = frozenset(
    (
        *("BRANCH_MOVED", "DETACHED_HEAD", "GIT_AT_WORK", "INDEX_LOCKED", "UNCOMMITTED_EDITS", "UNMERGED_INDEX"),
        *("PACK_NOT_FOUND", "WORKFLOW_EXISTS", "WORKFLOW_NOT_FOUND"),
    )
)


class Stubborn(threading.Thread):
    """Writes to its refs until it is stopped; each label is the id of the request."""

    def __init__(self, name: str, client: Client, refs: Sequence[str], seed: int, pause: float = 0.1) -> None:
        super().__init__(name=name, daemon=True)
        self.acks: list[Ack] = []
        self.refusals: Counter[str] = Counter()
        self.fault: BaseException | None = None
        self._client = client
        self._refs = refs
        self._dice = random.Random(seed)
        self._pause = pause
        self._end = threading.Event()

    def stop(self) -> None:
        """End after the write under way."""
        self._end.set()
        self.join()

    def run(self) -> None:
        """Write."""
        number = 0
        try:
            with contextlib.closing(self._client):
                while not self._end.is_set():
                    number += 1
                    self._write(f"{self.name}-{number}")
                    # Without a pause, people would hardly ever get git's lock.
                    time.sleep(self._dice.random() * self._pause)
        except BaseException as error:
            self.fault = error

    def _write(self, request: str) -> None:
        ref = self._dice.choice(self._refs)
        for action in ("update", "create"):
            answer = send(self._client, action, ref, request)
            if answer.status in (200, 201):
                self.acks.append(Ack(request, ref, action, answer.revision))
                return
            self.refusals[answer.code] += 1
            if answer.code != "WORKFLOW_NOT_FOUND":
                return
