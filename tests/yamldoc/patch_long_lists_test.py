"""Long lists: what stays in them keeps its line and its comment, and comparing them takes no time to speak of."""

import random
import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from yaml_edits import patched

from attune_registry.yamldoc.equal_items import equal_pairs
from attune_registry.yamldoc.matching import by_value

COUNT = 2_000


def _text(values: list[str]) -> str:
    return "x:\n" + "".join(f"  - {value} # rack {at}\n" for at, value in enumerate(values))


def _hosts(kinds: int) -> list[str]:
    dice = random.Random(kinds)
    return [f"host{dice.randrange(kinds):04d}" for _ in range(COUNT)]


UNIQUE = [f"host{at:04d}" for at in range(COUNT)]


@pytest.mark.parametrize("values", [UNIQUE, _hosts(COUNT), _hosts(20)], ids=["unique", "some twice", "all often"])
def test_the_first_goes_and_one_comes_at_the_end(values: list[str]) -> None:
    before = _text(values)
    after = patched(before, lambda data: data.update(x=[*data["x"][1:], "new"]))
    assert after == before.replace(f"  - {values[0]} # rack 0\n", "") + "  - new\n"


def test_some_go_here_and_there_and_some_come() -> None:
    before = _text(UNIQUE)

    def changed(items: list[str], new: str) -> list[str]:
        return [said for at, item in enumerate(items) if at % 7 for said in ([item, new] if at % 7 == 3 else [item])]

    after = patched(before, lambda data: data.update(x=changed(data["x"], "new")))
    assert after == "x:\n" + "".join(changed(before.splitlines(keepends=True)[1:], "  - new\n"))


def test_what_moves_takes_its_comment_along() -> None:
    before = _text(UNIQUE)
    after = patched(before, lambda data: data["x"].reverse())
    assert after == "x:\n" + "".join(reversed(before.splitlines(keepends=True)[1:]))


@pytest.mark.parametrize(
    "change",
    [
        lambda values: values[::-1],
        lambda values: values[1:] + values[:1],
        lambda values: random.Random(1).sample(values, len(values)),
        lambda values: [value + "x" for value in values],
        lambda values: [value for at, value in enumerate(values) if at % 3],
    ],
    ids=["reversed", "turned", "shuffled", "others", "fewer"],
)
@pytest.mark.parametrize("kinds", [2, 100, 10**9])
def test_comparing_takes_no_time(change: Callable[[list[str]], list[str]], kinds: int) -> None:
    dice = random.Random(kinds)
    old = [str(dice.randrange(kinds)) for _ in range(20_000)]
    new = change(old)
    started = time.process_time()
    match = by_value(old, new)
    assert time.process_time() - started < 5
    kept = [at for at in match if at is not None]
    assert len(kept) == len(set(kept)) == min(len(old), len(new))


@pytest.mark.parametrize("kinds", [1, 3, 30, 1_000, 10**9])
def test_pairs_are_equal_and_rise(kinds: int) -> None:
    dice = random.Random(kinds)
    for _ in range(20):
        old, new = ([str(dice.randrange(kinds)) for _ in range(dice.randrange(600))] for _ in range(2))
        new[5:5] = old[3:200]
        pairs = equal_pairs(old, new)
        assert all(old[was] == new[at] for was, at in pairs)
        assert all(one[0] < other[0] and one[1] < other[1] for one, other in pairwise(pairs))
