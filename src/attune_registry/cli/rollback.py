"""`attune-registry rollback`: a workflow, a pack or everything as it was, as a new commit."""

import json
from pathlib import Path

import click

from ..layout import place
from ..registry import Registry
from ..writing.making import Done
from ..writing.plans import Write
from ..writing.rollback import Rollback, WideRollback
from .brush import brush
from .history import COLOURS
from .options import repo_option
from .writing import caller_of, open_registry, perform, show_diff


@click.command()
@click.argument("ref", required=False)
@click.option("--to", required=True, metavar="REV", help="A commit, tag, branch or instant.")
@click.option("--pack", "pack", metavar="PACK", help="The whole pack instead of one file.")
@click.option("--all", "everything", is_flag=True, help="All packs (registry/ stays as it is).")
@click.option("--message", "-m", metavar="TEXT", help="The commit's subject.")
@click.option("--force", is_flag=True, help="Also what breaks today's checks.")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option("--proposal", metavar="NAME", help="Commit to the branch proposals/NAME instead.")
@click.option("--json", "as_json", is_flag=True, help="As the API gives it.")
@repo_option
def rollback(
    ref: str | None,
    to: str,
    pack: str | None,
    everything: bool,
    message: str | None,
    force: bool,
    dry_run: bool,
    proposal: str | None,
    as_json: bool,
    repo: Path,
) -> None:
    """Bring back REF (a workflow, or the file of a pack) as it was, bytes and all, in a new commit.

    History stays as it is. A protected branch takes it as a proposal only.
    """
    if sum((ref is not None, pack is not None, everything)) != 1:
        raise click.UsageError("Give a REF, or --pack PACK, or --all.")
    registry = open_registry(repo)
    done = perform(registry, _write(registry, ref, pack, to, message, force), proposal, is_dry_run=dry_run)
    if as_json:
        click.echo(json.dumps(_as_json(done, dry_run), indent=2, ensure_ascii=False))
    elif not done.plan.changes:
        click.echo("Nothing to do: it is as it was then.", err=True)
    elif dry_run:
        show_diff(registry.repository, done)
    else:
        _show(done)


def _write(registry: Registry, ref: str | None, pack: str | None, to: str, message: str | None, force: bool) -> Write:
    caller = caller_of(registry.repository, message)
    if ref is not None:
        return Rollback(place(ref), to, caller, force)
    return WideRollback(pack, to, caller, force)


def _show(done: Done) -> None:
    paint = brush()
    for at, deed in done.plan.deeds.items():
        click.echo(f"{paint(f'{deed:<8}', COLOURS[deed], bold=True)} {paint(at.ref, bold=True)}")
    click.echo(f"{paint((done.commit or '')[:10], 'yellow')} {done.plan.subject}")


def _as_json(done: Done, is_dry_run: bool) -> dict[str, object]:
    found = done.plan.deeds.items()
    data = {
        "workflows": [{"ref": at.ref, "change": deed} for at, deed in found if at.kind == "workflow"],
        "packs": [{"ref": at.ref, "change": deed} for at, deed in found if at.kind == "pack"],
        "commit": done.commit,
    }
    return {"data": data} | ({"dry_run": True} if is_dry_run else {})
