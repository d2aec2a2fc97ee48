"""Commits and folders that were made or read lately, by their ids: whoever writes starts where the last write ended.

Without this libgit2 would look for each new pack, open it and map it, to read what this process has just written.
"""

from collections import OrderedDict
from typing import NamedTuple

import pygit2

from .repository import Repository
from .tree_edit import TreeBytes

_MOST_COMMITS = 64
_MOST_FOLDERS = 64


class Tip(NamedTuple):
    """What is asked of a commit that something is to be put on: the id of its tree, its committer time."""

    tree: bytes
    date: int


_tips: OrderedDict[str, Tip] = OrderedDict()
_folders: OrderedDict[bytes, TreeBytes] = OrderedDict()


def tip_of(repository: Repository, commit: str) -> Tip:
    """A commit (a tag of one will do). Raises KeyError when it is not there."""
    found = _tips.get(commit)
    if found is None:
        read = repository.handle()[commit].peel(pygit2.Commit)
        found = Tip(read.tree_id.raw, read.commit_time)
        note_tip(commit, found)
    return found


def folder_of(repository: Repository, tree: bytes) -> TreeBytes:
    """The folder of a tree's id. Raises KeyError when it is not there."""
    found = _folders.get(tree)
    if found is None:
        found = TreeBytes(repository.handle().read(pygit2.Oid(raw=tree))[1])
        note_folder(tree, found)
    return found


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
