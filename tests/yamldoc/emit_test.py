"""New files: one pleasant style, which everybody reads alike."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from random_values import KEYS, TEXTS
from searches import searched

from attune_registry.errors import PatchRefused
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
