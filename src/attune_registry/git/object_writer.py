"""Blobs, trees and commits: made from the parent's trees, never by way of the index."""

import contextlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pygit2

from ..errors import Conflict, NotFound
from .faults import faults
from .ids import object_id
from .keeping import keep_pack, note_packs, packs_folder
from .nested import Nested, by_folder
from .objects import FILE_MODES, REGISTRY_EMAIL, REGISTRY_NAME, Author, FileChange, Made
from .packs import Draft, Entry, Pack, draft, entry_of, entry_upon
from .recent import Tip, folder_of, note_folder, note_tip, tip_of
from .repository import Repository
from .signing import Signer
from .tree_edit import TREE_MODE, TreeBytes, TreeEntry
from .unlanded import Unlanded, UnlandedFile, forget, note, unlanded

# A folder is written as what differs in it from the one before, but so often at most in a row (pack.depth is 50).
_MOST_UPON = 32
_WHAT = {0o120000: "a symbolic link", 0o160000: "a submodule", TREE_MODE: "a folder"}


class MadeTree(NamedTuple):
    """A tree that was made: its id, the files by which it differs from where it began, and its folders that are new."""

    id: bytes
    files: Mapping[str, UnlandedFile | None]
    folders: Mapping[bytes, bytes]


class ObjectWriter:
    """Makes the objects of one transaction, in memory; `write` puts them on disk, in one pack.

    Until then their commits are known to whoever asks for files of them (unlanded), and not to git.
    """

    def __init__(self, repository: Repository, signer: Signer | None = None) -> None:
        self._repository = repository
        self._signer = signer
        self._made: dict[bytes, tuple[bytes, bytes]] = {}
        self._unwritten: dict[bytes, None] = {}
        # For folders, the one that each was made from.
        self._bases: dict[bytes, bytes] = {}
        self._folders: dict[bytes, TreeBytes] = {}
        self._latest: dict[str, bytes | None] = {}
        self._tips: dict[str, Tip] = {}
        self._files: dict[str, UnlandedFile | None] = {}
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
            made, files = self._made_of(parent, changes, author, message, merged)
            self._note(made.commit, parent, files, changes)
            return made

    def rehearse(
        self,
        parent: str | None,
        changes: Sequence[FileChange],
        author: Author,
        message: str,
        merged: Iterable[str] = (),
    ) -> None:
        """Raises what `commit` would; the commit is made, signature and all, and nobody gets to know of it."""
        with faults("making objects"):
            self._made_of(parent, changes, author, message, merged)

    def made(self, commit: str) -> MadeTree:
        """What the last of its commits is, for who has its base and none of what was made since."""
        folders = {id: self._folders[id].raw for id in self._latest.values() if id is not None}
        return MadeTree(self._tips[commit].tree, self._files, folders)

    def write(self) -> list[Path]:
        """Puts what was made since on disk, where nobody looks yet; the files returned are to be flushed."""
        if not self._unwritten:
            return []
        made = draft(packs_folder(self._repository), list(self._entries()))
        self._drafts.append(made)
        self._unwritten.clear()
        return list(made.files)

    def publish(self) -> None:
        """Puts what was written in its place: from now on git finds the objects. `settle` or `discard` follow."""
        while self._drafts:
            keep_pack(self._repository, self._drafts[0].pack)
            self._packs.append(self._drafts[0].pack)
            self._drafts.pop(0).put_in_place()
        forget(self._tips, self._blobs)
        for commit, tip in self._tips.items():
            note_tip(commit, tip)
        for tree, folder in self._folders.items():
            note_folder(tree, folder)

    def settle(self) -> None:
        """A ref leads to them: `git repack` may do with them as with all others."""
        note_packs(self._repository, self._packs)
        for pack in self._packs:
            pack.keep.unlink(missing_ok=True)
        self._packs.clear()

    def discard(self) -> None:
        """No ref leads to them. What is in place already stays for `git gc`: a reflog may speak of it."""
        forget(self._tips, self._blobs)
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
        self._files.update(files)
        below = unlanded(parent)
        over = Unlanded(below.base, {**below.files, **files}) if below else Unlanded(parent, files)
        written = ((files[change.path], change.content) for change in changes)
        blobs = {file.blob: content for file, content in written if file is not None and content is not None}
        self._blobs.update(blobs)
        note(commit, over, blobs)

    def _made_of(
        self, parent: str | None, changes: Sequence[FileChange], author: Author, message: str, merged: Iterable[str]
    ) -> tuple[Made, dict[str, UnlandedFile | None]]:
        """The commit, and the files in which it differs from its parent."""
        base = self._tip_of(parent).tree if parent else None
        files: dict[str, UnlandedFile | None] = {}
        tree = self._tree(base, by_folder(changes), "", files) or self._keep(b"tree", b"")
        parents = [*([parent] if parent else []), *merged]
        return self._commit(tree, parents, author, message), files

    def _commit(self, tree: bytes, parents: list[str], author: Author, message: str) -> Made:
        date = max([int(time.time()), *(self._tip_of(parent).date for parent in parents)])
        signature = self._signer.sign(_commit_text(tree, parents, author, date, message, "")) if self._signer else ""
        commit = self._keep(b"commit", _commit_text(tree, parents, author, date, message, signature)).hex()
        self._tips[commit] = Tip(tree, date)
        return Made(commit, date)

    def _entries(self) -> Iterator[Entry]:
        """What is to be written, the folders as what differs in them where the other one is written, too."""
        depths: dict[bytes, int] = {}
        for id in self._unwritten:
            kind, content = self._made[id]
            base = self._bases.get(id)
            if base is not None and depths.get(base, _MOST_UPON) < _MOST_UPON:
                depths[id] = depths[base] + 1
                yield entry_upon(base, self._made[base][1], content, id)
            else:
                depths[id] = 0
                yield entry_of(kind, content, id)

    def _tree(
        self, base: bytes | None, changes: Nested, folder: str, files: dict[str, UnlandedFile | None]
    ) -> bytes | None:
        """The id of the tree with the changes; None when nothing is left in it."""
        tree = self._folder_of(base) if base else TreeBytes()
        for name, change in changes.items():
            found = tree.find(os.fsencode(name))
            path = folder + name
            if isinstance(change, Nested):
                _refuse_unless(found, (TREE_MODE,), path)
                below = self._tree(found.id if found else None, change, path + "/", files)
                entry = TreeEntry(TREE_MODE, below) if below else None
            else:
                _refuse_unless(found, FILE_MODES, path)
                mode = change.mode or (found.mode if found else FILE_MODES[0])
                entry = None if change.content is None else TreeEntry(mode, self._keep(b"blob", change.content))
                files[path] = UnlandedFile(entry.id.hex(), entry.mode) if entry else None
            if entry is None and found is None:
                raise NotFound(f"There is no file '{path}' to delete.")
            tree = tree.with_entry(os.fsencode(name), entry)
        if not tree.raw:
            self._latest[folder] = None
            return None
        id = self._keep(b"tree", tree.raw, base)
        self._folders[id] = tree
        self._latest[folder] = id
        return id

    def _keep(self, kind: bytes, content: bytes, base: bytes | None = None) -> bytes:
        id = object_id(kind, content)
        if base is not None and id not in self._made:  # of the first that was made, so that none goes back to itself
            self._bases[id] = base
        self._made[id] = (kind, content)
        self._unwritten[id] = None
        return id

    def _tip_of(self, commit: str) -> Tip:
        return self._tips.get(commit) or tip_of(self._repository, commit)

    def _folder_of(self, tree: bytes) -> TreeBytes:
        return self._folders.get(tree) or folder_of(self._repository, tree)


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


def _refuse_unless(found: TreeEntry | None, modes: Sequence[int], path: str) -> None:
    if found is not None and found.mode not in modes:
        what = _WHAT.get(found.mode, "a file")
        raise Conflict(
            f"'{path}' is {what} in the repository, and the registry writes only plain files in plain folders; "
            "replace it and commit that first.",
            code="PATH_IN_THE_WAY",
        )


def _clean(text: str) -> str:
    """A name or email that git can hold: no angle brackets, no line ends, not empty."""
    kept = "".join(character for character in text if character >= " " and character not in "<>\x7f").strip()
    return kept or "unknown"
