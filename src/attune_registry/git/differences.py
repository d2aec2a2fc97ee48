"""How two commits differ, over all their files, with modes: what the registry can bring about and what it cannot."""

import os
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

import pygit2

from ..errors import Conflict
from ..shown import shown
from .objects import blob_bytes
from .repository import Repository
from .trees import REGULAR, TreeFile, find_file


class Difference(NamedTuple):
    """A path that differs; None where it does not exist."""

    path: str
    old: TreeFile | None
    new: TreeFile | None


def differences(repository: Repository, old: str | None, new: str | None) -> Iterator[Difference]:
    """The paths that differ between two commits (None: one without files); a rename is a deletion and a creation."""
    for delta in _diff(_tree(repository, old), _tree(repository, new)):
        path = os.fsdecode(delta.new_file.raw_path)
        yield Difference(path, _side(path, delta.old_file), _side(path, delta.new_file))


def file_bytes(repository: Repository, commit: str | None, path: str) -> bytes | None:
    """The bytes of a file of a commit, None where there is none. Raises Conflict for what is no plain file."""
    found = find_file(repository, commit, path)
    if found is None:
        return None
    if found.mode not in REGULAR:
        raise not_plain(path)
    return blob_bytes(repository, found.blob)


def mode_of(repository: Repository, commit: str | None, path: str) -> int:
    """The mode of a file of a commit (git's); that of most files where there is none."""
    found = find_file(repository, commit, path)
    return found.mode if found is not None else REGULAR[0]


def refuse_below_links(repository: Repository, commit: str | None, paths: Iterable[str]) -> None:
    """Raises Conflict where a path leads through a link or a submodule in a commit: nobody knows what was there."""
    folders = {str(folder) for path in paths for folder in PurePosixPath(path).parents[:-1]}
    for folder in sorted(folders):
        found = find_file(repository, commit, folder)
        if found is not None and found.mode not in REGULAR:
            raise not_plain(folder)


def not_plain(path: str) -> Conflict:
    """The answer where a link or a submodule is in the way."""
    name = shown(path)
    return Conflict(
        f"'{name}' is a link or a submodule, and the registry writes plain files only; do it with git.",
        code="NOT_PLAIN_FILES",
        details=[{"path": name}],
    )


def _diff(old: pygit2.Tree | None, new: pygit2.Tree | None) -> Iterator[pygit2.DiffDelta]:
    if old is not None:
        yield from (old.diff_to_tree(new) if new is not None else old.diff_to_tree()).deltas
    elif new is not None:
        # Without an argument libgit2 compares to the empty tree, the wrong way round.
        yield from new.diff_to_tree(swap=True).deltas


def _tree(repository: Repository, commit: str | None) -> pygit2.Tree | None:
    return repository.handle()[commit].peel(pygit2.Tree) if commit else None


def _side(path: str, file: pygit2.DiffFile) -> TreeFile | None:
    return TreeFile(path, str(file.id), int(file.mode)) if file.mode else None
