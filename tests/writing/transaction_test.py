"""What a transaction leaves behind: commits, clean status, and everything of other people's."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from writes import ANN, FIRST, NEW, write

from attune_registry.errors import Conflict, NotFound
from attune_registry.git.objects import FileChange
from attune_registry.git.repository import Repository
from attune_registry.writing import swap
from attune_registry.writing.lock import WriteLock
from attune_registry.writing.transaction import Transaction
from gitrepo import Repo
from in_process import Api
from privileges import no_power_over_files


def test_a_new_file_is_one_commit_and_the_status_is_clean(repo: Repo) -> None:
    before = repo.head()
    made = write(repo.root, (NEW, "label: New\n"))
    assert repo.head() == made.commit
    assert repo.git("log", "-1", "--format=%P %an %ae %cn %s").strip() == (
        f"{before} Ann Author ann@example.com attune-registry Change it"
    )
    assert repo.git("show", "--stat=200", "--format=", "HEAD").split()[0] == NEW
    assert (repo.root / NEW).read_text() == "label: New\n"
    assert repo.status() == ""
    repo.git("fsck", "--full", "--strict")


def test_a_changed_file_keeps_its_mode_and_its_neighbours(repo: Repo) -> None:
    os.chmod(repo.root / FIRST, 0o744)
    repo.commit("Make it executable")
    write(repo.root, (FIRST, "label: Changed\n"))
    assert repo.git("ls-tree", "HEAD", FIRST).startswith("100755")
    assert os.stat(repo.root / FIRST).st_mode & 0o777 == 0o744
    assert repo.status() == ""
    assert repo.git("diff", "--name-only", "HEAD~1").split() == [FIRST]


def test_a_deletion_removes_folders_that_are_empty_then(repo: Repo) -> None:
    write(repo.root, ("packs/other/workflows/only.yaml", "label: Only\n"))
    write(repo.root, ("packs/other/workflows/only.yaml", None))
    assert not (repo.root / "packs/other").exists()
    assert (repo.root / "packs").is_dir()
    assert repo.status() == ""
    repo.git("fsck", "--full", "--strict")


def test_sixteen_commits_land_as_one_linear_history(repo: Repo) -> None:
    repository = Repository.open(repo.root)
    before = repo.head()
    with WriteLock(repository), Transaction.begin(repository) as transaction:
        for number in range(16):
            path = f"packs/demo/workflows/w{number % 5}.yaml"
            transaction.commit([FileChange(path, f"label: {number}\n".encode())], ANN, f"Write {number}")
        assert repo.head() == before
        transaction.land()
    assert repo.git("rev-list", "--count", f"{before}..HEAD").strip() == "16"
    assert (repo.root / "packs/demo/workflows/w0.yaml").read_text() == "label: 15\n"
    assert repo.status() == ""
    assert len(repo.git("reflog").splitlines()) == 2


def test_what_is_not_landed_never_was(repo: Repo) -> None:
    before = repo.head()
    repository = Repository.open(repo.root)
    with WriteLock(repository), Transaction.begin(repository) as transaction:
        transaction.commit([FileChange(NEW, b"x: 1\n")], ANN, "Not this one")
    assert repo.head() == before
    assert repo.status() == ""
    assert not (repo.root / ".git/index.lock").exists()


def test_the_date_never_goes_back(repo: Repo) -> None:
    later = int(time.time()) + 5000
    repo.write("x.txt", "x")
    repo.commit("From a clock that is ahead", date=later)
    assert write(repo.root, (NEW, "a: 1\n")).date == later


def test_edits_and_staged_changes_of_other_files_stay_as_they_are(repo: Repo) -> None:
    second = "packs/demo/workflows/second.yaml"
    repo.write(second, "label: staged\n")
    repo.git("add", second)
    repo.write(second, "label: edited after staging\n")
    repo.write("notes.txt", "untracked\n")
    repo.write("staged.txt", "new and staged\n")
    repo.git("add", "staged.txt")
    before = repo.status()
    write(repo.root, (NEW, "label: New\n"))
    write(repo.root, (FIRST, "label: Changed\n"))
    assert repo.status() == before
    assert repo.git("show", f":{second}") == "label: staged\n"
    assert (repo.root / second).read_text() == "label: edited after staging\n"


@pytest.mark.parametrize("kind", ["edited", "staged", "staged and undone", "deleted", "untracked", "mode", "link"])
def test_a_file_a_person_is_at_work_on_is_refused_and_kept(repo: Repo, kind: str) -> None:
    path = repo.root / FIRST
    target = FIRST
    text = path.read_text()
    if kind in ("edited", "staged", "staged and undone"):
        path.write_text("label: by hand\n")
    if kind.startswith("staged"):
        repo.git("add", FIRST)
    if kind == "staged and undone":
        path.write_text(text)
    if kind == "deleted":
        path.unlink()
    if kind == "untracked":
        target = NEW
        repo.write(NEW, "label: by hand\n")
    if kind == "mode":
        path.chmod(0o755)
    if kind == "link":
        path.unlink()
        path.symlink_to("second.yaml")
    before = (repo.head(), repo.status())
    with pytest.raises(Conflict) as refused:
        write(repo.root, (target, "label: Over HTTP\n"))
    assert refused.value.code == ("PATH_IN_THE_WAY" if kind == "link" else "UNCOMMITTED_EDITS")
    assert (repo.head(), repo.status()) == before


@pytest.mark.parametrize("kind", ["content", "mode"])
def test_the_way_out_for_edits_that_git_was_told_to_skip_works(repo: Repo, kind: str) -> None:
    repo.git("update-index", "--skip-worktree", FIRST)
    (repo.root / FIRST).chmod(0o755) if kind == "mode" else repo.write(FIRST, "label: by hand\n")
    with pytest.raises(Conflict) as refused:
        write(repo.root, (FIRST, "label: Over HTTP\n"))
    assert refused.value.code == "UNCOMMITTED_EDITS"
    for command in (f"git update-index --no-skip-worktree {FIRST}", f"git restore --staged --worktree {FIRST}"):
        assert f"'{command}'" in refused.value.message
        repo.git(*command.split()[1:])
    write(repo.root, (FIRST, "label: Over HTTP\n"))
    assert repo.status() == ""


@pytest.mark.parametrize("is_noticed", [True, False])
def test_a_file_that_may_not_be_read_is_not_said_to_be_edited(repo: Repo, is_noticed: bool) -> None:
    (repo.root / FIRST).chmod(0)
    with no_power_over_files():
        if is_noticed:
            api = Api(repo.root)  # with threads of its own, that have no more power than this one
            refused = api.put("/api/v1/workflows/demo.first", {"label": "Over HTTP"})
            assert (refused.status_code, refused.json()["code"]) == (409, "UNCOMMITTED_EDITS")
            said = refused.json()["error"]
            api.close()
        else:
            with pytest.raises(Conflict) as raised:
                write(repo.root, (FIRST, "label: Over HTTP\n"))
            said = raised.value.message
    assert "can be read" in said
    assert f"chmod u+r {FIRST}" in said


def test_the_rest_of_a_group_lands_when_one_is_refused(repo: Repo) -> None:
    repo.write(FIRST, "label: by hand\n")
    repository = Repository.open(repo.root)
    with WriteLock(repository), Transaction.begin(repository) as transaction:
        transaction.commit([FileChange(NEW, b"a: 1\n")], ANN, "One")
        with pytest.raises(Conflict):
            transaction.commit([FileChange(FIRST, b"a: 2\n")], ANN, "Two")
        with pytest.raises(NotFound):
            transaction.commit([FileChange("packs/demo/gone.yaml", None)], ANN, "Three")
        transaction.commit([FileChange(NEW, b"a: 4\n")], ANN, "Four")
        transaction.land()
    assert repo.git("log", "-2", "--format=%s").split() == ["Four", "One"]
    assert repo.status() == f" M {FIRST}\n"


def test_links_in_the_way_are_never_followed(repo: Repo, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (repo.root / "packs/linked").symlink_to(outside)
    with pytest.raises(Conflict) as refused:
        write(repo.root, ("packs/linked/pack.yaml", "label: x\n"))
    assert refused.value.code == "PATH_IN_THE_WAY"
    assert list(outside.iterdir()) == []
    repo.commit("Even when it is committed")
    with pytest.raises(Conflict) as refused:
        write(repo.root, ("packs/linked/pack.yaml", "label: x\n"))
    assert refused.value.code == "PATH_IN_THE_WAY"


def test_a_person_saving_in_the_moment_of_the_swap_loses_nothing(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = swap.exchange
    calls = []

    def save_then_exchange(*arguments: Any) -> bool:
        if not calls:
            calls.append(1)
            repo.write(FIRST, "label: saved just now\n")
        return genuine(*arguments)

    monkeypatch.setattr(swap, "exchange", save_then_exchange)
    before = repo.head()
    with pytest.raises(Conflict) as refused:
        write(repo.root, (NEW, "label: New\n"), (FIRST, "label: Over HTTP\n"))
    assert refused.value.code == "BRANCH_MOVED"
    assert repo.head() == before
    assert (repo.root / FIRST).read_text() == "label: saved just now\n"
    assert repo.status() == f" M {FIRST}\n"


def test_a_file_deleted_and_made_again_in_one_landing_is_a_new_one(repo: Repo) -> None:
    os.chmod(repo.root / FIRST, 0o744)
    repo.commit("Make it executable")
    repository = Repository.open(repo.root)
    with WriteLock(repository), Transaction.begin(repository) as transaction:
        transaction.commit([FileChange(FIRST, None)], ANN, "Delete")
        transaction.commit([FileChange(FIRST, b"label: Again\n")], ANN, "Make again")
        transaction.land()
    assert repo.git("ls-tree", "HEAD", FIRST).startswith("100644")
    assert repo.status() == ""
    repo.git("fsck", "--full", "--strict")
