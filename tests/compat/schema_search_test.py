"""No value contradicts a verdict: changes are made at random, and values are looked for that they break."""

import os
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schema_making import Maker, every_schema
from value_making import Values, counterexample

from attune_registry.compat.reasons import Reason, worst
from attune_registry.compat.schemas import compare_inputs, compare_outputs

IS_THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
LIMITS = settings(
    max_examples=10_000 if IS_THOROUGH else 150,
    deadline=None,
    derandomize=not IS_THOROUGH,
    suppress_health_check=list(HealthCheck),
)
TRIES = 100 if IS_THOROUGH else 40

SEEDS = st.integers(0, 2**32)


def is_breaking(reasons: list[Reason]) -> bool:
    return worst(reasons) == "breaking"


@LIMITS
@given(SEEDS)
def test_no_input_contradicts_a_change_that_is_not_breaking(seed: int) -> None:
    rng = Random(seed)
    old = Maker(rng).root()
    new = Maker(rng).changed(old)
    if not is_breaking(compare_inputs(old, new)):
        found, _ = counterexample(rng, old, new, tries=TRIES)
        assert found is None, (old, new)


@LIMITS
@given(SEEDS)
def test_no_output_contradicts_a_change_that_is_not_breaking(seed: int) -> None:
    rng = Random(seed)
    old = Maker(rng).root()
    new = Maker(rng).changed(old)
    if not is_breaking(compare_outputs(old, new)):
        found, _ = counterexample(rng, old, new, tries=TRIES, outputs=True)
        assert found is None, (old, new)


@LIMITS
@given(SEEDS)
def test_no_input_contradicts_a_verdict_on_schemas_that_have_nothing_to_do_with_each_other(seed: int) -> None:
    rng = Random(seed)
    old, new = Maker(rng).root(), Maker(rng).root()
    if not is_breaking(compare_inputs(old, new)):
        found, _ = counterexample(rng, old, new, tries=TRIES)
        assert found is None, (old, new)


def test_the_search_does_try_values_and_does_find_what_breaks() -> None:
    tested = found = 0
    for seed in range(300):
        rng = Random(seed)
        old = Maker(rng).root()
        value, tries = counterexample(rng, old, Maker(rng).changed(old), tries=40)
        tested += tries
        found += value is not None
    assert tested > 3000
    assert found > 15


def test_what_the_search_finds_is_breaking() -> None:
    for seed in range(150):
        rng = Random(seed)
        old = Maker(rng).root()
        new = Maker(rng).changed(old)
        if counterexample(rng, old, new, tries=40)[0] is not None:
            assert is_breaking(compare_inputs(old, new)), (old, new)


def loosened(rng: Random, schema: dict[str, Any]) -> dict[str, Any]:
    """The schema asking for less, or offering more, in one place where nothing is denied."""
    places = [each for each in every_schema(schema) if isinstance(each, dict)]
    place = rng.choice(places)
    ways = [word for word in ("minLength", "minItems", "pattern", "required", "uniqueItems") if word in place]
    ways += [word for word in ("maximum", "minimum", "maxLength", "enum", "properties") if word in place]
    word = rng.choice(ways or ["title"])
    if word in ("maximum", "maxLength"):
        place[word] += 1
    elif word == "minimum":
        place[word] -= 1
    elif word == "enum":
        place[word] = [*place[word], "another"]
    elif word == "properties":
        place[word] = {**place[word], "new": {"type": "string"}}
    elif word == "title":
        place[word] = "Another title"
    else:
        del place[word]
    return schema


LOOSE_WORDS = ("type", "required", "properties", "minimum", "maximum", "minLength", "maxLength", "pattern")
LOOSE_MORE = ("items", "minItems", "uniqueItems", "enum", "anyOf", "allOf")


class Plain(Maker):
    """Makes schemas such as people write for inputs, where asking for less is always asking for less."""

    def words(self, kinds: Any, depth: int) -> list[str]:
        words = [each for each in super().words(kinds, depth) if each in LOOSE_WORDS + LOOSE_MORE]
        return [each for each in words if each != "type"] or ["type"]


@LIMITS
@given(SEEDS)
def test_asking_for_less_is_never_breaking(seed: int) -> None:
    rng = Random(seed)
    old = Plain(rng).root()
    new = loosened(rng, Plain(Random(seed)).root())
    reasons = compare_inputs(old, new)
    assert not is_breaking(reasons), (old, new, reasons)


@LIMITS
@given(SEEDS)
def test_promising_more_is_never_breaking(seed: int) -> None:
    rng = Random(seed)
    new = Plain(rng).root()
    old = loosened(rng, Plain(Random(seed)).root())
    if any("new" in each.get("properties", {}) for each in every_schema(old) if isinstance(each, dict)):
        return
    reasons = compare_outputs(old, new)
    assert not is_breaking(reasons), (old, new, reasons)


def test_cannot_tell_is_not_the_easy_way_out() -> None:
    """Of the random changes that no value was found to contradict, few are called breaking for want of proof."""
    unsure = quiet = 0
    for seed in range(1000, 1250):
        rng = Random(seed)
        old = Maker(rng).root()
        new = Maker(rng).changed(old)
        if counterexample(rng, old, new, tries=30)[0] is not None:
            continue
        told = [reason for reason in compare_inputs(old, new) if reason.verdict == "breaking"]
        if any("leads back to itself" in reason.message for reason in told):
            continue
        quiet += 1
        unsure += bool(told) and all("cannot tell" in reason.message for reason in told)
    assert quiet > 100
    assert unsure < 0.05 * quiet


@pytest.mark.parametrize("seed", range(5))
def test_values_keep_to_what_the_schema_declares(seed: int) -> None:
    schema = {"type": "object", "properties": {"a": {"properties": {"b": {}}}}, "required": ["c"]}
    values = Values(Random(seed), schema)
    for value in (values.value([schema]) for _ in range(50)):
        assert not isinstance(value, dict) or value.keys() <= {"a", "c"}
