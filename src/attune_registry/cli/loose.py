"""Files that are in no repository, or not in its registry: checked by their content alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .. import errors
from ..blobs import READ_LIMIT
from ..checks.engine import Contract
from ..entries import problem_json
from ..layout import CONFIG_PATH, PACK_SCHEMA_PATH, PACKS, WORKFLOW_SCHEMA_PATH, Place, is_workflow_ref, place_of
from ..records import make_record
from ..yamldoc.document import parse
from .report import Located, located

STANDARD_INPUT = "<stdin>"
_SUFFIXES = (".yaml", ".yml")
# What is said about the path of a file, which a file without a path of its own cannot mend.
_ABOUT_PATHS = frozenset({"ref-path-mismatch", "ref-snake-case"})


class Loose(NamedTuple):
    """A file by itself; `place` is None where its path says nothing about it."""

    name: str
    raw: bytes
    place: Place | None
    root: Path | None


def loose_paths(argument: str) -> Iterator[Path]:
    """The files that an argument means: a file, or the workflows and packs in a folder.

    Raises NotFound (PATH_NOT_FOUND), or Invalid for what is no YAML file.
    """
    path = Path(argument)
    if path.is_dir():
        yield from (found for found in sorted(path.rglob("*.y*ml")) if found.is_file() and _placed(found)[0])
    elif not path.exists():
        raise errors.NotFound(f"There is no file or folder '{argument}'.", code="PATH_NOT_FOUND")
    elif path.suffix not in _SUFFIXES:
        raise errors.Invalid(f"'{argument}' is not a YAML file; workflows and packs end in .yaml or .yml.")
    else:
        yield path


def loose_files(argument: str, root: Path | None) -> Iterator[Loose]:
    """The files that an argument means; `root` is that of the registry around them, if any."""
    return (_loose(path, root) for path in loose_paths(argument))


def check_loose(file: Loose) -> list[Located]:
    """What is wrong in a file, by the contract of the registry around it or the packaged one."""
    at = file.place or _guess(file)
    problems = make_record(file.raw, at, _contract(file.root)).problems
    if file.place is None:
        problems = tuple(problem for problem in problems if problem.rule not in _ABOUT_PATHS)
    return located(problem_json(file.name, problem) for problem in problems)


def _loose(path: Path, root: Path | None) -> Loose:
    with path.open("rb") as file:
        raw = file.read(READ_LIMIT)
    place, own_root = _placed(path)
    return Loose(path.as_posix(), raw, place, own_root or root)


def _placed(path: Path) -> tuple[Place | None, Path | None]:
    """What the end of a path makes of a file, and the folder that its `packs/` is in."""
    absolute = path.absolute()
    parts = absolute.parts
    for at in range(len(parts) - 1, 0, -1):
        place = place_of("/".join(parts[at:])) if parts[at] == PACKS else None
        if place:
            return place, Path(*parts[:at])
    return None, None


def _guess(file: Loose) -> Place:
    if Path(file.name).stem == "pack":
        return Place("pack", "pack")
    data = parse(file.raw).data
    ref = data.get("ref") if isinstance(data, dict) else None
    return Place("workflow", ref if isinstance(ref, str) and is_workflow_ref(ref) else "a.b")


def _contract(root: Path | None) -> Contract:
    paths = (CONFIG_PATH, WORKFLOW_SCHEMA_PATH, PACK_SCHEMA_PATH)
    raw = [_bytes_of(root / path) if root else None for path in paths]
    return Contract.load(*raw)[0]


def _bytes_of(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
