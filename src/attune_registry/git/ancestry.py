"""What one commit's history has that another's has not."""

from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

import pygit2
from pygit2.enums import SortMode

from .commits import message_of, named_in
from .objects import REGISTRY_EMAIL, Author
from .process import run
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


def own_commits(repository: Repository, head: str, into: str | None) -> list[Signed]:
    """The commits that a branch at `head` brings to another, newest first; or has brought, where that has merged it.

    Where the other was only moved on to it, nobody can tell how many they were: then it is the last one alone.
    """
    found = list(commits_beyond(repository, head, into))
    if found or into is None:
        return found
    line = run(repository.directory, "rev-list", "--first-parent", "--reverse", f"{head}..{into}", "--").split()
    handle = repository.handle()
    at = bisect_left(line, True, key=lambda commit: handle.descendant_of(commit.decode(), head))
    before = handle[line[at].decode()].peel(pygit2.Commit).parent_ids[:1] if at < len(line) else []
    brought = list(commits_beyond(repository, head, str(before[0]))) if before else []
    return brought or [next(commits_beyond(repository, head, None))]


def commits_beyond(repository: Repository, head: str, known: str | None) -> Iterator[Signed]:
    """The commits of `head` that `known` (None: no commit) has not, newest first."""
    handle = repository.handle()
    walker = handle.walk(pygit2.Oid(hex=head), SortMode.TOPOLOGICAL)
    if known is not None:
        walker.hide(pygit2.Oid(hex=known))
    for commit in walker:
        by_registry = commit.committer.email.lower() == REGISTRY_EMAIL
        committer = None if by_registry else named_in(commit, commit.committer)
        yield Signed(str(commit.id), commit.commit_time, named_in(commit, commit.author), committer, message_of(commit))
