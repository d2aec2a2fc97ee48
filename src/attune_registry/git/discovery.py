"""A folder -> the git repository that it is in."""

from pathlib import Path

import git


def git_dir_of(directory: Path | str) -> Path | None:
    """The folder with a repository's data, None where `directory` is in no repository."""
    try:
        with git.Repo(directory, search_parent_directories=True) as repo:
            return Path(repo.git_dir).resolve()
    except (git.InvalidGitRepositoryError, git.NoSuchPathError):
        return None
