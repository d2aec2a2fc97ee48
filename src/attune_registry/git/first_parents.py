"""A commit's first parents, back to one that is known, and what each of them changed."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import pygit2

from .process import run
from .repository import Repository
from .shallow import cut_commits
from .tree_edit import NO_TREE
from .trees import REGULAR, ROOTS, Opened, TreeChange, diff_trees

# From here on, one `git diff-tree` for all of them costs less than comparing the trees here: for 20,000 commits to
# a registry of 10,000 workflows 1 s against 18.
_WORTH_A_PROCESS = 16
# What one process is asked: its output is a few hundred bytes for each file changed.
_PORTION = 5000
# Who follows a branch asks about its very first commit each time.
_FEW = 16
_ARGUMENTS = ("diff-tree", "--stdin", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--ignore-submodules=none")
# Modes and ids of one path; before the first of a pair of trees, their ids and those of pairs without a difference.
_RECORD = re.compile(rb"((?:[0-9a-f]{40} [0-9a-f]{40}\n)*)(?::(\d+) (\d+) ([0-9a-f]+) ([0-9a-f]+) [A-Z]\d*)?\Z")
_NOTHING = b"000000"


class Walked(NamedTuple):
    """A commit on the way: `date` is the committer's, in seconds, `before` its first parent's tree, None for none."""

    commit: str
    date: int
    tree: str
    before: str | None


def walk(repository: Repository, tip: str | None, is_known: Callable[[str], bool]) -> tuple[list[Walked], str | None]:
    """The commits from `tip` along first parents, newest first, and the known one they end before (None: none)."""
    found: list[Walked] = []
    at, ends = find_commit(repository, tip), cut_commits(repository)
    while at is not None:
        commit = str(at.id)
        if is_known(commit):
            return found, commit
        parent = first_parent(repository, at) if commit not in ends else None
        found.append(Walked(commit, at.commit_time, str(at.tree_id), str(parent.tree_id) if parent else None))
        at = parent
    return found, None


def changes_of(repository: Repository, walked: Sequence[Walked]) -> Iterator[list[TreeChange]]:
    """What each of these commits changed at and below `packs/` and `registry/` against its first parent."""
    if len(walked) < _WORTH_A_PROCESS:
        opened: Opened = {}  # a commit's tree is the next one's parent's
        yield from (diff_trees(repository, one.before, one.tree, opened) for one in walked)
        return
    for at in range(0, len(walked), _PORTION):
        portion = walked[at : at + _PORTION]
        pairs = "".join(f"{one.before or NO_TREE} {one.tree}\n" for one in portion)
        yield from read_changes(run(repository.directory, *_ARGUMENTS, stdin=pairs.encode()), len(portion))


def read_changes(raw: bytes, count: int) -> list[list[TreeChange]]:
    """What `git diff-tree --stdin -r -z --raw` says of so many pairs of trees."""
    found: list[list[TreeChange]] = [[] for _ in range(count)]
    pair = -1
    fields = iter(raw.split(b"\0"))
    for field in fields:
        record = _RECORD.match(field)
        if record is None:
            raise ValueError(field)
        heads, old_mode, new_mode, old, new = record.groups()
        pair += heads.count(b"\n")
        path = next(fields).decode(errors="surrogateescape") if old_mode else ""
        if path.partition("/")[0] in ROOTS:
            is_plain = new_mode == _NOTHING or int(new_mode, 8) in REGULAR
            change = TreeChange(path, _id(old_mode, old), _id(new_mode, new), is_plain)
            found[pair].append(change)
    for changes in found:
        changes.sort()
    return found


def find_commit(repository: Repository, commit: str | None) -> pygit2.Commit | None:
    """The commit of an id, None where there is none in this clone."""
    found = repository.handle().get(commit) if commit else None
    return found if isinstance(found, pygit2.Commit) else None


def first_parent(repository: Repository, commit: pygit2.Commit) -> pygit2.Commit | None:
    """The first parent; in a shallow clone those of the last commits are named but not there: the history ends."""
    return find_commit(repository, first_named(commit))


@lru_cache(_FEW)
def named_parent(repository: Repository, commit: str) -> str | None:
    """The first parent that a commit names, which never changes. Raises KeyError where there is no such commit."""
    found = find_commit(repository, commit)
    if found is None:
        raise KeyError(commit)
    return first_named(found)


def first_named(commit: pygit2.Commit) -> str | None:
    """The first parent that a commit names, be it here or not."""
    if commit.parent_ids:
        return str(commit.parent_ids[0])
    # libgit2 hides the parents where a shallow clone is cut, and may not notice when they have come.
    header = commit.read_raw().partition(b"\n\n")[0].decode(errors="replace")
    return next((line.removeprefix("parent ") for line in header.split("\n") if line.startswith("parent ")), None)


def _id(mode: bytes, blob: bytes) -> str | None:
    return None if mode == _NOTHING else blob.decode()
