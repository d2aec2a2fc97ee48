"""What a commit's tree holds, and how two trees differ, without ever touching the index."""

from collections.abc import Iterator
from typing import NamedTuple

import pygit2

from .repository import Repository

ROOTS = ("packs", "registry")
REGULAR = (0o100644, 0o100755)


class TreeFile(NamedTuple):
    """A file of a tree; `mode` is git's (0o120000 is a link, 0o160000 a submodule)."""

    path: str
    blob: str
    mode: int


class TreeChange(NamedTuple):
    """A path that differs between two trees; the blob is None where it does not exist."""

    path: str
    old: str | None
    new: str | None


def tree_files(repository: Repository, commit: str | None) -> Iterator[TreeFile]:
    """All files below `packs/` and `registry/` in a commit."""
    for root in ROOTS:
        folder = _subtree(repository, commit, root)
        if folder is not None:
            yield from _walk(folder, root + "/")


def find_file(repository: Repository, commit: str | None, path: str) -> TreeFile | None:
    """The file at `path` in a commit, None when there is none (or a folder)."""
    if commit is None:
        return None
    try:
        found = repository.handle()[commit].peel(pygit2.Tree)[path]
    except KeyError:
        return None
    return None if found.filemode == pygit2.GIT_FILEMODE_TREE else _file(path, found)


def files_in(repository: Repository, commit: str | None, folder: str) -> list[str]:
    """The paths of a commit's files that lie in a folder itself."""
    if commit is None:
        return []
    try:
        found = repository.handle()[commit].peel(pygit2.Tree)[folder]
    except KeyError:
        return []
    if not isinstance(found, pygit2.Tree):
        return []
    return [f"{folder}/{item.name}" for item in found if not isinstance(item, pygit2.Tree)]


def diff_commits(repository: Repository, old: str | None, new: str | None) -> list[TreeChange]:
    """The paths below `packs/` and `registry/` that differ; a rename is a deletion and a creation."""
    return [change for root in ROOTS for change in _diff_root(repository, old, new, root)]


def read_blob(repository: Repository, blob: str, limit: int) -> bytes:
    """The first `limit` bytes of a blob. Raises KeyError when it is not in this (shallow, partial) clone."""
    found = repository.handle()[blob]
    return bytes(memoryview(found)[:limit]) if isinstance(found, pygit2.Blob) else b""


def blob_id(raw: bytes) -> str:
    """The id git gives a file of these bytes."""
    return str(pygit2.hash(raw))


def _diff_root(repository: Repository, old: str | None, new: str | None, root: str) -> Iterator[TreeChange]:
    before, after = _subtree(repository, old, root), _subtree(repository, new, root)
    if before is not None and after is not None:
        if before.id != after.id:
            yield from _deltas(before.diff_to_tree(after), root, swap=False)
    elif after is not None:
        # Without an argument libgit2 compares to the empty tree, the wrong way round.
        yield from _deltas(after.diff_to_tree(swap=True), root, swap=False)
    elif before is not None:
        yield from _deltas(before.diff_to_tree(swap=True), root, swap=True)


def _deltas(diff: pygit2.Diff, root: str, *, swap: bool) -> Iterator[TreeChange]:
    for delta in diff.deltas:
        old = str(delta.old_file.id) if delta.old_file.mode else None
        new = str(delta.new_file.id) if delta.new_file.mode else None
        path = f"{root}/{delta.new_file.path}"
        yield TreeChange(path, new, old) if swap else TreeChange(path, old, new)


def _subtree(repository: Repository, commit: str | None, root: str) -> pygit2.Tree | None:
    if commit is None:
        return None
    try:
        found = repository.handle()[commit].peel(pygit2.Tree)[root]
    except KeyError:
        return None
    return found if isinstance(found, pygit2.Tree) else None


def _walk(folder: pygit2.Tree, prefix: str) -> Iterator[TreeFile]:
    for item in folder:
        path = prefix + (item.name or "")
        if isinstance(item, pygit2.Tree):
            yield from _walk(item, path + "/")
        else:
            yield _file(path, item)


def _file(path: str, item: pygit2.Object) -> TreeFile:
    return TreeFile(path, str(item.id), int(item.filemode))
