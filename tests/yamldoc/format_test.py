"""The normal form of a file: same words, same comments, tidy lines."""

import random
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_values import Making
from random_yaml import Rendering
from searches import searched

from attune_registry.yamldoc.document import parse
from attune_registry.yamldoc.emit import emit
from attune_registry.yamldoc.format import normalise
from attune_registry.yamldoc.sameness import same

UNTIDY = """\
\ufeff

# top   \r
label:   x   # kept\t
tags: [a,   b,
     c ]


definition:
    tasks:
    # first
    -   name: a··
        input:
            text: |
                one
                  two···

                three
          # below
            quoted: 'goes
              on'
            deep: |4-
                  lead
                back
    # second
    -   - x
        -   y: 1

    -
        name: b
    # last
# end


"""
TIDY = """\
# top
label:   x   # kept
tags: [a,   b,
     c ]

definition:
  tasks:
    # first
    - name: a
      input:
        text: |
          one
            two···

          three
        # below
        quoted: 'goes
          on'
        deep: |2-
            lead
          back
    # second
    - - x
      - y: 1

    -
      name: b
    # last
# end
"""


# Blanks at the ends of lines are written as dots here, for tools take them away.
UNTIDY, TIDY = UNTIDY.replace("·", " "), TIDY.replace("·", " ")


def test_an_untidy_file_is_tidied() -> None:
    assert normalise(UNTIDY) == TIDY


def test_a_tidy_file_stays_as_it_is() -> None:
    assert normalise(TIDY) == TIDY


@pytest.mark.parametrize("text", ["a: [\n", "", "a: 1\na: 2", "- x", "a: \ud800", "? a\n: b\n", "'x'", "---\n--- a\n"])
def test_a_file_that_cannot_be_tidied_safely_is_not_taken_for_tidy(text: str) -> None:
    assert normalise(text) is None


@pytest.mark.parametrize("mark", ["|", ">", "|+"])
def test_a_text_at_the_end_of_a_file_without_a_last_line_end_is_tidied_without_one(mark: str) -> None:
    assert normalise(f"a:\n    b: {mark}\n        text") == f"a:\n  b: {mark}\n    text"


@searched
@given(st.integers(0, 2**32))
def test_tidying_keeps_data_and_comments_and_needs_no_second_time(seed: int) -> None:
    dice = random.Random(seed)
    making = Making(dice)
    before = Rendering(dice).rendered(making.document(3)).decode()
    after = normalise(before)
    assert after is not None
    assert same(parse(after.encode()).data, parse(before.encode()).data)
    comments = re.compile(r"# (?:above|beside|at) [\w ]+")
    assert Counter(comments.findall(after)) == Counter(comments.findall(before))
    assert normalise(after) == after
    assert "\r" not in after


@searched
@given(st.integers(0, 2**32))
def test_a_new_file_is_tidy(seed: int) -> None:
    text = emit(Making(random.Random(seed)).document(3))
    assert normalise(text) == text


@searched
@given(st.text("ab:- \n\t#&*!|>'\"{}[],?~", max_size=60))
def test_tidying_anything_keeps_what_it_says(text: str) -> None:
    after = normalise(text)
    if after is not None:
        assert same(parse(after.encode()).data, parse(text.encode()).data)
        assert normalise(after) == after


@pytest.mark.timeout(20)
def test_a_line_with_very_many_blanks_in_it_takes_no_longer_than_another() -> None:
    for blanks in (" " * 500_000, "\t" * 500_000):
        text = f'a: "x{blanks}y"  \n'
        assert normalise(text) == text.rstrip() + "\n"
