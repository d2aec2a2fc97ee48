"""What is asked for before the next snapshot is there is answered at once, where its pack is as it was."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from attune_registry import index_trail
from attune_registry.git.locks import INDEX_MARK
from attune_registry.git.object_writer import MadeTree
from attune_registry.git.trees import TreeChange
from attune_registry.landed import tell
from attune_registry.landed_note import Landing
from attune_registry.layout import Place
from attune_registry.line import Step
from attune_registry.registry import Registry
from attune_registry.snapshot import Snapshot
from attune_registry.writing import stage
from attune_registry.writing.landing import land
from attune_registry.writing.update import Update
from authors import ANN, creation
from gitrepo import Repo

FAR = "far.off"
# A folder changed later than this before it is looked at proves nothing (git/head.py).
OLD_SECONDS = 0.05


@pytest.fixture
def registry(repo: Repo) -> Registry:
    repo.workflow("demo.second")
    repo.workflow(FAR)
    repo.workflow("far.other")
    repo.write("packs/far/pack.yaml", "label: Far\nversion: 1.0.0\n")
    repo.commit("Two more")
    time.sleep(OLD_SECONDS)
    return Registry.open(repo.root)


def revision_for(registry: Registry, ref: str) -> str | None:
    """The commit under which a workflow is answered for before anything is caught up with."""
    assert registry.current() is None
    found: Snapshot | None = registry.settled(ref)
    return found.head.commit if found else None


def test_another_packs_workflow_needs_no_next_snapshot(repo: Repo, registry: Registry) -> None:
    for label in ("One", "Two", "Three"):
        repo.workflow("demo.first", label=label)
        head = repo.commit(label)
        assert revision_for(registry, FAR) == head
        assert revision_for(registry, "demo.first") is None
        assert revision_for(registry, "demo.second") is None
    asked = registry.settled(FAR)
    after = registry.refresh()
    assert asked is not None
    assert asked.revision == after.revision
    assert asked.find(Place("workflow", FAR)) == after.find(Place("workflow", FAR))


@pytest.mark.parametrize(
    "change",
    [
        lambda repo: repo.write("packs/far/pack.yaml", "label: Farther\nversion: 1.0.0\n"),
        lambda repo: repo.workflow("far.more"),
        lambda repo: repo.workflow(FAR, label="Other"),
        lambda repo: repo.write("packs/far/actions/a.yaml", "runner_type: noop\n"),
        lambda repo: repo.write("packs/Far/pack.yaml", "label: A rival\nversion: 1.0.0\n"),
        lambda repo: repo.write("registry/access.yaml", "principals: []\n"),
    ],
)
def test_what_may_concern_it_is_waited_for(repo: Repo, registry: Registry, change: Callable[[Repo], object]) -> None:
    change(repo)
    repo.commit("Change it")
    assert revision_for(registry, FAR) is None
    # Also when it was undone since: what is told of it (when it was changed) is another.
    repo.git("revert", "--no-edit", "HEAD")
    assert revision_for(registry, FAR) is None


def test_a_working_file_that_git_has_changed_is_not_missed(repo: Repo, registry: Registry) -> None:
    repo.workflow("demo.first", label="Changed")
    repo.commit("Change it")
    assert revision_for(registry, FAR) is not None
    repo.workflow(FAR, label="Saved")
    repo.git("add", "-A")
    repo.git("stash", "-q")
    repo.git("stash", "pop", "-q")
    assert revision_for(registry, FAR) is None
    assert "Saved" in registry.refresh().workflows.get(FAR).detail.decode()


def test_edits_make_another_revision_and_are_waited_for(repo: Repo, registry: Registry) -> None:
    path = repo.workflow("demo.first", label="Saved")
    registry.note([path])
    repo.workflow("demo.second", label="Changed")
    repo.git("commit", "-q", "-m", "Change it", "packs/demo/workflows/second.yaml")
    assert revision_for(registry, FAR) is None


@pytest.mark.parametrize("command", ["checkout -q -b other", "reset -q --hard HEAD~1"])
def test_another_branch_and_another_history_are_waited_for(repo: Repo, registry: Registry, command: str) -> None:
    repo.workflow("demo.first", label="Changed")
    repo.commit("Change it")
    registry.refresh()
    repo.git(*command.split())
    assert revision_for(registry, FAR) is None


def test_too_many_commits_are_waited_for(repo: Repo, registry: Registry) -> None:
    for number in range(16):
        repo.git("commit", "-q", "--allow-empty", "-m", str(number))
    assert revision_for(registry, FAR) is None


def test_what_other_workers_write_concerns_no_more_than_it_says(repo: Repo, registry: Registry) -> None:
    other = Registry.open(repo.root)
    land(other, [Update(Place("workflow", FAR), {"label": "Written"}, ANN)])
    registry.refresh()
    land(other, [Update(Place("workflow", "far.other"), {"label": "Written"}, ANN), creation("demo.new")])
    # Of the same pack, and of a file that the worker has written to since anybody looked at the folder.
    assert revision_for(registry, FAR) == other.snapshot.head.commit
    land(other, [Update(Place("workflow", FAR), {"label": "Again"}, ANN)])
    assert revision_for(registry, FAR) is None


def test_what_has_not_landed_is_looked_at_first(repo: Repo, registry: Registry) -> None:
    repo.workflow("demo.first", label="Changed")
    repo.commit("Change it")
    land(Registry.open(repo.root), [creation("demo.new")])
    path, lock = "packs/far/workflows/off.yaml", repo.root / ".git" / "index.lock"
    text = (repo.root / path).read_bytes()
    fresh = repo.root / "fresh.yaml"
    fresh.write_bytes(text.replace(b"label: off", b"label: Written"))
    step = Step("0" * 40, 1, [TreeChange(path, None, "1" * 40)])
    tell(registry.repository, Landing(repo.head(), [step], MadeTree(b"", {path: None}, {}), {}, {}))
    lock.write_bytes(INDEX_MARK)
    fresh.rename(repo.root / path)
    assert registry.refresh().edits == {}
    # The writer has died.
    lock.unlink()
    assert revision_for(registry, FAR) is None
    assert registry.refresh().edits.keys() == {path}


@pytest.mark.parametrize("moment", ["moved", "told", "replaced"])
def test_between_branch_and_index_of_a_writer_no_folder_needs_a_look(
    repo: Repo, registry: Registry, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    other = Registry.open(repo.root)
    land(other, [creation("demo.new")])
    registry.refresh()
    found: list[tuple[str | None, str | None]] = []

    def look(at: str) -> None:
        if at == moment:
            found.append((revision_for(registry, FAR), repo.head()))
            assert revision_for(registry, "demo.second") is None
            # What the writer was to change is in its place: nobody has to look again when the lock is gone.
            assert registry.refresh().edits == {}
            assert registry.current() is not None

    def leave_trail(*arguments: Any) -> None:
        index_trail.leave_trail(*arguments)
        look("told")

    def remember(*arguments: Any) -> None:
        look("replaced")
        stage.remember(*arguments)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a folder was looked at")

    monkeypatch.setattr(
        "attune_registry.writing.transaction.pause", lambda step: look("moved" if step == "ref" else "")
    )
    monkeypatch.setattr("attune_registry.writing.index_update.leave_trail", leave_trail)
    monkeypatch.setattr("attune_registry.writing.index_update.remember", remember)
    monkeypatch.setattr("attune_registry.folders.Folders.look", refuse)
    monkeypatch.setattr("attune_registry.untouched.is_as_known", refuse)
    land(other, [Update(Place("workflow", "demo.second"), {"label": "Written"}, ANN)])
    assert [asked for asked, _ in found] == [head for _, head in found] == [repo.head()]
    assert FAR in registry.refresh().workflows.refs
    assert registry.refresh().head.commit == repo.head()


def test_filtered_files_are_no_edits_while_their_index_is_to_come(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    path = repo.workflow("demo.second")
    repo.write(".gitattributes", "*.yaml text eol=crlf\n")
    repo.commit("Other line ends")
    (repo.root / path).unlink()
    repo.git("checkout", "--", path)
    assert b"\r\n" in (repo.root / path).read_bytes()
    time.sleep(OLD_SECONDS)
    registry, other = Registry.open(repo.root), Registry.open(repo.root)
    mine: list[bytes] = []
    seen: list[list[str]] = []

    def look(step: str) -> None:
        if step == "ref":
            for text in mine:
                (repo.root / path).write_bytes(text)
            # Once as a reader asks, once as the watcher tells of it.
            seen.append([*registry.refresh().edits, *registry.note([path]).edits])

    monkeypatch.setattr("attune_registry.writing.transaction.pause", look)
    land(other, [Update(Place("workflow", "demo.second"), {"label": "Written"}, ANN)])
    assert registry.refresh().edits == {}
    # Whoever edits the file just then is heard when the writer is done.
    mine.append(b"label: Mine\r\nversion: 1.0.0\r\n")
    land(other, [Update(Place("workflow", "demo.second"), {"label": "Again"}, ANN)])
    assert list(registry.refresh().edits) == [path]
    assert seen == [[], []]


def test_a_bare_repository_has_no_files_to_look_at(repo: Repo, registry: Registry) -> None:
    bare = Repo(repo.root.parent / "bare.git")
    repo.git("clone", "-q", "--bare", str(repo.root), str(bare.root))
    registry = Registry.open(bare.root)
    repo.workflow("demo.first", label="Changed")
    head = repo.commit("Change it")
    repo.git("push", "-q", str(bare.root), "HEAD")
    assert revision_for(registry, FAR) == head
    assert revision_for(registry, "demo.second") is None
    repo.write("packs/Far/pack.yaml", "label: A rival\nversion: 1.0.0\n")
    repo.commit("Add a rival")
    repo.git("push", "-q", str(bare.root), "HEAD")
    assert revision_for(registry, FAR) is None


def test_a_failure_loses_nothing_that_was_found(
    repo: Repo, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("The disk has failed.")

    repo.workflow(FAR, label="Saved")
    repo.git("stash", "-q")
    repo.git("stash", "pop", "-q")
    time.sleep(OLD_SECONDS)
    with monkeypatch.context() as patched:
        patched.setattr(registry.indexer, "advance", fail)
        with pytest.raises(OSError, match="disk"):
            registry.refresh()
    assert registry.refresh().edits.keys() == {"packs/far/workflows/off.yaml"}
