"""While some workflows are being read and checked, the others are answered for, and nothing stale is."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from attune_registry.git.locks import INDEX_MARK
from attune_registry.git.object_writer import MadeTree
from attune_registry.git.trees import TreeChange
from attune_registry.landed import tell
from attune_registry.landed_note import Landing
from attune_registry.layout import Place
from attune_registry.line import Step
from attune_registry.registry import Registry
from attune_registry.snapshot import Snapshot
from attune_registry.writing.landing import land
from attune_registry.writing.update import Update
from authors import ANN, creation
from gitrepo import Repo

Asking = Callable[[Callable[[], object]], None]
OTHER = "demo.second"


@pytest.fixture
def registry(repo: Repo) -> Registry:
    repo.workflow(OTHER)
    repo.workflow("far.off")
    repo.write("packs/far/pack.yaml", "label: Far\nversion: 1.0.0\n")
    repo.commit("Two more")
    time.sleep(0.05)
    return Registry.open(repo.root)


@pytest.fixture
def meanwhile(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> Asking:
    """Has something done while the next snapshot is being made."""
    genuine = registry.indexer.advance

    def do(what: Callable[[], object]) -> None:
        def advance(*arguments: Any) -> Snapshot:
            assert registry.current() is None
            what()
            return genuine(*arguments)

        monkeypatch.setattr(registry.indexer, "advance", advance)

    return do


def change(repo: Repo, path: str, text: str) -> None:
    repo.write(path, text)
    repo.commit("Change it")


def test_what_is_not_concerned_is_as_the_next_snapshot_has_it(
    repo: Repo, registry: Registry, meanwhile: Asking
) -> None:
    found: dict[str, Snapshot | None] = {}
    meanwhile(lambda: found.update({ref: registry.settled(ref) for ref in ("demo.first", OTHER, "far.off")}))
    repo.workflow("demo.first", label="Changed")
    repo.commit("Change it")
    after = registry.refresh()
    assert found.pop("demo.first") is None
    for ref, settled in found.items():
        assert settled is not None
        assert settled.revision == after.revision
        assert settled.find(Place("workflow", ref)) == after.find(Place("workflow", ref))


@pytest.mark.parametrize(
    ("path", "text", "settled"),
    [
        ("packs/demo/workflows/new.yaml", "label: New\n", {OTHER, "far.off"}),
        ("packs/demo/workflows/Second.yaml", "label: A rival\n", {"far.off"}),
        ("packs/Far/workflows/off.yaml", "label: A rival\n", {OTHER}),
        ("packs/demo/pack.yaml", "label: Demo\nversion: 9.9.9\n", {"far.off"}),
        ("packs/demo/actions/second.yaml", "runner_type: orquesta\nworkflow_file: workflows/x.yaml\n", {"far.off"}),
        ("packs/demo/actions/workflows/x.yaml", "version: 1.0\n", {"far.off"}),
        ("registry/config.yaml", "version: 1\n", set()),
        ("registry/access.yaml", "principals: []\n", set()),
        ("README.md", "Nothing that is served\n", {OTHER, "far.off"}),
    ],
)
def test_what_may_be_concerned_is_waited_for(
    repo: Repo, registry: Registry, meanwhile: Asking, path: str, text: str, settled: set[str]
) -> None:
    found: set[str] = set()
    meanwhile(lambda: found.update(ref for ref in (OTHER, "far.off") if registry.settled(ref)))
    change(repo, path, text)
    registry.refresh()
    assert found == settled


def test_what_happens_meanwhile_is_not_missed(repo: Repo, registry: Registry, meanwhile: Asking) -> None:
    found: list[Snapshot | None] = []

    def go_on() -> None:
        assert registry.settled("far.off") is not None
        repo.workflow("far.off", label="Changed, too")
        repo.git("commit", "-qam", "Go on")
        found.append(registry.settled("far.off"))

    meanwhile(go_on)
    repo.workflow("demo.first", label="Changed")
    repo.commit("Change it")
    registry.refresh()
    assert found == [None]


def test_what_other_workers_write_meanwhile_is_taken_along(repo: Repo, registry: Registry, meanwhile: Asking) -> None:
    found: dict[str, list[str | None]] = {"far.off": [], OTHER: [], "demo.new": []}

    def look() -> None:
        for ref, revisions in found.items():
            settled = registry.settled(ref)
            revisions.append(settled.head.commit if settled else None)

    def go_on() -> None:
        # Another worker, which has long caught up.
        other = Registry.open(repo.root)
        for write in (Update(Place("workflow", OTHER), {"label": "Written"}, ANN), creation("demo.new")):
            land(other, [write])
            look()

    meanwhile(go_on)
    repo.workflow("demo.first", label="Changed")
    changed = repo.commit("Change it")
    after = registry.refresh()
    written = repo.git("rev-parse", "HEAD~1", "HEAD").split()
    assert found == {"far.off": written, OTHER: [None, None], "demo.new": [written[0], None]}
    # What has come to be meanwhile is seen by the request after.
    assert after.head.commit == changed
    assert registry.refresh().head.commit == written[1]


@pytest.mark.parametrize(
    "command", ["checkout -q -- packs/far/workflows/off.yaml", "reset -q", "stash -q", "commit -qam x"]
)
def test_where_git_is_at_work_beside_other_workers_nothing_is_settled(
    repo: Repo, registry: Registry, meanwhile: Asking, command: str
) -> None:
    found: list[Snapshot | None] = []

    def go_on() -> None:
        repo.git(*command.split())
        land(Registry.open(repo.root), [creation("demo.new")])
        found.append(registry.settled(OTHER))

    repo.workflow("demo.first", label="Changed")
    repo.commit("Change it")
    repo.workflow("far.off", label="By hand")
    if command == "reset -q":
        repo.git("add", "packs/far/workflows/off.yaml")
    meanwhile(go_on)
    registry.refresh()
    assert found == [None]


@pytest.mark.parametrize(("content", "is_settled"), [(INDEX_MARK, True), (b"", False)])
def test_a_lock_of_the_registrys_own_is_no_git_at_work(
    repo: Repo, registry: Registry, meanwhile: Asking, content: bytes, is_settled: bool
) -> None:
    found: list[bool] = []
    meanwhile(lambda: found.append(registry.settled(OTHER) is not None))
    repo.workflow("demo.first", label="Changed")
    repo.commit("Change it")
    lock = repo.root / ".git" / "index.lock"
    lock.write_bytes(content)
    registry.refresh()
    lock.unlink()
    assert found == [is_settled]


def test_what_a_writer_is_putting_there_is_no_edit_and_looked_at_afterwards(repo: Repo, registry: Registry) -> None:
    path = "packs/far/workflows/off.yaml"
    repo.workflow("demo.first", label="Changed")
    head = repo.commit("Change it")
    lock, text = repo.root / ".git" / "index.lock", (repo.root / path).read_bytes()
    fresh = repo.root / "fresh.yaml"
    fresh.write_bytes(text.replace(b"label: off", b"label: Written"))
    tree = MadeTree(b"", {path: None}, {})
    tell(registry.repository, Landing(head, [Step("0" * 40, 1, [TreeChange(path, None, "1" * 40)])], tree, {}, {}))
    lock.write_bytes(INDEX_MARK)
    fresh.rename(repo.root / path)
    assert registry.refresh().edits == {}
    assert registry.refresh().edits == {}
    # It did not land; what is there now is for everybody to see.
    lock.unlink()
    assert list(registry.refresh().edits) == [path]


def test_after_a_failure_nothing_is_settled_of_what_was_read(repo: Repo, registry: Registry, meanwhile: Asking) -> None:
    def fail() -> None:
        raise OSError("The disk has failed.")

    meanwhile(fail)
    repo.workflow("demo.first", label="Changed")
    repo.commit("Change it")
    with pytest.raises(OSError, match="disk"):
        registry.refresh()
    assert registry.settled(OTHER) is None
