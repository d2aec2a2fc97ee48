"""Regular expressions that match no more than others, and the strings that would say otherwise."""

import time
from random import Random

import jsonschema_rs
import pytest

from attune_registry.compat.patterns import is_within, matches_all
from attune_registry.compat.schemas import compare_inputs


@pytest.mark.parametrize(
    ("narrow", "wide", "answer"),
    [
        ("^[a-z]+$", "^[a-z0-9]+$", True),
        ("^[a-z0-9]+$", "^[a-z]+$", False),
        ("^a", "a", True),
        ("a", "^a", False),
        ("^a|b$", "a|b", True),
        ("^ab$", "^a.$", True),
        (r"^\d{3}$", r"^\d+$", True),
        (r"^[0-9]+$", r"^\d+$", True),
        (r"^v?\d+\.\d+\.\d+$", r"^v?\d+(\.\d+)*$", True),
        (r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", r"^[a-z0-9-]{1,63}$", True),
        (r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$", r"^[a-z0-9-]{1,63}$", False),
        (r"^[\w.-]+@[\w.-]+$", "@", True),
        (r"^\x41$", "^[A-Z]$", True),
        (r"^[^a-z]$", r"^[^a-f]$", True),
        ("", "[\\s\\S]*", True),
    ],
)
def test_a_pattern_is_within_another(narrow: str, wide: str, answer: bool) -> None:
    assert is_within(narrow, wide) is answer


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("^x(?=a)", "^x"),
        (r"^(a)\1$", "^a"),
        (r"\bfoo", "foo"),
        ("(", "a"),
        ("^[b-a]$", "^a$"),
        (r"^\d+$", "^[0-9]+$"),
        ("^(a{1,100}){1,100}$", "^a*$"),
        ("^((a{1,20}){1,20}){1,20}$", "^a{1,200}$"),
        ("(" * 500 + "a" + ")" * 500, "b"),
    ],
)
def test_there_is_no_telling(narrow: str, wide: str) -> None:
    assert is_within(narrow, wide) is None


def test_patterns_that_ask_nothing() -> None:
    assert all(matches_all(pattern) for pattern in ("", "^", "$", ".*", "^.*", "a*", "[\\s\\S]*$"))
    assert not any(matches_all(pattern) for pattern in ("a", "^$", ".", "^.*$"))


def expression(rng: Random, depth: int = 3) -> str:
    if depth == 0 or rng.random() < 0.3:
        return rng.choice(("a", "b", "1", "[ab]", "[^a]", "[a-c]", r"\d", r"\w", ".", r"\."))
    parts = [expression(rng, depth - 1) for _ in range(rng.randint(1, 3))]
    if rng.random() < 0.3:
        return "(" + "|".join(parts) + ")" + rng.choice(("", "*", "+", "?"))
    return "".join(
        part + rng.choice(("", "", "", "*", "+", "?", "{2}", "{1,2}")) if len(part) == 1 else part for part in parts
    )


def test_no_string_says_otherwise() -> None:
    rng = Random(7)
    told = {True: 0, False: 0, None: 0}
    for _ in range(700):
        narrow = rng.choice(("^", "")) + expression(rng) + rng.choice(("$", ""))
        wide = rng.choice(
            (narrow.replace("a", "[ab]"), narrow.replace("+", "*"), "^" + expression(rng), expression(rng))
        )
        answer = is_within(narrow, wide)
        told[answer] += 1
        if answer:
            left = jsonschema_rs.Draft202012Validator({"pattern": narrow})
            right = jsonschema_rs.Draft202012Validator({"pattern": wide})
            for _ in range(40):
                text = "".join(rng.choices("aabbc1.\né", k=rng.randint(0, 5)))
                assert right.is_valid(text) or not left.is_valid(text), (narrow, wide, text)
    assert told[True] > 100
    assert told[False] > 100
    assert told[None] < 140


@pytest.mark.parametrize("pattern", ["^(a+)+$", "a{99999999999999999999}", "(" * 5_000, "a{" + "9" * 5_000 + "}"])
def test_a_name_is_held_against_any_pattern_at_once(pattern: str) -> None:
    name = "a" * 24 + "!"
    old = {"type": "object", "properties": {name: {"type": "string"}}}
    new = {"type": "object", "patternProperties": {pattern: {"type": "string"}}, "additionalProperties": False}
    started = time.process_time()
    assert compare_inputs(old, new)
    assert time.process_time() - started < 2
