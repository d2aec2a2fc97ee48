"""What a blob looks like in the working tree: line ends, keywords and filters, as git's attributes ask."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from .ids import blob_id
from .objects import blob_bytes
from .process import run
from .repository import Repository

# What changes a file's bytes on their way out of the repository; `text` alone does not, where lines end in LF.
# Seeing the word is enough to ask git, which knows whether it applies to the path.
_WORDS = (b"eol", b"crlf", b"filter", b"ident", b"working-tree-encoding")
_SYSTEM = "/etc/gitattributes"


def working_bytes(repository: Repository, path: str, blob: str) -> bytes:
    """The bytes that git would check out for this blob at this path."""
    if not may_differ(repository, path):
        return blob_bytes(repository, blob)
    return run(repository.directory, "cat-file", "--filters", f"--path={path}", blob)


def is_same_as_blob(repository: Repository, path: str, content: bytes, blob: str) -> bool:
    """True when git would see no change between the working file's content and the blob."""
    if blob_id(content) == blob:
        return True
    # `text` and core.autocrlf=input change bytes on their way into the repository only, and no others than these.
    if b"\r\n" not in content and not may_differ(repository, path):
        return False
    clean = ("-c", "core.safecrlf=false", "hash-object", "--stdin", f"--path={path}")
    return run(repository.directory, *clean, stdin=content).decode().strip() == blob


def may_differ(repository: Repository, path: str) -> bool:
    """False when git is sure to check out the very bytes that the repository has.

    libgit2 could say it exactly, but reads the index for it: 60 ms for 100,000 files, and never a split one.
    """
    if _is_converting(repository) or repository.config("core", "eol").lower() == "crlf":
        return True
    return any(_has_words(source) for source in _sources(repository, path) if os.path.exists(source))


def differing(repository: Repository, paths: Iterable[str]) -> set[str]:
    """Those of many paths that `may_differ`; files of one folder have the same attributes to look for."""
    by_folder: dict[str, list[str]] = {}
    for path in paths:
        by_folder.setdefault(path.rpartition("/")[0], []).append(path)
    return {path for found in by_folder.values() if may_differ(repository, found[0]) for path in found}


def _is_converting(repository: Repository) -> bool:
    asked = repository.config("core", "autocrlf").lower()
    return asked not in ("", "input") and repository.switch("core", "autocrlf")


def _has_words(source: str) -> bool:
    try:
        text = Path(source).read_bytes()
    except OSError:
        return False
    return any(word in text for word in _WORDS)


def _sources(repository: Repository, path: str) -> Iterator[str]:
    """Every file that may set attributes for a path (gitattributes(5))."""
    yield _SYSTEM
    asked = repository.config("core", "attributesFile")
    settings = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    yield os.path.expanduser(asked or f"{settings}/git/attributes")
    yield f"{repository.common_dir}/info/attributes"
    if repository.root is not None:
        folders = path.split("/")[:-1]
        for depth in range(len(folders) + 1):
            yield "/".join([str(repository.root), *folders[:depth], ".gitattributes"])
