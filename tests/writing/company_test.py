"""The lock is kept for as long as a git command lives that may have read the old index."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from writes import NEW, assert_whole, write

from attune_registry.git.repository import Repository
from attune_registry.writing import company
from attune_registry.writing.company import give_way, is_young, let_pass, subcommand_of
from attune_registry.writing.lock import IndexLock
from gitrepo import Repo

Slow = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def slow_git(tmp_path: Path) -> Slow:
    """Starts a process called git that does nothing for so many seconds."""
    program = tmp_path / "git"
    shutil.copy("/bin/sleep", program)

    def begin(folder: Path, seconds: str = "0.6") -> subprocess.Popen[bytes]:
        started = subprocess.Popen([str(program), seconds], cwd=folder)
        time.sleep(0.05)
        return started

    return begin


def seconds_of(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def test_a_command_in_the_clone_is_waited_for_with_the_lock_held(
    repo: Repo, slow_git: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = []
    genuine = IndexLock.release

    def release(lock: IndexLock) -> None:
        if lock.path.exists():
            ended.append(slow.poll() is not None)
        genuine(lock)

    monkeypatch.setattr(IndexLock, "release", release)
    with slow_git(repo.root / "packs") as slow:
        write(repo.root, (NEW, "label: New\n"))
    assert ended == [True]
    assert_whole(repo)


def test_a_command_elsewhere_is_not(repo: Repo, tmp_path: Path, slow_git: Slow) -> None:
    with slow_git(tmp_path):
        assert seconds_of(lambda: let_pass(Repository.open(repo.root))) < 0.2


def test_one_that_waits_for_a_child_is_not(repo: Repo) -> None:
    alias = ["git", "-c", "alias.slow=!sleep 0.5", "slow"]
    with subprocess.Popen(alias, cwd=repo.root):
        time.sleep(0.1)
        assert seconds_of(lambda: let_pass(Repository.open(repo.root))) < 0.2


def test_one_that_waits_for_another_git_is_waited_for_until_it_has_ended_itself(
    repo: Repo, tmp_path: Path, slow_git: Slow
) -> None:
    """As `git merge` does, which runs `git stash create` between reading the index and writing it."""
    parent = tmp_path / "parent" / "git"
    parent.parent.mkdir()
    shutil.copy("/bin/bash", parent)
    after = "end=$((SECONDS + 2)); while [ $SECONDS -lt $end ]; do :; done"
    with subprocess.Popen([str(parent), "-c", f"{tmp_path / 'git'} 0.3; {after}"], cwd=repo.root) as merging:
        time.sleep(0.1)
        let_pass(Repository.open(repo.root))
        assert merging.poll() is not None


def test_one_whose_child_ends_while_it_is_looked_at_waits_for_nobody(
    repo: Repo, slow_git: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(company, "read_small", lambda _: b"4194303 ")
    with slow_git(repo.root) as slow:
        assert company._may_interfere(slow.pid, Repository.open(repo.root), ())


def test_patience_ends(repo: Repo, slow_git: Slow) -> None:
    with slow_git(repo.root):
        assert seconds_of(lambda: let_pass(Repository.open(repo.root), 0.05)) < 0.2


@pytest.mark.parametrize("is_in_order", [False, True])
def test_a_process_that_appears_after_its_number_is_seen(
    repo: Repo, slow_git: Slow, monkeypatch: pytest.MonkeyPatch, is_in_order: bool
) -> None:
    """Whether the list of processes is read from a number on, or from its start."""
    monkeypatch.setattr(company, "_is_in_order", lambda _: is_in_order)
    processes = company._Processes()
    processes.young_git()
    with slow_git(repo.root, "5") as slow:
        with monkeypatch.context() as forking:
            forking.setattr(company, "_look_at", lambda _: (b"", []))
            assert processes.young_git() == []
        assert slow.pid in processes.young_git()
        time.sleep(2 * company._APPEARING_SECONDS)
        processes.young_git()
        assert slow.pid in processes.young_git()
        slow.kill()


def test_of_the_list_no_more_is_read_than_has_begun_since() -> None:
    """Some hundred processes are there in all; what is read has those from 258 numbers before on."""
    assert company._is_in_order(os.getpid())
    with subprocess.Popen(["sleep", "5"]) as child:
        read = [int(name) for name in company._names_from(child.pid) if name.isdigit()]
        assert child.pid in read
        assert all(number >= child.pid - 258 for number in read)
        assert child.pid in company._after(child.pid - 1)
        assert child.pid not in company._after(child.pid)
        child.kill()


def test_what_cannot_become_git_is_looked_at_once() -> None:
    """A server has dozens of threads, a machine hundreds of old processes: three looks a write at all cost 6 ms."""
    processes = company._Processes()
    over = threading.Event()
    threads = [threading.Thread(target=over.wait) for _ in range(20)]
    for thread in threads:
        thread.start()
    processes.young_git()
    numbers = {thread.native_id for thread in threads} | {1}
    assert numbers.isdisjoint(processes._young)
    more = [threading.Thread(target=over.wait) for _ in range(4)]
    for thread in more:
        thread.start()
    processes.young_git()
    assert {thread.native_id for thread in more}.isdisjoint(processes._young)
    over.set()
    with subprocess.Popen(["sleep", "5"]) as child:
        processes.young_git()
        assert child.pid in processes._young
        child.kill()


def test_the_workers_of_one_server_are_looked_at_once(tmp_path: Path) -> None:
    """A server has some for each core, and writes the most when it has just begun: each look is 40 us."""
    look = tmp_path / "look.py"
    look.write_text(
        "import os, time\n"
        "from attune_registry.writing import company\n"
        "if sibling := os.fork():\n"
        "    if not os.fork():\n"
        "        child = os.fork() or time.sleep(60)\n"
        "        processes = company._Processes()\n"
        "        processes.young_git()\n"
        "        print(*(pid in processes._young for pid in (os.getpid(), os.getppid(), sibling, child)), flush=True)\n"
        "        os.kill(child, 9)\n"
        "        os._exit(0)\n"
        "    os.wait()\n"
        "    os.kill(sibling, 9)\n"
        "else:\n"
        "    time.sleep(60)\n"
    )
    said = subprocess.run([sys.executable, look], capture_output=True, check=False, text=True).stdout
    assert said.split() == ["False", "False", "False", "True"]


def test_who_asked_a_moment_ago_asks_again_only_when_something_has_begun() -> None:
    processes = company._Processes()
    assert processes.has_begun_anything()
    processes.young_git()
    # Others may begin processes on this machine just now.
    assert any(not processes.has_begun_anything() for _ in range(20) if processes.young_git() is not None)
    with subprocess.Popen(["sleep", "0"]):
        assert processes.has_begun_anything()
    processes.young_git()
    time.sleep(2 * company._MOMENT_SECONDS)
    assert processes.has_begun_anything()


def test_a_command_that_runs_is_let_through_before_anything_is_locked(
    repo: Repo, slow_git: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    with slow_git(repo.root, "1") as slow:
        give_way(Repository.open(repo.root))
        assert slow.poll() is not None
    monkeypatch.setattr(company, "_COURTESY_SECONDS", 0.2)
    with slow_git(repo.root, "2") as slow:
        assert seconds_of(lambda: give_way(Repository.open(repo.root))) < 1
        slow.kill()


def test_a_pull_is_let_through_but_not_waited_for_with_the_lock_held(repo: Repo, tmp_path: Path) -> None:
    """It gives up where HEAD has moved since it began; the merge that it starts is waited for itself."""
    program = tmp_path / "git"
    shutil.copy("/bin/bash", program)
    command = [str(program), "-c", "read -t 1", "pull"]
    with subprocess.Popen(command, cwd=repo.root, stdin=subprocess.PIPE) as pulling:
        time.sleep(0.05)
        assert seconds_of(lambda: let_pass(Repository.open(repo.root))) < 0.2
        time.sleep(2 * company._MOMENT_SECONDS)
        give_way(Repository.open(repo.root))
        assert pulling.poll() is not None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"git\0commit\0-m\0log\0", b"commit"),
        (b"/usr/bin/git\0-C\0status\0-c\0a=b\0--no-pager\0log\0", b"log"),
        (b"git\0", b""),
        (b"", b""),
    ],
)
def test_the_subcommand(line: bytes, expected: bytes) -> None:
    assert subcommand_of(line) == expected


def test_what_has_ended_or_is_old_is_not_young() -> None:
    fields = [b"S", *[b"0"] * 18, b"100000"]
    assert is_young(fields, now=1000.5)
    assert not is_young(fields, now=1011)
    assert not is_young([b"Z", *fields[1:]], now=1000.5)
