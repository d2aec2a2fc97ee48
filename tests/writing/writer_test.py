"""The queue of writes: bounded, and judged when it is a write's turn and not while it waits."""

from collections.abc import Iterator
from typing import ClassVar

import pytest
from writes import assert_whole

from attune_registry.access.principals import Principal
from attune_registry.errors import Conflict, RegistryError, Unavailable
from attune_registry.layout import Place
from attune_registry.registry import Registry
from attune_registry.writing.creation import Creation
from attune_registry.writing.landing import land, land_locked
from attune_registry.writing.lock import WriteLock
from attune_registry.writing.plans import Desk, Plan
from attune_registry.writing.rollback import Rollback, WideRollback
from attune_registry.writing.update import Update
from attune_registry.writing.writer import MAX_WAITING, Writer
from authors import ANN, creation
from gitrepo import Repo
from waiting import wait_until


class Watched(Creation):
    """A creation that tells how often it was planned."""

    planned: ClassVar[list[str]] = []

    def plan(self, desk: Desk, principal: Principal) -> Plan:
        self.planned.append(str(desk.snapshot.head.commit))
        return super().plan(desk, principal)


@pytest.fixture
def registry(repo: Repo) -> Registry:
    return Registry.open(repo.root)


@pytest.fixture
def writer(registry: Registry) -> Iterator[Writer]:
    writer = Writer(registry)
    writer.start()
    yield writer
    writer.stop()


def test_a_full_queue_refuses_and_says_when_to_try_again(registry: Registry) -> None:
    idle = Writer(registry)
    for number in range(MAX_WAITING):
        idle.submit(creation(f"demo.n{number}"))
    with pytest.raises(Unavailable) as refused:
        idle.submit(creation("demo.one_more"))
    assert refused.value.code == "QUEUE_FULL"
    assert refused.value.retry_after >= 1


def test_memory_goes_back_when_nothing_is_written_for_a_moment(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr("attune_registry.writing.writer.give_back", lambda: calls.append("given back"))
    writer.submit(creation("demo.one")).result(10)
    wait_until(lambda: bool(calls))
    writer.submit(creation("demo.two")).result(10)
    wait_until(lambda: not writer._has_put_off)
    # It takes milliseconds: once in a while is enough.
    assert calls == ["given back"]


def test_what_is_planned_while_another_writes_is_judged_when_its_turn_comes(
    repo: Repo, registry: Registry, writer: Writer
) -> None:
    Watched.planned.clear()
    before = repo.head()
    with WriteLock(registry.repository):
        late = writer.submit(creation("demo.new", Watched))
        other = writer.submit(creation("demo.other"))
        wait_until(lambda: Watched.planned == [before])
        assert repo.head() == before
        land_locked(registry, [creation("demo.new")])
    with pytest.raises(Conflict) as refused:
        late.result(timeout=30)
    assert refused.value.code == "WORKFLOW_EXISTS"
    assert other.result(timeout=30).commit == repo.head()
    assert len(Watched.planned) == 2


def test_writes_of_one_landing_see_what_those_before_them_have_done(repo: Repo, registry: Registry) -> None:
    """Going back asks git for commits that the same landing has made: they are put where git finds them then."""
    before = repo.head()
    one, two = Place("workflow", "demo.one"), Place("workflow", "demo.two")
    landed = land(
        registry,
        [
            creation("demo.one"),
            Update(one, {"label": "Second"}, ANN),
            creation("demo.two"),
            WideRollback("demo", before, ANN),
            Update(one, {"label": "Too late"}, ANN),
            creation("demo.two"),
            Update(two, {"label": "Changed"}, ANN),
            Rollback(two, before, ANN),
            creation("demo.two"),
        ],
    )
    refused = {at: outcome.code for at, outcome in enumerate(landed) if isinstance(outcome, RegistryError)}
    assert refused == {4: "WORKFLOW_NOT_FOUND"}
    assert registry.refresh().find(one) is None
    entry = Registry.open(repo.root).refresh().find(two)
    assert entry is not None
    assert entry.label == "New"
    assert repo.git("rev-list", "--count", f"{before}..HEAD").strip() == "8"
    assert "label: Second" in repo.git("show", "HEAD~5:packs/demo/workflows/one.yaml")
    assert_whole(repo)


def test_a_filter_that_fails_for_one_file_refuses_its_write_alone(repo: Repo, registry: Registry) -> None:
    repo.write(".gitattributes", "packs/demo/workflows/large*.yaml filter=large\n")
    repo.git("config", "filter.large.smudge", "there-is-no-such-program")
    repo.git("config", "filter.large.required", "true")
    repo.commit("Large files")
    names = ["one", "large-1", "two", "large-2", "three"]
    outcomes = land(registry, [creation(f"demo.{name}") for name in names])
    refused = {name for name, outcome in zip(names, outcomes, strict=True) if isinstance(outcome, RegistryError)}
    assert refused == {"large-1", "large-2"}
    for outcome in outcomes:
        if isinstance(outcome, RegistryError):
            assert isinstance(outcome, Unavailable)
            assert "there-is-no-such-program" in outcome.message
    assert_whole(repo)
    assert [f"demo.{name}" in repo.git("log", "-3", "--format=%s") for name in names] == [
        True,
        False,
        True,
        False,
        True,
    ]
