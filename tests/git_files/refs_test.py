"""A branch moves as git moves it: compared, locked, logged; a dead mover's lock is known."""

from collections.abc import Callable

import pytest

from attune_registry.errors import Conflict
from attune_registry.git.head import read_head
from attune_registry.git.refs import BranchMove, remove_stale_lock
from attune_registry.git.repository import Repository
from gitrepo import Repo


def child_of(repo: Repo, parent: str = "HEAD") -> str:
    return repo.git("commit-tree", "HEAD^{tree}", "-p", parent, "-m", "Next").strip()


def move(repo: Repo, branch: str, old: str | None, new: str) -> None:
    repository = Repository.open(repo.root)
    repository.state_folder.mkdir(exist_ok=True)
    mover = BranchMove(repository, branch, old, new, "a message\nof two lines")
    mover.prepare()
    mover.move(lambda: read_head(repository))


def test_it_is_in_both_reflogs(repo: Repo) -> None:
    old, new = repo.head(), child_of(repo)
    move(repo, "main", old, new)
    assert repo.head() == new
    for ref in ("HEAD", "main"):
        line = repo.git("reflog", "show", "-1", "--format=%H %gs", ref).strip()
        assert line == f"{new} a message of two lines"
    assert repo.git("rev-parse", "main@{1}").strip() == old


@pytest.mark.parametrize("setting", ["false", "true", "always"])
def test_reflogs_are_made_as_git_is_told(new_repo: Callable[[str], Repo], setting: str) -> None:
    repo = new_repo("logs")
    repo.git("config", "core.logAllRefUpdates", setting)
    first = repo.git("commit-tree", "-m", "First", repo.git("mktree", stdin="").strip()).strip()
    move(repo, "main", None, first)
    assert (repo.root / ".git/logs/refs/heads/main").exists() == (setting != "false")


@pytest.mark.parametrize("setting", ["false", "true"])
def test_empty_folders_in_the_place_of_a_reflog_go(repo: Repo, setting: str) -> None:
    repo.git("config", "core.logAllRefUpdates", setting)
    log = repo.root / ".git/logs/refs/heads/main"
    log.unlink()
    (log / "gone/long ago").mkdir(parents=True)
    new = child_of(repo)
    move(repo, "main", repo.head(), new)
    assert repo.head() == new
    assert log.is_file() == (setting == "true")


def test_a_packed_branch_is_compared_and_moved(repo: Repo) -> None:
    repo.git("pack-refs", "--all")
    old, new = repo.head(), child_of(repo)
    with pytest.raises(Conflict, match="moved"):
        move(repo, "main", new, old)
    move(repo, "main", old, new)
    assert repo.head() == new


def test_a_branch_is_made_only_where_none_is(repo: Repo) -> None:
    head = repo.head()
    move(repo, "a/b", None, head)
    with pytest.raises(Conflict):
        move(repo, "a/b", None, head)
    repo.git("pack-refs", "--all")
    for name in ("a", "a/b/c"):
        with pytest.raises(Conflict) as refused:
            move(repo, name, None, head)
        assert refused.value.code == "BRANCH_NAME_TAKEN"
    repo.git("branch", "-D", "a/b")
    (repo.root / ".git/refs/heads/a/empty").mkdir(parents=True, exist_ok=True)
    move(repo, "a", None, head)
    assert repo.git("rev-parse", "a").strip() == head


def test_only_the_lock_of_this_very_move_is_stale(repo: Repo) -> None:
    repository = Repository.open(repo.root)
    new = child_of(repo)
    lock = repo.root / ".git/refs/heads/main.lock"
    for content in ("", repo.head() + "\n"):
        lock.write_text(content)
        remove_stale_lock(repository, "main", new)
        assert lock.exists()
    lock.write_text(new + "\n")
    remove_stale_lock(repository, "main", new)
    assert not lock.exists()


def test_the_next_move_never_writes_into_a_ref(repo: Repo) -> None:
    """After a crash between locking and moving, the prepared value is another name of the lock."""
    repository = Repository.open(repo.root)
    old, new = repo.head(), child_of(repo)
    repository.state_folder.mkdir(exist_ok=True)
    prepared = BranchMove(repository, "main", old, new, "m").prepare()
    (repo.root / ".git/refs/heads/main").unlink()
    (repo.root / ".git/refs/heads/main").hardlink_to(prepared)
    BranchMove(repository, "main", new, old, "m").prepare()
    assert repo.head() == new
