"""gunicorn, embedded: the registry is opened once, the workers are forks that share its memory."""

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from typing import Any

import structlog
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.asgi.protocol import ASGIProtocol
from gunicorn.glogging import Logger
from gunicorn.workers.gasgi import ASGIWorker

from ..arenas import give_back
from .accepting import Loop, Seats

# How long the master waits for its workers before it kills them, and how long a worker waits for requests that
# are being answered: less, so that what comes after them (the writer's queue, the lifespan's end) has its time.
_MASTER_PATIENCE_SECONDS = 20
_WORKER_PATIENCE_SECONDS = 10
_LOOK_SECONDS = 0.05
_SWITCH_SECONDS = 0.00005
_SELDOM = (5_000, 10, 10)
_MEMORY = Path("/dev", "shm")
_ACCESS_FORMAT = '%(h)s "%(r)s" %(s)s %(b)s %(M)sms'
_STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)

MakeApp = Callable[[], Any]


def serve(
    make_app: MakeApp,
    listener: socket.socket,
    *,
    workers: int,
    log_level: str,
    access_log: bool,
    ready: Callable[[], object],
    before_fork: Callable[[], object],
) -> None:
    """Serve until told to stop, and end the process. Each worker calls `make_app`; `ready` is called once.

    `before_fork` is called in the master before each worker, also those that come later: what it leaves they share.
    """

    def when_ready(_: Arbiter) -> None:
        ready()

    settings = {
        "bind": f"fd://{listener.detach()}",
        "workers": workers,
        "accesslog": "-" if access_log else None,
        "loglevel": "info" if log_level == "debug" else "warning",
        "when_ready": when_ready,
    }
    # A signal that comes between a worker's fork and its own handlers would be lost in the handlers it has from
    # the master, and the master would wait for it in vain; held back, it arrives when the worker can hear it.
    os.register_at_fork(after_in_parent=_hear_signals)
    # A write makes some ten thousand small values and hardly a circle: the default looks for those every 700 (7 to 20 %
    # of a write's time). With many more than this, a look holds the interpreter for 10 ms and longer.
    gc.set_threshold(*_SELDOM)
    _Server(make_app, _fixed_settings() | settings | _hooks(before_fork)).run()


def _fixed_settings() -> dict[str, Any]:
    return {
        "worker_class": Worker,
        "worker_tmp_dir": str(_MEMORY) if _MEMORY.is_dir() else None,
        "asgi_lifespan": "on",
        "http_parser": "auto",
        "keepalive": 75,
        "timeout": 60,
        "graceful_timeout": _MASTER_PATIENCE_SECONDS,
        "backlog": 1024,
        "limit_request_line": 8190,
        "limit_request_fields": 64,
        "limit_request_field_size": 16380,
        "forwarded_allow_ips": "",
        "access_log_format": _ACCESS_FORMAT,
        "logger_class": Log,
        # It would run a thread in the master, and a socket that two servers of one user would fight over.
        "control_socket_disable": True,
        "proc_name": "attune-registry",
    }


class Log(Logger):
    """gunicorn's logs by way of everybody else's: what the root logger does with them is decided elsewhere."""

    def setup(self, cfg: Any) -> None:
        """Set the levels and no handlers."""
        self.cfg = cfg
        self.error_log.setLevel(cfg.loglevel.upper())
        self.error_log.propagate = self.access_log.propagate = True


class Worker(ASGIWorker):
    """gunicorn's ASGI worker, that does not wait for clients who have nothing to ask when it is told to stop.

    `state["stopping"]`, in the scope of each request, is an event that is set then: streams end themselves by it.
    """

    # Whose turn it is to take a connection: given by the master, before the worker is forked.
    seats: Seats | None = None
    seat = 0

    @property
    def nr_conns(self) -> int:
        """The connections that are open, as gunicorn counts them; other workers know the number, too."""
        return self._open

    @nr_conns.setter
    def nr_conns(self, number: int) -> None:
        self._open = number
        if self.seats is not None and self.alive:
            self.seats.note(self.seat, number)

    def init_process(self) -> None:
        """Start, with less patience than the master's."""
        self.cfg.set("graceful_timeout", _WORKER_PATIENCE_SECONDS)
        self.state["stopping"] = asyncio.Event()
        _answer_whatever_cannot_be_parsed()
        # A thread that writes holds the interpreter for up to this long while readers wait.
        sys.setswitchinterval(_SWITCH_SECONDS)
        super().init_process()

    def _setup_event_loop(self) -> None:
        # Who replaces a worker need not wait for the others.
        together = self.cfg.workers if self.age <= self.cfg.workers else 1
        self.loop = Loop(self.seats or Seats(), self.seat, together)
        asyncio.set_event_loop(self.loop)

    def init_signals(self) -> None:
        """Take the signals that were held back, too, as soon as the loop runs: uvloop loses those before."""
        super().init_signals()
        asyncio.get_event_loop().call_soon(_hear_signals)

    def run(self) -> None:
        """Serve; a worker whose app could not start ends the server instead of being replaced for ever."""
        super().run()
        if self.alive and not self.servers:
            sys.exit(Arbiter.WORKER_BOOT_ERROR)

    def handle_exit_signal(self) -> None:
        """Begin to stop."""
        super().handle_exit_signal()
        self._hanging_up = asyncio.get_running_loop().create_task(self._hang_up())

    async def _hang_up(self) -> None:
        self.state["stopping"].set()
        while True:
            for server in self.servers:
                server.close()
            for task in asyncio.all_tasks():
                if _is_waiting_for_request(task):
                    # gunicorn takes this for the end of the connection: it sends what is left, and hangs up.
                    task.cancel()
            await asyncio.sleep(_LOOK_SECONDS)


def _hooks(before_fork: Callable[[], object]) -> dict[str, Any]:
    """What the master does before a worker is forked, and when one has ended."""
    seats = Seats()

    def seat(arbiter: Arbiter, worker: Worker) -> None:
        try:
            before_fork()
        except Exception:
            # Whatever it is, the worker meets it again, where a request is told.
            structlog.get_logger().exception("before_fork_failed")
        gc.collect()
        give_back()
        # What is there now is never collected, so that no worker's collector touches, and thereby copies, its pages.
        gc.freeze()
        _hold_signals()
        workers: Iterable[Any] = arbiter.WORKERS.values()
        taken = {other.seat for other in workers}
        worker.seats, worker.seat = seats, next(number for number in count() if number not in taken)

    def leave(_: Arbiter, worker: Worker) -> None:
        seats.leave(worker.seat)

    return {"pre_fork": seat, "child_exit": leave}


def _answer_whatever_cannot_be_parsed() -> None:
    """Have a request that the C parser refuses answered with 400, as the Python parser's are.

    gunicorn 26.2 knows one of its errors by name, asked for last, and lets the others (a control character in a
    header, say) end as a traceback in the log.
    """
    protocol: Any = ASGIProtocol
    if protocol._check_h1c_protocol_available():
        protocol._h1c_invalid_chunk_extension = ValueError  # what all errors of the parser are


class _Server(BaseApplication):
    def __init__(self, make_app: MakeApp, settings: dict[str, Any]) -> None:
        self._make_app = make_app
        self._settings = settings
        super().__init__(prog="attune-registry")

    def load_config(self) -> None:
        """Take the settings given and none from files or the environment."""
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Make the app; called in each worker, after the fork."""
        return self._make_app()


def _hold_signals() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)


def _hear_signals() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)


def _is_waiting_for_request(task: "asyncio.Task[Any]") -> bool:
    """True for the task of a kept-alive connection on which no request is being answered."""
    coroutine = task.get_coro()
    awaited = getattr(coroutine, "cr_await", None)
    return (
        getattr(coroutine, "__qualname__", "") == "ASGIProtocol._handle_connection"
        and getattr(awaited, "__qualname__", "") == "Event.wait"
    )
