"""Every state a clone can be in: a write works, or is refused with a sentence that says what to do."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from writes import ANN, FIRST, NEW, SECOND, as_changes, assert_whole, in_child, write

from attune_registry.errors import Conflict, NotFound, RegistryError, Unavailable
from attune_registry.git.repository import Repository, UnusableRepository
from attune_registry.writing import lock
from attune_registry.writing.lock import WriteLock
from attune_registry.writing.transaction import Transaction
from gitrepo import Repo

NewRepo = Callable[[str], Repo]


def refusal(repo: Repo, path: str = NEW) -> RegistryError:
    """What a write is answered, having changed nothing."""
    before = (repo.head(), repo.git("status", "--porcelain=v2"), sorted((repo.root / ".git").rglob("*.lock")))
    with pytest.raises((Conflict, Unavailable)) as refused:
        write(repo.root, (path, "label: New\n"))
    after = (repo.head(), repo.git("status", "--porcelain=v2"), sorted((repo.root / ".git").rglob("*.lock")))
    assert [lock for lock in after[2] if lock.name != "write.lock"] == [
        lock for lock in before[2] if lock.name != "write.lock"
    ]
    assert after[:2] == before[:2]
    return refused.value


def test_a_detached_head_is_refused(repo: Repo) -> None:
    repo.git("checkout", "-q", "--detach")
    found = refusal(repo)
    assert found.code == "DETACHED_HEAD"
    assert "git switch" in found.message


@pytest.mark.parametrize("verb", ["merge", "rebase", "cherry-pick", "revert"])
def test_what_a_person_has_begun_is_named_with_its_way_out(repo: Repo, verb: str) -> None:
    repo.git("switch", "-q", "-c", "side")
    repo.write(FIRST, "label: Side\n")
    repo.commit()
    repo.git("switch", "-q", "main")
    repo.write(FIRST, "label: Main\n")
    repo.commit()
    if verb == "revert":
        repo.write(FIRST, "label: Again\n")
        repo.commit()
    repo.git(verb, "HEAD~1" if verb == "revert" else "side", check=False)
    found = refusal(repo)
    assert found.code == "GIT_AT_WORK"
    assert verb in found.message
    assert "--abort" in found.message


def test_an_index_with_conflicts_is_refused(repo: Repo) -> None:
    repo.write(FIRST, "label: Stashed\n")
    repo.git("stash", "-q")
    repo.write(FIRST, "label: Committed\n")
    repo.commit()
    repo.git("stash", "pop", check=False)
    found = refusal(repo)
    assert found.code == "UNMERGED_INDEX"
    assert "git add" in found.message


def test_an_empty_repository_gets_its_first_commit(new_repo: NewRepo) -> None:
    repo = new_repo("unborn")
    repo.write("staged.txt", "staged\n")
    repo.git("add", "staged.txt")
    made = write(repo.root, (NEW, "label: New\n"))
    assert repo.head() == made.commit
    assert repo.git("rev-list", "--count", "HEAD").strip() == "1"
    assert_whole(repo, "A  staged.txt\n")
    write(repo.root, (NEW, None))
    assert_whole(repo, "A  staged.txt\n")


def test_an_empty_repository_without_an_index(new_repo: NewRepo) -> None:
    repo = new_repo("unborn")
    write(repo.root, (NEW, "label: New\n"))
    assert_whole(repo)


def test_a_bare_repository_has_only_its_branch_moved(repo: Repo, tmp_path: Path) -> None:
    bare = Repo(tmp_path / "bare.git")
    repo.git("clone", "-q", "--bare", str(repo.root), str(bare.root))
    made = write(bare.root, (NEW, "label: New\n"))
    assert bare.git("rev-parse", "main").strip() == made.commit
    assert bare.git("show", f"main:{NEW}") == "label: New\n"
    assert not (bare.root / "index").exists()
    bare.git("fsck", "--full", "--strict")


def test_a_bare_repository_whose_branch_is_checked_out_elsewhere(repo: Repo, tmp_path: Path) -> None:
    bare = Repo(tmp_path / "bare.git")
    repo.git("clone", "-q", "--bare", str(repo.root), str(bare.root))
    bare.git("symbolic-ref", "HEAD", "refs/heads/other")
    bare.git("worktree", "add", "-q", str(tmp_path / "tree"), "main")
    bare.git("symbolic-ref", "HEAD", "refs/heads/main")
    with pytest.raises(Conflict) as refused:
        write(bare.root, (NEW, "label: New\n"))
    assert refused.value.code == "BRANCH_CHECKED_OUT"


def test_a_bare_repository_whose_branch_is_being_rebased_elsewhere(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.workflow("demo.first", label="Rebased")
    repo.commit()
    bare, tree = Repo(tmp_path / "bare.git"), Repo(tmp_path / "tree")
    repo.git("clone", "-q", "--bare", str(repo.root), str(bare.root))
    bare.git("symbolic-ref", "HEAD", "refs/heads/other")
    bare.git("worktree", "add", "-q", str(tree.root), "main")
    bare.git("symbolic-ref", "HEAD", "refs/heads/main")
    monkeypatch.setenv("GIT_SEQUENCE_EDITOR", "sed -i s/^pick/edit/")
    tree.git("rebase", "-q", "-i", "HEAD~1")
    with pytest.raises(Conflict) as refused:
        write(bare.root, (NEW, "label: New\n"))
    assert refused.value.code == "BRANCH_CHECKED_OUT"
    tree.git("rebase", "--abort")


def test_a_linked_worktree_is_written_and_the_main_one_left_alone(repo: Repo, tmp_path: Path) -> None:
    linked = Repo(tmp_path / "linked")
    repo.git("worktree", "add", "-q", "-b", "side", str(linked.root))
    before = repo.head()
    made = write(linked.root, (NEW, "label: New\n"), (SECOND, None))
    assert linked.head() == made.commit
    assert linked.git("symbolic-ref", "HEAD").strip() == "refs/heads/side"
    assert linked.status() == ""
    assert linked.git("reflog", "-1", "HEAD").startswith(made.commit[:7])
    assert repo.head() == before
    assert_whole(repo)


def test_a_shallow_clone(repo: Repo, tmp_path: Path) -> None:
    repo.write(FIRST, "label: Later\n")
    repo.commit()
    shallow = Repo(tmp_path / "shallow")
    repo.git("clone", "-q", "--depth=1", f"file://{repo.root}", str(shallow.root))
    write(shallow.root, (FIRST, "label: New\n"))
    assert_whole(shallow)
    shallow.git("push", "-q", "origin", "HEAD:refs/heads/pushed")


def test_packed_refs_and_objects(repo: Repo) -> None:
    repo.git("gc", "-q")
    assert not (repo.root / ".git/refs/heads/main").exists()
    write(repo.root, (FIRST, "label: New\n"))
    assert_whole(repo)
    repo.git("gc", "-q", "--prune=now")
    write(repo.root, (FIRST, "label: Newer\n"))
    assert_whole(repo)


@pytest.mark.parametrize("is_link", [True, False])
def test_files_and_git_data_in_folders_far_apart(repo: Repo, new_repo: NewRepo, is_link: bool) -> None:
    outer = new_repo("outer")
    place, data = repo.root / ".git", outer.root / "data"
    place.rename(data)
    if is_link:
        place.symlink_to(data)
    else:
        place.write_text(f"gitdir: {data}\n")
    for folder in (repo.root, repo.root / "packs/demo"):
        assert Repository.open(folder) == Repository(data, data, repo.root)
    write(repo.root, (NEW, "label: New\n"))
    assert_whole(repo)
    assert repo.git("show", f"HEAD:{NEW}") == "label: New\n"
    # From its data, nobody knows where the files are; where the data happens to be is not it.
    with pytest.raises(UnusableRepository, match="name the folder that the files are in"):
        Repository.open(data)


def test_a_submodule_is_a_repository_of_its_own(repo: Repo, new_repo: NewRepo) -> None:
    outer = new_repo("outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(repo.root), "inner")
    inner, data = Repo(outer.root / "inner"), outer.root / ".git/modules/inner"
    for folder in (inner.root, data):
        assert Repository.open(folder) == Repository(data, data, inner.root)
    write(inner.root, (NEW, "label: New\n"))
    assert_whole(inner)


def test_sha256_is_refused_at_the_start(tmp_path: Path) -> None:
    root = tmp_path / "sha256"
    root.mkdir()
    Repo(root).git("init", "-q", "--object-format=sha256")
    with pytest.raises(UnusableRepository, match="sha1"):
        Repository.open(root)


def test_a_repository_of_somebody_else_is_refused_with_the_way_in(repo: Repo) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give files away")
    os.chown(repo.root, 65534, 65534)
    os.chown(repo.root / ".git", 65534, 65534)
    with pytest.raises(UnusableRepository, match=r"safe\.directory") as refused:
        Repository.open(repo.root)
    assert "sha1" not in refused.value.message


def test_a_clone_with_a_history_of_its_own_is_refused_with_the_way_out(repo: Repo) -> None:
    repo.write("packs/demo/workflows/more.yaml", "label: More\n")
    child = repo.commit()
    grafts = repo.root / ".git/info/grafts"
    grafts.touch()
    Repository.open(repo.root)
    grafts.write_text(f"{child}\n")
    with pytest.raises(UnusableRepository, match=r"convert-graft-file"):
        Repository.open(repo.root)
    repo.git("replace", "--convert-graft-file")
    assert Repository.open(repo.root).handle()[child].parents


def test_variables_that_speak_of_another_repository_do_not_mislead(
    repo: Repo, new_repo: NewRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = new_repo("other")
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_COMMON_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.root))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other.root / ".git/objects"))
    monkeypatch.setenv("GIT_NAMESPACE", "elsewhere")
    for place in (repo.root, repo.root / ".git"):
        found = Repository.open(place)
        assert found == Repository(repo.root / ".git", repo.root / ".git", repo.root)
    write(repo.root, (NEW, "label: New\n"))
    monkeypatch.undo()
    assert_whole(repo)
    assert repo.git("show", f"HEAD:{NEW}") == "label: New\n"
    assert not (tmp_path / "index").exists()
    assert not (other.root / NEW).exists()


def test_a_running_git_command_is_waited_for_and_then_named(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "INDEX_SECONDS", 0.05)
    monkeypatch.setattr(lock.IndexLock.take, "__defaults__", (0.05,))
    held = repo.root / ".git/index.lock"
    held.touch()
    found = refusal(repo)
    assert (found.code, str(held) in found.message) == ("INDEX_LOCKED", True)
    held.unlink()
    write(repo.root, (NEW, "label: New\n"))


def test_a_locked_branch_leaves_everything_as_it_was(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attune_registry.git.refs._LOCK_SECONDS", 0.05)
    held = repo.root / ".git/refs/heads/main.lock"
    held.touch()
    found = refusal(repo, FIRST)
    assert (found.code, str(held) in found.message) == ("REF_LOCKED", True)
    held.unlink()
    assert_whole(repo)


def test_a_writer_that_does_not_end_is_not_waited_for_forever(repo: Repo) -> None:
    repository = Repository.open(repo.root)
    with WriteLock(repository), pytest.raises(Unavailable) as refused, WriteLock(repository, seconds=0.05):
        pass
    assert refused.value.code == "WRITE_LOCKED"
    assert in_child(lambda: os.close(WriteLock(repository).__enter__()._descriptor)) == 0


def moved_meanwhile(repo: Repo, move: Callable[[], object], *paths: str) -> None:
    """Something happens to the branch after a commit was made and before it lands."""
    repository = Repository.open(repo.root)
    with WriteLock(repository), Transaction.begin(repository) as transaction:
        changes = [(path, "label: Over HTTP\n") for path in paths or (FIRST, NEW)]
        transaction.commit(as_changes(*changes), ANN, "Change")
        move()
        with pytest.raises(Conflict) as refused:
            transaction.land()
    assert refused.value.code == "BRANCH_MOVED"
    assert not (repo.root / NEW).exists()
    assert "Over HTTP" not in (repo.root / FIRST).read_text()


def test_a_branch_that_moved_meanwhile(repo: Repo) -> None:
    other = repo.git("commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "By hand").strip()
    moved_meanwhile(repo, lambda: repo.git("update-ref", "refs/heads/main", other))
    assert repo.head() == other
    assert_whole(repo)


def test_another_branch_checked_out_meanwhile(repo: Repo) -> None:
    repo.git("branch", "other")
    moved_meanwhile(repo, lambda: repo.git("symbolic-ref", "HEAD", "refs/heads/other"))
    assert_whole(repo)


def test_a_branch_renamed_meanwhile(repo: Repo) -> None:
    moved_meanwhile(repo, lambda: repo.git("branch", "-m", "trunk"))
    assert_whole(repo)


def test_a_file_staged_meanwhile(repo: Repo) -> None:
    def stage() -> None:
        repo.write(FIRST, "label: By hand\n")
        repo.git("add", FIRST)

    moved_meanwhile(repo, stage)
    assert_whole(repo, f"M  {FIRST}\n")


def test_another_file_staged_meanwhile_does_not_matter(repo: Repo) -> None:
    repository = Repository.open(repo.root)
    with WriteLock(repository), Transaction.begin(repository) as transaction:
        transaction.commit(as_changes((NEW, "label: Over HTTP\n")), ANN, "Change")
        repo.write(FIRST, "label: By hand\n")
        repo.git("add", FIRST)
        transaction.land()
    assert_whole(repo, f"M  {FIRST}\n")


def test_git_commands_are_kept_out_only_while_a_write_lands(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    lock_file = repo.root / ".git/index.lock"

    def pause(step: str) -> None:
        if not lock_file.exists():
            repo.git("update-index", "--refresh")
            seen.append(step)

    monkeypatch.setattr("attune_registry.writing.transaction.pause", pause)
    monkeypatch.setattr("attune_registry.writing.checkout.pause", pause)
    write(repo.root, (FIRST, "label: Over HTTP\n"))
    assert seen == ["objects", "journal", "unlock"]
    assert_whole(repo)


@pytest.mark.parametrize(
    "settings",
    [
        ("update-index", "--index-version", "4"),
        ("update-index", "--split-index"),
        ("update-index", "--force-untracked-cache"),
        ("config", "index.skipHash", "true"),
        ("config", "core.sharedRepository", "group"),
    ],
)
def test_an_index_of_another_kind(repo: Repo, settings: tuple[str, ...]) -> None:
    repo.git(*settings)
    repo.write("staged.txt", "staged\n")
    repo.git("add", "staged.txt")
    write(repo.root, (FIRST, "label: Changed\n"), (NEW, "label: New\n"))
    write(repo.root, (NEW, None))
    assert_whole(repo, "A  staged.txt\n")


@pytest.mark.parametrize("version", ["2", "4"])
def test_a_file_left_out_by_a_sparse_checkout_stays_left_out(repo: Repo, version: str) -> None:
    repo.write("packs/other/pack.yaml", "label: Other\n")
    repo.commit()
    repo.git("update-index", "--index-version", version)
    repo.git("sparse-checkout", "set", "--no-cone", "/packs/other")
    assert not (repo.root / FIRST).exists()
    write(repo.root, (FIRST, "label: Changed\n"))
    assert not (repo.root / FIRST).exists()
    assert repo.git("show", f"HEAD:{FIRST}") == "label: Changed\n"
    assert_whole(repo)


@pytest.mark.parametrize("kind", [("--cone",), ("--cone", "--sparse-index"), ("--no-cone",)])
def test_what_a_sparse_checkout_leaves_out_from_now_on_is_written_at_once(repo: Repo, kind: tuple[str, ...]) -> None:
    repo.write("registry/config.yaml", "protect: false\n")
    repo.commit()
    write(repo.root, (FIRST, "label: Before\n"))
    repo.git("sparse-checkout", "set", *kind, "registry")
    assert not (repo.root / "packs").exists()
    write(repo.root, (FIRST, "label: Changed\n"))
    write(repo.root, (SECOND, None))
    assert repo.git("show", f"HEAD:{FIRST}") == "label: Changed\n"
    assert not (repo.root / "packs").exists()
    assert_whole(repo)
    repo.git("sparse-checkout", "disable")
    assert (repo.root / FIRST).read_text() == "label: Changed\n"
    assert not (repo.root / SECOND).exists()
    assert_whole(repo)


@pytest.mark.parametrize("how", ["autocrlf", "attribute", "ident", "filter"])
def test_a_file_with_other_bytes_in_the_working_tree(repo: Repo, how: str) -> None:
    if how == "autocrlf":
        repo.git("config", "core.autocrlf", "true")
    elif how == "filter":
        repo.git("config", "filter.shout.smudge", "tr a-z A-Z")
        repo.git("config", "filter.shout.clean", "tr A-Z a-z")
    attribute = {"attribute": "eol=crlf text", "ident": "ident", "filter": "filter=shout"}.get(how, "text=auto")
    repo.write(".gitattributes", f"*.yaml {attribute}\n")
    repo.commit()
    (repo.root / FIRST).unlink()
    repo.git("checkout", "-q", "--", FIRST)
    expected = {"ident": "# $Id:", "filter": "LABEL: NEW"}.get(how, "label: new\r\n")
    first_line = "# $Id$\n" if how == "ident" else "# some text\n"
    for text in (f"{first_line}label: new\n", f"{first_line}label: newer\nlabel: new\n"):
        write(repo.root, (FIRST, text), (NEW, text))
        assert repo.git("show", f"HEAD:{FIRST}") == text
        assert expected in (repo.root / NEW).read_bytes().decode()
        assert_whole(repo)
    repo.write(FIRST, (repo.root / FIRST).read_bytes() + b"# by hand\n")
    assert refusal(repo, FIRST).code == "UNCOMMITTED_EDITS"


@pytest.mark.parametrize("how", ["text=auto", "text", "autocrlf=input"])
def test_line_ends_that_only_the_working_tree_has_are_no_edits(repo: Repo, how: str) -> None:
    if how == "autocrlf=input":
        repo.git("config", "core.autocrlf", "input")
    else:
        repo.write(".gitattributes", f"* {how}\n")
    for path in (FIRST, SECOND):
        repo.write(path, b"label: by hand\r\nversion: 1.0.0\r\n")
    repo.commit()
    assert repo.git("show", f"HEAD:{FIRST}") == "label: by hand\nversion: 1.0.0\n"
    assert b"\r\n" in (repo.root / FIRST).read_bytes()
    assert_whole(repo)
    write(repo.root, (FIRST, "label: Changed\n"), (SECOND, None), (NEW, "label: New\n"))
    assert_whole(repo)
    # As git would check it out, here.
    assert (repo.root / FIRST).read_bytes() == b"label: Changed\n"
    repo.write(FIRST, b"label: Changed\r\n# by hand\r\n")
    assert refusal(repo, FIRST).code == "UNCOMMITTED_EDITS"


def test_a_branch_that_is_not_checked_out(repo: Repo) -> None:
    base = repo.head()
    repository = Repository.open(repo.root)
    repo.write(FIRST, "label: By hand\n")
    with WriteLock(repository):
        with Transaction.begin(repository, branch="proposals/x", base=base) as transaction:
            transaction.commit(as_changes((FIRST, "label: Proposed\n")), ANN, "Propose")
            transaction.land()
        with Transaction.begin(repository, branch="proposals/x") as transaction:
            made = transaction.commit(as_changes((NEW, "label: New\n")), ANN, "Propose more")
            transaction.land()
        with pytest.raises(Conflict, match="already"):
            Transaction.begin(repository, branch="proposals/x", base=base)
        with pytest.raises(NotFound):
            Transaction.begin(repository, branch="proposals/y")
        with pytest.raises(Conflict) as refused:
            Transaction.begin(repository, branch="main")
        assert refused.value.code == "BRANCH_CHECKED_OUT"
        for taken in ("proposals", "proposals/x/y"):
            transaction = Transaction.begin(repository, branch=taken, base=base)
            transaction.commit(as_changes((NEW, "label: New\n")), ANN, "In the way")
            with pytest.raises(Conflict) as refused:
                transaction.land()
            assert refused.value.code == "BRANCH_NAME_TAKEN"
    assert repo.git("rev-parse", "proposals/x").strip() == made.commit
    assert repo.git("rev-list", "--count", f"{base}..proposals/x").strip() == "2"
    assert repo.head() == base
    assert_whole(repo, f" M {FIRST}\n")


def test_a_merge_has_both_parents(repo: Repo) -> None:
    base = repo.head()
    repository = Repository.open(repo.root)
    with WriteLock(repository):
        with Transaction.begin(repository, branch="proposals/x", base=base) as transaction:
            proposed = transaction.commit(as_changes((NEW, "label: New\n")), ANN, "Propose")
            transaction.land()
        with Transaction.begin(repository) as transaction:
            changes = as_changes((NEW, "label: New\n"))
            transaction.commit(changes, ANN, "Merge", parents=(proposed.commit,))
            transaction.land()
    assert repo.git("log", "-1", "--format=%P").split() == [base, proposed.commit]
    assert_whole(repo)


def test_hooks_are_not_run(repo: Repo) -> None:
    for hook in ("pre-commit", "commit-msg", "reference-transaction", "post-index-change"):
        file = repo.write(f".git/hooks/{hook}", "#!/bin/sh\ntouch ran\nexit 1\n")
        file.chmod(0o755)
    write(repo.root, (NEW, "label: New\n"))
    assert not (repo.root / "ran").exists()


def test_a_damaged_index_is_refused_with_the_way_out(repo: Repo) -> None:
    index = repo.root / ".git/index"
    index.write_bytes(b"damage" + index.read_bytes()[6:])
    with pytest.raises(Unavailable, match="git reset") as refused:
        write(repo.root, (NEW, "label: New\n"))
    assert refused.value.code == "INDEX_UNUSABLE"
    index.unlink()
    repo.git("reset", "-q")
    write(repo.root, (NEW, "label: New\n"))
    assert_whole(repo)


def test_an_index_that_a_loss_of_power_has_blanked_is_made_anew(repo: Repo) -> None:
    index = repo.root / ".git/index"
    index.write_bytes(bytes(index.stat().st_size))
    repo.write(SECOND, "label: By hand\n")
    write(repo.root, (NEW, "label: New\n"))
    assert_whole(repo, f" M {SECOND}\n")
