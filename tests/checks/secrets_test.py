"""Secrets are looked for where a quick look has found a trace of one."""

import os
import re
import time
from random import Random
from string import ascii_letters, digits
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_registry.checks import secrets
from attune_registry.checks.graph import build
from attune_registry.checks.texts import Texts, gather
from attune_registry.problems import Finding

_TIMES = 50 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 1


@given(
    st.sampled_from([shape for _, shape in secrets._SHAPES]).flatmap(lambda shape: st.from_regex(shape, fullmatch=True))
)
@settings(max_examples=300, deadline=None)
def test_whatever_has_the_shape_of_a_secret_has_a_trace_of_one(text: str) -> None:
    assert secrets._MARKS.search(text)
    assert secrets._has_trace(text)


_CHANCE = st.integers(0, 10**9).map(lambda seed: "".join(Random(seed).choices(ascii_letters + digits, k=40)))
_LITERALS = st.one_of(
    *(st.from_regex(shape, fullmatch=True) for _, shape in secrets._SHAPES),
    _CHANCE,
    st.tuples(st.sampled_from(("Bearer ", "basic\t", "TOKEN  ", "ApiKey\n", "Bearer")), _CHANCE).map("".join),
    st.sampled_from(
        ("Bearer a1b2C3d4e5F6g7H8", "db://me:s3cretPass@host/x", "Tr0ub4dor&3xyz", "Bearer {{ a }}", "a b")
    ),
    st.sampled_from(("4f3c2a1b9d8e7f6a5b4c", "x" * 40, "A" * 39 + "1", "a/b-c_d" * 6, "aB3\0dE5fG7hI9", "")),
)
_KEYS = st.sampled_from(("text", "apiToken", "password", "default", "const", "id", "url", "Authorization"))
_TREES = st.recursive(
    _LITERALS | st.integers(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_KEYS, inner, max_size=2),
    max_leaves=4,
)
_FORMS = st.builds(
    lambda tree, schema, label, description: {**_form({"a": tree}, schema), "label": label, "description": description},
    *(_TREES, st.dictionaries(_KEYS, _TREES, max_size=2), _LITERALS | st.just("x"), _LITERALS | st.none()),
)


def _form(definition: dict[str, Any], schema: dict[str, Any] | None = None) -> dict[str, Any]:
    texts = {"label": "x", "description": None, "tags": []}
    return {"definition": definition, "param_schema": schema, "out_schema": None, **texts}


def _gathered(form: dict[str, Any]) -> Texts:
    return gather(form, build(form["definition"]))


def _checked(form: dict[str, Any]) -> list[Finding]:
    return list(secrets.check(form, _gathered(form)))


@given(_FORMS)
@settings(max_examples=400 * _TIMES, deadline=None)
def test_the_quick_look_lets_every_secret_through(form: dict[str, Any]) -> None:
    assert _checked(form) == list(secrets._findings(form))


def test_the_quick_look_is_done_with_what_most_people_write() -> None:
    texts = ("Bearer {{ token }}", "https", "some_long_name_in_snake_case_without_meaning", "Basic needs of everybody")
    assert not secrets._is_suspicious(_gathered(_form(dict.fromkeys(texts, "") | {"list": list(texts)})))


def test_a_secret_is_found_wherever_it_stands_in_a_definition() -> None:
    token = "ghp_" + "a1B2" * 9
    definition = {"tasks": [{"name": "a", "input": {"list": [["x", {"deep": token}]]}}]}
    (finding,) = _checked(_form(definition))
    assert re.search("GitHub", finding.message)
    assert finding.pointer == "/definition/tasks/0/input/list/0/1/deep"


_TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w"


@pytest.mark.parametrize("text", [_TOKEN, f"Bearer {_TOKEN}", f"x-{_TOKEN}", f"eyJ-{_TOKEN}", f"eyJ-eyJ.{_TOKEN}"])
def test_a_token_is_found_in_whatever_word_it_stands(text: str) -> None:
    (found,) = _checked(_form({"a": text}))
    assert found.message.startswith("This looks like a JSON Web Token")


@pytest.mark.parametrize(
    "text", ["-eyJ" * 25_000, "://a:bcdefg1@ " + "a" * 100_000, "a" * 100_000 + " https://me:", "://a:b@" * 15_000]
)
def test_a_long_text_that_nearly_has_a_secret_takes_no_time(text: str) -> None:
    started = time.process_time()
    _checked(_form({"a": text, "password": text}))
    assert time.process_time() - started < 1
