"""What a commit's tree holds, and how two trees differ, without ever touching the index."""

from collections.abc import Iterator
from typing import NamedTuple

import pygit2

from .repository import Repository
from .unlanded import UnlandedFile, unlanded, unlanded_blob

ROOTS = ("packs", "registry")
FOLDERS = tuple(f"{root}/" for root in ROOTS)
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
    over = unlanded(commit)
    if over is not None:
        if path in over.files:
            return _made_file(path, over.files[path])
        commit = over.base
    if commit is None:
        return None
    try:
        found = repository.handle()[commit].peel(pygit2.Tree)[path]
    except KeyError:
        return None
    return None if found.filemode == pygit2.GIT_FILEMODE_TREE else _file(path, found)


def files_in(repository: Repository, commit: str | None, folder: str) -> dict[str, TreeFile]:
    """A commit's files that lie in a folder itself, by name."""
    over = unlanded(commit)
    if over is not None:
        files = files_in(repository, over.base, folder)
        changed = {path: made for path, made in over.files.items() if path.rpartition("/")[0] == folder}
        kept = {name: file for name, file in files.items() if file.path not in changed}
        made = (_made_file(path, made) for path, made in changed.items())
        return kept | {file.path.rpartition("/")[2]: file for file in made if file}
    found = _subtree(repository, commit, folder)
    if found is None:
        return {}
    items = {item.name or "": item for item in found if not isinstance(item, pygit2.Tree)}
    return {name: _file(f"{folder}/{name}", item) for name, item in items.items()}


def has_folder(repository: Repository, commit: str | None, folder: str) -> bool:
    """True when a commit has this folder."""
    over = unlanded(commit)
    if over is not None:
        # One that has lost its last file to such a commit counts as there: it is asked for its files then.
        below = f"{folder}/"
        return has_folder(repository, over.base, folder) or any(path.startswith(below) for path in over.files)
    return _subtree(repository, commit, folder) is not None


def diff_commits(repository: Repository, old: str | None, new: str | None) -> list[TreeChange]:
    """The paths below `packs/` and `registry/` that differ; a rename is a deletion and a creation."""
    return diff_trees(repository, old, new)


def diff_trees(repository: Repository, old: str | None, new: str | None) -> list[TreeChange]:
    """As `diff_commits`, of trees by their ids."""
    changes = [
        change
        for root in ROOTS
        for change in _diff(_subtree(repository, old, root), _subtree(repository, new, root), root)
    ]
    return sorted(changes)


def read_blob(repository: Repository, blob: str, limit: int) -> bytes:
    """The first `limit` bytes of a blob. Raises KeyError when it is not in this (shallow, partial) clone."""
    made = unlanded_blob(blob)
    if made is not None:
        return made[:limit]
    found = repository.handle()[blob]
    return bytes(memoryview(found)[:limit]) if isinstance(found, pygit2.Blob) else b""


def blob_id(raw: bytes) -> str:
    """The id git gives a file of these bytes."""
    return str(pygit2.hash(raw))


def _diff(old: pygit2.Object | None, new: pygit2.Object | None, path: str) -> Iterator[TreeChange]:
    """The changes between what stands at a path in two trees; equal subtrees are never opened."""
    if _is_folder(old) or _is_folder(new):
        before, after = _items(old), _items(new)
        for name in before.keys() | after.keys():
            one, other = before.get(name), after.get(name)
            if one is None or other is None or one.id != other.id or one.filemode != other.filemode:
                yield from _diff(one, other, f"{path}/{name}")
        old, new = (None if _is_folder(side) else side for side in (old, new))
    if old is not None or new is not None:
        yield TreeChange(path, _id(old), _id(new))


def _is_folder(item: pygit2.Object | None) -> bool:
    return isinstance(item, pygit2.Tree)


def _items(item: pygit2.Object | None) -> dict[str, pygit2.Object]:
    return {child.name or "": child for child in item} if isinstance(item, pygit2.Tree) else {}


def _id(item: pygit2.Object | None) -> str | None:
    return str(item.id) if item is not None else None


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


def _made_file(path: str, file: UnlandedFile | None) -> TreeFile | None:
    return TreeFile(path, file.blob, file.mode) if file else None


def _file(path: str, item: pygit2.Object) -> TreeFile:
    return TreeFile(path, str(item.id), int(item.filemode))
