"""The crash test: kill -9 at any moment, restart, and nothing acknowledged is lost, nothing is half there."""

import argparse
import random
import time
from pathlib import Path
from typing import NamedTuple

from attune_registry.writing.pause import STEPS

from . import person
from .aftermath import Round, examine
from .clone import Clone, is_journal
from .server import Server, make_token
from .surroundings import own_folder
from .verdict import Verdict
from .writers import Writer

_WRITERS = 8
_SHARED = ("demo.first", "demo.second")
# A clone serves so many rounds; with a new one, `git fsck` stays quick and a first write is among the killed.
_ROUNDS_PER_CLONE = 20
_PAUSE_SECONDS = 0.3


class Plan(NamedTuple):
    """A round: the step that is made to last ("": none), whether a person is at work, whether recovery is killed."""

    step: str
    has_person: bool
    kills_start: bool

    @classmethod
    def of(cls, number: int) -> "Plan":
        """Every other round at a named step; in every third there is a person; in every fifth the restart dies too."""
        step = STEPS[number // 2 % len(STEPS)] if number % 2 else ""
        return cls(step, number % 3 == 2, number % 5 == 4)

    @property
    def pause(self) -> str:
        """As the environment variable wants it."""
        return f"{self.step}:{_PAUSE_SECONDS}" if self.step else ""


class Scene:
    """One clone through several crashes."""

    def __init__(self, root: Path, verdict: Verdict, dice: random.Random) -> None:
        self.clone = Clone.begin(root, (*_SHARED, *person.REFS))
        self._token = make_token(root)
        self._verdict = verdict
        self._dice = dice
        self._pause = ""
        self._server = Server(root, self._token)

    def play(self, number: int) -> None:
        """One round."""
        plan = Plan.of(number)
        clone = self.clone
        self._prepare(plan)
        desk = person.work(clone) if plan.has_person else None
        before = clone.head()
        writers = self._write_and_kill(number)
        self._tell_what_was_left(plan)
        if plan.kills_start:
            self._kill_while_starting()
        # The next round's server already: what recovers after a crash does not pause.
        self._pause = Plan.of(number + 1).pause
        self._server = Server(clone.root, self._token, pause=self._pause)
        self._server.wait()
        acks = [ack for writer in writers for ack in writer.acks]
        unanswered = {request for writer in writers for request in writer.unanswered}
        examine(Round(number, clone, self._server, before, acks, unanswered, desk), self._verdict)
        for writer in writers:
            for surprise in writer.surprises:
                self._verdict.lost(f"round {number}: an answer nobody could expect: {surprise}")
        if desk is not None:
            person.tidy(clone)
        self._verdict.tally["acknowledged writes"] += len(acks)
        self._verdict.tally["writes without an answer"] += len(unanswered)

    def close(self) -> None:
        """Stop the server."""
        self._server.kill()

    def _prepare(self, plan: Plan) -> None:
        if plan.pause != self._pause:
            self._server.kill()
            self._server = Server(self.clone.root, self._token, pause=plan.pause)
        self._server.wait()

    def _write_and_kill(self, number: int) -> list[Writer]:
        writers = [
            Writer(
                f"r{number}w{which}",
                client,
                [f"demo.w{which}_{own}" for own in range(3)],
                _SHARED,
                self._dice.randrange(1 << 30),
            )
            for which, client in enumerate(self._server.clients(_WRITERS))
        ]
        for writer in writers:
            writer.start()
        time.sleep(self._dice.uniform(0.05, 1.6))
        self._server.kill()
        for writer in writers:
            writer.stop()
            writer.join(timeout=60)
        return writers

    def _tell_what_was_left(self, plan: Plan) -> None:
        """Shows that the kills hit the write path: how often a journal or git's lock were left behind."""
        tally = self._verdict.tally
        git = self.clone.root / ".git"
        journal = git / "attune-registry/journal"
        tally["kills"] += 1
        tally["kills at a named step"] += bool(plan.step)
        tally["kills that left a journal"] += is_journal(journal)
        tally["kills that left index.lock"] += (git / "index.lock").exists()

    def _kill_while_starting(self) -> None:
        server = Server(self.clone.root, self._token)
        time.sleep(self._dice.uniform(0.2, 1.5))
        server.kill()
        self._verdict.tally["kills"] += 1
        self._verdict.tally["kills while starting again"] += 1


def run(rounds: int, seed: int, *, keep: bool = False) -> int:
    """The exit code after so many rounds."""
    verdict = Verdict("crash-test")
    dice = random.Random(seed)
    with own_folder("crash", keep=keep) as folder:
        scene = Scene(folder / "clone0", verdict, dice)
        try:
            for number in range(rounds):
                if number and number % _ROUNDS_PER_CLONE == 0:
                    scene.close()
                    scene = Scene(folder / f"clone{number}", verdict, dice)
                scene.play(number)
                if (number + 1) % 5 == 0 or number + 1 == rounds:
                    verdict.progress(f"{number + 1} of {rounds} rounds, {verdict.tally['acknowledged writes']} acks")
        finally:
            scene.close()
    return verdict.close()


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**6)
    parser.add_argument("--keep", action="store_true", help="keep the folder, for a look at what went wrong")
    asked = parser.parse_args()
    print(f"crash-test: {asked.rounds} rounds, seed {asked.seed}", flush=True)
    return run(asked.rounds, asked.seed, keep=asked.keep)


if __name__ == "__main__":
    raise SystemExit(main())
