"""`attune-registry import`: packs of other platforms, made into packs of this registry."""

import json
from pathlib import Path

import click

from .. import errors
from ..checks.contract import Contract
from ..git.repository import Repository
from ..layout import CONFIG_PATH, PACK_SCHEMA_PATH, WORKFLOW_SCHEMA_PATH, candidates, pack_path, place
from ..stackstorm.importing import Imported, import_pack
from .adding import adding
from .brush import brush
from .options import repo_option
from .rivals import rivals

_HEADINGS = (
    ("problem", "Breaks a rule, waved off in the file"),
    ("left-out", "Left out"),
    ("changed", "Put otherwise"),
    ("config", "Reads the pack's configuration"),
    ("context", "Reads StackStorm's context"),
    ("datastore", "Reads StackStorm's datastore"),
    ("yaql", "YAQL, kept as it is"),
)


@click.group(name="import")
def import_() -> None:
    """Bring in packs of other platforms."""


@import_.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--pack", metavar="NAME", help="What the pack is to be called here.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@repo_option
def stackstorm(path: Path, pack: str | None, as_json: bool, repo: Path) -> None:
    """Make files of the StackStorm pack in the folder PATH, to be looked at and committed.

    Orquesta workflows and action chains become workflows. What cannot be carried over is reported. No file is
    ever overwritten.
    """
    root = Repository.open(repo).root
    if root is None:
        raise errors.Conflict(f"'{repo}' is a bare repository; write files in a clone of it, and push.")
    made = import_pack(path, pack, _contract(root))
    _refuse_existing(root, made)
    with adding(root) as additions:
        for name, text in made.files.items():
            additions.write(name, text.encode())
    click.echo(_as_json(made) if as_json else _as_text(made))


def _contract(root: Path) -> Contract:
    files = (root / path for path in (CONFIG_PATH, WORKFLOW_SCHEMA_PATH, PACK_SCHEMA_PATH))
    return Contract.load(*(file.read_bytes() if file.is_file() else None for file in files))[0]


def _refuse_existing(root: Path, made: Imported) -> None:
    refs = [made.pack, *(f"{made.pack}.{Path(path).stem}" for path in made.files if path != pack_path(made.pack))]
    paths = [path for ref in refs for path in candidates(place(ref))]
    existing = [path for path in dict.fromkeys((*made.files, *paths)) if (root / path).exists()]
    existing += rivals(root, place(made.pack))
    links = {part for path in made.files for part in (root / path).parents if part.is_symlink() and part != root}
    existing += [str(part.relative_to(root)) for part in sorted(links) if part.is_relative_to(root)]
    if existing:
        raise errors.Conflict(
            f"'{existing[0]}' is there already, and an import overwrites nothing; give --pack another name.",
            code="FILE_EXISTS",
            details=[{"path": path} for path in existing],
        )


def _as_json(made: Imported) -> str:
    report = {"pack": made.pack, "files": list(made.files), "notes": [note._asdict() for note in made.notes]}
    return json.dumps(report, indent=2, ensure_ascii=False)


def _as_text(made: Imported) -> str:
    paint = brush()
    lines = [*made.files, ""]
    for kind, heading in _HEADINGS:
        notes = [note for note in made.notes if note.kind == kind]
        if notes:
            lines.append(paint(f"{heading} ({len(notes)}):", bold=True))
            lines += [f"  {note.source}{f' {note.at}' if note.at else ''}: {note.message}" for note in notes]
    count = len(made.files) - 1
    workflows = "1 workflow" if count == 1 else f"{count} workflows"
    lines.append(f"{workflows} written to packs/{made.pack}/, {len(made.notes)} things to look at.")
    return "\n".join(lines)
