"""gunicorn, embedded: the registry is opened once, the workers are forks that share its memory."""

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import structlog
import uvloop
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.asgi.protocol import ASGIProtocol
from gunicorn.glogging import Logger
from gunicorn.workers.gasgi import ASGIWorker

from ..arenas import give_back
from ..logs import without_tokens
from .accepting import Loop, Seats
from .switchboard import Switchboard
from .watching import Watching

# How long the master waits for its workers before it kills them, and how long a worker waits for requests that
# are being answered: less, so that what comes after them (the writer's queue, the lifespan's end) has its time.
_MASTER_PATIENCE_SECONDS = 20
_WORKER_PATIENCE_SECONDS = 10
_LOOK_SECONDS = 0.05
WATCHER_NAME = "registry-watch"
_NAME = Path("/proc", "self", "comm")
_SWITCH_SECONDS = 0.00005
_SELDOM = (5_000, 10, 10)
_MEMORY = Path("/dev", "shm")
_ACCESS_FORMAT = '%(h)s "%(r)s" %(s)s %(b)s %(M)sms'
_STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)

MakeApp = Callable[[Switchboard], Any]
MakeWatching = Callable[[Switchboard], Watching]


def serve(
    make_app: MakeApp,
    listener: socket.socket,
    *,
    make_watching: MakeWatching | None = None,
    workers: int,
    log_level: str,
    access_log: bool,
    ready: Callable[[], object],
    before_fork: Callable[[], object],
) -> None:
    """Serve until told to stop, and end the process. Each worker calls `make_app`; `ready` is called once.

    With `make_watching` one more process watches for them. `before_fork` is called in the master before each process,
    also those that come later: what it leaves they share.
    """

    def when_ready(_: Arbiter) -> None:
        ready()

    settings = {
        "bind": f"fd://{listener.detach()}",
        "workers": workers + (make_watching is not None),
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
    processes = Processes(make_app, make_watching, workers, Switchboard())
    _Server(processes, _fixed_settings() | settings | _hooks(before_fork, processes)).run()


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


class Processes(NamedTuple):
    """How a server's processes are made: so many workers, and one that watches where there is something to watch."""

    make_app: MakeApp
    make_watching: MakeWatching | None
    workers: int
    switchboard: Switchboard


class Log(Logger):
    """gunicorn's logs by way of everybody else's: what the root logger does with them is decided elsewhere."""

    def setup(self, cfg: Any) -> None:
        """Set the levels and no handlers."""
        self.cfg = cfg
        self.error_log.setLevel(cfg.loglevel.upper())
        self.error_log.propagate = self.access_log.propagate = True

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """A line for a request."""
        super().access(resp, req, {**environ, "RAW_URI": without_tokens(environ["RAW_URI"])}, request_time)


class Worker(ASGIWorker):
    """gunicorn's ASGI worker, that does not wait for clients who have nothing to ask when it is told to stop.

    `state["stopping"]`, in the scope of each request, is an event that is set then: streams end themselves by it.
    """

    # Whose turn it is to take a connection, and who watches: given by the master, before the worker is forked.
    seats: Seats | None = None
    seat = 0
    together = 1
    watching: Watching | None = None

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
        if self.watching is not None:
            # It shows in lists of processes.
            with contextlib.suppress(OSError):
                _NAME.write_text(WATCHER_NAME)
        # A thread that writes holds the interpreter for up to this long while readers wait.
        sys.setswitchinterval(_SWITCH_SECONDS)
        super().init_process()

    def load_wsgi(self) -> None:
        """Make the application: of the process that watches, what watches."""
        if self.watching is not None:
            self.asgi = self.watching
        else:
            super().load_wsgi()

    def _setup_event_loop(self) -> None:
        if self.watching is not None:
            self.loop = WatchingLoop(self.watching)
        else:
            self.loop = Loop(self.seats or Seats(), self.seat, self.together)
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


class WatchingLoop(uvloop.Loop):
    """The event loop of the process that watches: it serves workers, not clients."""

    def __init__(self, watching: Watching) -> None:
        super().__init__()
        self._watching = watching

    async def create_server(self, *arguments: Any, **options: Any) -> Any:
        """Begin to tell workers, and leave the socket to them."""
        self._watching.start()
        return self._watching


def _hooks(before_fork: Callable[[], object], processes: Processes) -> dict[str, Any]:
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
        others: list[Any] = list(arbiter.WORKERS.values())
        if processes.make_watching is not None and all(other.watching is None for other in others):
            # Where fewer processes are wanted than there are, the oldest have to go.
            worker.watching, worker.age = processes.make_watching(processes.switchboard), sys.maxsize
            return
        taken = {other.seat for other in others if other.watching is None}
        worker.seats, worker.seat = seats, next(number for number in count() if number not in taken)
        # Who replaces a worker need not wait for the others.
        worker.together = processes.workers if worker.age <= arbiter.cfg.workers else 1

    def leave(_: Arbiter, worker: Worker) -> None:
        if worker.watching is None:
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
    def __init__(self, processes: Processes, settings: dict[str, Any]) -> None:
        self._processes = processes
        self._settings = settings
        super().__init__(prog="attune-registry")

    def load_config(self) -> None:
        """Take the settings given and none from files or the environment."""
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Make the app; called in each worker, after the fork."""
        return self._processes.make_app(self._processes.switchboard)


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
