"""`attune-registry changes`: what happened since a commit, and with `--follow` what happens."""

import json
import time
from pathlib import Path
from typing import Any

import click

from ..changes import Cursor, end_of, row_json, start_of
from ..history import event
from .brush import Brush, brush
from .history import COLOURS, say_if_cut
from .options import repo_option
from .view import View

_LOOK_SECONDS = 0.3


@click.command()
@click.option("--since", metavar="REV", help="What came after this commit; everything if not given.")
@click.option("--follow", "-f", is_flag=True, help="Go on with what happens, until stopped.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, as in the API's feed.")
@repo_option
def changes(since: str | None, follow: bool, as_json: bool, repo: Path) -> None:
    """Show what commits created, updated, deleted and restored, oldest first."""
    view = View.of(repo)
    if since == "":
        raise click.UsageError("--since is empty; leave it out for everything.")
    cursor = Cursor(start_of(view.repository, view.line, since or ""), view.line)
    if since is None:
        say_if_cut(view, view.line)
    cursor = _show_from(view, cursor, as_json=as_json)
    while follow:
        time.sleep(_LOOK_SECONDS)
        view = view.followed()
        now = cursor.on(view.line)
        if now is None:
            _say_lost(view, as_json=as_json)
            now = end_of(view.line)
        cursor = _show_from(view, now, as_json=as_json)


def _show_from(view: View, cursor: Cursor, *, as_json: bool) -> Cursor:
    paint = brush()
    for number in range(cursor.row, view.line.row_count()):
        row = row_json(event(view.line, number))
        click.echo(json.dumps(row) if as_json else _line(row, paint))
    return end_of(view.line)


def _line(row: dict[str, Any], paint: Brush) -> str:
    change = paint(f"{row['change']:<8}", COLOURS[row["change"]], bold=True)
    return f"{paint(row['commit'][:10], 'yellow')} {row['date']} {change} {row['kind']:<8} {row['ref']}"


def _say_lost(view: View, *, as_json: bool) -> None:
    """History was rewritten, or another branch checked out: what was shown may not be so any more."""
    tip = view.line.tip
    click.echo(json.dumps({"commit": tip, "change": "reset"}) if as_json else f"{(tip or 'nothing')[:10]} reset")
