"""What the processes and threads of a server owe each other: memory that is shared, and the processor."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from resource import RUSAGE_THREAD, getrusage
from types import SimpleNamespace

import pytest

from attune_registry.arenas import give_back
from attune_registry.http import server as server_module
from attune_registry.http.switchboard import Switchboard
from attune_registry.priority import NICENESS, breathe, stand_back
from attune_registry.registry import Registry
from gitrepo import Repo
from serving import Server, processes_of
from waiting import wait_until

PACKS, EACH = 40, 50


def workers_of(server: Server) -> list[int]:
    return processes_of(server.process.pid)["workers"]


def watcher_of(server: Server) -> list[int]:
    return processes_of(server.process.pid)["watcher"]


def fork(before_fork: Callable[[], object]) -> SimpleNamespace:
    """A worker as the master's hook leaves it."""
    worker = SimpleNamespace(seat=-1, age=1, watching=None)
    switchboard = Switchboard()
    processes = server_module.Processes(lambda _: None, None, 1, switchboard)
    arbiter = SimpleNamespace(WORKERS={}, cfg=SimpleNamespace(workers=1))
    server_module._hooks(before_fork, processes)["pre_fork"](arbiter, worker)
    server_module._hear_signals()
    switchboard.close()
    return worker


def private_memory(pid: int) -> int:
    """Bytes that a process has for itself."""
    found = re.findall(r"^Private_(?:Clean|Dirty):\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
    return sum(map(int, found)) * 1024


def arenas_beside_the_first(pid: int) -> int:
    """How many arenas glibc has made for threads: each begins at a multiple of 64 MB."""
    maps = Path(f"/proc/{pid}/maps").read_text()
    starts = re.findall(r"^([0-9a-f]+)-[0-9a-f]+ rw-p 00000000 00:00 0 *$", maps, re.M)
    return sum(int(start, 16) % (64 << 20) == 0 for start in starts)


def niceness(pid: int, thread: int) -> int:
    return int(Path(f"/proc/{pid}/task/{thread}/stat").read_text().rpartition(")")[2].split()[16])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Repo, Server]]:
    """Two thousand workflows, served by one worker."""
    root = tmp_path_factory.mktemp("workers") / "registry"
    root.mkdir()
    repo = Repo(root)
    repo.git("init", "-q", "-b", "main")
    repo.write_many(PACKS, EACH, "As it was {number}")
    repo.commit("Begin")
    server = Server(root, "--workers", "1")
    yield repo, server
    server.stop()
    assert "Traceback" not in server.output(), server.output()


def test_a_worker_that_takes_anothers_place_shares_what_has_changed(served: tuple[Repo, Server]) -> None:
    """Each would have all that has changed since the server began for itself, and the more so the longer it runs."""
    repo, server = served
    repo.write_many(PACKS, EACH, "Changed {number}")
    repo.commit("Change all")
    assert "Changed 7" in server.get("/api/v1/workflows/p007.w07").text
    [before] = workers_of(server)
    alone = private_memory(before)
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: workers_of(server) not in ([], [before]), seconds=20)
    with server.new_client(server.token) as client:
        assert "Changed 7" in client.get("/api/v1/workflows/p007.w07").text
    [after] = workers_of(server)
    assert private_memory(after) < 0.6 * alone


def test_threads_share_one_arena(served: tuple[Repo, Server]) -> None:
    """Each would keep the most that it ever needed, for as long as the worker lives."""
    _, server = served
    with server.new_client(server.token) as client:
        assert client.put("/api/v1/workflows/p001.w01", json={"label": "Again"}).status_code == 200
        assert client.get("/api/v1/workflows?search=again").status_code == 200
    [worker] = workers_of(server)
    assert arenas_beside_the_first(worker) == 0


def test_what_is_free_goes_back_to_the_system() -> None:
    """A heap stays as large as it ever was where something is left at its end."""

    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    blocks = [bytes([1]) * 64_000 for _ in range(1_000)]
    at_the_end = bytes([1]) * 64_000
    before = resident()
    del blocks
    give_back()
    assert resident() < before - 40_000_000
    assert at_the_end


def test_memory_goes_back_before_a_worker_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the master has free, each of them would keep for it."""
    calls = []
    monkeypatch.setattr(server_module, "give_back", lambda: calls.append("given back"))
    fork(lambda: calls.append("caught up"))
    assert calls == ["caught up", "given back"]


@pytest.mark.alone
def test_what_workers_will_have_lies_in_memory_that_they_share(repo: Repo) -> None:
    registry = Registry.open(repo.root)
    repo.workflow("demo.first", label="Changed")
    repo.commit("Change it")
    registry.settle_down()
    assert registry.current() is registry.snapshot
    assert registry.snapshot.head.commit == repo.head()
    assert [entry.label for entry in registry.snapshot.workflows] == ["Changed", "second"]
    shelves = (registry.snapshot.workflows, registry.snapshot.packs)
    assert [chunk.loose for shelf in shelves for chunk in shelf.chunks] == [0, 0]


def test_a_worker_comes_although_the_master_cannot_catch_up(caplog: pytest.LogCaptureFixture) -> None:
    """What is wrong with the repository is for requests to be told."""

    def fail() -> None:
        raise OSError("no disk")

    assert fork(fail).seat == 0


def test_threads_that_write_and_watch_stand_back(served: tuple[Repo, Server]) -> None:
    """Who answers runs as the process does; the writer and the watcher, and what they start, run behind it."""
    _, server = served
    assert server.get("/healthz").status_code == 200
    own = os.getpriority(os.PRIO_PROCESS, 0)
    # In a worker the writer; where it is watched, the watcher and watchdog's.
    for [pid], least in ((workers_of(server), 1), (watcher_of(server), 2)):
        threads = sorted(map(int, os.listdir(f"/proc/{pid}/task")))
        assert niceness(pid, pid) == own
        assert sum(niceness(pid, thread) == min(own + NICENESS, 19) for thread in threads) >= least


def watches_of(pid: int) -> int:
    return sum(info.read_text().count("inotify wd:") for info in Path(f"/proc/{pid}/fdinfo").iterdir())


def test_one_process_watches_and_a_worker_watches_nothing(served: tuple[Repo, Server]) -> None:
    """Each write is several events, and each of those would wake every worker."""
    _, server = served
    wait_until(lambda: sum(map(watches_of, watcher_of(server))) > PACKS)
    [worker] = workers_of(server)
    assert watches_of(worker) == 0


def test_saved_files_are_seen_again_when_the_process_that_watches_has_been_killed(
    repo: Repo, start: Callable[..., Server]
) -> None:
    """On each worker, what was saved meanwhile included; nobody asks for anything but the label."""
    server = start(repo.root, "--workers", "2")
    clients = [server.new_client(server.token) for _ in range(8)]

    def labels() -> set[str]:
        return {client.get("/api/v1/workflows/demo.first").json()["data"]["label"] for client in clients}

    repo.workflow("demo.first", label="Watched")
    wait_until(lambda: labels() == {"Watched"})
    [killed] = watcher_of(server)
    os.kill(killed, signal.SIGKILL)
    repo.workflow("demo.first", label="Unwatched")
    wait_until(lambda: labels() == {"Unwatched"}, seconds=20)
    assert watcher_of(server) not in ([], [killed])
    repo.workflow("demo.first", label="Watched again")
    wait_until(lambda: labels() == {"Watched again"})


def test_a_thread_stands_back_alone_and_with_those_it_starts() -> None:
    """The one that asks for it is not the process."""
    found: list[tuple[int, int]] = []

    def look() -> None:
        found.append((os.getpriority(os.PRIO_PROCESS, threading.get_native_id()), os.sched_getscheduler(0)))

    def work() -> None:
        stand_back()
        look()
        child = threading.Thread(target=look)
        child.start()
        child.join()

    own, usual = os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [(min(own + NICENESS, 19), os.SCHED_BATCH)] * 2
    assert (os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0)) == (own, usual)


def usual_turn(*, stands_back: bool) -> float:
    """For how many ms at once, on average, a thread at work has the core that another process wants all the time."""
    found: list[float] = []
    core = min(os.sched_getaffinity(0))
    busy = f"import os; os.sched_setaffinity(0, {{{core}}}); print(flush=True)\nwhile True: pass"

    def work() -> None:
        os.sched_setaffinity(0, {core})
        if stands_back:
            stand_back()
        before, end = getrusage(RUSAGE_THREAD), time.monotonic() + 0.3
        while time.monotonic() < end:
            breathe()
        after = getrusage(RUSAGE_THREAD)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        found.append(1000 * seconds / max(1, after.ru_nivcsw + after.ru_nvcsw - before.ru_nivcsw - before.ru_nvcsw))

    with subprocess.Popen([sys.executable, "-c", busy], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        other.kill()
    return found[0]


@pytest.mark.skipif(sys.platform != "linux", reason="Threads of a core of their own are Linux's.")
def test_who_stands_back_lets_others_have_the_core_after_a_millisecond() -> None:
    """Without that, a kernel that preempts nobody gives it away every 4 ms."""
    assert usual_turn(stands_back=True) < 2


def test_who_answers_does_not_let_go_of_the_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attune_registry.priority._libc", None)
    end = time.monotonic() + 0.01
    while time.monotonic() < end:
        breathe()
