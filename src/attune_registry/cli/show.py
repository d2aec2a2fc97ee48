"""`attune-registry show`: a workflow or a pack, as it is or as it was."""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
import orjson
from rich.console import Console
from rich.syntax import Syntax

from ..edits import edits_among
from ..errors import NotFound
from ..git.revisions import resolve
from ..layout import Place, candidates, place, signs
from ..logs import configure_logs
from ..pairs import files_of, first_of
from ..registry import Registry
from ..source import Source
from .brush import brush
from .formats.text import visible
from .options import repo_option
from .view import View


@click.command()
@click.argument("ref")
@click.option("--at", "revision", metavar="REV", help="As it was at a commit, tag, branch or instant.")
@click.option("--json", "as_json", is_flag=True, help="As the API serves it, instead of the file's own text.")
@repo_option
def show(ref: str, revision: str | None, as_json: bool, repo: Path) -> None:
    """Show the file of REF, or its two, one after the other: of the working tree, or with --at of a revision."""
    wanted = place(ref)
    if as_json:
        _show_json(repo, wanted, revision)
        return
    view = View.of(repo)
    commit = resolve(view.repository, revision) if revision is not None else view.head.commit
    is_edited = revision is None and view.repository.root is not None
    paths = candidates(wanted)
    source = _source(view, commit, paths if is_edited else ())
    file = first_of(files_of(source, wanted), lambda: view.line_at(revision))
    if file is not None and file.graph and is_edited:
        # Which file has the tasks, the action says.
        source = _source(view, commit, (*paths, file.graph))
    if file is None:
        raise _not_found(view, wanted, revision)
    if not file.is_regular:
        raise NotFound(f"'{file.path}' is a link, or cannot be read; '--json' shows what is served.", code="NOT_A_FILE")
    _show_texts(source, [file.path, file.graph] if file.graph else [file.path], commit)


def _source(view: View, commit: str | None, paths: Iterable[str]) -> Source:
    """The files of a commit, with the working tree's edits of some paths over them."""
    edits = edits_among(view.repository, commit, paths)
    return Source(view.repository, commit, {path: edit for path, edit in edits.items() if edit})


def _show_texts(source: Source, paths: Sequence[str], commit: str | None) -> None:
    """Files as documents of one YAML stream."""
    texts = [(path, raw) for path in paths if (raw := source.read_path(path)) is not None]
    for number, (path, raw) in enumerate(texts):
        if number:
            sys.stdout.buffer.write(b"---\n" if texts[number - 1][1].endswith(b"\n") else b"\n---\n")
            sys.stdout.buffer.flush()
        found = source.find(path)
        is_edited = found is not None and found.edit is not None
        _show_text(path, raw, f"at {commit[:10]}" if commit and not is_edited else "in the working tree")


def _show_text(path: str, raw: bytes, where: str) -> None:
    """A file: its very bytes where output is piped, coloured lines at a terminal, to which they do nothing."""
    paint = brush()
    if not paint.is_colourful:
        sys.stdout.buffer.write(raw)
        return
    click.echo(paint(f"# {path} {where}", dim=True))
    lines = raw.decode(errors="replace").removesuffix("\n").split("\n")
    text = "\n".join(visible(line.removesuffix("\r").replace("\t", "    ")) for line in lines)
    # The terminal breaks long lines itself: rich would cut them.
    Console().print(Syntax("", "yaml", background_color="default").highlight(text), end="", soft_wrap=True)


def _show_json(repo: Path, wanted: Place, revision: str | None) -> None:
    configure_logs("error")
    registry = Registry.open(repo)
    snapshot = registry.at(revision) if revision is not None else registry.snapshot
    entry = snapshot.find(wanted)
    if entry is None:
        raise _not_found(View.of(repo), wanted, revision)
    click.echo(json.dumps({"data": orjson.loads(entry.detail)}, indent=2, ensure_ascii=False))


def _not_found(view: View, wanted: Place, revision: str | None) -> NotFound:
    code = f"{wanted.kind.upper()}_NOT_FOUND"
    if revision is not None:
        return NotFound(f"There was no {wanted.kind} '{wanted.ref}' at {revision}.", code=code)
    touched = [touch for name in signs(wanted) for touch in view.line.touches(name)]
    hint = f" It was deleted; see 'history {wanted.ref}'." if touched and touched[-1].blob is None else ""
    return NotFound(f"There is no {wanted.kind} '{wanted.ref}'.{hint}", code=code)
