"""`python -m bench`: measure, make registries, profile."""

import signal
import sys
import time
from pathlib import Path

import click
from rich.console import Console

from . import profiles, run
from .families import FAMILIES
from .figures import figures
from .registries import SIZES, kept_registry
from .soak import soak
from .table import RESULTS


@click.group(invoke_without_command=True)
@click.option("--full", is_flag=True, help="With 100,000 workflows, and longer runs.")
@click.option("--only", multiple=True, type=click.Choice(list(FAMILIES)), help="Only these rows.")
@click.option("--size", "sizes", multiple=True, type=click.IntRange(50), help="At these sizes instead of the usual.")
@click.option("--json", "to", type=click.Path(path_type=Path), help="Where the numbers go; bench/results/ if not said.")
@click.option("--strict", is_flag=True, help="Exit with 1 when a bar is missed.")
@click.pass_context
def bench(
    context: click.Context, full: bool, only: tuple[str, ...], sizes: tuple[int, ...], to: Path | None, strict: bool
) -> None:
    """Print how fast the registry is beside references that are measured in the same run."""
    # So that servers, clusters and copies go when somebody ends the run.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if context.invoked_subcommand:
        return
    path = to or RESULTS / f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{'full' if full else 'quick'}.json"
    rows = run.run(only or tuple(FAMILIES), sizes, path, is_full=full)
    missed = any(row.is_ok is False for row in rows)
    raise click.exceptions.Exit(1 if missed and strict else 0)


@bench.command()
@click.argument("sizes", nargs=-1, type=int)
def registries(sizes: tuple[int, ...]) -> None:
    """Make and keep the generated registries of these SIZES (all usual ones if none is given)."""
    for size in sizes or SIZES:
        click.echo(str(kept_registry(size)))


@bench.command()
@click.argument("what", type=click.Choice(list(profiles.PROFILES)))
@click.option("--size", default=10_000, show_default=True, help="How many workflows.")
@click.option("--top", default=25, show_default=True, help="How many functions.")
def profile(what: str, size: int, top: int) -> None:
    """Print where the time goes in one of the hot paths."""
    profiles.show(profiles.PROFILES[what](size), top, Console())


@bench.command("figures")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def figures_command(paths: tuple[Path, ...]) -> None:
    """Print the results in these JSON files as a table for docs/benchmarks.md."""
    click.echo(figures(paths))


@bench.command("soak")
@click.option("--minutes", default=20.0, show_default=True, help="How long.")
@click.option("--size", default=10_000, show_default=True, help="How many workflows.")
def soak_command(minutes: float, size: int) -> None:
    """Read, write, pull, propose and restart workers all at once; exit with 1 when something grows or fails."""
    raise click.exceptions.Exit(0 if soak(size, minutes, Console()) else 1)


if __name__ == "__main__":
    bench.main(prog_name="python -m bench")
