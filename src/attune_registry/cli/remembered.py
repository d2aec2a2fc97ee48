"""What the last check of a working tree came to, for as long as nothing in it changes.

It stands before everything else, so it imports as little as it can: a second look should cost next to nothing.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import orjson

from .. import errors
from ..git.process import run
from ..layout import PACKS, REGISTRY, STATE_FOLDER
from ..ownership import private_folder
from .report import Located

_FILE_NAME = "checked.json"
_PACKAGE = Path(__file__).parents[1]
_INSTALLED = Path(click.__file__).parents[1]


class State(NamedTuple):
    """A working tree as it is now: `key` names all that decides what a check of it finds."""

    root: Path
    file: Path
    key: str


class Findings(NamedTuple):
    """What a check of all files found."""

    paths: frozenset[str]
    problems: tuple[Located, ...]


def look(directory: Path) -> State | None:
    """The state of the working tree around a directory; None where it cannot be told so simply."""
    try:
        said = run(directory, "rev-parse", "--show-toplevel", "--git-common-dir", "HEAD^{tree}").decode()
        root, common, tree = said.splitlines()
        arguments = (
            "status",
            "--porcelain",
            "-z",
            "--no-renames",
            "--untracked-files=all",
            "--ignore-submodules=dirty",
        )
        status = run(Path(root), *arguments, "--", PACKS, REGISTRY)
    except (errors.RegistryError, ValueError, OSError):
        return None
    digest = hashlib.sha256("\0".join((root, tree, *_stamps(Path(root), status))).encode(errors="surrogateescape"))
    digest.update(status)
    return State(Path(root), (directory / common).resolve() / STATE_FOLDER / _FILE_NAME, digest.hexdigest())


def recall(state: State) -> Findings | None:
    """What was found the last time, if that was in the same state."""
    try:
        said = orjson.loads(state.file.read_bytes())
        if said["key"] != state.key:
            return None
        return Findings(frozenset(said["paths"]), tuple(Located(*problem) for problem in said["problems"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def remember(state: State, findings: Findings) -> None:
    """Keep what was found; where that cannot be, the next check only takes longer."""
    said = {"key": state.key, "paths": sorted(findings.paths), "problems": [list(found) for found in findings.problems]}
    draft = state.file.with_name(f"{_FILE_NAME}.{os.getpid()}")
    with contextlib.suppress(OSError, TypeError):
        private_folder(state.file.parent)
        try:
            draft.write_bytes(orjson.dumps(said))
            draft.replace(state.file)
        finally:
            draft.unlink(missing_ok=True)


def read(root: Path, path: str) -> bytes | None:
    """The bytes of a working file, links not followed."""
    try:
        descriptor = os.open(root / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with open(descriptor, "rb") as file, contextlib.suppress(OSError):
        return file.read(1 << 20)
    return None


def _stamps(root: Path, status: bytes) -> Iterator[str]:
    """Of all files that differ from the commit, of this program, and of the libraries it stands on."""
    for row in status.split(b"\0"):
        if row:
            yield _stamp(root / os.fsdecode(row[3:]))
    yield _stamp(_INSTALLED)
    for folder, _, names in os.walk(_PACKAGE):
        yield from (_stamp(Path(folder, name)) for name in sorted(names) if not name.endswith(".pyc"))


def _stamp(path: Path) -> str:
    try:
        found = path.lstat()
    except OSError:
        return "-"
    return f"{found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino} {found.st_size} {found.st_mode}"
