"""The registry as an ASGI application: everything is built and every route listed here."""

import os
from dataclasses import dataclass

import falcon.asgi

from ..access.bearer import Gate
from ..access.jwt import JwtSettings, JwtVerifier
from ..access.tokens import token_store
from ..errors import RegistryError
from ..proposals.board import Board
from ..registry import Registry
from ..watcher import Watcher
from ..writing.writer import Writer
from .changes import Changes
from .diff import Diff, WorkflowDiff
from .door import Door
from .events import HEARTBEAT_SECONDS, Events
from .failures import App, install, refuse_everything
from .health import Health, Readiness
from .history import History, PackHistory, WorkflowHistory
from .lifespan import Lifespan
from .news import Listening
from .problems import Problems
from .proposals import Proposal, Proposals
from .ready import Ready
from .received import Received
from .rollback import ThingRollback, WholeRollback
from .router import Router
from .switchboard import Switchboard
from .things import PackWorkflows, Thing, Things
from .validation import PackValidation, Validation
from .watching import Watching


@dataclass(frozen=True, slots=True)
class Options:
    """How this process serves: with `read_only`, writes are answered 403; streams give a sign of life so often."""

    read_only: bool = False
    heartbeat_seconds: float = HEARTBEAT_SECONDS


def create_app(
    registry: Registry | RegistryError, options: Options, switchboard: Switchboard | None = None
) -> App | Ready:
    """The application over a registry; over the reason why there is none, it answers 503 with that reason.

    With a switchboard, a process that picks up there watches (watching.py); without, this one does.
    """
    if isinstance(registry, RegistryError):
        return refuse_everything(registry)
    gate = Gate(token_store(registry.repository.state_folder), JwtVerifier(JwtSettings.from_environment(os.environ)))
    gate.look()
    writer = Writer(registry)
    door = Door(registry, gate, writer, is_read_only=options.read_only)
    watch = Watcher(registry) if switchboard is None else Listening(registry, door, switchboard)
    app = falcon.asgi.App(request_type=Received, middleware=[Lifespan(registry, writer, watch)], router=Router(door))
    app.req_options.auto_parse_qs_csv = False
    app.req_options.keep_blank_qs_values = True
    install(app, door)
    board = Board(registry)
    routes = {
        "/healthz": Health(),
        "/readyz": Readiness(door, gate, is_read_only=options.read_only),
        "/api/v1/workflows": Things(door, "workflow"),
        "/api/v1/workflows/validate": Validation(door),
        "/api/v1/workflows/{ref}": Thing(door, "workflow"),
        "/api/v1/packs": Things(door, "pack"),
        "/api/v1/packs/{ref}": Thing(door, "pack"),
        "/api/v1/packs/{ref}/workflows": PackWorkflows(door),
        "/api/v1/packs/{ref}/workflows/validate": PackValidation(door),
        "/api/v1/problems": Problems(door),
        "/api/v1/workflows/{ref}/history": WorkflowHistory(door),
        "/api/v1/packs/{ref}/history": PackHistory(door),
        "/api/v1/history": History(door),
        "/api/v1/workflows/{ref}/diff": WorkflowDiff(door),
        "/api/v1/diff": Diff(door),
        "/api/v1/changes": Changes(door),
        "/api/v1/events": Events(door, options.heartbeat_seconds),
        "/api/v1/workflows/{ref}/rollback": ThingRollback(door, "workflow"),
        "/api/v1/packs/{ref}/rollback": ThingRollback(door, "pack"),
        "/api/v1/rollback": WholeRollback(door),
        "/api/v1/proposals": Proposals(door, board),
        "/api/v1/proposals/{name:path}": Proposal(door, board),
    }
    for path, resource in routes.items():
        app.add_route(path, resource)
    return Ready(app, door)


def create_watching(registry: Registry, switchboard: Switchboard) -> Watching:
    """What the process runs that watches for all whose applications have this switchboard."""
    return Watching(registry, switchboard)
