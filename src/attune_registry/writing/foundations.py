"""Commits that a landing is built on: an answered write is as durable as they are.

git flushes packs, and leaves its other objects to the kernel for half a minute (core.fsync in git-config(1)): what a
person has just committed may be gone after a power cut, and with it what was built on it.
"""

from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from ..git.durability import Durability, flush
from ..git.repository import Repository
from ..landed import has_landed

# By the repository's common folder, the latest of those that are on disk.
_on_disk: dict[str, dict[str, None]] = {}
_MOST = 256


def flush_upon(
    repository: Repository,
    foundations: Collection[str],
    paths: Iterable[Path | str],
    durability: Durability,
    meanwhile: Callable[[], None],
) -> None:
    """Puts these files on disk, and the commits that they are built on, all that these rest on included.

    Not the commits where it is known of them already, or where the configuration leaves that to git, or to nobody.
    `meanwhile` is called while the disk is at it, if it can be.
    """
    is_asked_for = durability.objects and not durability.by_git and durability.method != "writeout-only"
    if is_asked_for and not _are_on_disk(repository, foundations):
        flush(paths, durability.method, with_all_before=True, meanwhile=meanwhile)
        _note(repository, foundations)
    else:
        flush(paths, durability.method, meanwhile=meanwhile)


def _are_on_disk(repository: Repository, commits: Collection[str]) -> bool:
    """True when this process has flushed them, or another one has landed them."""
    known = _on_disk.get(str(repository.common_dir), {})
    return all(commit in known or has_landed(repository, commit) for commit in commits)


def _note(repository: Repository, commits: Iterable[str]) -> None:
    known = _on_disk.setdefault(str(repository.common_dir), {})
    known.update(dict.fromkeys(commits))
    while len(known) > _MOST:
        del known[next(iter(known))]
