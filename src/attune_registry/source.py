"""Where files come from: a commit's tree, with or without the working tree's edits over it."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from .edits import READ_LIMIT, Edit
from .git.repository import Repository
from .git.trees import REGULAR, find_file, read_blob, tree_files


class SourceFile(NamedTuple):
    """A file of a source. `edit` is what the working tree has in place of the commit's file, if anything.

    `is_regular` is False for links, submodules and what cannot be read: such a file is a problem, never followed.
    """

    path: str
    blob: str
    is_regular: bool
    edit: Edit | None


class Source:
    """The files below `packs/` and `registry/` of a commit, and of the working tree where `edits` are given."""

    def __init__(self, repository: Repository, commit: str | None, edits: Mapping[str, Edit]) -> None:
        self._repository = repository
        self._commit = commit
        self._edits = edits

    def find(self, path: str) -> SourceFile | None:
        """The file at a path."""
        edit = self._edits.get(path)
        if edit is not None:
            return _edited(path, edit)
        found = find_file(self._repository, self._commit, path)
        return SourceFile(path, found.blob, found.mode in REGULAR, None) if found else None

    def files(self) -> Iterator[SourceFile]:
        """All files."""
        for found in tree_files(self._repository, self._commit):
            if found.path not in self._edits:
                yield SourceFile(found.path, found.blob, found.mode in REGULAR, None)
        for path, edit in self._edits.items():
            edited = _edited(path, edit)
            if edited:
                yield edited

    def read(self, file: SourceFile) -> bytes:
        """A file's bytes, at most READ_LIMIT of them."""
        if file.edit is not None:
            return file.edit.raw or b""
        return self.read_blob(file.blob)

    def read_blob(self, blob: str) -> bytes:
        """The bytes of any blob of the repository, at most READ_LIMIT. Raises KeyError when it is not there."""
        return read_blob(self._repository, blob, READ_LIMIT)

    def read_path(self, path: str) -> bytes | None:
        """The bytes at a path; None when there is no file that can be read."""
        found = self.find(path)
        return self.read(found) if found and found.is_regular else None


def _edited(path: str, edit: Edit) -> SourceFile | None:
    return SourceFile(path, edit.blob, edit.raw is not None, edit) if edit.blob else None
