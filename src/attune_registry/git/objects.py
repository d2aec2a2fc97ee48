"""Blobs, trees and commits: made from the parent's trees, never by way of the index."""

import contextlib
import hashlib
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pygit2

from ..errors import Conflict, Invalid, NotFound
from .faults import faults
from .keeping import keep_pack, note_packs, packs_folder
from .packs import Draft, Pack, draft, entry_of, object_id
from .repository import Repository
from .signing import Signer
from .tree_edit import TREE_MODE, TreeBytes, TreeEntry
from .unlanded import Unlanded, UnlandedFile, forget, note, unlanded, unlanded_blob

REGISTRY_NAME = "attune-registry"
REGISTRY_EMAIL = "registry@attune-registry.invalid"
_FILE_MODES = (0o100644, 0o100755)
_WHAT = {0o120000: "a symbolic link", 0o160000: "a submodule", TREE_MODE: "a folder"}


class FileChange(NamedTuple):
    """The new content of a file; None deletes it. `path` is from the root, with slashes.

    `mode` is for a file that is not there yet (0o100644, 0o100755); one that is keeps its own.
    """

    path: str
    content: bytes | None
    mode: int = 0o100644


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
    over = unlanded(commit)
    if over is not None and path in over.files:
        made = over.files[path]
        return FileEntry(made.mode, made.blob) if made else None
    below = over.base if over is not None else commit
    if below is None:
        return None
    try:
        found = _commit_of(repository, below).tree[path]
    except KeyError:
        return None
    return FileEntry(int(found.filemode), str(found.id)) if found.filemode in _FILE_MODES else None


def blob_bytes(repository: Repository, blob: str) -> bytes:
    """The content of a blob."""
    made = unlanded_blob(blob)
    if made is not None:
        return made
    found = repository.handle()[blob]
    if not isinstance(found, pygit2.Blob):
        raise NotFound(f"'{blob}' is not a blob.")
    return found.data


class ObjectWriter:
    """Makes the objects of one transaction, in memory; `write` puts them on disk, in one pack.

    Until then their commits are known to whoever asks for files of them (unlanded), and not to git.
    """

    def __init__(self, repository: Repository, signer: Signer | None = None) -> None:
        self._repository = repository
        self._signer = signer
        self._made: dict[bytes, tuple[bytes, bytes]] = {}
        self._unwritten: dict[bytes, None] = {}
        self._trees: dict[str, bytes] = {}
        self._dates: dict[str, int] = {}
        self._blobs: set[str] = set()
        self._drafts: list[Draft] = []
        self._packs: list[Pack] = []

    def commit(
        self,
        parent: str | None,
        changes: Sequence[FileChange],
        author: Author,
        message: str,
        merged: Iterable[str] = (),
    ) -> Made:
        """A commit of `parent` with these changes; raises Conflict, Invalid, NotFound or Unavailable."""
        with faults("making objects"):
            base = self._tree_of(parent) if parent else None
            files: dict[str, UnlandedFile | None] = {}
            tree = self._tree(base, _by_folder(changes), "", files) or self._keep(b"tree", b"")
            parents = [*([parent] if parent else []), *merged]
            made = self._commit(tree, parents, author, message)
            self._note(made.commit, parent, files, changes)
            return made

    def write(self) -> list[Path]:
        """Puts what was made since on disk, where nobody looks yet; the files returned are to be flushed."""
        if not self._unwritten:
            return []
        made = draft(packs_folder(self._repository), [entry_of(*self._made[id], id) for id in self._unwritten])
        self._drafts.append(made)
        self._unwritten.clear()
        return list(made.files)

    def publish(self) -> None:
        """Puts what was written in its place: from now on git finds the objects. `settle` or `discard` follow."""
        while self._drafts:
            keep_pack(self._repository, self._drafts[0].pack)
            self._packs.append(self._drafts[0].pack)
            self._drafts.pop(0).put_in_place()
        forget(self._dates, self._blobs)

    def settle(self) -> None:
        """A ref leads to them: `git repack` may do with them as with all others."""
        note_packs(self._repository, self._packs)
        for pack in self._packs:
            pack.keep.unlink(missing_ok=True)
        self._packs.clear()

    def discard(self) -> None:
        """No ref leads to them. What is in place already stays for `git gc`: a reflog may speak of it."""
        forget(self._dates, self._blobs)
        with contextlib.suppress(OSError):
            for path in (path for made in self._drafts for path in made.files):
                path.unlink(missing_ok=True)
            for pack in self._packs:
                pack.keep.unlink(missing_ok=True)
        self._drafts.clear()
        self._packs.clear()

    def _note(
        self, commit: str, parent: str | None, files: dict[str, UnlandedFile | None], changes: Sequence[FileChange]
    ) -> None:
        below = unlanded(parent)
        over = Unlanded(below.base, {**below.files, **files}) if below else Unlanded(parent, files)
        written = ((files[change.path], change.content) for change in changes)
        blobs = {file.blob: content for file, content in written if file is not None and content is not None}
        self._blobs.update(blobs)
        note(commit, over, blobs)

    def _commit(self, tree: bytes, parents: list[str], author: Author, message: str) -> Made:
        date = max([int(time.time()), *map(self._date_of, parents)])
        signature = self._signer.sign(_commit_text(tree, parents, author, date, message, "")) if self._signer else ""
        commit = self._keep(b"commit", _commit_text(tree, parents, author, date, message, signature)).hex()
        self._trees[commit] = tree
        self._dates[commit] = date
        return Made(commit, date)

    def _tree(
        self, base: TreeBytes | None, changes: _Nested, folder: str, files: dict[str, UnlandedFile | None]
    ) -> bytes | None:
        """The id of the tree with the changes; None when nothing is left in it."""
        tree = base or TreeBytes()
        for name, change in changes.items():
            found = tree.find(os.fsencode(name))
            path = folder + name
            if isinstance(change, _Nested):
                _refuse_unless(found, (TREE_MODE,), path)
                below = self._tree(self._bytes_of(found.id) if found else None, change, path + "/", files)
                entry = TreeEntry(TREE_MODE, below) if below else None
            else:
                _refuse_unless(found, _FILE_MODES, path)
                mode = found.mode if found else change.mode
                entry = None if change.content is None else TreeEntry(mode, self._keep(b"blob", change.content))
                files[path] = UnlandedFile(entry.id.hex(), entry.mode) if entry else None
            if entry is None and found is None:
                raise NotFound(f"There is no file '{path}' to delete.")
            tree = tree.with_entry(os.fsencode(name), entry)
        return self._keep(b"tree", tree.raw) if tree.raw else None

    def _keep(self, kind: bytes, content: bytes) -> bytes:
        id = object_id(kind, content)
        self._made[id] = (kind, content)
        self._unwritten[id] = None
        return id

    def _tree_of(self, commit: str) -> TreeBytes:
        made = self._trees.get(commit)
        return self._bytes_of(made if made is not None else _commit_of(self._repository, commit).tree_id.raw)

    def _bytes_of(self, tree: bytes) -> TreeBytes:
        if tree in self._made:
            return TreeBytes(self._made[tree][1])
        return TreeBytes(self._repository.handle().read(pygit2.Oid(raw=tree))[1])

    def _date_of(self, commit: str) -> int:
        made = self._dates.get(commit)
        return made if made is not None else _commit_of(self._repository, commit).commit_time


def _commit_text(tree: bytes, parents: Sequence[str], author: Author, date: int, message: str, signature: str) -> bytes:
    """The content of a commit object; a signature is in a header of its own, its lines indented."""
    who = pygit2.Signature(_clean(author.name), _clean(author.email), date, 0)
    lines = [
        f"tree {tree.hex()}",
        *(f"parent {parent}" for parent in parents),
        f"author {who.name} <{who.email}> {date} +0000",
        f"committer {REGISTRY_NAME} <{REGISTRY_EMAIL}> {date} +0000",
    ]
    if signature:
        lines.append("gpgsig " + signature.rstrip("\n").replace("\n", "\n "))
    return "\n".join([*lines, "", message.rstrip("\n") + "\n"]).encode()


def _commit_of(repository: Repository, commit: str) -> pygit2.Commit:
    return repository.handle()[commit].peel(pygit2.Commit)


def _refuse_unless(found: TreeEntry | None, modes: Sequence[int], path: str) -> None:
    if found is not None and found.mode not in modes:
        what = _WHAT.get(found.mode, "a file")
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
