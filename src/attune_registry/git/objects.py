"""What is known of blobs, files and commits by their ids, on disk or about to be."""

from typing import NamedTuple

import pygit2

from ..errors import NotFound
from .recent import entry_below
from .repository import Repository
from .unlanded import unlanded, unlanded_blob

REGISTRY_NAME = "attune-registry"
REGISTRY_EMAIL = "registry@attune-registry.invalid"
FILE_MODES = (0o100644, 0o100755)


class FileChange(NamedTuple):
    """The new content of a file; None deletes it. `path` is from the root, with slashes.

    `mode` is what the file gets (0o100644, 0o100755); None leaves it as it is, a new one being like most files.
    """

    path: str
    content: bytes | None
    mode: int | None = None


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
        found = entry_below(repository, below, path)
    except KeyError:
        return None
    return FileEntry(found.mode, found.id.hex()) if found is not None and found.mode in FILE_MODES else None


def blob_bytes(repository: Repository, blob: str) -> bytes:
    """The content of a blob."""
    made = unlanded_blob(blob)
    if made is not None:
        return made
    found = repository.handle()[blob]
    if not isinstance(found, pygit2.Blob):
        raise NotFound(f"'{blob}' is not a blob.")
    return found.data
