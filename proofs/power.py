"""The power test: the plug is pulled at any moment, the disk's cache is lost, and nothing acknowledged is."""

import argparse
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from .aftermath import Round, examine
from .clone import Clone, Failed
from .machine import FILE_SYSTEMS, Machine, apart, missing
from .server import Server, make_token
from .surroundings import own_folder
from .verdict import Verdict
from .volatile_disk import Cut
from .writers import Ack, Writer

_SHARED = ("demo.first", "demo.second")
_METHODS = ("fsync", "batch", "writeout-only")
_FEWEST_WRITERS, _MOST_WRITERS = 4, 8
# As in the crash test: with a new clone, and disk, `git fsck` stays quick and a first write is among those cut off.
_ROUNDS_PER_CLONE = 20
# Starting and looking take long, the disk is busy for a second or two: how long says how much each cut has before it.
_LOAD_SECONDS = (0.1, 2.5)
# So often there is a moment in which all is on disk, as whenever nobody has written for half a minute.
_SYNCED = 0.5
# Half of the cuts come in the middle of what the disk is doing, this many requests later at most (a landing has 30).
_MOST_MORE = 30
_NO_LOOK = (Failed, RuntimeError, OSError, ValueError, KeyError, IndexError)


class Settings(NamedTuple):
    """What the clone lies on, and core.fsyncMethod in it ("": not set)."""

    file_system: str
    fsync_method: str


class Load(NamedTuple):
    """What was asked before a cut: acknowledged before it, and all the others."""

    acks: list[Ack]
    unanswered: set[str]
    cut: Cut


class Scene:
    """One disk, and the clone on it, through several power cuts."""

    def __init__(self, folder: Path, settings: Settings, verdict: Verdict, dice: random.Random) -> None:
        self.is_sound = True
        self._verdict = verdict
        self._dice = dice
        self._machine = Machine(folder)
        self._server: Server | None = None
        folder.mkdir()
        try:
            self._machine.install(settings.file_system)
            self._machine.boot()
            self._clone = Clone.begin(self._machine.root / "clone", _SHARED)
            if settings.fsync_method:
                self._clone.git("config", "core.fsyncMethod", settings.fsync_method)
            self._token = make_token(self._clone.root)
            self._machine.sync()
            self._server = Server(self._clone.root, self._token)
            self._server.wait()
        except BaseException:
            self.close()
            raise

    def play(self, number: int) -> None:
        """One round; after a loss there is nothing to go on with."""
        # What git leaves to the kernel for half a minute, the first write is built on.
        self._clone.git("commit", "--quiet", "--allow-empty", "--message", "By hand")
        before = self._clone.head()
        losses = len(self._verdict.losses)
        load = self._write_and_cut(number)
        self._machine.clear_away()
        self._machine.boot()
        try:
            self._look(number, before, load)
        except _NO_LOOK as error:
            self._verdict.lost(f"round {number}: nothing can be looked at: {error}")
            self._verdict.tally["power cuts after which nothing could be looked at"] += 1
        found = self._verdict.losses[losses:]
        self.is_sound = not found
        self._tell(load, found)

    def close(self) -> None:
        """Stop everything."""
        if self._server is not None:
            self._server.kill()
        self._machine.clear_away()

    def _look(self, number: int, before: str, load: Load) -> None:
        # The next round's server already.
        self._server = Server(self._clone.root, self._token)
        self._server.wait()
        this = Round(number, self._clone, self._server, before, load.acks, load.unanswered, None)
        examine(this._replace(may_have_torn_index=True), self._verdict)

    def _write_and_cut(self, number: int) -> Load:
        if self._server is None:
            raise RuntimeError("there is no server to write to")
        clients = self._server.clients(self._dice.randint(_FEWEST_WRITERS, _MOST_WRITERS))
        writers = [
            Writer(f"r{number}w{at}", client, [f"demo.w{at}_{own}" for own in range(3)], _SHARED, self._lot())
            for at, client in enumerate(clients)
        ]
        for writer in writers:
            writer.start()
        acks = self._wait(writers)
        cut = self._machine.pull_the_plug(self._lot(), self._dice.choice((0, self._dice.randint(1, _MOST_MORE))))
        self._server.kill()
        for writer in writers:
            writer.stop()
            writer.join(timeout=60)
            for surprise in writer.surprises:
                self._verdict.lost(f"round {number}: an answer nobody could expect: {surprise}")
        too_late = {ack.request for writer in writers for ack in writer.acks} - {ack.request for ack in acks}
        return Load(acks, too_late.union(*(writer.unanswered for writer in writers)), cut)

    def _wait(self, writers: Sequence[Writer]) -> list[Ack]:
        """For some time, and every other time for the next answer, too: then what it promised must just have been kept.

        What is acknowledged from here to the cut does not count: whether it was before is not to be known.
        """
        deadline = time.monotonic() + self._dice.uniform(*_LOAD_SECONDS)
        if self._dice.random() < _SYNCED:
            time.sleep(self._dice.uniform(0, deadline - time.monotonic()))
            self._machine.sync()
        time.sleep(max(0.0, deadline - time.monotonic()))
        # Before the first answer, the commit made by hand is git's business alone.
        waits_for = max(1, sum(len(writer.acks) for writer in writers) + self._dice.randint(0, 1))
        while sum(len(writer.acks) for writer in writers) < waits_for and time.monotonic() < deadline + 5:
            time.sleep(0.0001)
        return [ack for writer in writers for ack in tuple(writer.acks)]

    def _lot(self) -> int:
        return self._dice.randrange(1 << 30)

    def _tell(self, load: Load, losses: Sequence[str]) -> None:
        """Shows that the cuts hit the disk at work: how much was in its cache, and how much of that it kept."""
        tally, cut = self._verdict.tally, load.cut
        tally["power cuts"] += 1
        tally["power cuts with a loss"] += bool(losses)
        tally["acknowledged writes lost"] += sum("acknowledged, but not" in loss for loss in losses)
        tally["power cuts during an fsync of the disk"] += bool(cut.fsyncs_under_way)
        tally["power cuts with writes in the disk's cache"] += bool(cut.cached_writes)
        tally["acknowledged writes"] += len(load.acks)
        tally["writes without an answer before the cut"] += len(load.unanswered)
        tally["writes of the disk"] += cut.writes
        tally["fsyncs of the disk"] += cut.fsyncs
        tally["writes in its cache"] += cut.cached_writes
        tally["pieces of them"] += cut.cached_pieces
        tally["pieces kept by lot"] += cut.kept_pieces


def run(rounds: int, seed: int, settings: Settings, folder: Path) -> int:
    """The exit code after so many rounds."""
    verdict = Verdict("power-test")
    dice = random.Random(seed)
    scene = Scene(folder / "disk0", settings, verdict, dice)
    try:
        for number in range(rounds):
            if number and (number % _ROUNDS_PER_CLONE == 0 or not scene.is_sound):
                scene.close()
                scene = Scene(folder / f"disk{number}", settings, verdict, dice)
            scene.play(number)
            if (number + 1) % 5 == 0 or number + 1 == rounds:
                verdict.progress(f"{number + 1} of {rounds} rounds, {verdict.tally['acknowledged writes']} acks")
    finally:
        scene.close()
    return verdict.close()


def run_apart(asked: argparse.Namespace) -> int:
    """As `run`, in a process that takes along what it has mounted, however it ends."""
    if sentence := missing(asked.file_system):
        print(f"power-test: {sentence} Nothing was proved.")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with own_folder("power", keep=asked.keep) as folder:
        more = ("--seed", str(asked.seed), "--within", str(folder))
        command = apart((sys.executable, "-m", "proofs.power", *sys.argv[1:], *more))
        return subprocess.run(command, check=False).returncode


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**6)
    parser.add_argument("--file-system", choices=FILE_SYSTEMS, default="ext4")
    parser.add_argument("--fsync-method", choices=_METHODS, default="", help="core.fsyncMethod of the clone")
    parser.add_argument("--keep", action="store_true", help="keep the folder, for a look at what went wrong")
    parser.add_argument("--within", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.within is None:
        return run_apart(asked)
    method = f", core.fsyncMethod {asked.fsync_method}" if asked.fsync_method else ""
    print(f"power-test: {asked.rounds} rounds on {asked.file_system}{method}, seed {asked.seed}", flush=True)
    return run(asked.rounds, asked.seed, Settings(asked.file_system, asked.fsync_method), asked.within)


if __name__ == "__main__":
    raise SystemExit(main())
