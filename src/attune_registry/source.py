"""Where files come from: a commit's tree, with or without the working tree's edits over it."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from . import errors
from .blobs import READ_LIMIT
from .edits import Edit
from .git.repository import Repository
from .git.trees import FOLDERS, REGULAR, TreeFile, files_in, find_file, has_folder, read_blob, tree_files
from .line import Line


class SourceFile(NamedTuple):
    """A file of a source. `edit` is what the working tree has in place of the commit's file, if anything.

    `is_regular` is False for links, submodules and what cannot be read: such a file is a problem, never followed.
    Of a workflow in two files `graph` is the path of the second, and `content` the bytes of both where one is edited.
    """

    path: str
    blob: str
    is_regular: bool
    edit: Edit | None
    graph: str = ""
    content: tuple[bytes, bytes | None] | None = None


class Source:
    """The files below `packs/` and `registry/` of a commit, and of the working tree where `edits` are given."""

    def __init__(
        self, repository: Repository, commit: str | None, edits: Mapping[str, Edit], line: Line | None = None
    ) -> None:
        self._repository = repository
        self.commit = commit
        self._edits = edits
        # The line of the commit, if the caller has it: it mostly knows what is at a path, without any tree. One of no
        # commits is that of a caller who does not ask for history.
        self._line = line if line is not None and line.length else None
        self._has_folder: dict[str, bool] = {}
        # By folder of actions, the files that these name, once somebody has read them all: every file of tasks asks.
        self.named: dict[str, frozenset[str]] = {}
        # All files of the commit, once they have been asked for.
        self._listed: dict[str, TreeFile] | None = None

    def find(self, path: str) -> SourceFile | None:
        """The file at a path."""
        edit = self._edits.get(path)
        if edit is not None:
            return _edited(path, edit)
        found = self._committed(path)
        return SourceFile(path, found.blob, found.mode in REGULAR, None) if found else None

    def _committed(self, path: str) -> TreeFile | None:
        if self._listed is not None and path.startswith(FOLDERS):
            return self._listed.get(path)
        if self._line is not None and path.startswith(FOLDERS) and self._line.tells_of(path):
            touch = self._line.touch_before(path, self._line.length)
            return TreeFile(path, touch[1], REGULAR[0]) if touch and touch[1] else None
        return find_file(self._repository, self.commit, path)

    def is_obstructed(self, path: str) -> bool:
        """True when what is at a path is no file that can be read: a link, a folder."""
        found = self.find(path)
        if found is not None:
            return not found.is_regular
        edited = {below for below in self._edits if below.startswith(f"{path}/")}
        return any(map(self.find, edited)) or has_folder(self._repository, self.commit, path)

    def files(self) -> Iterator[SourceFile]:
        """All files."""
        if self._listed is None:
            self._listed = {found.path: found for found in tree_files(self._repository, self.commit)}
        for found in self._listed.values():
            if found.path not in self._edits:
                yield SourceFile(found.path, found.blob, found.mode in REGULAR, None)
        for path, edit in self._edits.items():
            edited = _edited(path, edit)
            if edited:
                yield edited

    def files_in(self, folder: str) -> list[SourceFile]:
        """The files in a folder itself."""
        paths = {f"{folder}/{name}" for name in files_in(self._repository, self.commit, folder)}
        paths.update(path for path in self._edits if path.rpartition("/")[0] == folder)
        return [file for file in map(self.find, sorted(paths)) if file]

    def has_folder(self, folder: str) -> bool:
        """True when there may be files in a folder; asked of git once, unless asking for each of them costs less."""
        if self._line is not None:
            return True
        known = self._has_folder.get(folder)
        if known is None:
            known = has_folder(self._repository, self.commit, folder)
            known = known or any(path.startswith(f"{folder}/") for path in self._edits)
            self._has_folder[folder] = known
        return known

    def read(self, file: SourceFile) -> bytes:
        """A file's bytes, at most READ_LIMIT of them."""
        if file.edit is not None:
            return file.edit.raw or b""
        return self.read_blob(file.blob)

    def read_blob(self, blob: str) -> bytes:
        """The bytes of any blob of the repository, at most READ_LIMIT. Raises KeyError when it is not there."""
        return read_blob(self._repository, blob, READ_LIMIT)

    def read_path(self, path: str) -> bytes | None:
        """The bytes at a path; None when there is no file that can be read.

        Raises NotFound (CONTENT_NOT_HERE) for a file whose content a partial clone has left behind.
        """
        found = self.find(path)
        try:
            return self.read(found) if found and found.is_regular else None
        except KeyError:
            raise errors.NotFound(
                f"The content of '{path}' is not in this clone; 'git fetch --refetch --no-filter' brings it.",
                code="CONTENT_NOT_HERE",
            ) from None


def _edited(path: str, edit: Edit) -> SourceFile | None:
    return SourceFile(path, edit.blob, edit.raw is not None, edit) if edit.blob else None
