"""Other workers are told what was written, and know the same as those who look for themselves."""

from pathlib import Path

import pytest
from writer_test import ANN, creation

from attune_registry import landed, line
from attune_registry.layout import Place
from attune_registry.line import Line, Step, follow
from attune_registry.registry import Registry
from attune_registry.writing.deletion import Deletion
from attune_registry.writing.landing import land
from attune_registry.writing.update import Update
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
    raw = note.read_bytes()
    if damage == "gone":
        note.unlink()
    else:
        note.write_bytes({"half": raw[: len(raw) // 2], "changed": raw.replace(b"one", b"two"), "empty": b""}[damage])
    assert rows(other.refresh().line) == rows(writer.snapshot.line)


def test_commits_of_people_in_between_are_seen(repo: Repo) -> None:
    writer, other = Registry.open(repo.root), Registry.open(repo.root)
    write_some(writer, "one")
    repo.workflow("demo.first", label="By hand")
    repo.git("commit", "-qam", "By hand")
    write_some(writer, "two")
    assert rows(other.refresh().line) == rows(follow(other.repository, Line(), repo.head()).line)
    repo.git("reset", "-q", "--hard", "HEAD~4")
    assert rows(other.refresh().line) == rows(follow(other.repository, Line(), repo.head()).line)


def test_only_the_latest_are_kept(repo: Repo) -> None:
    registry = Registry.open(repo.root)
    steps = [Step(f"{number:040x}", number, [], []) for number in range(100)]
    for step in steps:
        landed.tell(registry.repository, f"{step.date - 1:040x}", [step])
    assert landed.told(registry.repository, steps[90].commit, steps[99].commit) == steps[91:]
    assert landed.told(registry.repository, steps[20].commit, steps[99].commit) == ()
    assert landed.told(registry.repository, steps[99].commit, steps[90].commit) == []
    assert landed.told(registry.repository, None, steps[99].commit) == ()
