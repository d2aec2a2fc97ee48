"""A process that dies anywhere in a write leaves something that is repaired, and nobody's edit is lost."""

import hashlib
import json
import os
import shutil
import signal
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from writes import ANN, FIRST, NEW, SECOND, as_changes, assert_whole, die_at_call, die_at_step, repair, write

from attune_registry.git.locks import INDEX_MARK
from attune_registry.git.objects import FileChange
from attune_registry.git.repository import Repository
from attune_registry.writing.lock import WriteLock
from attune_registry.writing.pause import STEPS
from attune_registry.writing.recovery import repair as repair_at_a_start
from attune_registry.writing.transaction import Transaction
from gitrepo import Repo

OLD_PACK = "packs/old/pack.yaml"
# A write that changes, makes and deletes a file, in two commits.
ONE = [(FIRST, "label: First of two\n"), (NEW, "label: New\n")]
TWO = [(FIRST, "label: Second of two\n"), (OLD_PACK, None)]


@pytest.fixture
def busy(repo: Repo) -> Repo:
    """A clone in which a person has staged one thing and edited another."""
    repo.write(OLD_PACK, "label: Old\n")
    repo.commit("Add what will be deleted")
    repo.write("staged.txt", "staged\n")
    repo.git("add", "staged.txt")
    repo.write(SECOND, "label: Edited by hand\n")
    return repo


BUSY = f" M {SECOND}\nA  staged.txt\n"


def write_two(repo: Repo) -> None:
    repository = Repository.open(repo.root)
    with WriteLock(repository), Transaction.begin(repository) as transaction:
        transaction.commit(as_changes(*ONE), ANN, "One")
        transaction.commit(as_changes(*TWO), ANN, "Two")
        transaction.land()


def assert_all_or_nothing(repo: Repo, before: str) -> bool:
    """True when the write counts."""
    assert_whole(repo, BUSY)
    landed = repo.head() != before
    assert (repo.root / FIRST).read_text().startswith("label: Second of two" if landed else "# first")
    assert (repo.root / NEW).exists() == landed
    assert (repo.root / OLD_PACK).exists() != landed
    if landed:
        assert repo.git("rev-parse", "HEAD~2").strip() == before
    return landed


@pytest.mark.parametrize("step", STEPS)
def test_a_crash_at_any_step_is_repaired(busy: Repo, step: str) -> None:
    before = busy.head()
    assert die_at_step(step, lambda: write_two(busy)) == -signal.SIGKILL
    repair(busy.root)
    landed = assert_all_or_nothing(busy, before)
    assert landed == (STEPS.index(step) >= STEPS.index("ref"))
    write(busy.root, (NEW, "label: The next one\n"))
    assert_whole(busy, BUSY)


def test_a_crash_before_any_call_is_repaired(busy: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kills at points spread over all that a write calls; ATTUNE_REGISTRY_CRASH_STRIDE=1 tries each of them."""
    # How many processes the machine has just started is no part of it, and different every time.
    monkeypatch.setattr("attune_registry.writing.company._Processes.young_git", lambda _: [])
    stride = int(os.environ.get("ATTUNE_REGISTRY_CRASH_STRIDE", "31"))
    before = busy.head()
    outcomes = []
    for at in count(1, stride):
        # Each in a copy, so that all do the same up to there.
        clone = Repo(tmp_path / f"crash-{at}")
        shutil.copytree(busy.root, clone.root)
        code = die_at_call(at, partial(write_two, clone))
        repair(clone.root)
        outcomes.append(assert_all_or_nothing(clone, before))
        shutil.rmtree(clone.root)
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert outcomes.count(False) > 5
    assert outcomes.count(True) > 2


@pytest.mark.parametrize("step", ["worktree", "ref"])
def test_an_edit_made_between_crash_and_repair_is_kept(busy: Repo, step: str) -> None:
    die_at_step(step, lambda: write_two(busy))
    busy.write(FIRST, "label: By hand, after the crash\n")
    repair(busy.root)
    assert (busy.root / FIRST).read_text() == "label: By hand, after the crash\n"
    assert_whole(busy, f" M {FIRST}\n{BUSY}")


@pytest.mark.parametrize("step", STEPS)
def test_a_crash_while_a_mode_changes_is_repaired(repo: Repo, step: str) -> None:
    def make_executable() -> None:
        repository = Repository.open(repo.root)
        with WriteLock(repository), Transaction.begin(repository) as begun:
            begun.commit([FileChange(FIRST, (repo.root / FIRST).read_bytes(), 0o100755)], ANN, "Make it executable")
            begun.commit(as_changes((SECOND, "label: Changed\n")), ANN, "Change another")
            begun.land()

    assert die_at_step(step, make_executable) == -signal.SIGKILL
    repair(repo.root)
    assert_whole(repo)
    is_executable = repo.git("ls-tree", "HEAD", FIRST).startswith("100755")
    assert is_executable == (STEPS.index(step) >= STEPS.index("ref"))


def test_an_edit_taken_out_by_a_swap_that_was_never_checked_comes_back(busy: Repo) -> None:
    """A person saved right before the swap, and the process died right after it."""
    die_at_step("worktree", lambda: write_two(busy))
    beside = next(p for p in (busy.root / ".git/attune-registry/incoming").iterdir() if b"first" in p.read_bytes())
    beside.write_text("label: Saved right before\n")
    repair(busy.root)
    assert (busy.root / FIRST).read_text() == "label: Saved right before\n"
    assert_whole(busy, f" M {FIRST}\n{BUSY}")


@pytest.mark.parametrize("step", STEPS)
def test_a_repository_that_was_moved_after_the_crash_is_repaired_where_it_is(
    busy: Repo, tmp_path: Path, step: str
) -> None:
    before = busy.head()
    die_at_step(step, lambda: write_two(busy))
    moved = Repo(tmp_path / "moved" / "here")
    moved.root.parent.mkdir()
    busy.root.rename(moved.root)
    repair(moved.root)
    assert_all_or_nothing(moved, before)


@pytest.mark.parametrize("step", STEPS)
def test_the_journal_of_an_earlier_version_is_read(busy: Repo, step: str) -> None:
    before = busy.head()
    die_at_step(step, lambda: write_two(busy))
    journal = busy.root / ".git/attune-registry/journal"
    fields = json.loads(journal.read_bytes().split(b"\n")[1] or b"{}") if journal.exists() else {}
    if fields:
        fields |= {"format": 1, "git_dir": str(busy.root / ".git"), "root": str(busy.root)}
        body = json.dumps(fields).encode()
        journal.write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body + b"\n")
    assert repair(busy.root) == bool(fields)
    assert_all_or_nothing(busy, before)


@pytest.mark.parametrize("is_linked", [False, True])
@pytest.mark.parametrize("step", ["worktree", "ref"])
def test_a_copy_is_repaired_and_its_original_left_alone(busy: Repo, tmp_path: Path, step: str, is_linked: bool) -> None:
    before = busy.head()
    tree = busy
    if is_linked:
        tree = Repo(tmp_path / "linked")
        busy.git("worktree", "add", "-q", "-b", "other", str(tree.root))
    die_at_step(step, lambda: write_two(tree))
    copy = Repo(tmp_path / "copy")
    shutil.copytree(busy.root, copy.root, symlinks=True)
    state = tree.status()
    repair(copy.root)
    assert tree.status() == state
    if not is_linked:
        assert_all_or_nothing(copy, before)
    repair(busy.root)
    assert tree.status() == ("" if is_linked else BUSY)


def test_a_linked_worktree_is_repaired_by_a_server_of_the_main_one_and_the_other_way_round(
    busy: Repo, tmp_path: Path
) -> None:
    linked = Repo(tmp_path / "linked")
    busy.git("worktree", "add", "-q", "-b", "other", str(linked.root))
    for broken, other, status in ((linked, busy, ""), (busy, linked, BUSY)):
        before = broken.head()
        die_at_step("ref", lambda tree=broken: write_two(tree))
        assert broken.status() != status
        assert repair(other.root)
        assert (broken.status(), broken.head() != before) == (status, True)


def test_the_next_writer_repairs(busy: Repo) -> None:
    die_at_step("worktree", lambda: write_two(busy))
    write(busy.root, (NEW, "label: The next one\n"))
    assert_whole(busy, BUSY)


def test_repairing_twice_is_repairing_once(busy: Repo) -> None:
    die_at_step("ref", lambda: write_two(busy))
    assert repair(busy.root)
    assert not repair(busy.root)


def test_half_a_journal_is_none(busy: Repo) -> None:
    die_at_step("objects", lambda: write_two(busy))
    journal = busy.root / ".git/attune-registry/journal"
    journal.write_bytes(b"0123\n{")
    repair(busy.root)
    assert_whole(busy, BUSY)


def test_only_our_own_stale_index_lock_is_removed(repo: Repo) -> None:
    lock = repo.root / ".git/index.lock"
    lock.write_bytes(INDEX_MARK)
    assert not repair(repo.root)
    assert not lock.exists()
    lock.write_bytes(b"")
    repair(repo.root)
    assert lock.exists()


def test_a_crash_in_a_first_commit_is_repaired(new_repo: Callable[[str], Repo]) -> None:
    for step in STEPS:
        repo = new_repo(f"unborn-{step}")
        die_at_step(step, partial(write, repo.root, (NEW, "label: New\n")))
        repair(repo.root)
        landed = STEPS.index(step) >= STEPS.index("ref")
        assert (repo.root / NEW).exists() == landed
        assert_whole(repo)


def blank(repo: Repo) -> None:
    """The index as a loss of power leaves it: its room was on disk, what is in it was not."""
    index = repo.root / ".git/index"
    index.write_bytes(bytes(index.stat().st_size))


def empty(repo: Repo) -> None:
    """As a loss of power leaves it on btrfs."""
    (repo.root / ".git/index").write_bytes(b"")


def cut(repo: Repo) -> None:
    """Only its first part was on disk."""
    index = repo.root / ".git/index"
    size = index.stat().st_size
    index.write_bytes(index.read_bytes()[: size // 2] + bytes(size - size // 2))


def holed(repo: Repo) -> None:
    """All but a part in the middle was."""
    index = repo.root / ".git/index"
    raw = index.read_bytes()
    index.write_bytes(raw[:100] + bytes(50) + raw[150:])


def without_sum(repo: Repo) -> None:
    """All but the last sector, where its sum is: git's commands read that, and `git fsck` does not."""
    index = repo.root / ".git/index"
    index.write_bytes(index.read_bytes()[:-20] + bytes(20))


def gone(repo: Repo) -> None:
    """As a loss of power may leave it on btrfs, where its name has just been exchanged."""
    (repo.root / ".git/index").unlink()


TORN = (blank, empty, cut, holed, without_sum)


@pytest.mark.parametrize("leave", TORN)
def test_a_start_makes_an_index_anew_that_a_loss_of_power_has_torn(repo: Repo, leave: Callable[[Repo], None]) -> None:
    """git's reading commands fail with it, and a start needs them."""
    write(repo.root, (FIRST, "label: Before\n"))
    leave(repo)
    torn = (repo.root / ".git/index").read_bytes()
    repair_at_a_start(Repository.open(repo.root))
    assert_whole(repo)
    repo.git("fsck", "--cache")
    # What a person may have staged can be read of it yet.
    kept = [path.read_bytes() for path in (repo.root / ".git/attune-registry").glob("saved/*")]
    assert kept == ([] if leave in (blank, empty) else [torn])


@pytest.mark.parametrize("leave", TORN)
def test_so_does_the_first_write_of_a_process(repo: Repo, leave: Callable[[Repo], None]) -> None:
    leave(repo)
    write(repo.root, (FIRST, "label: After\n"))
    assert_whole(repo)
    repo.git("fsck", "--cache")


def test_none_at_all_is_made_anew_where_landings_have_left_one(repo: Repo) -> None:
    gone(repo)
    repair_at_a_start(Repository.open(repo.root))
    # Nobody has landed anything here: that nothing is checked out may be what a person wants.
    assert not (repo.root / ".git/index").exists()
    repo.git("reset", "-q")
    write(repo.root, (FIRST, "label: Before\n"))
    gone(repo)
    repair_at_a_start(Repository.open(repo.root))
    assert_whole(repo)


@pytest.mark.parametrize("setting", ["index.skipHash", "feature.manyFiles", "core.splitIndex"])
def test_an_index_that_is_whole_is_left_as_it_is(repo: Repo, setting: str) -> None:
    repo.git("config", setting, "true")
    repo.write("notes.txt", "mine\n")
    repo.git("add", "notes.txt")
    if setting != "core.splitIndex":
        # What a newer git does.
        without_sum(repo)
    repair_at_a_start(Repository.open(repo.root))
    assert repo.status() == "A  notes.txt\n"


@pytest.mark.parametrize("leave", [*TORN, gone])
@pytest.mark.parametrize("step", ["journal", "worktree", "ref", "index"])
def test_a_torn_index_does_not_keep_a_landing_from_being_repaired(
    repo: Repo, step: str, leave: Callable[[Repo], None]
) -> None:
    die_at_step(step, lambda: write(repo.root, (FIRST, "label: Changed\n"), (NEW, "label: New\n")))
    leave(repo)
    assert repair(repo.root)
    assert_whole(repo)


@pytest.mark.parametrize("left", [b"", b"label: Of a landing before\n"])
def test_new_content_that_a_loss_of_power_has_torn_is_nobodys_edit(busy: Repo, left: bytes) -> None:
    """The journal came on disk before the files that it speaks of; under their names there may be older ones."""
    before = busy.head()
    die_at_step("journal", lambda: write_two(busy))
    state = busy.root / ".git/attune-registry"
    prepared = list((state / "incoming").iterdir())
    assert len(prepared) == 2
    for beside in prepared:
        beside.write_bytes(left)
    repair(busy.root)
    assert not assert_all_or_nothing(busy, before)
    assert not (state / "saved").exists()


@pytest.mark.parametrize("step", ["worktree", "ref", "index"])
def test_what_has_come_back_of_a_landing_that_is_through_is_nobodys_edit(busy: Repo, step: str) -> None:
    """btrfs brings names of a folder back that nobody has flushed since."""
    incoming = busy.root / ".git/attune-registry/incoming"
    die_at_step("ref", lambda: write(busy.root, (FIRST, "label: Before\n"), (OLD_PACK, "label: Older\n")))
    left = {path: path.read_bytes() for path in incoming.iterdir()}
    assert len(left) == 2
    assert repair(busy.root)
    die_at_step(step, lambda: write_two(busy))
    for path, content in left.items():
        path.write_bytes(content)
    repair_at_a_start(Repository.open(busy.root))
    assert_whole(busy, BUSY)
    assert not (incoming.parent / "saved").exists()


def test_a_start_removes_what_has_come_back_of_landings_that_are_through(busy: Repo) -> None:
    write_two(busy)
    state = busy.root / ".git/attune-registry"
    (state / "incoming/7").write_bytes(b"")
    (state / "journal").write_bytes(b"0123\n{")
    repair_at_a_start(Repository.open(busy.root))
    assert_whole(busy, BUSY)
    assert (state / "journal").read_bytes().startswith(b"\n")
