"""`attune-registry diff`: what changed between two revisions, field by field or as a patch."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from ..compare import as_text, by_field, differences, has_file
from ..compat.versions import is_enough
from ..errors import NotFound
from ..git.revisions import resolve
from ..git.trees import has_folder
from ..layout import PACKS, Place, is_pack_ref, pack_of, place
from .brush import Brush, brush
from .formats.text import visible
from .history import COLOURS
from .options import repo_option
from .view import View

_WIDEST = 72
_SIGNS = {"add": ("+", "green"), "remove": ("-", "red"), "replace": ("~", "yellow"), "move": (">", "cyan")}
_VERDICTS = {"breaking": "red", "feature": "cyan", "fix": "green"}


@click.command()
@click.argument("old", metavar="FROM")
@click.argument("new", metavar="[TO]", default="HEAD")
@click.argument("ref", required=False)
@click.option("--patch", "-p", "as_patch", is_flag=True, help="A unified diff of the files, for 'git apply'.")
@click.option("--json", "as_json", is_flag=True, help="As the API gives it.")
@repo_option
def diff(old: str, new: str, ref: str | None, as_patch: bool, as_json: bool, repo: Path) -> None:
    """Show what changed between two revisions, of everything or of REF (a workflow, or a pack and its workflows)."""
    view = View.of(repo)
    commits = resolve(view.repository, old), resolve(view.repository, new)
    named = place(ref) if ref is not None else None
    wanted = _scope(named)
    if named is not None and not any(_has(view, commit, named) for commit in commits):
        sentence = f"There is no {named.kind} '{named.ref}' at {old}, nor at {new}."
        raise NotFound(sentence, code=f"{named.kind.upper()}_NOT_FOUND")
    if as_patch:
        write_patch(as_text(view.repository, *commits, wanted), brush())
        return
    told = by_field(view.contents, differences(view.repository, view.line, *commits, wanted))
    if as_json:
        data = {"from": commits[0], "to": commits[1], **told}
        click.echo(json.dumps({"data": data}, indent=2, ensure_ascii=False))
        return
    for row in told["packs"] + told["workflows"]:
        click.echo("\n".join(difference_lines(row, brush())))


def _has(view: View, commit: str, at: Place) -> bool:
    is_there = has_file(view.repository, commit, at)
    # Without a pack.yaml, there may be workflows.
    return is_there or (is_pack_ref(at.ref) and has_folder(view.repository, commit, f"{PACKS}/{at.ref}"))


def _scope(wanted: Place | None) -> Callable[[Place], bool]:
    def covers(at: Place) -> bool:
        if wanted is None or at == wanted:
            return True
        return wanted.kind == "pack" and at.kind == "workflow" and pack_of(at.ref) == wanted.ref

    return covers


def difference_lines(row: dict[str, Any], paint: Brush) -> Iterator[str]:
    """What changed in one pack or workflow, for a person."""
    verdict = row.get("verdict")
    said = f" ({paint(verdict['verdict'], _VERDICTS[verdict['verdict']])}{_bump(verdict)})" if verdict else ""
    yield f"{paint(row['change'], COLOURS[row['change']], bold=True)} {paint(row['ref'], bold=True)}{said}"
    if "problem" in row:
        yield f"    {paint('cannot be compared:', 'red')} {visible(row['problem'])}"
    if row["change"] == "updated":
        for change in row["changes"]:
            sign, colour = _SIGNS[change["op"]]
            yield f"  {paint(sign, colour, bold=True)} {visible(change['pointer'])}{_values(change, paint)}"


def _bump(verdict: dict[str, Any]) -> str:
    needed, made = verdict["bump_needed"], verdict["bump_made"]
    if is_enough(made, needed):
        return ""
    asks = "" if needed == "none" else f", asks for a {needed} version"
    return f"{asks}, has {'a lower one than before' if made == 'lower' else made}"


def _values(change: dict[str, Any], paint: Brush) -> str:
    if change["op"] == "move":
        return f" was at {visible(change['old'])}"
    old, new = paint(_short(change["old"]), "red"), paint(_short(change["new"]), "green")
    return {"add": f": {new}", "remove": f": {old}"}.get(change["op"], f": {old} -> {new}")


def _short(value: Any) -> str:
    text = visible(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= _WIDEST else text[: _WIDEST - 3] + "..."


def write_patch(raw: bytes, paint: Brush) -> None:
    """A unified diff: its very bytes where output is piped, coloured lines at a terminal."""
    if not paint.is_colourful:
        sys.stdout.buffer.write(raw)
        return
    for line in raw.decode(errors="replace").splitlines():
        click.echo(paint(visible(line.replace("\t", "    ")), _patch_colour(line)))


def _patch_colour(line: str) -> str | None:
    if line.startswith(("diff ", "index ", "--- ", "+++ ", "@@ ")):
        return "cyan"
    return {"+": "green", "-": "red"}.get(line[:1])
