"""Working trees of a repository, and the branches that they have a hold on."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..errors import Unavailable
from .head import read_head
from .repository import Repository

_BRANCHES = "refs/heads/"
# What git puts back, moves or goes back to when it is done; HEAD is detached meanwhile (branch.c, wt-status.c).
_UNFINISHED = ("rebase-merge/head-name", "rebase-apply/head-name", "BISECT_START")
# A ref, and two commits, for each branch that is rebased along with another.
_ALONG = "rebase-merge/update-refs"


def checked_out_at(repository: Repository, branch: str) -> Path | None:
    """The working tree that has the branch checked out, or is rebasing or bisecting it; None when none has."""
    folders = [repository.common_dir] if repository.root or not repository.switch("core", "bare") else []
    with contextlib.suppress(OSError):
        folders += sorted((repository.common_dir / "worktrees").iterdir())
    for folder in folders:
        if branch in _held(repository, folder):
            return tree_of(repository, folder)
    return None


def _held(repository: Repository, git_dir: Path) -> Iterator[str | None]:
    # One whose HEAD is damaged has nothing checked out.
    with contextlib.suppress(OSError, Unavailable):
        yield read_head(replace(repository, git_dir=git_dir)).branch
    for name in _UNFINISHED:
        yield from (line.removeprefix(_BRANCHES) for line in _lines(git_dir / name)[:1])
    yield from (line.removeprefix(_BRANCHES) for line in _lines(git_dir / _ALONG)[::3])


def _lines(file: Path) -> list[str]:
    try:
        return os.fsdecode(file.read_bytes()).split("\n")
    except OSError:
        return []


def tree_of(repository: Repository, git_dir: Path) -> Path:
    """The working tree of a git folder, as far as it says which (gitrepository-layout, "worktrees/<id>/gitdir")."""
    if git_dir == repository.common_dir:
        return Path(replace(repository, git_dir=git_dir).handle().workdir or git_dir)
    with contextlib.suppress(OSError):
        return (git_dir / os.fsdecode((git_dir / "gitdir").read_bytes().rstrip(b"\n"))).parent
    return git_dir
