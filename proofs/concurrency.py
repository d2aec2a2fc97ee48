"""The concurrency test: many clients write to few refs, and the line of commits explains every answer."""

import argparse
import contextlib
import random
import threading
import time
from itertools import count

from .asked import Asked, Ledger
from .client import Client
from .clone import Clone
from .explanations import explain
from .model import Replay
from .server import Server, make_token
from .surroundings import own_folder
from .verdict import Verdict
from .writers import new_workflow

_CLIENTS = 16
_HOT = tuple(f"demo.hot_{number}" for number in range(4))
_COOL = tuple(f"other.cool_{number}" for number in range(8))
_COUNTERS = ("demo.counter_a", "other.counter_b")
_START = (_HOT[0], _COOL[0], *_COUNTERS)


class Guest(threading.Thread):
    """One client: writes of all kinds by one worker, reads by the other, until all writes together are enough."""

    def __init__(self, name: str, clients: tuple[Client, Client], ledger: Ledger, turns: "Turns", seed: int) -> None:
        super().__init__(name=name, daemon=True)
        self.counted = dict.fromkeys(_COUNTERS, 0)
        self.fault: BaseException | None = None
        self._writing, self._reading = clients
        self._ledger = ledger
        self._turns = turns
        self._dice = random.Random(seed)
        self._number = count(1)
        self._known: dict[str, str] = {}

    def run(self) -> None:
        """Ask."""
        try:
            with contextlib.closing(self._writing), contextlib.closing(self._reading):
                while self._turns.take():
                    self._turn()
        except BaseException as error:
            self.fault = error

    def _turn(self) -> None:
        dice = self._dice.random()
        if dice < 0.2:
            self._increment(self._dice.choice(_COUNTERS))
            return
        ref = self._dice.choice(_HOT if self._dice.random() < 0.6 else _COOL)
        if dice < 0.4:
            self._ask("POST", ref, new_workflow(ref, self._label()))
        elif dice < 0.6:
            self._ask("PUT", ref, {"label": self._label()})
        elif dice < 0.8:
            self._ask("PUT", ref, {"label": self._label()}, self._known.get(ref, "0" * 40))
        elif dice < 0.85:
            self._ask("PUT", ref, {"description": "always the same"})
        else:
            self._ask("DELETE", ref, None, self._known.get(ref, "") if dice < 0.9 else "")
        if self._dice.random() < 0.5:
            self._ask("GET", ref if self._dice.random() < 0.7 else self._dice.choice(_HOT))

    def _increment(self, ref: str) -> None:
        """Read, add one, write if nobody has written meanwhile; a refusal is no increment."""
        read = self._ask("GET", ref)
        value = int(read.answer.json()["data"]["description"] or 0)
        done = self._ask("PUT", ref, {"description": str(value + 1)}, read.answer.etag)
        self.counted[ref] += done.is_success

    def _ask(self, method: str, ref: str, body: dict[str, object] | None = None, match: str = "") -> Asked:
        client = self._reading if method == "GET" else self._writing
        asked = self._ledger.ask(client, f"{self.name}-{next(self._number)}", method, ref, body, match)
        if asked.answer.etag and asked.is_success:
            self._known[ref] = asked.answer.etag
        return asked

    def _label(self) -> str:
        """Of few, so that some writes change nothing."""
        return f"Label {self._dice.randrange(6)}"


class Turns:
    """So many writes, whoever makes them."""

    def __init__(self, total: int, verdict: Verdict) -> None:
        self._total = total
        self._left = total
        self._lock = threading.Lock()
        self._verdict = verdict

    def take(self) -> bool:
        """True while there is one left."""
        with self._lock:
            if self._left == 0:
                return False
            self._left -= 1
            if self._left % 500 == 0:
                self._verdict.progress(f"{self._total - self._left} of {self._total} writes")
            return True


def run(writes: int, seed: int, *, keep: bool = False) -> int:
    """The exit code after so many writes."""
    verdict = Verdict("concurrency-test")
    with own_folder("concurrency", keep=keep) as folder:
        clone = Clone.begin(folder / "clone", _START)
        before = clone.head()
        server = Server(clone.root, make_token(clone.root))
        try:
            server.wait()
            begun = time.monotonic()
            ledger, guests = _write(server, writes, seed, verdict)
            verdict.tally["seconds"] = round(time.monotonic() - begun)
            _judge(clone, before, ledger, guests, verdict)
            _compare_with_served(server, clone, verdict)
        finally:
            server.stop()
        for line in server.mishaps():
            verdict.lost(f"in the log: {line}")
        for what in [clone.status(), clone.damage(), *clone.leftovers()]:
            verdict.expect(not what, f"not clean: {what}")
    return verdict.close()


def _write(server: Server, writes: int, seed: int, verdict: Verdict) -> tuple[Ledger, list[Guest]]:
    ledger, turns = Ledger(), Turns(writes, verdict)
    clients = server.clients(2 * _CLIENTS)
    # The first half of the connections is of one worker, the second of the other: no guest reads where it writes.
    pairs = zip(clients, clients[::-1], strict=True)
    guests = [
        Guest(f"c{number}", pair, ledger, turns, seed + number) for number, pair in enumerate(pairs) if number % 2
    ]
    for guest in guests:
        guest.start()
    for guest in guests:
        guest.join()
        verdict.expect(guest.fault is None, f"{guest.name} broke off: {guest.fault!r}")
    return ledger, guests


def _judge(clone: Clone, before: str, ledger: Ledger, guests: list[Guest], verdict: Verdict) -> None:
    replay = Replay(clone, before, (*_HOT, *_COOL, *_COUNTERS))
    explain(replay, ledger.all, verdict)
    for ref in _COUNTERS:
        counted = sum(guest.counted[ref] for guest in guests)
        value = int(replay.states[-1][ref].description or 0)
        verdict.tally["increments with If-Match"] += counted
        verdict.expect(counted == value, f"{ref} stands at {value} after {counted} increments")
    for asked in ledger.all:
        kind = "reads" if asked.method == "GET" else "writes"
        verdict.tally[kind] += 1
        if kind == "writes":
            verdict.tally[f"writes answered {asked.answer.status}"] += 1


def _compare_with_served(server: Server, clone: Clone, verdict: Verdict) -> None:
    tree = {blob for path, blob in clone.tree().items() if "/workflows/" in path}
    with contextlib.closing(server.client()) as client:
        listed = client.ask("GET", "/api/v1/workflows?per_page=100").json()["data"]
        served = {client.ask("GET", f"/api/v1/workflows/{item['ref']}").etag for item in listed}
    verdict.expect(served == tree, f"served {served}, committed {tree}")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writes", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**6)
    parser.add_argument("--keep", action="store_true", help="keep the folder, for a look at what went wrong")
    asked = parser.parse_args()
    print(f"concurrency-test: {asked.writes} writes by {_CLIENTS} clients, seed {asked.seed}", flush=True)
    return run(asked.writes, asked.seed, keep=asked.keep)


if __name__ == "__main__":
    raise SystemExit(main())
