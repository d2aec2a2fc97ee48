"""What a person does with git all day, each until it is done, as one does when git says that its lock is taken."""

import random
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from . import person
from .clone import Clone, path_of
from .server import Server
from .verdict import Verdict

CONTESTED = "desk.contested"
REFS = (*person.REFS, CONTESTED)
BRANCHES = ("main", "side")
_STASHED = "notes/stashed.txt"
_PATIENCE_SECONDS = 120
_UNDO = (("rebase", "--abort"), ("merge", "--abort"), ("reset", "-q", "--merge"))


class Made(NamedTuple):
    """A commit by hand: the branch it was made on, and the one file that is in it."""

    branch: str
    path: str


class Habits:
    """One person in the clone, and a colleague who pushes from another."""

    def __init__(self, folder: Path, verdict: Verdict, dice: random.Random) -> None:
        seed = Clone.begin(folder / "seed", ("demo.first", *REFS))
        seed.write(_STASHED, "first\n")
        seed.git("add", "-A")
        seed.git("commit", "-q", "-m", "Notes")
        for name, more in (("shared.git", ["--bare"]), ("clone", []), ("colleague", [])):
            seed.git("clone", "-q", *more, str(folder / ("seed" if more else "shared.git")), str(folder / name))
        self.clone = Clone(folder / "clone")
        self.clone.git("branch", "side")
        self.made: dict[str, Made] = {}
        self._colleague = Clone(folder / "colleague")
        self._verdict = verdict
        self._dice = dice
        self._number = 0
        self.all: tuple[Callable[[Server], None], ...] = (
            *(self.commit, self.commit, self.stash, self.pull, self.collect_garbage, self.switch, self.leave_lying),
            *(self.edit, self.edit, self.commit_beside_work),
        )

    def commit(self, server: Server) -> None:
        """Notes, added and committed one after the other: the closer together, the more often one meets a write."""
        for _ in range(8):
            self._commit("main")

    def stash(self, _: Server) -> None:
        """An edit put away and taken out again. One that loses the race half way stays in the file, too."""
        clone, text = self.clone, f"edit {self._next()}\n"
        clone.write(_STASHED, text)
        self._until(
            lambda: clone.tries("stash", "push", "-q", "--", _STASHED) or clone.read(_STASHED) == "first\n", "stash"
        )
        self._until(
            lambda: clone.read(_STASHED) == "first\n" or not clone.tries("checkout", "-q", "--", _STASHED), "stash"
        )
        self._expect(clone.git("show", "stash@{0}:" + _STASHED) == text, f"the stash has not {text!r}")
        self._until(lambda: clone.tries("stash", "pop", "-q") or clone.read(_STASHED) == text, "stash pop")
        self._expect(clone.read(_STASHED) == text, f"popped {clone.read(_STASHED)!r}, stashed {text!r}")
        self._until(lambda: clone.tries("checkout", "-q", "HEAD", "--", _STASHED), "checkout of a file")
        clone.git("stash", "clear")

    def pull(self, _: Server) -> None:
        """What the colleague has pushed, with what is here put on top of it; then push."""
        colleague, number = self._colleague, self._next()
        self._until(lambda: colleague.tries("pull", "-q", "--rebase", "origin", "main"), "the colleague's pull")
        colleague.write(f"theirs/{number}.txt", "x\n")
        colleague.git("add", "-A")
        colleague.git("commit", "-q", "-m", f"Theirs {number}")
        colleague.git("push", "-q", "origin", "HEAD:main")
        self.made[f"Theirs {number}"] = Made("main", f"theirs/{number}.txt")
        self._until(self._pulled, "pull --rebase")
        self.clone.git("push", "-q", "origin", "main")

    def collect_garbage(self, _: Server) -> None:
        """`git gc`, and the refs packed."""
        self.clone.tries("gc", "-q")
        self.clone.tries("pack-refs", "--all", "--prune")

    def switch(self, _: Server) -> None:
        """Another branch for a while, with a commit there."""
        self._until(lambda: self.clone.tries("switch", "-q", "side"), "switch")
        time.sleep(self._dice.random() * 0.3)
        self._commit("side")
        self._until(lambda: self.clone.tries("switch", "-q", "main"), "switch")

    def leave_lying(self, server: Server) -> None:
        """Work in all states lies about while the API writes; writes to its files are refused."""
        desk = self._work()
        for ref in person.REFS:
            self._expect_refused(server, ref)
        time.sleep(self._dice.random() * 0.4)
        self._expect_same(desk)
        self._until(lambda: _does(lambda: person.tidy(self.clone)), "giving up the work")

    def commit_beside_work(self, _: Server) -> None:
        """One file committed while others are staged and edited."""
        desk = self._work()
        self._commit("main", only=True)
        self._expect_same(desk)
        self._until(lambda: _does(lambda: person.tidy(self.clone)), "giving up the work")

    def edit(self, server: Server) -> None:
        """A file saved that the API is writing to; from then on it is refused there, and the edit stays."""
        clone, path = self.clone, path_of(CONTESTED)
        line = f"# by hand {self._next()}\n"
        clone.save(path, clone.read(path) + line)
        end = time.monotonic() + self._dice.random() * 0.2
        while time.monotonic() < end:
            self._expect(line in clone.read(path), f"the edit {line!r} is gone from {path}")
            time.sleep(0.001)
        self._expect_refused(server, CONTESTED)
        self._commit("main", path=path)
        self._expect(line in clone.git("show", f"main:{path}"), f"{line!r} was committed and is not on main")

    def _work(self) -> person.Desk:
        found: list[person.Desk] = []
        self._until(lambda: _does(lambda: found.append(person.work(self.clone))), "staging")
        # While a commit lands, HEAD is ahead of the index for a moment; what is not of that stays.
        self._until(
            lambda: set(_names(person.look_at_own(self.clone).staged)) == set(person.STAGED_PATHS),
            "seeing what is staged",
        )
        return person.look_at_own(self.clone)._replace(texts=found[-1].texts)

    def _expect_same(self, desk: person.Desk) -> None:
        end = time.monotonic() + 5
        while person.look_at_own(self.clone) != desk and time.monotonic() < end:
            time.sleep(0.02)
        now = person.look_at_own(self.clone)
        self._expect(now == desk, f"work not committed was {desk}, is {now}")

    def _expect_refused(self, server: Server, ref: str) -> None:
        with closing(server.client()) as client:
            for method, body in (("PUT", {"label": "Swept over"}), ("DELETE", None)):
                answer = client.ask(method, f"/api/v1/workflows/{ref}", body)
                self._verdict.tally["writes to files with edits"] += 1
                self._expect(answer.status in (409, 503), f"{method} of {ref}, edited by a person: {answer}")

    def _commit(self, branch: str, *, only: bool = False, path: str = "") -> None:
        number = self._next()
        subject, path = f"Hand {number}", path or f"notes/{number}.txt"
        if not (self.clone.root / path).exists():
            self.clone.write(path, f"{number}\n")
        self._until(lambda: self.clone.tries("add", "--", path), "add")
        paths = ["--", path] if only else []
        self._until(lambda: self.clone.tries("commit", "-q", "-m", subject, *paths), "commit")
        self.made[subject] = Made(branch, path)
        self._verdict.tally["commits by hand"] += 1

    def _pulled(self) -> bool:
        clone = self.clone
        if not clone.tries("fetch", "-q", "origin"):
            return False
        clone.tries("pull", "-q", "--rebase", "origin", "main")
        for undo in _UNDO:
            clone.tries(*undo)
        return clone.tries("symbolic-ref", "-q", "HEAD") and not clone.git("rev-list", "HEAD..origin/main").strip()

    def _until(self, is_done: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + _PATIENCE_SECONDS
        while not is_done():
            self._verdict.tally["times git had to be asked again"] += 1
            if time.monotonic() > end:
                raise RuntimeError(f"git never came to '{what}': {self.clone.status()}")
            time.sleep(0.001)

    def _expect(self, is_so: bool, what: str) -> None:
        self._verdict.expect(is_so, what)

    def _next(self) -> int:
        self._number += 1
        return self._number


def _does(act: Callable[[], object]) -> bool:
    try:
        act()
    except RuntimeError:
        return False
    return True


def _names(raw: str) -> list[str]:
    return [line.split("\t")[1] for line in raw.splitlines()]
