"""A file that was seen in a folder that nobody had looked at, and that git took away with it, is nobody's edit."""

from attune_registry.registry import Registry
from attune_registry.writing.landing import land
from authors import creation
from gitrepo import Repo

SCHEMA = "registry/schemas/workflow.schema.json"


def test_an_edit_in_a_folder_that_git_has_taken_away_meanwhile_is_gone(repo: Repo) -> None:
    registry = Registry.open(repo.root)
    lock = repo.root / ".git/index.lock"
    lock.touch()
    repo.write(SCHEMA, "{}")
    assert registry.note([SCHEMA]).edits.keys() == {SCHEMA}
    (repo.root / SCHEMA).unlink()
    (repo.root / SCHEMA).parent.rmdir()
    lock.unlink()
    assert registry.refresh().edits == {}


def test_an_edit_that_is_still_there_when_git_is_done_stays(repo: Repo) -> None:
    registry = Registry.open(repo.root)
    lock = repo.root / ".git/index.lock"
    lock.touch()
    repo.write(SCHEMA, "{}")
    registry.note([SCHEMA])
    lock.unlink()
    assert registry.refresh().edits.keys() == {SCHEMA}
    assert registry.is_current()


def test_an_edit_in_a_new_folder_is_gone_when_git_has_taken_both_to_another_branch(repo: Repo) -> None:
    registry = Registry.open(repo.root)
    # From here on a writer has left the index, and nobody looks at folders for what is saved.
    land(registry, [creation("demo.one")])
    registry.rescan()
    repo.git("branch", "side")
    repo.git("symbolic-ref", "HEAD", "refs/heads/side")
    repo.workflow("other.first")
    registry.note(["packs/other/workflows/first.yaml"])
    assert registry.snapshot.edits.keys() == {"packs/other/workflows/first.yaml"}
    repo.commit("Add it there")
    repo.git("checkout", "-q", "main")
    assert registry.refresh().edits == {}
