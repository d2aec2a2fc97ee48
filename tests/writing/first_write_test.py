"""The first commit of a branch is served as any other: by its writer, by other workers, and to the next write."""

from collections.abc import Callable

import pytest
from writes import Before, assert_whole, everything

from attune_registry.errors import Conflict
from attune_registry.layout import Place
from attune_registry.registry import Registry
from attune_registry.writing.creation import Creation
from attune_registry.writing.landing import land
from attune_registry.writing.making import Done
from authors import ANN, creation
from gitrepo import Repo

PACK = Creation("pack", {"ref": "demo", "label": "Demo", "version": "1.0.0"}, ANN)


@pytest.fixture(params=["no commits", "an orphan branch"])
def empty(request: pytest.FixtureRequest, repo: Repo, new_repo: Callable[[str], Repo]) -> Repo:
    if request.param == "no commits":
        return new_repo("empty")
    repo.git("checkout", "-q", "--orphan", "other")
    repo.git("rm", "-rfq", ".")
    return repo


def test_the_first_write_is_served_and_the_next_one_builds_on_it(empty: Repo) -> None:
    registry = Registry.open(empty.root)
    (made,) = land(registry, [PACK])
    assert isinstance(made, Done)
    assert made.snapshot.find(Place("pack", "demo")) is not None
    (again,) = land(registry, [PACK])
    assert isinstance(again, Conflict)
    assert empty.git("rev-list", "--count", "HEAD").strip() == "1"
    land(registry, [creation("demo.first"), creation("demo.second")])
    assert everything(registry) == everything(Registry.open(empty.root))
    assert_whole(empty)


def test_first_writes_that_land_together_see_each_other(empty: Repo) -> None:
    registry = Registry.open(empty.root)
    outcomes = land(registry, [PACK, creation("demo.first"), PACK])
    assert [type(outcome) for outcome in outcomes] == [Done, Done, Conflict]
    assert everything(registry) == everything(Registry.open(empty.root))


def test_another_worker_foresees_the_first_write(empty: Repo, before_landing: Before) -> None:
    writer, other = Registry.open(empty.root), Registry.open(empty.root)
    foreseen: list[bool] = []
    before_landing(lambda: foreseen.append(other.foresee()))
    land(writer, [PACK, creation("demo.first")])
    other.refresh()
    assert foreseen == [True]
    assert everything(other) == everything(writer) == everything(Registry.open(empty.root))
