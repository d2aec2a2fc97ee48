"""Splicing the index gives what git itself would have made of it."""

import os
import random
from collections.abc import Callable
from hashlib import sha1

import pytest

from attune_registry.git.cache_tree import BrokenCacheTree, invalidate
from attune_registry.git.index import IndexChange, IndexMap, Splice, entry_from, locate, scan
from gitrepo import Repo

EMPTY = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


def read(repo: Repo) -> bytes:
    return (repo.root / ".git/index").read_bytes()


def known(data: bytes) -> IndexMap:
    found = scan(data, 0xFFFFFFFF)
    assert found is not None
    return found


def splice(repo: Repo, changes: list[IndexChange], have: IndexMap | None = None) -> IndexMap:
    data = read(repo)
    pieces, places, after = Splice(data, have or known(data)).apply(changes, [])
    body = b"".join(pieces)
    for path, (number, start) in places.items():
        entry = entry_from(body, start)
        assert (entry.path, body[start : entry.end]) == (os.fsencode(path), bytes(pieces[number]))
    (repo.root / ".git/index").write_bytes(body + sha1(body, usedforsecurity=False).digest())
    return after


def staged(repo: Repo) -> dict[str, str]:
    lines = repo.git("ls-files", "--stage", "-z").split("\0")[:-1]
    return {line.split("\t", 1)[1]: line.split()[1] for line in lines}


@pytest.fixture
def wide(new_repo: Callable[[str], Repo]) -> Repo:
    """A repository with 700 files in nested folders, some with names that sort in unlikely ways."""
    repo = new_repo("wide")
    for number in range(700):
        repo.write(f"packs/p{number % 23}/workflows/{'x' * (number % 9)}{number}.yaml", "")
    for name in ("packs/p1.yaml", "packs/p1/a", "packs/p1-b/a", "packs/p1/ü.yaml", "a" * 250):
        repo.write(name, "")
    repo.commit()
    return repo


@pytest.mark.parametrize("seed", range(6))
def test_any_run_of_changes_is_what_git_lists(wide: Repo, seed: int) -> None:
    chance = random.Random(seed)
    blob = wide.git("hash-object", "-w", "--stdin", stdin=f"{seed}\n").strip()
    expected = staged(wide)
    have = known(read(wide))
    for _ in range(25):
        changes = {}
        for _ in range(chance.randint(1, 20)):
            path = chance.choice([*expected, f"packs/p{chance.randint(0, 30)}/workflows/n{chance.random()}.yaml"])
            changes[path] = chance.choice([blob, blob, EMPTY, None])
        have = splice(wide, [IndexChange(p, b, 0o100644, None) for p, b in changes.items()], have)
        expected = {p: b for p, b in (expected | changes).items() if b is not None}
    assert staged(wide) == expected
    wide.git("fsck", "--full", "--strict")
    fresh = known(read(wide))
    assert (have.entries, have.end) == (fresh.entries, fresh.end)
    for path in expected:
        assert locate(read(wide), have, os.fsencode(path))[1] is not None
    tree = wide.git("write-tree").strip()
    listed = wide.git("ls-tree", "-r", "-z", tree).split("\0")[:-1]
    assert {line.split("\t")[1]: line.split()[2] for line in listed} == expected


def test_many_entries_in_one_place_get_anchors_of_their_own(wide: Repo) -> None:
    have = known(read(wide))
    before = len(have.anchors)
    for number in range(400):
        have = splice(wide, [IndexChange(f"packs/q/{number:04}", EMPTY, 0o100644, None)], have)
    assert len(have.anchors) > before
    assert have.entries == known(read(wide)).entries


def test_trees_of_untouched_folders_stay_known(wide: Repo) -> None:
    wide.git("write-tree")
    splice(wide, [IndexChange("packs/p2/workflows/new.yaml", EMPTY, 0o100644, None)])
    before = read(wide)
    assert b"p2\x00-1 1\n" in before
    assert b"p3\x00-1" not in before
    assert b"workflows\x00-1 0\n" in before
    assert before.count(b"\x00-1 ") == 4


def test_stat_data_spares_git_the_reading(wide: Repo) -> None:
    wide.write("packs/new.yaml", "")
    found = (wide.root / "packs/new.yaml").stat()
    splice(wide, [IndexChange("packs/new.yaml", EMPTY, 0o100644, found)])
    ours = wide.git("ls-files", "--debug", "packs/new.yaml")
    wide.git("rm", "-q", "--cached", "packs/new.yaml")
    wide.git("add", "packs/new.yaml")
    assert ours == wide.git("ls-files", "--debug", "packs/new.yaml")


def test_paths_longer_than_the_length_field(wide: Repo) -> None:
    path = "/".join(["d" * 200] * 25)
    splice(wide, [IndexChange(path, EMPTY, 0o100644, None)])
    splice(wide, [IndexChange("zz", EMPTY, 0o100644, None)])
    assert {path, "zz"} <= set(staged(wide))
    splice(wide, [IndexChange(path, None, 0, None)])
    assert path not in staged(wide)


def test_flags_of_other_entries_and_of_the_changed_one_stay(wide: Repo) -> None:
    wide.git("update-index", "--skip-worktree", "packs/p1.yaml")
    wide.git("update-index", "--assume-unchanged", "packs/p1/a")
    wide.write("later.txt", "x")
    wide.git("add", "--intent-to-add", "later.txt")
    assert read(wide)[7] == 3
    blob = wide.git("hash-object", "-w", "--stdin", stdin="x\n").strip()
    for path in ("packs/p1.yaml", "packs/p1/a", "packs/zzz"):
        splice(wide, [IndexChange(path, blob, 0o100644, None)])
    tags = dict(line.split(" ", 1)[::-1] for line in wide.git("ls-files", "-v").splitlines())
    assert tags["packs/p1.yaml"] == "S"
    assert tags["packs/p1/a"] == "h"
    assert "later.txt" in wide.git("diff", "--name-only").splitlines()


@pytest.mark.parametrize(
    "setting",
    [
        ("update-index", "--index-version", "4"),
        ("update-index", "--split-index"),
        ("update-index", "--force-untracked-cache"),
    ],
)
def test_an_index_of_another_kind_is_left_to_git(wide: Repo, setting: tuple[str, ...]) -> None:
    wide.git(*setting)
    wide.git("status")
    assert scan(read(wide), 0) is None


@pytest.mark.parametrize("cut", [0, 5, 40, 500, 1 << 14])
def test_a_damaged_index_is_not_spliced(wide: Repo, cut: int) -> None:
    assert scan(read(wide)[:cut], 0) is None
    assert scan(bytes(cut), 0) is None


def test_a_cache_tree_that_is_cut_is_refused(wide: Repo) -> None:
    extension = b"\0" + b"3 1\n" + b"i" * 20 + b"packs\0" + b"2 0\n" + b"i" * 20
    assert invalidate(extension, [b"packs/x"]) == b"\0-1 1\npacks\0-1 0\n"
    assert invalidate(extension, [b"x"]) == b"\0-1 1\n" + extension[25:]
    for end in range(len(extension)):
        if end:
            with pytest.raises(BrokenCacheTree):
                invalidate(extension[:end], [b"x"])
