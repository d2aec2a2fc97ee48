"""Tasks whose names Jinja2 reads as subtractions are found in a text, in a time that goes with its length."""

import time

import pytest

from attune_registry.checks.dashes import Dashes

NAMES = ("a-b", "a-b-c", "step.one-two", "--x-y")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{{ a-b }}", ["a-b"] * 3),
        ("{{ a-b.output-a }}", ["a-b"] * 3),
        ("{{ a-b-c-d }}", ["a-b-c"] * 5),
        ("{{ x-a-b }}", ["a-b"] * 3),
        ("{{ a-bc }} {{ xa-b }} {{ a - b }}", []),
        ("{{ step.one-two }}", ["step.one-two"] * 12),
        ("{{ a-b + a-b }}", ["a-b"] * 6),
    ],
)
def test_a_name_is_found_at_each_of_its_characters_and_nowhere_else(text: str, found: list[str]) -> None:
    dashes = Dashes(NAMES)
    assert [name for at in range(len(text)) if (name := dashes.at(text, at))] == found


@pytest.mark.parametrize("text", ["{{ q }}" * 15_000, "a" * 100_000, "a-" * 50_000, "q-" * 50_000, "a0-q " * 20_000])
def test_many_reads_beside_many_names_take_no_time(text: str) -> None:
    dashes = Dashes(f"a{number}-b" for number in range(5_000))
    started = time.process_time()
    for at in range(0, len(text), 7):
        dashes.at(text, at)
    assert time.process_time() - started < 2
