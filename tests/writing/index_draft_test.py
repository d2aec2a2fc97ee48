"""The next index is made while the disk is at something else; what happens meanwhile to the one there is counts."""

import os
import time
from collections.abc import Callable, Sequence
from hashlib import sha1

import pytest
from writes import ANN, FIRST, NEW, SECOND, as_changes, assert_whole

from attune_registry.errors import Conflict
from attune_registry.git.index import IndexChange
from attune_registry.git.repository import Repository
from attune_registry.writing import index_draft, index_update
from attune_registry.writing.index_draft import IndexDraft
from attune_registry.writing.lock import WriteLock
from attune_registry.writing.stage import Stage
from attune_registry.writing.transaction import Transaction
from gitrepo import Repo
from privileges import no_power_over_files

Change = tuple[str, str | None]


@pytest.fixture
def drafts(monkeypatch: pytest.MonkeyPatch) -> list[IndexDraft | None]:
    """What was drafted, each time."""
    found: list[IndexDraft | None] = []
    genuine = index_draft.draft_index

    def note(repository: Repository, stage: Stage, changes: Sequence[IndexChange]) -> IndexDraft | None:
        found.append(genuine(repository, stage, changes))
        return found[-1]

    monkeypatch.setattr("attune_registry.writing.checkout.draft_index", note)
    monkeypatch.setattr(index_update, "draft_index", note)
    return found


@pytest.mark.parametrize("version", ["2", "4"])
def test_an_index_that_nobody_may_write_to_is_replaced_as_git_does(repo: Repo, version: str) -> None:
    repo.git("update-index", "--index-version", version)
    (repo.root / ".git/index").chmod(0o444)
    with no_power_over_files():
        land(repo, (FIRST, "label: Changed\n"))
        land(repo, (NEW, "label: New\n"))
    assert_whole(repo)


def land(repo: Repo, *changes: Change, meanwhile: Callable[[], object] = lambda: None) -> None:
    """Changes in one landing; something happens before the index is drafted."""

    def work() -> None:
        meanwhile()

    repository = Repository.open(repo.root)
    with WriteLock(repository), Transaction.begin(repository) as begun:
        begun.commit(as_changes(*changes), ANN, "Change it")
        begun.land(work)


def stat_of_entry(repo: Repo, path: str) -> dict[str, str]:
    said = repo.git("ls-files", "--debug", "--", path).splitlines()[1:]
    return dict(part.split(": ", 1) for line in said for part in line.strip().split("\t"))


def assert_known(repo: Repo, path: str) -> None:
    """git need not read the file: what the index says of it is what it is."""
    entry, found = stat_of_entry(repo, path), (repo.root / path).stat()
    assert entry["mtime"] == "{}:{}".format(*divmod(found.st_mtime_ns, 10**9))
    assert entry["ctime"] == "{}:{}".format(*divmod(found.st_ctime_ns, 10**9))
    assert (entry["ino"], entry["size"]) == (str(found.st_ino & 0xFFFFFFFF), str(found.st_size))


def assert_summed(repo: Repo) -> None:
    """The sum at its end is that of the index: git looks at it in `git fsck --cache` alone."""
    index = (repo.root / ".git/index").read_bytes()
    assert index[-20:] == sha1(index[:-20], usedforsecurity=False).digest()


def test_it_is_made_once_and_tells_what_the_files_are_in_the_end(repo: Repo, drafts: list[IndexDraft | None]) -> None:
    for number in range(3):
        land(repo, (FIRST, f"label: {number}\n"), (f"packs/demo/workflows/a{number}.yaml", "label: A\n"))
        assert_known(repo, FIRST)
        assert_known(repo, f"packs/demo/workflows/a{number}.yaml")
        assert_summed(repo)
    land(repo, (FIRST, None), (SECOND, "label: Second\n"))
    assert_known(repo, SECOND)
    assert FIRST not in repo.git("ls-files")
    # Once for each index, and again only where a file was written in the second before the draft.
    made = [(draft.identity, draft.written_at // 10**9) for draft in drafts if draft is not None]
    assert len(made) == len(drafts) == len(set(made))
    assert len({identity for identity, _ in made}) == 4
    assert_whole(repo)


def test_what_a_person_stages_after_the_draft_is_kept(
    repo: Repo, drafts: list[IndexDraft | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.write("notes.txt", "mine\n")
    genuine = Transaction._while_flushing

    def stage_after(transaction: Transaction, meanwhile: Callable[[], None]) -> Callable[[], None]:
        def work() -> None:
            genuine(transaction, meanwhile)()
            repo.git("add", "notes.txt")

        return work

    monkeypatch.setattr(Transaction, "_while_flushing", stage_after)
    land(repo, (NEW, "label: New\n"))
    assert len(drafts) == 2
    assert repo.status() == "A  notes.txt\n"
    assert NEW in repo.git("ls-files")
    assert_known(repo, NEW)


def test_one_that_a_person_replaces_before_it_is_read_is_no_draft(repo: Repo, drafts: list[IndexDraft | None]) -> None:
    repo.write("notes.txt", "mine\n")
    land(repo, (NEW, "label: New\n"), meanwhile=lambda: repo.git("add", "notes.txt"))
    assert drafts[0] is None
    assert drafts[1] is not None
    assert repo.status() == "A  notes.txt\n"


def test_a_person_who_stages_the_file_itself_comes_first(repo: Repo) -> None:
    def stage() -> None:
        repo.write(FIRST, "label: Mine\n")
        repo.git("add", FIRST)

    with pytest.raises(Conflict):
        land(repo, (FIRST, "label: Theirs\n"), meanwhile=stage)
    assert repo.git("show", f":{FIRST}") == "label: Mine\n"
    assert "Theirs" not in repo.git("log", "-p")


def test_a_second_that_ends_in_between_costs_another_one(
    repo: Repo, drafts: list[IndexDraft | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which other entries are racy is told by the second that an index is of (racy-git.txt)."""
    genuine = time.time_ns
    monkeypatch.setattr(index_draft.time, "time_ns", lambda: genuine() + 10**9)
    land(repo, (FIRST, "label: Later\n"))
    assert len(drafts) == 2
    assert_whole(repo)


def test_an_edit_right_after_the_file_was_swapped_in_shows(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the same size, in the same moment: only an index that is not younger has git look at what is in the file."""
    settled = IndexDraft.settled

    def edit_first(draft: IndexDraft, changes: Sequence[IndexChange]) -> object:
        found = settled(draft, changes)
        file = repo.root / FIRST
        before = file.stat()
        file.write_text("label: Mine\n")
        os.utime(file, ns=(before.st_mtime_ns, before.st_mtime_ns))
        return found

    monkeypatch.setattr(IndexDraft, "settled", edit_first)
    land(repo, (FIRST, "label: That\n"))
    assert repo.status() == f" M {FIRST}\n"


def test_an_index_that_only_git_can_change_is_changed_by_git(repo: Repo, drafts: list[IndexDraft | None]) -> None:
    repo.git("update-index", "--split-index")
    land(repo, (FIRST, "label: Split\n"))
    assert set(drafts) == {None}
    assert_whole(repo)


def test_an_edit_in_the_second_of_a_landing_still_shows_after_the_next(repo: Repo) -> None:
    """Stat data of whole seconds cannot tell it; an index of a later second would vouch for the file."""
    land(repo, (FIRST, "label: That\n"))
    file = repo.root / FIRST
    before = file.stat()
    file.write_text("label: Mine\n")
    os.utime(file, ns=(before.st_mtime_ns, before.st_mtime_ns))
    time.sleep(1 - time.time() % 1 + 0.01)
    land(repo, (SECOND, "label: Second\n"))
    assert repo.status() == f" M {FIRST}\n"
