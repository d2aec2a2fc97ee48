"""What one commit's history has that another's has not."""

from collections.abc import Iterator
from typing import NamedTuple

import pygit2
from pygit2.enums import SortMode

from .commits import message_of, named_in
from .objects import REGISTRY_EMAIL, Author
from .repository import Repository


class Signed(NamedTuple):
    """A commit: who wrote it, who made it (None: the registry did), and its whole message."""

    commit: str
    date: int
    author: Author
    committer: Author | None
    message: str


def ahead_behind(repository: Repository, one: str, other: str) -> tuple[int, int]:
    """How many commits `one` has that `other` has not, and the other way round."""
    ahead, behind = repository.handle().ahead_behind(one, other)
    return int(ahead), int(behind)


def commits_beyond(repository: Repository, head: str, known: str) -> Iterator[Signed]:
    """The commits of `head` that `known` has not, newest first."""
    handle = repository.handle()
    walker = handle.walk(pygit2.Oid(hex=head), SortMode.TOPOLOGICAL)
    walker.hide(pygit2.Oid(hex=known))
    for commit in walker:
        by_registry = commit.committer.email.lower() == REGISTRY_EMAIL
        committer = None if by_registry else named_in(commit, commit.committer)
        yield Signed(str(commit.id), commit.commit_time, named_in(commit, commit.author), committer, message_of(commit))
