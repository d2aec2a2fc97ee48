"""Commits that are made and not yet on disk: what they are is an older commit that is, and some files over it.

An id names its content wherever it is known, so what stands here is true for whoever asks.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class UnlandedFile(NamedTuple):
    """A file of such a commit: its blob and git's mode."""

    blob: str
    mode: int


class Unlanded(NamedTuple):
    """The commit on disk below (None: there is none), and the files that differ from it (None: deleted)."""

    base: str | None
    files: Mapping[str, UnlandedFile | None]


_commits: dict[str, Unlanded] = {}
_blobs: dict[str, bytes] = {}


def note(commit: str, unlanded: Unlanded, blobs: Mapping[str, bytes]) -> None:
    """Remembers a commit that was made, and the content of its new files."""
    _blobs.update(blobs)
    _commits[commit] = unlanded


def forget(commits: Iterable[str], blobs: Iterable[str]) -> None:
    """They are on disk now, or never will be."""
    for commit in commits:
        _commits.pop(commit, None)
    for blob in blobs:
        _blobs.pop(blob, None)


def unlanded(commit: str | None) -> Unlanded | None:
    """What is known of a commit that is not on disk; None for every other."""
    return _commits.get(commit) if commit is not None and _commits else None


def unlanded_blob(blob: str) -> bytes | None:
    """The content of a file that is not on disk."""
    return _blobs.get(blob)
