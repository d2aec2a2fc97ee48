"""`attune-registry serve`: the registry over HTTP."""

import contextlib
import os
from functools import partial
from pathlib import Path

import click
import pygit2
import structlog

from .. import errors
from ..access.jwt import JwtSettings
from ..access.tokens import token_store
from ..arenas import share_one_arena
from ..git.repository import Repository, UnusableRepository
from ..http import server
from ..http.app import Options, create_app, create_watching
from ..http.listener import address_of, listen
from ..logs import LEVELS, configure_logs
from ..registry import Registry
from ..writing.recovery import repair
from .options import repo_option
from .progress import progress_bar

DEMO_PRINCIPAL = "make-run"
_MOST_WORKERS = 64


@click.command()
@repo_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="The port; 0 for any free one."
)
@click.option(
    "--workers", type=click.IntRange(1, _MOST_WORKERS), default=2, show_default=True, help="How many processes answer."
)
@click.option("--read-only", is_flag=True, help="Refuse all writes with 403.")
@click.option("--demo-token", is_flag=True, help=f"Make an admin token named '{DEMO_PRINCIPAL}' and print it.")
@click.option("--access-log", is_flag=True, help="Log each request, without its headers and tokens in its query.")
@click.option("--log-level", type=click.Choice(LEVELS), default="info", show_default=True, help="What is worth a line.")
def serve(
    repo: Path,
    host: str,
    port: int,
    workers: int,
    read_only: bool,
    demo_token: bool,
    access_log: bool,
    log_level: str,
) -> None:
    """Serve the registry over HTTP until stopped."""
    configure_logs(log_level)
    share_one_arena()
    # Settings that no worker could begin with are refused here, in a sentence.
    JwtSettings.from_environment(os.environ)
    # First the port, then the index: that a port is taken should not take a minute to find out.
    listener = listen(host, port)
    address = address_of(listener)
    registry = _open(repo)
    token = ""
    if demo_token and isinstance(registry, Registry):
        token = renewed_demo_token(registry.repository)

    options = Options(read_only=read_only)

    def ready() -> None:
        click.echo(f"Serving {repo.resolve()} at {address} (Ctrl-C to stop)")
        if token:
            click.echo(f"\nToken (admin): {token}\n\nTry:\n  {curl_line(token, address)}\n")

    def before_fork() -> None:
        # A worker that takes another's place shares what has changed since the first ones began, too.
        if isinstance(registry, Registry):
            registry.settle_down()

    server.serve(
        partial(create_app, registry, options),
        listener,
        make_watching=partial(create_watching, registry) if isinstance(registry, Registry) else None,
        workers=workers,
        log_level=log_level,
        access_log=access_log,
        ready=ready,
        before_fork=before_fork,
    )


def renewed_demo_token(repository: Repository) -> str:
    """A new token for trying things out; the one of an earlier run is worthless from here on."""
    store = token_store(repository.state_folder)
    with contextlib.suppress(errors.NotFound):
        store.revoke(DEMO_PRINCIPAL)
    return store.create(DEMO_PRINCIPAL, "admin")


def curl_line(token: str, address: str) -> str:
    """A command that shows that it works."""
    return f'curl -H "Authorization: Bearer {token}" {address}/api/v1/workflows'


def _open(directory: Path) -> Registry | errors.RegistryError:
    """The registry; where there is a repository that it cannot use, the error that says so, to be served."""
    try:
        with progress_bar("Indexing") as report:
            repository = Repository.open(directory)
            # Before anything is read: what a crash has left in the files would be taken for somebody's edits.
            repair(repository)
            return Registry(repository, progress=report)
    except UnusableRepository as error:
        if not isinstance(error.__cause__, pygit2.GitError):
            raise
        structlog.get_logger().error("repository_unusable", error=error.message)
        return error
