"""Secrets are looked for where a quick look has found a trace of one."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from attune_registry.checks import secrets


@given(
    st.sampled_from([shape for _, shape in secrets._SHAPES]).flatmap(lambda shape: st.from_regex(shape, fullmatch=True))
)
@settings(max_examples=300, deadline=None)
def test_whatever_has_the_shape_of_a_secret_has_a_trace_of_one(text: str) -> None:
    assert secrets._MARKS.search(text)
    assert any(trace in text for trace in secrets._TRACES)


def test_a_secret_is_found_wherever_it_stands_in_a_definition() -> None:
    token = "ghp_" + "a1B2" * 9
    definition = {"tasks": [{"name": "a", "input": {"list": [["x", {"deep": token}]]}}]}
    (finding,) = secrets.check(definition)
    assert re.search("GitHub", finding.message)
    assert finding.pointer == "/definition/tasks/0/input/list/0/1/deep"
