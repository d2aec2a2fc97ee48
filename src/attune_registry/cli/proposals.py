"""`attune-registry proposals`: list, show, review, merge and close what waits for review, without a server."""

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..proposals.board import Board, detail_of, summary_of
from ..proposals.branches import require_branch
from ..proposals.reviews import Verdict
from ..writing.merge import Merge
from ..writing.reviewing import Request, close, review
from .brush import Brush, brush
from .diff import difference_lines
from .formats.text import visible
from .options import repo_option
from .writing import caller_of, open_registry, perform, show_diff

_COLUMNS = ("NAME", "AUTHOR", "AHEAD", "BEHIND", "CHANGES", "APPROVALS", "MERGEABLE")
_json_option = click.option("--json", "as_json", is_flag=True, help="As the API gives it.")


@click.group(invoke_without_command=True)
@_json_option
@repo_option
@click.pass_context
def proposals(context: click.Context, as_json: bool, repo: Path) -> None:
    """List, show, review, merge and close proposals: the branches below proposals/. Without a command, list them."""
    if context.invoked_subcommand is None:
        context.invoke(list_proposals, as_json=as_json, repo=repo)
    else:
        context.default_map = {context.invoked_subcommand: {"as_json": as_json, "repo": repo}}


@proposals.command("list")
@_json_option
@repo_option
def list_proposals(as_json: bool, repo: Path) -> None:
    """Show what is waiting."""
    registry = open_registry(repo)
    board, served = Board(registry), registry.snapshot
    rows = [board.summary(served, branch) for branch in board.branches(served)]
    if as_json:
        _print_json(rows)
    elif brush().is_colourful:
        _show_table(rows)
    else:
        for row in rows:
            click.echo("\t".join(_cells(row)))


@proposals.command()
@click.argument("name")
@_json_option
@repo_option
def show(name: str, as_json: bool, repo: Path) -> None:
    """Show what NAME brings, who says what of it, and what is in its way."""
    registry = open_registry(repo)
    row = Board(registry).detail(registry.snapshot, require_branch(registry.repository, name))
    if as_json:
        _print_json(row)
    else:
        click.echo("\n".join(_described(row, brush())))


@proposals.command("review")
@click.argument("name")
@click.option("--approve", "verdict", flag_value="approve", help="Say yes to it.")
@click.option("--reject", "verdict", flag_value="reject", help="Say no to it.")
@click.option("--comment", default="", metavar="TEXT", help="Why.")
@_json_option
@repo_option
def review_one(name: str, verdict: Verdict | None, comment: str, as_json: bool, repo: Path) -> None:
    """Approve or reject NAME, as it is now. It is kept as a note: push refs/notes/attune-reviews to share it."""
    if verdict is None:
        raise click.UsageError("Give --approve or --reject.")
    registry = open_registry(repo)
    standing = review(registry, Request(name, caller_of(registry.repository)), verdict, comment)
    if as_json:
        _print_json(summary_of(registry, registry.snapshot, standing))
    else:
        click.echo("\n".join(_standing_lines(detail_of(registry, registry.snapshot, standing), brush())))


@proposals.command()
@click.argument("name")
@click.option("--message", "-m", metavar="TEXT", help="The commit's subject.")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@_json_option
@repo_option
def merge(name: str, message: str | None, dry_run: bool, as_json: bool, repo: Path) -> None:
    """Merge NAME into the branch checked out, and delete its branch."""
    registry = open_registry(repo)
    write = Merge(name, caller_of(registry.repository, message))
    done = perform(registry, write, None, is_dry_run=dry_run)
    if as_json:
        _print_json({"commit": done.commit, "dry_run": dry_run})
    elif dry_run:
        show_diff(registry.repository, done)
    elif done.commit is None:
        click.echo("Closed: everything in it is there already.")
    else:
        click.echo(f"{brush()(done.commit[:10], 'yellow')} {done.plan.subject}")


@proposals.command("close")
@click.argument("name")
@repo_option
def close_one(name: str, repo: Path) -> None:
    """Delete the branch of NAME, unmerged."""
    registry = open_registry(repo)
    branch = close(registry, Request(name, caller_of(registry.repository)))
    click.echo(f"Closed {visible(name)}; its head was {branch.head}.")


def _print_json(data: Any) -> None:
    click.echo(json.dumps({"data": data}, indent=2, ensure_ascii=False))


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    changes = ", ".join(f"{item['ref']} {item['change']}" for item in row["packs"] + row["workflows"])
    mergeable = "yes" if row["mergeable"] else "no"
    cells = (row["name"], row["author"], row["ahead"], row["behind"], changes, len(row["approvals"]), mergeable)
    return tuple("" if cell is None else visible(str(cell)) for cell in cells)


def _show_table(rows: list[dict[str, Any]]) -> None:
    table = Table(*_COLUMNS)
    for row in rows:
        # Text, for a branch's name may hold what rich would take for markup.
        table.add_row(*map(Text, _cells(row)))
    Console().print(table)


def _described(row: dict[str, Any], paint: Brush) -> list[str]:
    lines = [f"{paint(visible(row['branch']), bold=True)} {paint(row['head'][:10], 'yellow')}"]
    lines.append(f"    {row['ahead']} ahead, {row['behind']} behind; by {visible(row['author'] or 'nobody')}")
    for item in row["packs"] + row["workflows"]:
        lines.extend(difference_lines(item, paint))
    lines.extend(f"changes {visible(path)}" for path in row["files"])
    for said in row["reviews"]:
        colour = "green" if said["verdict"] == "approve" else "red"
        verdict = paint(said["verdict"], colour, bold=True)
        lines.append(f"{verdict} by {visible(said['principal'])}: {visible(said['comment']) or 'no comment'}")
    return lines + _standing_lines(row, paint)


def _standing_lines(row: dict[str, Any], paint: Brush) -> list[str]:
    approvals = ", ".join(map(visible, row["approvals"])) or "nobody"
    asked = "" if row["required_approvals"] is None else f" ({row['required_approvals']} asked for)"
    lines = [f"Approved by {approvals}{asked}."]
    if row["mergeable"]:
        return [*lines, paint("It can be merged.", "green")]
    for reason in row["reasons"]:
        lines.append(paint(visible(reason["message"]), "red"))
        lines.extend(map(_problem_line, row["problems"] if reason["code"] == "CHECKS_FAILED" else ()))
    return lines


def _problem_line(problem: dict[str, Any]) -> str:
    return f"    {visible(problem['path'])}:{problem['line']}:{problem['column']}: {visible(problem['message'])}"
