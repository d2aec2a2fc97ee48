"""People at work: git in all its forms in the clone that the API writes to, and nothing is lost on either side."""

import argparse
import random
import time
from collections.abc import Callable

from .branches import check_acks
from .clone import Clone
from .habits import BRANCHES, CONTESTED, Habits
from .server import Server, make_token
from .stubborn import EXPECTED, Stubborn
from .surroundings import own_folder
from .verdict import Verdict

_WRITERS = 4


def run(seconds: float, seed: int, *, keep: bool = False) -> int:
    """The exit code after so many seconds of it, or once through all habits."""
    verdict = Verdict("people-test")
    dice = random.Random(seed)
    with own_folder("people", keep=keep) as folder:
        habits = Habits(folder, verdict, dice)
        server = Server(habits.clone.root, make_token(habits.clone.root))
        try:
            server.wait()
            writers = _start(server, dice)
            try:
                _live(habits, server, seconds, dice, verdict)
            except RuntimeError as error:
                verdict.lost(f"a person could not go on: {error}")
            for writer in writers:
                writer.stop()
            _judge(habits, writers, verdict)
        finally:
            server.stop()
        for line in server.mishaps():
            verdict.lost(f"in the log: {line}")
        _check_clean(habits.clone, verdict)
    return verdict.close()


def _start(server: Server, dice: random.Random) -> list[Stubborn]:
    writers = []
    for number, client in enumerate(server.clients(_WRITERS)):
        refs = [f"demo.api{number}_{own}" for own in range(3)] + ([CONTESTED] * 3 if number < 2 else [])
        writers.append(Stubborn(f"p{number}", client, refs, dice.randrange(1 << 30)))
        writers[-1].start()
    return writers


def _live(habits: Habits, server: Server, seconds: float, dice: random.Random, verdict: Verdict) -> None:
    end = time.monotonic() + seconds
    todo: list[Callable[[Server], None]] = []
    while todo or time.monotonic() < end:
        if not todo:
            todo = dice.sample(habits.all, len(habits.all))
            verdict.progress(f"{max(0, round(end - time.monotonic()))} s left")
        habit = todo.pop()
        habit(server)
        verdict.tally[f"times {habit.__name__.replace('_', ' ')}"] += 1


def _judge(habits: Habits, writers: list[Stubborn], verdict: Verdict) -> None:
    acks = [ack for writer in writers for ack in writer.acks]
    check_acks(habits.clone, BRANCHES, acks, verdict)
    lines = {branch: {commit.subject: commit for commit in habits.clone.line(revision=branch)} for branch in BRANCHES}
    for subject, made in habits.made.items():
        commit = lines[made.branch].get(subject)
        verdict.expect(commit, f"the commit '{subject}' is not in the history of {made.branch}")
        # An index read before a write landed and put back after it would undo the write in here.
        if commit and list(commit.paths) != [made.path]:
            verdict.lost(f"the commit '{subject}' of {made.path} has more in it: {commit}")
    for writer in writers:
        verdict.expect(writer.fault is None, f"{writer.name} broke off: {writer.fault!r}")
        for code, count in writer.refusals.items():
            verdict.tally[f"refusals {code}"] += count
            verdict.expect(code in EXPECTED, f"{count} times refused by {code}")


def _check_clean(clone: Clone, verdict: Verdict) -> None:
    for what in [clone.status(), clone.damage(), *clone.leftovers()]:
        verdict.expect(not what, f"not clean: {what}")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**6)
    parser.add_argument("--keep", action="store_true", help="keep the folder, for a look at what went wrong")
    asked = parser.parse_args()
    print(f"people-test: {asked.seconds:g} seconds, seed {asked.seed}", flush=True)
    return run(asked.seconds, asked.seed, keep=asked.keep)


if __name__ == "__main__":
    raise SystemExit(main())
