"""A folder -> the git repository that it is in."""

import os
from collections.abc import Iterator
from pathlib import Path

import git

from .faults import unreadable


def git_dir_of(directory: Path | str) -> Path | None:
    """The folder with a repository's data, None where `directory` is in no repository.

    Raises Unavailable where there is one whose HEAD may not be read: for git there is none then, or one further up.
    """
    for head in _heads_above(directory):
        try:
            os.close(os.open(head, os.O_RDONLY | os.O_CLOEXEC))
            break
        except PermissionError as error:
            raise unreadable(str(head), error) from error
        except OSError:
            continue
    try:
        with git.Repo(directory, search_parent_directories=True) as repo:
            return Path(repo.git_dir).resolve()
    except (git.InvalidGitRepositoryError, git.NoSuchPathError):
        return None


def _heads_above(directory: Path | str) -> Iterator[Path]:
    at = Path(os.path.abspath(directory))
    return (folder / ".git" / "HEAD" for folder in (at, *at.parents))
