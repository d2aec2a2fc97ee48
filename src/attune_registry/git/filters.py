"""What a blob looks like in the working tree: line ends, keywords and filters, as git's attributes ask."""

import pygit2

from .objects import blob_bytes, blob_id
from .process import run
from .repository import Repository

_TRUE = ("true", "yes", "on", "1")


def working_bytes(repository: Repository, path: str, blob: str) -> bytes:
    """The bytes that git would check out for this blob at this path."""
    if not has_filter(repository, path):
        return blob_bytes(repository, blob)
    return run(repository.directory, "cat-file", "--filters", f"--path={path}", blob)


def is_same_as_blob(repository: Repository, path: str, content: bytes, blob: str) -> bool:
    """True when git would see no change between the working file's content and the blob."""
    if blob_id(content) == blob:
        return True
    if not has_filter(repository, path):
        return False
    clean = ("-c", "core.safecrlf=false", "hash-object", "--stdin", f"--path={path}")
    return run(repository.directory, *clean, stdin=content).decode().strip() == blob


def has_filter(repository: Repository, path: str) -> bool:
    """True when the content may change between the repository and the working tree."""
    if repository.config("core", "autocrlf").lower() in _TRUE:
        return True
    native = repository.config("core", "eol").lower() == "crlf"
    return native or any(_asks(repository.handle(), path, name) for name in _ATTRIBUTES)


# Attributes that change what is checked out; `text` and `eol=lf` alone do not, where lines end in LF.
_ATTRIBUTES = ("filter", "eol", "ident", "working-tree-encoding")


def _asks(handle: pygit2.Repository, path: str, name: str) -> bool:
    value = handle.get_attr(path, name)
    if name == "eol":
        return value == "crlf"
    return value is True if name == "ident" else isinstance(value, str)
