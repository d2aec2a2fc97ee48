"""Writes that land together come to what they would come to one by one."""

from collections.abc import Callable
from random import Random

import pytest
from writes import assert_whole, everything

from attune_registry.errors import RegistryError
from attune_registry.layout import Place
from attune_registry.registry import Registry
from attune_registry.writing.creation import Creation
from attune_registry.writing.deletion import Deletion
from attune_registry.writing.landing import Outcome, land
from attune_registry.writing.plans import Write
from attune_registry.writing.update import Update
from authors import ANN
from gitrepo import Repo

NAMES = ("first", "second", "third", "Third", "fourth")
PACKS = ("demo", "other", "Other")
# With such rules one write may refuse another.
RULES = "rules: {action-cycle: error, action-unknown: error}\n"


def _write(random: Random) -> Write:
    ref = f"{random.choice(PACKS)}.{random.choice(NAMES)}"
    pack = ref.partition(".")[0]
    place = Place("workflow", ref)
    called = f"{random.choice(PACKS)}.{random.choice(NAMES)}"
    definition = {"tasks": [{"name": "only", "action": called}]}
    kind = random.randrange(10)
    if kind < 4:
        body = {"ref": ref, "pack_ref": pack, "label": "New", "version": "1.0.0", "definition": definition}
        return Creation("workflow", body, ANN)
    if kind < 7:
        return Update(place, random.choice(({"label": str(random.random())}, {"definition": definition}, {})), ANN)
    if kind == 7:
        return Deletion(place, ANN)
    pack_place = Place("pack", pack)
    if kind == 8:
        return Creation("pack", {"ref": pack, "label": pack, "version": "1.0.0"}, ANN)
    return (
        Update(pack_place, {"label": str(random.random())}, ANN) if random.random() < 0.5 else Deletion(pack_place, ANN)
    )


def _verdict(outcome: Outcome) -> tuple[object, ...]:
    if isinstance(outcome, RegistryError):
        return (outcome.code, outcome.message)
    place = outcome.plan.place
    assert place is not None
    entry = outcome.snapshot.find(place)
    assert outcome.commit in (None, outcome.snapshot.head.commit)
    return (outcome.plan.subject, bool(outcome.commit), entry and (entry.ref, entry.blob, entry.label, entry.enabled))


@pytest.mark.parametrize("rules", ["", RULES])
@pytest.mark.parametrize("seed", range(12))
def test_a_group_comes_to_what_its_writes_come_to_alone(new_repo: Callable[[str], Repo], seed: int, rules: str) -> None:
    random = Random(seed)
    together, alone = new_repo("together"), new_repo("alone")
    for repo in (together, alone):
        repo.write("registry/config.yaml", rules)
        repo.workflow("demo.first")
        repo.workflow("demo.second")
        repo.commit("Begin", date=1_700_000_000)
    one, other = Registry.open(together.root), Registry.open(alone.root)
    for _ in range(4):
        writes = [_write(random) for _ in range(random.randrange(2, 12))]
        outcomes = [outcome for write in writes for outcome in land(other, [write])]
        assert list(map(_verdict, land(one, writes))) == list(map(_verdict, outcomes))
        assert together.git("rev-parse", "HEAD^{tree}") == alone.git("rev-parse", "HEAD^{tree}")
        assert together.git("log", "--format=%s") == alone.git("log", "--format=%s")
        assert everything(one) == everything(Registry.open(together.root))
    assert_whole(together)
