"""New files: one pleasant style, which everybody reads alike."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from random_values import KEYS, TEXTS
from searches import searched

from attune_registry.errors import PatchRefused, TooMuch
from attune_registry.yamldoc.document import parse
from attune_registry.yamldoc.emit import emit
from attune_registry.yamldoc.sameness import same

NEW_FILE = """\
label: Incident Response
description: |
  Tells the team.

  Then waits.
version: 1.0.0
tags: [incident, "on", "1.0"]
enabled: true
param_schema: {}
definition:
  tasks:
    - name: tell
      action: slack.post_message
      input:
        text: "{{ message }}"
        said: '"hi", she said'
        timeout: 30
        script: |-
          echo
        long: [aaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbb, cccccccccccccccccc]
        longer:
          - aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
          - bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
          - cccccccccccccccccccccccccccccc
        nested:
          - - [1, 2]
            - {}
          - indented: |2
                two
              none
"""


def test_a_new_file_is_pleasant_to_read() -> None:
    text = NEW_FILE.replace("          echo\n", "          echo\n          done\n")
    assert emit(parse(text.encode()).data) == text


def test_an_empty_document_is_an_empty_mapping() -> None:
    assert emit({}) == "{}\n"


_texts = st.one_of(
    st.sampled_from(TEXTS + KEYS),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.text("ab \n\t:#-\"'", max_size=10),
)
_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    _texts,
)
_values = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_texts, inner, max_size=4), max_leaves=12
)


@searched
@given(st.dictionaries(_texts, _values, max_size=5))
def test_what_is_emitted_reads_back_the_same_to_everybody(data: dict[str, Any]) -> None:
    text = emit(data)
    document = parse(text.encode())
    assert not document.faults, text
    assert same(document.data, data), text
    assert list(document.data) == list(data)
    assert same(yaml.safe_load(text), data), text
    assert emit(document.data) == text


_WORDS = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "=", "<<"]


@pytest.mark.parametrize("word", [*_WORDS, *map(str.upper, _WORDS), *map(str.capitalize, _WORDS)])
def test_a_word_that_means_something_is_quoted_wherever_it_is_text(word: str) -> None:
    quoted = f'"{word}"'
    assert emit({word: word, "list": [word]}) == f"{quoted}: {quoted}\nlist: [{quoted}]\n"


@pytest.mark.parametrize(
    "text", ["yEs", "yes it is", "off_", "null.x", "/on", "_no", "it's", 'say "no"', "C:\\x", "a?b"]
)
def test_a_text_that_only_begins_like_such_a_word_is_not_quoted(text: str) -> None:
    assert emit({"a": text}) == f"a: {text}\n"


def test_every_character_that_is_written_reads_back() -> None:
    everything = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x11000)]))
    data = {"a": everything, "b": [everything], "c": "a" + everything.replace("\n", "")}
    assert parse(emit(data).encode()).data == data


@pytest.mark.parametrize("code", [0xD800, 0xDBFF, 0xDC00, 0xDFFF])
def test_no_half_of_a_surrogate_pair_is_written(code: int) -> None:
    with pytest.raises(PatchRefused, match="surrogate"):
        emit({"a": f"x{chr(code)}"})


@pytest.mark.parametrize("inner", [[[1]] * 90_000, {str(at): at for at in range(60_000)}])
def test_more_than_can_be_read_again_is_not_written(inner: Any) -> None:
    with pytest.raises(TooMuch, match="keys and values"):
        emit({"a": inner})


def test_a_key_may_be_longer_than_yaml_likes() -> None:
    data = {"k" * 2000: {"a": ["x\ny\n"]}}
    assert parse(emit(data).encode()).data == data


def test_what_yaml_cannot_hold_is_refused() -> None:
    deep: Any = 1
    for _ in range(2000):
        deep = [deep]
    for value in (float("nan"), 2**70, "\udc00", deep):
        with pytest.raises(PatchRefused):
            emit({"a": value})
