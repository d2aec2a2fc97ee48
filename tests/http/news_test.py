"""News between the processes of a server: who watches tells, workers hear all of it, in whatever order they begin."""

import asyncio
import contextlib
import errno
import gc
import os
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from structlog.testing import capture_logs

from attune_registry.access.bearer import Gate
from attune_registry.http.door import Door
from attune_registry.http.lines import Hangup, Line
from attune_registry.http.news import ANYTHING, Listener, Listening, News
from attune_registry.http.switchboard import Switchboard
from attune_registry.http.watching import Watching
from attune_registry.mishaps import Mishaps
from attune_registry.registry import Registry
from attune_registry.writing.landing import land
from attune_registry.writing.writer import Writer
from authors import creation
from gitrepo import Repo

ONE, TWO = "packs/demo/workflows/one.yaml", "packs/demo/workflows/two.yaml"


@pytest.fixture
def switchboard() -> Iterator[Switchboard]:
    made = Switchboard()
    yield made
    made.close()


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def in_time() -> None:
        await asyncio.wait_for(scenario(), 20)

    asyncio.run(in_time())


def test_what_is_dialled_before_anybody_picks_up_waits(switchboard: Switchboard) -> None:
    """As many as there are, and with an end that is closed by then."""

    async def scenario() -> None:
        arrived: asyncio.Queue[socket.socket] = asyncio.Queue()
        dialling = [asyncio.create_task(switchboard.dial()) for _ in range(600)]
        await asyncio.sleep(0.05)
        switchboard.pick_up(arrived.put_nowait)
        dialled = await asyncio.gather(*dialling)
        for number, end in enumerate(dialled):
            end.send(f"{number}".encode())
        dialled.pop().close()
        picked_up = [await arrived.get() for _ in range(600)]
        switchboard.hang_up()
        assert sorted(int(other.recv(9)) for other in picked_up) == list(range(600))
        for end in (*dialled, *picked_up):
            end.close()

    run(scenario)


def test_a_line_carries_values_until_one_end_hangs_up() -> None:
    async def scenario() -> None:
        one, other = [await Line.over(end) for end in socket.socketpair()]
        sent = [None, [ONE, "ümläut"], {"large": "x" * 300_000}]
        sending = asyncio.gather(*[one.send(value) for value in sent])
        assert [await other.receive() for _ in sent] == sent
        await sending
        one.close()
        with pytest.raises(Hangup):
            await other.receive()
        other.close()

    run(scenario)


def test_news_that_come_together_are_told_together() -> None:
    async def scenario() -> None:
        one, other = [await Line.over(end) for end in socket.socketpair()]
        listener = Listener(None)
        listener.note(News(frozenset({TWO}), is_told=True))
        listener.note(News(frozenset({ONE}), is_told=False))
        listener.note(News(frozenset({TWO}), is_told=True))
        telling = asyncio.create_task(listener.keep_posted(one))
        assert await other.receive() == [[ONE, TWO], False]
        listener.note(News(frozenset({ONE}), is_told=True))
        assert await other.receive() == [[ONE], True]
        listener.note(News(frozenset({ONE}), is_told=True))
        listener.note(ANYTHING)
        assert await other.receive() == [None, False]
        telling.cancel()
        one.close()
        other.close()

    run(scenario)


@contextlib.asynccontextmanager
async def watched(repo: Repo, switchboard: Switchboard) -> AsyncIterator[None]:
    """While a process watches, as the server runs it."""
    watching = Watching(Registry.open(repo.root), switchboard)
    asked: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    said: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    life = asyncio.create_task(watching({"type": "lifespan"}, asked.get, said.put))
    asked.put_nowait({"type": "lifespan.startup"})
    assert await said.get() == {"type": "lifespan.startup.complete"}
    watching.start()
    yield
    asked.put_nowait({"type": "lifespan.shutdown"})
    await life
    watching.close()


def test_who_begins_to_listen_late_is_told_to_look_at_everything(repo: Repo, switchboard: Switchboard) -> None:
    """And hears of what is saved from then on."""

    async def scenario() -> None:
        async with watched(repo, switchboard):
            for _ in range(2):
                line = await Line.over(await switchboard.dial())
                assert await line.receive() == [None, False]
                path = Path(repo.root, ONE)
                path.write_text(path.read_text() + "# saved\n" if path.exists() else "ref: demo.one\n")
                assert await line.receive() == [[ONE], False]
                line.close()

    run(scenario)


def test_a_worker_that_nobody_asks_follows_what_is_written_and_saved(repo: Repo, switchboard: Switchboard) -> None:
    writer, other = Registry.open(repo.root), Registry.open(repo.root)
    rescanned = threading.Event()

    async def unhurried(work: Callable[..., object], *arguments: object) -> None:
        await asyncio.to_thread(work, *arguments)
        rescanned.set()

    async def until(is_so: Callable[[], bool]) -> None:
        while not is_so():
            await asyncio.sleep(0.01)

    async def scenario() -> None:
        listening = Listening(other, cast("Door", SimpleNamespace(unhurried=unhurried)), switchboard)
        async with watched(repo, switchboard):
            listening.start()
            await until(rescanned.is_set)
            await asyncio.to_thread(land, writer, [creation("demo.told")])
            await until(lambda: other.snapshot.workflows.get("demo.told") is not None)
            repo.workflow("demo.first", label="Saved")
            await until(lambda: other.snapshot.workflows.get("demo.first").label == "Saved")
            listening.stop()

    run(scenario)


def test_a_repository_that_cannot_be_read_is_said_once_and_is_no_mistake(repo: Repo, switchboard: Switchboard) -> None:
    registry = Registry.open(repo.root)
    head = repo.root / ".git/HEAD"
    told = News(frozenset({ONE}), is_told=False)

    async def unhurried(work: Callable[..., object], *arguments: object) -> None:
        await asyncio.to_thread(work, *arguments)

    async def scenario() -> None:
        listening = Listening(registry, cast("Door", SimpleNamespace(unhurried=unhurried)), switchboard)
        for broken in ("garbage", "garbage", "ref: refs/heads/main\n", "garbage"):
            # As git does it, which never writes into a file that is there.
            head.with_name("HEAD.new").write_text(broken)
            head.with_name("HEAD.new").replace(head)
            for news in (ANYTHING, told):
                await listening._hear(news)

    with capture_logs() as logs:
        run(scenario)
    once = [("news_in_vain", "warning", code) for code in ("GIT_FAILED", "REF_DAMAGED")]
    assert [(log["event"], log["log_level"], log["code"]) for log in logs] == once * 2
    assert not any("exc_info" in log for log in logs)


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOMEM])
def test_what_the_system_has_too_little_of_is_said_once_and_is_no_mistake(number: int) -> None:
    mishaps = Mishaps("news_in_vain")
    with capture_logs() as logs:
        for _ in range(2):
            with mishaps.borne():
                raise OSError(number, os.strerror(number), "/some/file")
        with mishaps.borne():
            raise FileNotFoundError(errno.ENOENT, "gone")
    said = {"event": "news_in_vain", "log_level": "warning", "reason": f"{os.strerror(number)}: /some/file"}
    assert logs[:-1] == [said]
    assert logs[-1]["exc_info"]


def test_what_is_done_soon_and_cannot_be_is_nobodys_exception(repo: Repo) -> None:
    """It is met again where somebody is told."""
    registry = Registry.open(repo.root)
    (repo.root / ".git/HEAD").write_text("garbage")
    complaints: list[dict[str, object]] = []

    async def scenario() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, complaint: complaints.append(complaint))
        door = Door(registry, cast("Gate", SimpleNamespace(tokens=dict)), Writer(registry), is_read_only=True)
        door.refresh_soon()
        await asyncio.sleep(0.3)
        assert await door.refusal() is not None
        del door
        gc.collect()
        await asyncio.sleep(0)

    run(scenario)
    assert complaints == []
