"""What many commits changed, asked of one git process, is what comparing their trees one by one finds."""

import os
from collections import OrderedDict
from itertools import pairwise

import pytest

from attune_registry.git import recent
from attune_registry.git.first_parents import changes_of, walk
from attune_registry.git.repository import Repository
from attune_registry.git.tree_edit import NO_TREE
from attune_registry.git.trees import TreeChange, diff_commits
from attune_registry.registry import Registry
from gitrepo import Repo

_FILE = "packs/demo/workflows/first.yaml"


@pytest.fixture
def odd(repo: Repo) -> Repo:
    """A history with everything that a tree can hold, and every kind of merge."""
    file = repo.root / _FILE
    for number in range(20):
        repo.workflow("demo.first", label=f"L{number}")
        repo.commit(f"Number {number}")
    file.chmod(0o755)
    repo.commit("Another mode")
    file.unlink()
    file.symlink_to("second.yaml")
    repo.commit("A link for a file")
    file.unlink()
    repo.write(f"{_FILE}/inside", "a folder for a link\n")
    repo.commit("A folder for a link")
    (file / "inside").unlink()
    file.rmdir()
    repo.write(_FILE, "a file for a folder: 1\n")
    repo.write("elsewhere/file", "not of the registry\n")
    repo.write("packs/demo/workflows/a\tb\nc.yaml", "label: odd name\n")
    repo.commit("A file for a folder")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{repo.git('rev-parse', 'HEAD').strip()},packs/module")
    repo.git("commit", "-q", "-m", "A submodule")
    repo.git("mv", "packs/demo", "packs/moved")
    repo.git("commit", "-q", "-m", "A pack under another name")
    repo.git("rm", "-rq", "--cached", "packs")
    repo.git("commit", "-q", "-m", "No packs at all")
    blob = repo.git("hash-object", "-w", "--stdin", stdin="no folder").strip()
    repo.git("update-index", "--add", "--cacheinfo", f"100644,{blob},packs")
    repo.git("commit", "-q", "-m", "A file in the place of packs/")
    return repo


def test_trees_of_every_kind(odd: Repo) -> None:
    _assert_same(odd)


def test_merges_of_every_kind(repo: Repo) -> None:
    repo.git("checkout", "-q", "--orphan", "unrelated")
    repo.git("rm", "-rfq", ".")
    repo.workflow("other.root")
    repo.commit("Another root")
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--allow-unrelated-histories", "-m", "Join a root", "unrelated")
    for name in ("one", "two", "three"):
        repo.git("checkout", "-q", "-b", name, "main")
        repo.workflow(f"demo.{name}")
        repo.commit(name)
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "-m", "Octopus", "one", "two")
    repo.git("merge", "-q", "-s", "ours", "-m", "Not taken", "three")
    repo.git("revert", "--no-edit", "-m", "1", "HEAD~1")
    for number in range(20):
        repo.workflow("demo.first", label=f"L{number}")
        repo.commit(f"Number {number}")
    _assert_same(repo)


def test_the_cut_of_a_shallow_clone_has_everything(odd: Repo, tmp_path: os.PathLike[str]) -> None:
    clone = Repo(odd.root.parent / "clone")
    odd.git("clone", "-q", "--no-local", "--depth", "18", f"file://{odd.root}", str(clone.root))
    _assert_same(clone)


def test_a_name_that_is_no_utf_8_is_the_same_name(repo: Repo) -> None:
    for number in range(18):
        repo.write(os.fsdecode(b"packs/demo/workflows/\xff.yaml"), f"label: {number}\n")
        repo.commit(f"Number {number}")
    assert _assert_same(repo)[0][0].path.encode(errors="surrogateescape") == b"packs/demo/workflows/\xff.yaml"


def test_a_commit_of_no_files_need_not_bring_the_tree_of_none(repo: Repo) -> None:
    """`git commit-tree` of the tree that git knows without having it leaves none."""
    nothing = repo.git("commit-tree", NO_TREE, "-m", "Nothing").strip()
    repo.git("update-ref", "refs/heads/main", nothing)
    repo.git("commit", "-q", "--all", "-m", "Everything")
    assert not (repo.root / ".git/objects" / NO_TREE[:2] / NO_TREE[2:]).exists()
    repository = Repository.open(repo.root)
    walked, _ = walk(repository, repo.head(), lambda commit: False)
    everything, none = changes_of(repository, walked)
    assert none == []
    assert everything == diff_commits(repository, nothing, repo.head()) != []
    assert "demo.first" in Registry.open(repo.root).snapshot.workflows


def test_who_compares_commits_pushes_nothing_out_that_a_writer_will_ask_for(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent, "_tips", OrderedDict())
    before = repo.head()
    repo.workflow("demo.other")
    repo.commit("Another one")
    repository = Repository.open(repo.root)
    assert diff_commits(repository, before, repo.head())
    assert not recent.is_recent(before)
    assert not recent.is_recent(repo.head())


def _assert_same(repo: Repo) -> list[list[TreeChange]]:
    repository = Repository.open(repo.root)
    walked, known = walk(repository, repo.git("rev-parse", "HEAD").strip(), lambda commit: False)
    assert known is None
    assert [one.commit for one in walked] == repo.git("rev-list", "--first-parent", "HEAD").split()
    assert len(walked) >= 16
    together = list(changes_of(repository, walked))
    assert together == [found for one in walked for found in changes_of(repository, [one])]
    assert together[:-1] == [diff_commits(repository, old.commit, new.commit) for new, old in pairwise(walked)]
    return together
