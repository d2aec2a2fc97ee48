"""Other workers are told what was written, and know the same as those who look for themselves."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from writes import Before, everything

from attune_registry import landed, line
from attune_registry.chunk import Chunk
from attune_registry.errors import Unavailable
from attune_registry.git.object_writer import MadeTree
from attune_registry.landed_note import Note
from attune_registry.layout import Place
from attune_registry.line import Line, Step, follow
from attune_registry.registry import Registry
from attune_registry.shelf import Shelf
from attune_registry.snapshot import Snapshot
from attune_registry.writing.deletion import Deletion
from attune_registry.writing.landing import land
from attune_registry.writing.update import Update
from authors import ANN, creation
from gitrepo import Repo

FIRST = Place("workflow", "demo.first")


def rows(known: Line) -> list[tuple[str, int, tuple[str, ...], list[object]]]:
    """All that a line says."""
    return [
        (*known.commit_at(at), known.paths_at(at), [known.touches(path) for path in known.paths_at(at)])
        for at in range(known.length)
    ]


def note_of(registry: Registry) -> Path:
    return registry.repository.state_folder / "landed"


def write_some(registry: Registry, name: str) -> None:
    land(registry, [creation(f"demo.{name}"), Update(FIRST, {"label": name}, ANN), creation(f"demo.{name}_too")])


def test_what_is_told_is_what_the_trees_say(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    writer, other = Registry.open(repo.root), Registry.open(repo.root)
    for name in ("one", "two"):
        write_some(writer, name)
    land(writer, [Deletion(Place("workflow", "demo.one"), ANN)])
    with monkeypatch.context() as blind:
        blind.setattr(line, "walk", lambda *_: pytest.fail("the trees were compared"))
        caught_up = other.refresh()
    alone = follow(other.repository, Line(), repo.head()).line
    assert rows(caught_up.line) == rows(alone) == rows(writer.snapshot.line)
    assert caught_up.revision == writer.snapshot.revision
    assert list(caught_up.workflows.refs) == list(Registry.open(repo.root).snapshot.workflows.refs)


@pytest.mark.parametrize("damage", ["gone", "half", "changed", "empty"])
def test_without_a_note_nothing_is_missed(repo: Repo, damage: str) -> None:
    writer, other = Registry.open(repo.root), Registry.open(repo.root)
    write_some(writer, "one")
    note = note_of(writer)
    landed._last_read.clear()  # as in another process
    raw = note.read_bytes()
    if damage == "gone":
        note.unlink()
    else:
        note.write_bytes({"half": raw[: len(raw) // 2], "changed": raw.replace(b"one", b"two"), "empty": b""}[damage])
    assert rows(other.refresh().line) == rows(writer.snapshot.line)


def test_a_record_told_that_is_none_does_no_harm(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    writer, other = Registry.open(repo.root), Registry.open(repo.root)
    genuine = landed.tell
    bad = {"0" * 32: b"no record"}
    monkeypatch.setattr(
        "attune_registry.writing.landing.tell",
        lambda repository, landing: genuine(repository, landing._replace(records=bad)),
    )
    write_some(writer, "one")
    assert other.refresh().revision == writer.snapshot.revision


def test_commits_of_people_in_between_are_seen(repo: Repo) -> None:
    writer, other = Registry.open(repo.root), Registry.open(repo.root)
    write_some(writer, "one")
    repo.workflow("demo.first", label="By hand")
    repo.git("commit", "-qam", "By hand")
    write_some(writer, "two")
    assert rows(other.refresh().line) == rows(follow(other.repository, Line(), repo.head()).line)
    repo.git("reset", "-q", "--hard", "HEAD~4")
    assert rows(other.refresh().line) == rows(follow(other.repository, Line(), repo.head()).line)


def test_what_is_foreseen_is_what_comes(repo: Repo, before_landing: Before, monkeypatch: pytest.MonkeyPatch) -> None:
    writer, other = Registry.open(repo.root), Registry.open(repo.root)
    foreseen: list[bool] = []
    before_landing(lambda: foreseen.append(other.foresee()))
    for name in ("one", "two"):
        write_some(writer, name)
        with monkeypatch.context() as blind:
            blind.setattr(other.indexer, "advance", lambda *_: pytest.fail("made again"))
            other.refresh()
        assert everything(other) == everything(writer) == everything(Registry.open(repo.root))
    calls = [{"name": "call", "action": "demo.no_such"}]
    land(writer, [Update(FIRST, {"definition": {"tasks": calls}}, ANN), Deletion(Place("workflow", "demo.two"), ANN)])
    other.refresh()
    assert everything(other) == everything(writer) == everything(Registry.open(repo.root))
    assert foreseen == [True, True, True]


def test_what_does_not_come_was_never_there(
    repo: Repo, before_landing: Before, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, other = Registry.open(repo.root), Registry.open(repo.root)
    served = everything(other)

    def fail() -> None:
        assert other.foresee()
        raise Unavailable("The disk is full.")

    before_landing(fail)
    with pytest.raises(Unavailable):
        write_some(writer, "one")
    other.refresh()
    assert everything(other) == served
    before_landing(other.foresee)
    write_some(writer, "two")
    repo.workflow("demo.first", label="By hand")
    other.note(["packs/demo/workflows/first.yaml"])
    assert everything(other) == everything(Registry.open(repo.root))
    repo.git("restore", ".")
    write_some(writer, "three")
    other.note(["packs/demo/workflows/first.yaml"])
    assert everything(other) == everything(Registry.open(repo.root))


def test_what_the_next_landing_tells_has_the_records_of_the_last_one(
    repo: Repo, before_landing: Before, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, other = Registry.open(repo.root), Registry.open(repo.root)

    def catch_up() -> None:
        with monkeypatch.context() as blind:
            blind.setattr("attune_registry.maker.make_record", lambda *_: pytest.fail("checked once more"))
            other.refresh()

    with writer.cache.gathering():  # nothing is on disk yet
        write_some(writer, "one")
        before_landing(catch_up)
        write_some(writer, "two")
    assert "demo.one" in other.snapshot.workflows
    assert "demo.two" not in other.snapshot.workflows


def test_more_is_coming_from_when_it_is_told_until_it_is_there(repo: Repo, before_landing: Before) -> None:
    writer, other = Registry.open(repo.root), Registry.open(repo.root)
    assert not other.is_more_coming()
    told: list[bool] = []
    before_landing(lambda: told.append(other.is_more_coming()))
    write_some(writer, "one")
    assert told == [True]
    assert not other.is_more_coming()


def test_who_reads_each_note_knows_the_way_from_further_back(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """A note has some twenty steps; a worker that is not asked for a while misses more."""
    writer, begun = Registry.open(repo.root), repo.head()
    its_memory: dict[str, tuple[bytes, Note]] = {}
    for number in range(40):
        land(writer, [Update(FIRST, {"label": f"{number}"}, ANN)])
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(landed, "_last_read", its_memory)
            landed.keep_up(writer.repository)
    for memory, steps in ((its_memory, 40), ({}, None)):
        monkeypatch.setattr(landed, "_last_read", memory)
        way = landed.told(writer.repository, begun, repo.head())
        assert (way and len(way.steps)) == steps


def test_what_somebody_else_has_put_in_between_ends_the_way(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    writer, begun = Registry.open(repo.root), repo.head()
    its_memory: dict[str, tuple[bytes, Note]] = {}

    def write_and_read(name: str) -> None:
        land(writer, [creation(name)])
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(landed, "_last_read", its_memory)
            landed.keep_up(writer.repository)

    write_and_read("demo.one")
    repo.workflow("demo.second", label="By hand")
    repo.commit("By hand")
    write_and_read("demo.two")
    monkeypatch.setattr(landed, "_last_read", its_memory)
    assert landed.told(writer.repository, begun, repo.head()) is None


def test_what_was_told_is_told_from_what_a_person_does(repo: Repo) -> None:
    registry = Registry.open(repo.root)
    path, other = "packs/demo/workflows/first.yaml", "packs/demo/workflows/second.yaml"
    assert not landed.has_told(registry.repository, [path])
    land(registry, [Update(FIRST, {"label": "Told"}, ANN)])
    assert landed.has_told(registry.repository, [])
    assert landed.has_told(registry.repository, [path])
    assert not landed.has_told(registry.repository, [path, other])
    repo.workflow("demo.first", label="Saved by hand")
    assert not landed.has_told(registry.repository, [path])
    repo.commit("By hand")
    assert not landed.has_told(registry.repository, [])


@pytest.fixture
def rubbish() -> Iterator[list[object]]:
    """What refers to itself and nobody has any more, once it was looked for."""
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    yield gc.garbage
    gc.set_debug(0)
    gc.garbage.clear()
    gc.enable()


def test_no_snapshot_waits_for_the_collector(repo: Repo, rubbish: list[object]) -> None:
    writer, other = Registry.open(repo.root), Registry.open(repo.root)
    for name in ("one", "two"):
        write_some(writer, name)
        other.refresh()
    gc.collect()
    assert [type(each) for each in rubbish if isinstance(each, (Snapshot, Shelf, Chunk))] == []


def test_only_the_latest_are_kept(repo: Repo) -> None:
    registry = Registry.open(repo.root)
    steps = [Step(f"{number:040x}", number, [], []) for number in range(100)]
    for step in steps:
        landed.tell(registry.repository, landed.Landing(f"{step.date - 1:040x}", [step], MadeTree(b"", {}, {}), {}, {}))
    assert landed.told(registry.repository, steps[90].commit, steps[99].commit) == (steps[90].commit, steps[91:])
    assert landed.told(registry.repository, steps[20].commit, steps[99].commit) is None
    assert landed.told(registry.repository, steps[99].commit, steps[90].commit) is None
    assert landed.told(registry.repository, None, steps[99].commit) is None
