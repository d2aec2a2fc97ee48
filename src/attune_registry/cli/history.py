"""`attune-registry history`: what commits did to a workflow, a pack, or everything."""

import json
from pathlib import Path
from typing import Any

import click

from ..errors import NotFound
from ..git.shallow import REMEDY
from ..history import Page, history_of, told
from ..history import history as history_of_all
from ..layout import Place, place
from ..line import Line, is_cut
from .brush import Brush, brush
from .formats.text import visible
from .options import repo_option
from .view import View

COLOURS = {"created": "green", "restored": "green", "updated": "yellow", "deleted": "red"}
_EVERYTHING = 1 << 30


@click.command()
@click.argument("ref", required=False)
@click.option("--at", "revision", metavar="REV", help="As it was at a commit, tag, branch or instant.")
@click.option(
    *("-n", "--limit"), type=click.IntRange(0), default=20, show_default=True, help="How many; 0 for all of them."
)
@click.option("--json", "as_json", is_flag=True, help="As the API gives it.")
@repo_option
def history(ref: str | None, revision: str | None, limit: int, as_json: bool, repo: Path) -> None:
    """Show what commits did to REF (a workflow, or a pack and its workflows), newest first.

    Without REF, to everything.
    """
    view = View.of(repo)
    line = view.line_at(revision)
    found = _found(view, line, place(ref) if ref else None, limit or _EVERYTHING)
    entries = told(view.repository, view.gists, found.events)
    if as_json:
        meta = {"total": found.total, "cut": is_cut(view.repository, line)}
        click.echo(json.dumps({"data": entries, "meta": meta}, indent=2, ensure_ascii=False))
        return
    paint = brush()
    for entry in entries:
        click.echo("\n".join(_lines(entry, paint)))
    if len(entries) < found.total:
        click.echo(paint(f"... and {found.total - len(entries)} more (--limit 0 shows all)", dim=True), err=True)
    say_if_cut(view, line)


def say_if_cut(view: View, line: Line) -> None:
    """Tell on standard error that a line is that of a shallow clone, whose first commit has all that came before."""
    if is_cut(view.repository, line):
        said = f"The history is cut at {line.commit_at(0)[0][:10]}; {REMEDY}."
        click.echo(brush()(said, dim=True), err=True)


def _found(view: View, line: Line, wanted: Place | None, count: int) -> Page:
    if wanted is None or wanted.kind == "pack":
        found = history_of_all(line, wanted.ref if wanted else None, 0, count)
    else:
        found = history_of(line, wanted, 0, count)
    if wanted and not found.total:
        sentence = f"No commit ever touched '{wanted.ref}'."
        if is_cut(view.repository, line):
            sentence = f"No commit that is here touched '{wanted.ref}': the history is cut; {REMEDY}."
        raise NotFound(sentence, code=f"{wanted.kind.upper()}_NOT_FOUND")
    return found


def _lines(entry: dict[str, Any], paint: Brush) -> list[str]:
    who = f"{visible(entry['author'])} <{visible(entry['email'])}>"
    change = paint(f"{entry['change']:<8}", COLOURS[entry["change"]], bold=True)
    first = f"{paint(entry['commit'][:10], 'yellow')} {entry['date']} {change} {paint(entry['ref'], bold=True)}"
    lines = [f"{first}{_versions(entry)}", f"    {visible(entry['subject'])}", f"    {paint(who, dim=True)}"]
    if entry["change"] == "updated":
        fields = entry["fields"]
        said = "a file that cannot be read" if fields is None else ", ".join(fields) or "nothing that is served"
        lines[2] += paint(f"; changed: {said}", dim=True)
    return lines


def _versions(entry: dict[str, Any]) -> str:
    before, after = entry["version_before"], entry["version_after"]
    if before and after and before != after:
        return f" {visible(before)} -> {visible(after)}"
    return f" {visible(after or before)}" if after or before else ""
