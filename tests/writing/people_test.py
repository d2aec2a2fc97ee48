"""People use git in the same clone while writes go on, and nothing is lost on either side."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from writes import assert_whole, write

from attune_registry.errors import Conflict, Unavailable
from gitrepo import Repo

SECONDS = 2.0


class Api:
    """Writes to files of its own in a thread, over and over; a refusal is written again."""

    def __init__(self, repo: Repo, pause: float = 0.02) -> None:
        self.landed: dict[str, str] = {}
        self.messages: list[str] = []
        self.refused: set[str] = set()
        self.broken: list[Exception] = []
        self._repo = repo
        self._pause = pause
        self._end = threading.Event()

    def run(self) -> None:
        number = 0
        while not self._end.is_set():
            number += 1
            path = f"packs/demo/workflows/api_{number % 7}.yaml"
            try:
                write(self._repo.root, (path, f"label: Write {number}\n"), message=f"API {number}")
            except (Conflict, Unavailable) as error:
                self.refused.add(error.code)
            except Exception as error:  # shown by the test
                self.broken.append(error)
            else:
                self.landed[path] = f"label: Write {number}\n"
                self.messages.append(f"API {number}")
            time.sleep(random.random() * self._pause)  # without it, people would hardly ever get the lock

    @contextmanager
    def at_work(self) -> Iterator["Api"]:
        thread = threading.Thread(target=self.run)
        thread.start()
        try:
            yield self
        finally:
            self._end.set()
            thread.join()
        assert self.broken == []


def rounds(least: int = 5) -> Iterator[int]:
    """For as long as a test may last, but so often at least."""
    end = time.monotonic() + SECONDS
    number = 0
    while number < least or time.monotonic() < end:
        yield number
        number += 1


def persist(repo: Repo, *arguments: str) -> None:
    """What a person does when git says that its lock is taken: again."""
    for _ in range(2000):
        try:
            repo.git(*arguments)
        except AssertionError:
            time.sleep(0.001)
        else:
            return
    raise AssertionError(f"git {arguments} never got its turn")


def assert_all_there(repo: Repo, api: Api) -> None:
    subjects = repo.git("log", "--format=%s").splitlines()
    assert [line for line in reversed(subjects) if line.startswith("API ")] == api.messages
    for path, text in api.landed.items():
        assert repo.git("show", f"HEAD:{path}") == text
        assert (repo.root / path).read_text() == text
    assert len(api.messages) > 2
    assert api.refused <= {"BRANCH_MOVED", "INDEX_LOCKED"}


def test_commits_by_hand(repo: Repo) -> None:
    """With no pause: `git commit` reads the index before it locks it, and would put back an old one (company.py)."""
    with Api(repo, pause=0.01).at_work() as api:
        for number in rounds():
            repo.write(f"notes/{number}.txt", f"{number}\n")
            persist(repo, "add", f"notes/{number}.txt")
            persist(repo, "commit", "-q", "-m", f"Hand {number}")
    assert_all_there(repo, api)
    by_hand = [line for line in repo.git("log", "--format=%s").splitlines() if line.startswith("Hand")]
    assert len(by_hand) == number + 1 == len(list((repo.root / "notes").iterdir()))
    assert_whole(repo)


def test_stash_and_pop(repo: Repo) -> None:
    """A stash that loses the race for the lock half way leaves the edit in the file and in the stash, or staged."""
    notes = repo.write("notes.txt", "first\n")
    repo.commit()
    with Api(repo).at_work() as api:
        for number in rounds():
            notes.write_text(f"edit {number}\n")
            while notes.read_text() != "first\n":
                repo.git("stash", "push", "-q", "--", "notes.txt", check=False)
            assert f"edit {number}" in repo.git("show", "stash@{0}:notes.txt")
            while notes.read_text() == "first\n":
                repo.git("stash", "pop", "-q", check=False)
            assert notes.read_text() == f"edit {number}\n"
            notes.write_text("first\n")
            persist(repo, "reset", "-q", "--", "notes.txt")
            repo.git("stash", "clear")
            time.sleep(0.03)
    assert_all_there(repo, api)
    assert_whole(repo)


def test_garbage_collection_and_packing(repo: Repo) -> None:
    with Api(repo).at_work() as api:
        for _ in rounds(2):
            repo.git("gc", "-q")
            repo.git("pack-refs", "--all", "--prune", check=False)
            repo.git("status")
            time.sleep(0.03)
    assert_all_there(repo, api)
    assert_whole(repo)


def test_switching_between_branches(repo: Repo) -> None:
    repo.git("branch", "other")
    with Api(repo).at_work() as api:
        for number in rounds():
            persist(repo, "switch", "-q", "other" if number % 2 == 0 else "main")
            time.sleep(0.05)
    assert set(api.messages) <= set(repo.git("log", "--format=%s", "main", "other").splitlines())
    assert len(api.messages) > 2
    assert_whole(repo)


@pytest.mark.parametrize("how", ["--rebase", "--no-rebase"])
def test_pulling_what_others_have_pushed(repo: Repo, tmp_path: Path, how: str) -> None:
    other, clone = other_clone(repo, tmp_path)
    with Api(clone, pause=0.3).at_work() as api:
        for number in rounds():
            other.write(f"theirs/{number}.txt", "x\n")
            other.commit(f"Theirs {number}")
            other.git("push", "-q", "origin", "HEAD:main")
            pull(clone, how)
    assert set(api.messages) <= set(clone.git("log", "--format=%s").splitlines())
    assert len(api.messages) > 1
    assert len(list((clone.root / "theirs").iterdir())) == number + 1
    for path, text in api.landed.items():
        assert (clone.root / path).read_text() == text
    assert_whole(clone)


def other_clone(repo: Repo, tmp_path: Path) -> tuple[Repo, Repo]:
    shared = tmp_path / "shared.git"
    repo.git("clone", "-q", "--bare", str(repo.root), str(shared))
    repo.git("clone", "-q", str(shared), str(tmp_path / "other"))
    repo.git("clone", "-q", str(shared), str(tmp_path / "clone"))
    return Repo(tmp_path / "other"), Repo(tmp_path / "clone")


def pull(clone: Repo, how: str) -> None:
    """Until nothing is left to pull.

    git moves HEAD last: a merge or rebase that finds it moved by then gives up where it is, and a person takes
    back what it has begun.
    """
    behind = ("rev-list", "HEAD..origin/main")
    for _ in range(200):
        clone.git("pull", "-q", "--no-edit", how, "origin", "main", check=False)
        for undo in (("rebase", "--abort"), ("merge", "--abort"), ("reset", "-q", "--merge")):
            clone.git(*undo, check=False)
        if clone.git("symbolic-ref", "-q", "HEAD", check=False) and not clone.git(*behind).strip():
            return
    said = [clone.git(*undo, check=False) for undo in (("status",), ("diff", "--stat"), ("stash", "list"))]
    raise AssertionError("never pulled:\n" + "\n".join(said))
