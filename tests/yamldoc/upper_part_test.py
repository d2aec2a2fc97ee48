"""A patch that looks at the upper part of a text alone writes what one that looks at all of it does."""

import random

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st
from searches import searched

from attune_registry.yamldoc import patch as patching
from attune_registry.yamldoc.document import parse
from attune_registry.yamldoc.upper_part import upper_part

WORKFLOW = """\
---
# Sends what was asked for.
label: Send   # short
"version": 1.0.0
tags:
- mail

# Off for now.
enabled: false
description: >-
    One line
definition:
    tasks:
    -   name: send
        action: core.mail
"""


@pytest.mark.parametrize(
    ("name", "value"), [("label", "Another: one"), ("version", "1.0.1"), ("enabled", True), ("label", None)]
)
def test_no_more_is_looked_at_than_the_fields_down_to_the_one_below(name: str, value: object) -> None:
    document = parse(WORKFLOW.encode())
    new = {**document.data, name: value}
    part = upper_part(document, new)
    assert part is not None
    assert part.text + part.below == WORKFLOW
    assert list(part.old) == list(part.new) == list(new)[: list(new).index(name) + 2]
    assert "tasks" not in part.text


@pytest.mark.parametrize(
    ("name", "value"),
    [("tags", ["post"]), ("description", "Another line"), ("label", "Two\nlines"), ("definition", {}), ("new", 1)],
)
def test_where_the_layout_around_may_decide_all_is_looked_at(name: str, value: object) -> None:
    document = parse(WORKFLOW.encode())
    assert upper_part(document, {**document.data, name: value}) is None


@pytest.mark.parametrize("text", ["a: 1\nb: 2\n", "a: &x 1\nb: *x\nc: 3\nd: 4\n", "a: 1\n"])
def test_neither_is_a_part_of_what_is_short_or_unusual(text: str) -> None:
    document = parse(text.encode())
    assert upper_part(document, {**document.data, "a": 5}) is None


SHORT = ["Send", "'it''s'", '"a: b"', "1.0.0", "true", "null", "~", "7", "'7'  # why", "two\n  rows", "''"]
LONG = [
    "\n- one\n- two",
    "\n  inner: 1\n\n  # below\n  more: [1, 2]",
    " |\n  text\n  # no comment\n",
    " [a, b]",
    " >-\n  folded",
    "\n    deep:\n        er:\n            still: 1",
]
BETWEEN = ["", "", "\n", "# above\n", "  # indented\n", "\n# first\n\n# second\n"]


def written(dice: random.Random) -> str:
    """Fields of all kinds in the YAML that people mostly write."""
    text = dice.choice(["", "---\n", "# at the top\n"])
    for number in range(dice.randint(3, 8)):
        value = f" {dice.choice(SHORT)}" if dice.random() < 0.7 else dice.choice(LONG)
        name = dice.choice([f"k{number}", f'"k {number}"'])
        text += f"{dice.choice(BETWEEN)}{name}:{value}\n"
    return text if dice.random() < 0.8 else text.rstrip("\n")


@searched
@given(st.integers(0, 2**32))
def test_it_comes_to_the_same(seed: int) -> None:
    dice = random.Random(seed)
    document = parse(written(dice).encode())
    assume(document.loadable)
    new = dict(document.data)
    for name, value in new.items():
        if not isinstance(value, (dict, list)) and dice.random() < 0.25:
            new[name] = dice.choice(
                ["x", "", " y", "a: b", True, None, 7, "#", "ü", "'", "1.0", "\x85", "two words of text", "two\nrows"]
            )
    event(f"has a part: {upper_part(document, new) is not None}")
    raw = document.text.encode()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(patching, "upper_part", lambda *_: None)
        expected = patching.patch(raw, new)
    assert patching.patch(raw, new) == expected
