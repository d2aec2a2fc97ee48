"""A folder -> the git repository that it is in."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import git
import pygit2

from .faults import unreadable


class Found(NamedTuple):
    """The folder with a repository's data, and the folder by whose `.git` it was found, else the same one."""

    git_dir: Path
    holder: Path


def find(directory: Path | str) -> Found | None:
    """The repository that `directory` is in, None where it is in none.

    Raises Unavailable where there is one whose HEAD may not be read: for git there is none then, or one further up.
    """
    for head in _heads_above(directory):
        try:
            os.close(os.open(head, os.O_RDONLY | os.O_CLOEXEC))
            break
        except PermissionError as error:
            raise unreadable(str(head), error) from error
        except OSError:
            # A file `.git` leads to data elsewhere: what is further up is none of this repository's.
            if head.parent.is_file():
                break
    try:
        with git.Repo(directory, search_parent_directories=True, expand_vars=False) as repo:
            git_dir = Path(repo.git_dir).resolve()
    except (git.InvalidGitRepositoryError, git.NoSuchPathError):
        return None
    return Found(git_dir, _holder(git_dir, directory))


def leads_to(folder: Path, git_dir: Path) -> bool:
    """True where git, run in this folder, comes to the repository with its data there."""
    try:
        found = pygit2.discover_repository(str(folder))
    except pygit2.GitError:
        return False
    return found is not None and Path(found).resolve() == git_dir


def _holder(git_dir: Path, directory: Path | str) -> Path:
    """The data may be anywhere, with a file or a link `.git` in the working tree that leads there and no way back."""
    places = (head.parent for head in _heads_above(directory))
    nearest = next((place.parent for place in places if os.path.lexists(place)), git_dir)
    return nearest if leads_to(nearest, git_dir) else git_dir


def _heads_above(directory: Path | str) -> Iterator[Path]:
    at = Path(os.path.abspath(directory))
    return (folder / ".git" / "HEAD" for folder in (at, *at.parents))
