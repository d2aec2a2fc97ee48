"""Commits and folders that were made or read lately, by their ids: whoever writes starts where the last write ended.

Without this libgit2 would look for each new pack, open it and map it, to read what this process has just written.
"""

import os
from collections import OrderedDict
from typing import NamedTuple

import pygit2

from .repository import Repository
from .tree_edit import NO_TREE, TREE_MODE, TreeBytes, TreeEntry

_MOST_COMMITS = 64
_MOST_FOLDERS = 64
_NO_TREE = bytes.fromhex(NO_TREE)


class Tip(NamedTuple):
    """What is asked of a commit that something is to be put on: the id of its tree, its committer time."""

    tree: bytes
    date: int


_tips: OrderedDict[str, Tip] = OrderedDict()
_folders: OrderedDict[bytes, TreeBytes] = OrderedDict()


def tip_of(repository: Repository, commit: str) -> Tip:
    """A commit (a tag of one will do). Raises KeyError when it is not there."""
    found = read_tip(repository, commit)
    note_tip(commit, found)
    return found


def read_tip(repository: Repository, commit: str) -> Tip:
    """As `tip_of`, and not remembered for having been asked for."""
    found = _tips.get(commit)
    if found is None:
        read = repository.handle()[commit].peel(pygit2.Commit)
        found = Tip(read.tree_id.raw, read.commit_time)
    return found


def folder_of(repository: Repository, tree: bytes, like: TreeBytes | None = None) -> TreeBytes:
    """The folder of a tree's id, which may be much like another one. Raises KeyError when it is not there."""
    found = _folders.get(tree)
    if found is None:
        found = read_folder(repository, tree, like)
        note_folder(tree, found)
    return found


def read_folder(repository: Repository, tree: bytes, like: TreeBytes | None = None) -> TreeBytes:
    """As `folder_of`, and not remembered."""
    if tree == _NO_TREE:
        return TreeBytes()
    raw = repository.handle().read(pygit2.Oid(raw=tree))[1]
    return like.altered(raw) if like else TreeBytes(raw)


def is_recent(commit: str) -> bool:
    """True for one that is remembered; to look a path up in others, libgit2 takes apart less."""
    return commit in _tips


def entry_below(repository: Repository, commit: str, path: str) -> TreeEntry | None:
    """What stands at a path of a commit. Raises KeyError when the commit or a folder is not in this (partial) clone."""
    at = TreeEntry(TREE_MODE, tip_of(repository, commit).tree)
    for step in path.split("/"):
        if at.mode != TREE_MODE:
            return None
        found = folder_of(repository, at.id).find(os.fsencode(step))
        if found is None:
            return None
        at = found
    return at


def note_tip(commit: str, tip: Tip) -> None:
    """Remember a commit, which is on disk."""
    _tips[commit] = tip
    if len(_tips) > _MOST_COMMITS:
        _tips.popitem(last=False)


def note_folder(tree: bytes, folder: TreeBytes) -> None:
    """Remember a folder, which is on disk."""
    _folders[tree] = folder
    if len(_folders) > _MOST_FOLDERS:
        _folders.popitem(last=False)
