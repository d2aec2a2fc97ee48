"""What a repository that cannot be opened is told with."""

import shlex
from pathlib import Path

import pygit2
import pytest

from attune_registry.git.repository import Repository, UnusableRepository
from gitrepo import begun


def test_the_way_to_trust_somebody_elses_repository_is_a_command_that_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = begun(tmp_path / "it's my dir").root

    def refuse(_: str) -> None:
        raise pygit2.GitError("repository path is not owned by current user")

    monkeypatch.setattr("attune_registry.git.repository.Handle", refuse)
    with pytest.raises(UnusableRepository) as caught:
        Repository.open(folder)
    command = caught.value.message.partition("tell git so with: ")[2]
    assert shlex.split(command) == ["git", "config", "--global", "--add", "safe.directory", str(folder)]
