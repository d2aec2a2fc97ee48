"""Packs that git itself finds nothing wrong with, and that stay few."""

import os
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pygit2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from writes import assert_whole, write, write_each

from attune_registry.errors import Unavailable
from attune_registry.git import keeping
from attune_registry.git.ids import object_id
from attune_registry.git.keeping import keep_pack, sweep
from attune_registry.git.multi_pack import named_packs
from attune_registry.git.object_writer import ObjectWriter
from attune_registry.git.objects import Author, FileChange
from attune_registry.git.packs import Pack, delta_of, draft, entries_in, entry_of, entry_upon
from attune_registry.git.repacking import merge_small
from attune_registry.git.repository import Repository
from attune_registry.git.tree_edit import TREE_MODE, TreeBytes, TreeEntry
from attune_registry.git.trees import files_in, find_file, has_folder, read_blob
from gitrepo import Repo

ANN = Author("Ann", "ann@example.com")


def pack_of(folder: Path, *blobs: bytes) -> Pack:
    made = draft(folder, [entry_of(b"blob", blob, object_id(b"blob", blob)) for blob in blobs])
    made.put_in_place()
    return made.pack


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attune_registry.git.repacking._GRACE_SECONDS", 0)


def packs(repo: Repo) -> list[Path]:
    return sorted((repo.root / ".git/objects/pack").glob("*.idx"))


@pytest.mark.parametrize("size", [0, 15, 16, 2047, 2048, 1 << 20])
def test_git_reads_back_what_was_packed(repo: Repo, size: int) -> None:
    blobs = [os.urandom(size), b"same" * size, b"small"]
    pack_of(repo.root / ".git/objects/pack", *blobs)
    for blob in blobs:
        id = object_id(b"blob", blob).hex()
        assert repo.git("cat-file", "-s", id).strip() == str(len(blob))
    repo.git("verify-pack", str(packs(repo)[0]))
    repo.git("fsck", "--full", "--strict")


def test_an_object_twice_is_in_it_once(tmp_path: Path) -> None:
    pack = pack_of(tmp_path, b"one", b"two", b"one")
    assert {entry.id for entry in entries_in(pack)} == {object_id(b"blob", b"one"), object_id(b"blob", b"two")}


def test_the_entries_of_a_pack_are_those_that_went_in(tmp_path: Path) -> None:
    blobs = [b"%d" % number * number for number in range(300)]
    entries = [entry_of(b"blob", blob, object_id(b"blob", blob)) for blob in blobs]
    made = draft(tmp_path, entries)
    made.put_in_place()
    assert list(entries_in(made.pack)) == entries


@given(st.binary(max_size=400), st.integers(0, 400), st.integers(0, 400), st.binary(max_size=400), st.integers(0, 300))
def test_what_differs_makes_the_one_of_the_other(base: bytes, start: int, size: int, new: bytes, scale: int) -> None:
    base = base * scale
    content = base[:start] + new + base[start + size :]
    delta = delta_of(base, content)
    assert patched(base, delta) == content
    assert len(delta) <= len(new) + len(new) // 127 + 30


def patched(base: bytes, delta: bytes) -> bytes:
    """As patch-delta.c of git reads it."""
    steps = iter(delta)
    assert [size_in(steps), size_in(steps)][0] == len(base)
    made = b""
    for step in steps:
        if step & 0x80:
            bits = [next(steps) if step & 1 << at else 0 for at in range(7)]
            offset, size = int.from_bytes(bits[:4], "little"), int.from_bytes(bits[4:], "little")
            made += base[offset : offset + size]
        else:
            assert step
            made += bytes(next(steps) for _ in range(step))
    return made


def size_in(steps: Iterator[int]) -> int:
    size = shift = 0
    for step in steps:
        size |= (step & 0x7F) << shift
        if not step & 0x80:
            return size
        shift += 7
    raise AssertionError


def test_folders_of_a_landing_are_stored_as_what_differs(repo: Repo) -> None:
    for number in range(300):
        repo.write(f"packs/wide/workflows/w{number}.yaml", "label: x\n")
    repo.commit()
    before = set(packs(repo))
    write_each(repo.root, *((f"packs/wide/workflows/w{number}.yaml", f"label: {number}\n") for number in range(80)))
    (fresh,) = set(packs(repo)) - before
    told = repo.git("verify-pack", "-v", str(fresh))
    assert fresh.with_suffix(".pack").stat().st_size < 120_000
    assert max(int(line.split(": ")[0].split("= ")[1]) for line in told.splitlines() if "chain length" in line) == 32
    assert_whole(repo)


def test_packs_with_folders_that_come_back_can_be_merged(repo: Repo) -> None:
    """The same folder is there in full in one pack, and upon one that is upon it in another."""
    for number in range(40):
        states = [number + step * (-1) ** number for step in range(3)]
        write_each(repo.root, *(("packs/demo/workflows/one.yaml", f"label: {state % 4}\n") for state in states))
    merge_small(Repository.open(repo.root))
    assert len(packs(repo)) == 1
    repo.git("verify-pack", str(packs(repo)[0]))
    assert_whole(repo)


@pytest.mark.parametrize("is_turned", [False, True])
def test_what_is_made_upon_each_other_in_two_packs_is_whole_in_one(repo: Repo, is_turned: bool) -> None:
    one, other = b"label: one\n" * 9, b"label: one\n" * 8 + b"label: other\n"
    ids = object_id(b"blob", one), object_id(b"blob", other)
    first = [entry_of(b"blob", one, ids[0]), entry_upon(ids[0], one, other, ids[1])]
    second = [entry_of(b"blob", other, ids[1]), entry_upon(ids[1], other, one, ids[0])]
    made = draft(repo.root / ".git/objects/pack", [*second, *first] if is_turned else [*first, *second])
    made.put_in_place()
    repo.git("verify-pack", str(made.pack.paths[1]))
    assert [repo.git("cat-file", "blob", id.hex()).encode() for id in ids] == [one, other]


def test_the_list_of_packs_is_read_on_from_where_it_was(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = Repository.open(repo.root)
    repository.state_folder.mkdir(exist_ok=True)
    folder = keeping.packs_folder(repository)
    one, two = Pack(folder / "pack-1", 100), Pack(folder / "pack-2", 200)
    assert keeping.known_packs(repository) == []
    for packs, expected in (
        ([one, two], [one, two]),
        ([one._replace(size=-5)], [one._replace(size=-5), two]),
        ([one._replace(size=0)], [two]),
        ([one], [two, one]),
    ):
        keeping.add_packs(repository, packs)
        assert keeping.known_packs(repository) == expected
    path = keeping._list_of(repository)
    path.write_bytes(path.read_bytes() + b"no pack\npack-3 3")
    assert keeping.known_packs(repository) == [two, one, Pack(folder / "pack-3", 3)]
    path.write_bytes(path.read_bytes() + b"00\n")
    assert keeping.known_packs(repository) == [two, one, Pack(folder / "pack-3", 300)]
    monkeypatch.setattr(keeping, "_MOST_LISTED_BYTES", 10)
    keeping.note_packs(repository, [Pack(folder / "pack-4", 4)])
    assert path.read_text().split("\n")[0] == "pack-2 200"
    assert [pack.size for pack in keeping.known_packs(repository)] == [200, 100, 300, 4]


def test_a_pack_cut_short_is_none(tmp_path: Path) -> None:
    pack = pack_of(tmp_path, b"one", b"two")
    index = pack.paths[1]
    os.chmod(index, 0o644)
    index.write_bytes(index.read_bytes()[:-5])
    with pytest.raises(ValueError, match="no pack of ours"):
        list(entries_in(pack))


def test_many_writes_leave_few_packs(repo: Repo) -> None:
    for number in range(40):
        write(repo.root, ("packs/demo/workflows/one.yaml", f"label: {number}\n"))
    assert len(packs(repo)) == 40
    merge_small(Repository.open(repo.root))
    assert len(packs(repo)) == 1
    merge_small(Repository.open(repo.root))
    write(repo.root, ("packs/demo/workflows/one.yaml", "label: again\n"))
    assert len(packs(repo)) == 2
    assert_whole(repo)
    assert repo.git("rev-list", "--count", "HEAD").strip() == "42"


def test_merging_waits_while_others_wait_but_not_for_ever(repo: Repo) -> None:
    repository = Repository.open(repo.root)
    for number in range(24):
        merge_small(repository, is_pressed=True)
        assert len(packs(repo)) == number
        write(repo.root, ("packs/demo/workflows/one.yaml", f"label: {number}\n"))
    merge_small(repository, is_pressed=True)
    assert len(packs(repo)) == 1
    for number in range(16):
        write(repo.root, ("packs/demo/workflows/one.yaml", f"label: again {number}\n"))
    merge_small(repository, is_pressed=True)
    assert len(packs(repo)) == 17
    merge_small(repository)
    assert len(packs(repo)) == 2
    assert_whole(repo)


def test_packs_that_have_been_replaced_stay_for_a_moment(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is just reading their names would find neither them nor the one that came after."""
    monkeypatch.setattr("attune_registry.git.repacking._GRACE_SECONDS", 2.0)
    repository = Repository.open(repo.root)
    for number in range(16):
        write(repo.root, ("packs/demo/workflows/one.yaml", f"label: {number}\n"))
    small = packs(repo)
    assert merge_small(repository)
    assert len(packs(repo)) == 17
    assert merge_small(repository)
    assert set(small) < set(packs(repo))
    later = time.time() + 3
    monkeypatch.setattr("time.time", lambda: later)
    assert not merge_small(repository)
    assert len(packs(repo)) == 1
    assert_whole(repo)


@pytest.mark.parametrize("make", [("multi-pack-index", "write"), ("maintenance", "run", "--task=incremental-repack")])
@pytest.mark.parametrize("is_late", [False, True])
def test_packs_that_an_index_over_many_names_are_left_to_git(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, make: tuple[str, ...], is_late: bool
) -> None:
    repository = Repository.open(repo.root)
    for number in range(16):
        if number == 6 and not is_late:
            repo.git(*make)
        write(repo.root, ("packs/demo/workflows/one.yaml", f"label: {number}\n"))
    monkeypatch.setattr("attune_registry.git.repacking._GRACE_SECONDS", 2.0)
    merge_small(repository)
    if is_late:
        repo.git(*make)
    later = time.time() + 3
    monkeypatch.setattr("time.time", lambda: later)
    merge_small(repository)
    repo.git("multi-pack-index", "verify")
    assert_whole(repo)
    # git may have made one of the six beside them.
    assert is_late or len(packs(repo)) <= 1 + 6 + 1
    monkeypatch.undo()
    for number in range(40):
        write(repo.root, ("packs/demo/workflows/one.yaml", f"label: more {number}\n"))
        merge_small(repository)
    repo.git("multi-pack-index", "verify")
    repo.git("repack", "-a", "-d", "-q")
    assert len(packs(repo)) == 1
    assert_whole(repo)


@pytest.mark.parametrize("torn", [b"", b"MIDX", b"nothing of the kind", b"MIDX\1\1\4\0\0\0\0\1PNAM"])
def test_an_index_over_many_that_cannot_be_read_names_none(repo: Repo, torn: bytes) -> None:
    folder = repo.root / ".git/objects/pack"
    (folder / "multi-pack-index").write_bytes(torn)
    assert named_packs(folder) == frozenset()


def test_packs_that_are_too_much_to_merge_are_left_to_gc(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attune_registry.git.repacking._MOST_BYTES", 1000)
    for number in range(17):
        write(repo.root, ("packs/demo/workflows/one.yaml", f"label: {number}\n"))
    merge_small(Repository.open(repo.root))
    assert len(packs(repo)) == 17
    monkeypatch.undo()
    merge_small(Repository.open(repo.root))
    assert len(packs(repo)) == 17
    repo.git("gc", "-q")
    assert len(packs(repo)) == 1
    assert_whole(repo)


def test_a_disk_that_fails_while_packs_are_merged_fails_no_write(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(17):
        write(repo.root, ("packs/demo/workflows/one.yaml", f"label: {number}\n"))

    def full(*_: object) -> None:
        raise pygit2.GitError("No space left on device")

    monkeypatch.setattr("attune_registry.git.repacking.draft", full)
    merge_small(Repository.open(repo.root))
    assert len(packs(repo)) == 17
    assert_whole(repo)


def test_packs_that_gc_has_taken_are_not_missed(repo: Repo) -> None:
    for number in range(20):
        write(repo.root, ("packs/demo/workflows/one.yaml", f"label: {number}\n"))
    repo.git("gc", "-q")
    merge_small(Repository.open(repo.root))
    assert len(packs(repo)) == 1
    assert_whole(repo)


def test_a_repack_in_the_middle_of_a_write_leaves_its_objects(repo: Repo) -> None:
    """`git repack -a -d` removes packs whose objects nothing leads to, but for those that are marked."""
    repository = Repository.open(repo.root)
    objects = ObjectWriter(repository)
    made = objects.commit(repo.head(), [FileChange("packs/demo/pack.yaml", b"label: x\n")], ANN, "Write")
    objects.write()
    objects.publish()
    repo.git("repack", "-a", "-d", "-q")
    repo.git("update-ref", "refs/heads/main", made.commit)
    objects.settle()
    repo.git("reset", "-q", "--hard")
    assert_whole(repo)
    assert list((repo.root / ".git/objects/pack").glob("*.keep")) == []


def test_marks_of_the_dead_go_and_those_of_people_stay(repo: Repo) -> None:
    folder = repo.root / ".git/objects/pack"
    repository = Repository.open(repo.root)
    repository.state_folder.mkdir(exist_ok=True)
    ours, theirs = pack_of(folder, b"ours"), pack_of(folder, b"theirs")
    keep_pack(repository, ours)
    theirs.keep.write_text("mine\n")
    draft(folder, [entry_of(b"blob", b"half", object_id(b"blob", b"half"))])
    sweep(repository)
    assert list(folder.glob("tmp_*")) == []
    assert not ours.keep.exists()
    assert theirs.keep.read_text() == "mine\n"


def test_the_mark_by_which_they_are_known_is_on_disk_before_it_is_used(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a loss of power an empty one would keep its pack for ever."""
    repository = Repository.open(repo.root)
    repository.state_folder.mkdir(exist_ok=True)
    flushed: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: flushed.append(os.readlink(f"/proc/self/fd/{descriptor}")))
    keep_pack(repository, pack_of(repo.root / ".git/objects/pack", b"ours"))
    assert flushed == [str(repository.state_folder / "keep-mark")]


def test_files_of_commits_that_are_not_on_disk_are_found(repo: Repo) -> None:
    repository = Repository.open(repo.root)
    base = repo.head()
    objects = ObjectWriter(repository)
    one = objects.commit(base, [FileChange("packs/new/pack.yaml", b"one")], ANN, "One").commit
    two = objects.commit(one, [FileChange("packs/new/pack.yaml", None), FileChange("packs/b.yaml", b"two")], ANN, "Two")
    found = find_file(repository, one, "packs/new/pack.yaml")
    assert found is not None
    assert read_blob(repository, found.blob, 2) == b"on"
    assert list(files_in(repository, one, "packs/new")) == ["pack.yaml"]
    assert has_folder(repository, one, "packs/new")
    assert find_file(repository, two.commit, "packs/new/pack.yaml") is None
    assert "b.yaml" in files_in(repository, two.commit, "packs")
    objects.discard()
    with pytest.raises(Unavailable, match="missing"):
        find_file(repository, one, "packs/new/pack.yaml")


NAMES = st.text(st.sampled_from("ab.-/0").filter(lambda letter: letter != "/"), min_size=1, max_size=4)


@given(st.lists(st.tuples(NAMES, st.booleans(), st.booleans()), max_size=30))
def test_a_tree_edited_step_by_step_is_sorted_as_git_sorts(steps: list[tuple[str, bool, bool]]) -> None:
    tree = TreeBytes()
    known: dict[bytes, TreeEntry] = {}
    for number, (text, is_folder, goes) in enumerate(steps):
        name = text.encode()
        entry = TreeEntry(TREE_MODE if is_folder else 0o100644, object_id(b"blob", b"%d" % number))
        if name in known and (goes or known[name].mode != entry.mode):
            tree = tree.with_entry(name, None)
            del known[name]
        else:
            tree = tree.with_entry(name, entry)
            known[name] = entry
    assert {name: tree.find(name) for name in known} == known
    assert TreeBytes(tree.raw).raw == tree.raw
    order = [name + b"/" * (entry.mode == TREE_MODE) for name, entry in known.items()]
    heads = sorted(order)
    assert all(one < other for one, other in pairwise(heads))
    assert tree.raw == b"".join(
        b"%o %s\0%s" % (known[name.rstrip(b"/")].mode, name.rstrip(b"/"), known[name.rstrip(b"/")].id) for name in heads
    )
