"""Blobs, trees and commits: made from the parent's trees with libgit2, never by way of the index."""

import hashlib
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pygit2
from pygit2.enums import FileMode

from ..errors import Conflict, Invalid, NotFound
from .faults import faults
from .repository import Repository
from .signing import Signer

REGISTRY_NAME = "attune-registry"
REGISTRY_EMAIL = "registry@attune-registry.invalid"
_FILE_MODES = (FileMode.BLOB, FileMode.BLOB_EXECUTABLE)
_WHAT = {FileMode.LINK: "a symbolic link", FileMode.COMMIT: "a submodule", FileMode.TREE: "a folder"}


class FileChange(NamedTuple):
    """The new content of a file; None deletes it. `path` is from the root, with slashes.

    `mode` is for a file that is not there yet (0o100644, 0o100755); one that is keeps its own.
    """

    path: str
    content: bytes | None
    mode: int = int(FileMode.BLOB)


class Author(NamedTuple):
    """Whose change it is."""

    name: str
    email: str


class Made(NamedTuple):
    """A commit that was made, and its committer time in seconds."""

    commit: str
    date: int


class FileEntry(NamedTuple):
    """A file in a tree: its mode (0o100644, 0o100755) and its blob."""

    mode: int
    blob: str


class _Nested(dict[str, "_Nested | FileChange"]):
    """Changes by folder and name."""


def blob_id(content: bytes) -> str:
    """The id git gives these bytes."""
    return hashlib.sha1(b"blob %d\0%s" % (len(content), content), usedforsecurity=False).hexdigest()


def entry_at(repository: Repository, commit: str | None, path: str) -> FileEntry | None:
    """The file at a path of a commit; None when there is none (a link, a submodule or a folder is none)."""
    if commit is None:
        return None
    found = _child(_tree_of(repository, commit), path)
    if found is None or found.filemode not in _FILE_MODES:
        return None
    return FileEntry(int(found.filemode), str(found.id))


def blob_bytes(repository: Repository, blob: str) -> bytes:
    """The content of a blob."""
    found = repository.handle()[blob]
    if not isinstance(found, pygit2.Blob):
        raise NotFound(f"'{blob}' is not a blob.")
    return found.data


class ObjectWriter:
    """Makes the objects of one transaction and remembers their ids, so that they can be put on disk at once."""

    def __init__(self, repository: Repository, signer: Signer | None = None) -> None:
        self._repository = repository
        self._handle = repository.handle()
        self._signer = signer
        self.made: dict[str, None] = {}

    def paths(self) -> list[Path]:
        """The loose files of the objects made (one that was packed already has none)."""
        objects = self._repository.common_dir / "objects"
        found = (objects / made[:2] / made[2:] for made in self.made)
        return [path for path in found if path.exists()]

    def commit(
        self,
        parent: str | None,
        changes: Sequence[FileChange],
        author: Author,
        message: str,
        merged: Iterable[str] = (),
    ) -> Made:
        """A commit of `parent` with these changes; raises Conflict, Invalid, NotFound or Unavailable."""
        with faults("writing objects"):
            base = _tree_of(self._repository, parent) if parent else None
            tree = self._tree(base, _by_folder(changes), "")
            tree = tree or self._kept(self._handle.TreeBuilder().write())
            parents = [*([parent] if parent else []), *merged]
            return self._write_commit(tree, parents, author, message)

    def _write_commit(self, tree: pygit2.Oid, parents: list[str], author: Author, message: str) -> Made:
        date = max([int(time.time()), *(_date_of(self._repository, parent) for parent in parents)])
        who = pygit2.Signature(_clean(author.name), _clean(author.email), date, 0)
        committer = pygit2.Signature(REGISTRY_NAME, REGISTRY_EMAIL, date, 0)
        ids: list[str | pygit2.Oid] = [pygit2.Oid(hex=parent) for parent in parents]
        text = message.rstrip("\n") + "\n"
        if self._signer is None:
            made = self._handle.create_commit(None, who, committer, text, tree, ids)
        else:
            unsigned = str(self._handle.create_commit_string(who, committer, text, tree, ids))
            signature = self._signer.sign(unsigned.encode())
            made = self._handle.create_commit_with_signature(unsigned, signature, "gpgsig")
        return Made(str(self._kept(made)), date)

    def _tree(self, base: pygit2.Tree | None, changes: _Nested, folder: str) -> pygit2.Oid | None:
        """The tree with the changes; None when nothing is left in it."""
        builder = self._handle.TreeBuilder(base) if base is not None else self._handle.TreeBuilder()
        for name, change in changes.items():
            found = _child(base, name) if base is not None else None
            path = folder + name
            if isinstance(change, _Nested):
                _refuse_unless(found, (FileMode.TREE,), path)
                subtree = self._tree(found if isinstance(found, pygit2.Tree) else None, change, path + "/")
                mode = FileMode.TREE
            else:
                _refuse_unless(found, _FILE_MODES, path)
                content = change.content
                subtree = None if content is None else self._kept(self._handle.create_blob(content))
                mode = FileMode(found.filemode if found is not None else change.mode)
            if subtree is not None:
                builder.insert(name, subtree, mode)
            elif found is not None:
                builder.remove(name)
            else:
                raise NotFound(f"There is no file '{path}' to delete.")
        return self._kept(builder.write()) if len(builder) else None

    def _kept(self, made: pygit2.Oid) -> pygit2.Oid:
        self.made[str(made)] = None
        return made


def _tree_of(repository: Repository, commit: str) -> pygit2.Tree:
    return repository.handle()[commit].peel(pygit2.Tree)


def _date_of(repository: Repository, commit: str) -> int:
    return repository.handle()[commit].peel(pygit2.Commit).commit_time


def _child(tree: pygit2.Tree, path: str) -> pygit2.Object | None:
    try:
        return tree[path]
    except KeyError:
        return None


def _refuse_unless(found: pygit2.Object | None, modes: Iterable[FileMode], path: str) -> None:
    if found is not None and found.filemode not in modes:
        what = _WHAT.get(FileMode(found.filemode), "a file")
        raise Conflict(
            f"'{path}' is {what} in the repository, and the registry writes only plain files in plain folders; "
            "replace it and commit that first.",
            code="PATH_IN_THE_WAY",
        )


def _by_folder(changes: Sequence[FileChange]) -> _Nested:
    top = _Nested()
    for change in changes:
        path = change.path
        *folders, name = checked_path(path).split("/")
        folder = top
        for step in folders:
            below = folder.setdefault(step, _Nested())
            if not isinstance(below, _Nested):
                raise Invalid(f"'{path}' is below a file that the same change writes.")
            folder = below
        if name in folder:
            raise Invalid(f"'{path}' is changed twice in one commit.")
        folder[name] = change
    return top


def checked_path(path: str) -> str:
    """The path, or Invalid when it could leave the working tree or reach into .git."""
    steps: Mapping[str, bool] = {step: step.lower() in ("", ".", "..", ".git") for step in path.split("/")}
    if any(steps.values()) or any(ord(character) < 32 or character == "\\" for character in path):
        raise Invalid(f"'{path}' is not a path inside the repository.")
    return path


def _clean(text: str) -> str:
    """A name or email that git can hold: no angle brackets, no line ends, not empty."""
    kept = "".join(character for character in text if character >= " " and character not in "<>\x7f").strip()
    return kept or "unknown"
