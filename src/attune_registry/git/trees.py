"""What a commit's tree holds, and how two trees differ, without ever touching the index.

Of a commit of which this clone has a part only, all of it raises Unavailable (OBJECTS_MISSING): a folder that is not
here is not an empty one.
"""

import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pygit2

from ..errors import Unavailable
from .recent import entry_below, folder_of, is_recent, read_folder, read_tip
from .repository import Repository
from .tree_edit import TREE_MODE, TreeBytes, TreeEntry
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
    """A path that differs between two trees; the blob is None where it does not exist.

    `is_plain` is False where what is there now is a link or a submodule.
    """

    path: str
    old: str | None
    new: str | None
    is_plain: bool = True


# Trees that were opened, by their ids.
Opened = dict[bytes, TreeBytes]
_EMPTY = TreeBytes()


class _Folders(NamedTuple):
    """Where folders are read, and those that have been."""

    repository: Repository
    opened: Opened

    def top(self, tree: str | None) -> TreeBytes:
        """What is in the tree of a commit, by its id."""
        return self.folder(TreeEntry(TREE_MODE, bytes.fromhex(tree)), _EMPTY) if tree else _EMPTY

    def folder(self, entry: TreeEntry | None, like: TreeBytes, *, is_root: bool = False) -> TreeBytes:
        """What is in a folder, which may be much like another one; nothing is in anything else."""
        if entry is None or entry.mode != TREE_MODE:
            return _EMPTY
        found = self.opened.get(entry.id)
        if found is None:
            # `packs` is as large as there are packs, and the next commit's is like this one's.
            read = folder_of if is_root else read_folder
            try:
                found = self.opened[entry.id] = read(self.repository, entry.id, like)
            except KeyError:
                raise _not_here(entry.id.hex()) from None
        return found


def tree_files(repository: Repository, commit: str | None) -> Iterator[TreeFile]:
    """All files below `packs/` and `registry/` in a commit, and what is there in place of one of these folders."""
    over = unlanded(commit)
    if over is not None:
        yield from (file for file in tree_files(repository, over.base) if file.path not in over.files)
        made = (_made_file(path, file) for path, file in over.files.items() if path.partition("/")[0] in ROOTS)
        yield from filter(None, made)
        return
    for root in ROOTS:
        found = _below(repository, commit, root) if commit else None
        if isinstance(found, pygit2.Tree):
            yield from _walk(repository, found, root + "/")
        elif found is not None:
            yield _file(root, found)


def find_file(repository: Repository, commit: str | None, path: str) -> TreeFile | None:
    """The file at `path` in a commit, None when there is none (or a folder)."""
    over = unlanded(commit)
    if over is not None:
        if path in over.files:
            return _made_file(path, over.files[path])
        commit = over.base
    if commit is None:
        return None
    if is_recent(commit):
        try:
            entry = entry_below(repository, commit, path)
        except KeyError:
            raise _not_here(commit) from None
        return TreeFile(path, entry.id.hex(), entry.mode) if entry and entry.mode != TREE_MODE else None
    found = _below(repository, commit, path)
    return None if found is None or isinstance(found, pygit2.Tree) else _file(path, found)


def files_in(
    repository: Repository, commit: str | None, folder: str, names: Iterable[str] | None = None
) -> dict[str, TreeFile]:
    """A commit's files that lie in a folder itself ("" for the root), by name: all, or those of some names."""
    over = unlanded(commit)
    if over is not None:
        wanted = None if names is None else set(names)
        below = files_in(repository, over.base, folder, wanted)
        changed = {path.rpartition("/")[2]: path for path in over.files if path.rpartition("/")[0] == folder}
        found = {name: find_file(repository, commit, path) for name, path in changed.items()}
        chosen = below | {name: file for name, file in found.items() if wanted is None or name in wanted}
        return {name: file for name, file in chosen.items() if file}
    if names is not None and commit is not None and is_recent(commit):
        asked = {name: find_file(repository, commit, _join(folder, name)) for name in names}
        return {name: file for name, file in asked.items() if file}
    tree = _subtree(repository, commit, folder)
    if tree is None:
        return {}
    items = tree if names is None else [tree[name] for name in names if name in tree]
    files = {item.name or "": item for item in items if not isinstance(item, pygit2.Tree)}
    return {name: _file(_join(folder, name), item) for name, item in files.items()}


def has_folder(repository: Repository, commit: str | None, folder: str) -> bool:
    """True when a commit has this folder."""
    over = unlanded(commit)
    if over is not None:
        # One that has lost its last file to such a commit counts as there: it is asked for its files then.
        below = f"{folder}/"
        return has_folder(repository, over.base, folder) or any(path.startswith(below) for path in over.files)
    return _subtree(repository, commit, folder) is not None


def diff_commits(repository: Repository, old: str | None, new: str | None) -> list[TreeChange]:
    """The paths at and below `packs/` and `registry/` that differ; a rename is a deletion and a creation."""
    return diff_trees(repository, _tree_of(repository, old), _tree_of(repository, new))


def diff_trees(
    repository: Repository, old: str | None, new: str | None, opened: Opened | None = None
) -> list[TreeChange]:
    """As `diff_commits`, of trees by their ids; trees `opened` before, with others, are not opened again."""
    folders = _Folders(repository, {} if opened is None else opened)
    before, after = folders.top(old), folders.top(new)
    tops = ((before.find(root.encode()), after.find(root.encode()), root) for root in ROOTS)
    return sorted(change for old_root, new_root, root in tops for change in _diff(folders, old_root, new_root, root))


def read_blob(repository: Repository, blob: str, limit: int) -> bytes:
    """The first `limit` bytes of a blob. Raises KeyError when it is not in this (shallow, partial) clone."""
    made = unlanded_blob(blob)
    if made is not None:
        return made[:limit]
    found = repository.handle()[blob]
    return bytes(memoryview(found)[:limit]) if isinstance(found, pygit2.Blob) else b""


def _diff(folders: _Folders, old: TreeEntry | None, new: TreeEntry | None, path: str) -> Iterator[TreeChange]:
    """The changes between what stands at a path in two trees; equal subtrees are never opened."""
    if old == new:
        return
    before = folders.folder(old, _EMPTY, is_root=path in ROOTS)
    after = folders.folder(new, before, is_root=path in ROOTS)
    for name, (one, other) in before.differences(after).items():
        yield from _diff(folders, one, other, f"{path}/{os.fsdecode(name)}")
    gone, come = _blob_of(old), _blob_of(new)
    if gone or come:
        yield TreeChange(path, gone, come, new is None or come is None or new.mode in REGULAR)


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _blob_of(entry: TreeEntry | None) -> str | None:
    return entry.id.hex() if entry and entry.mode != TREE_MODE else None


def _tree_of(repository: Repository, commit: str | None) -> str | None:
    try:
        return read_tip(repository, commit).tree.hex() if commit else None
    except KeyError:
        raise _not_here(str(commit)) from None


def _subtree(repository: Repository, commit: str | None, path: str) -> pygit2.Tree | None:
    found = _below(repository, commit, path) if commit else None
    return found if isinstance(found, pygit2.Tree) else None


def _below(repository: Repository, commit: str, path: str) -> pygit2.Object | None:
    """What stands at a path of a commit, or of a tree."""
    top = repository.handle().get(commit)
    if top is None:
        raise _not_here(commit)
    try:
        at: pygit2.Object = top.peel(pygit2.Tree)
    except KeyError:
        raise _not_here(f"{commit}^{{tree}}") from None
    for name in filter(None, path.split("/")):
        if not isinstance(at, pygit2.Tree) or name not in at:
            return None
        item = at[name]
        at = _tree(repository, item.id) if isinstance(item, pygit2.Tree) else item
    return at


def _tree(repository: Repository, id: pygit2.Oid) -> pygit2.Tree:
    """A folder, which a commit says is there."""
    found = repository.handle().get(id)
    if not isinstance(found, pygit2.Tree):
        raise _not_here(str(id))
    return found


def _not_here(id: str) -> Unavailable:
    """The answer for what git is bringing at this moment, or a partial clone has left behind: it is not "no file"."""
    return Unavailable(
        f"Not all that is asked for is in this clone: git's object {id} is missing. Where git is fetching it, ask "
        "again; otherwise 'git fetch --refetch --no-filter' brings it, and 'git fsck' tells what else is missing.",
        code="OBJECTS_MISSING",
    )


def _walk(repository: Repository, folder: pygit2.Tree, prefix: str) -> Iterator[TreeFile]:
    for item in folder:
        path = prefix + (item.name or "")
        if isinstance(item, pygit2.Tree):
            yield from _walk(repository, _tree(repository, item.id), path + "/")
        else:
            yield _file(path, item)


def _made_file(path: str, file: UnlandedFile | None) -> TreeFile | None:
    return TreeFile(path, file.blob, file.mode) if file else None


def _file(path: str, item: pygit2.Object) -> TreeFile:
    return TreeFile(path, str(item.id), int(item.filemode))
