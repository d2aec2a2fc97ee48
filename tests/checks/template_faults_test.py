import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_registry.checks.trees import parsed


@pytest.mark.parametrize(
    "text",
    [
        "{{ a }} {{ b }} >{% if a = 1 %}{% endif %}",
        "{{ a }}\n{{ b }} >{% unknown %}",
        "{{ a }} >{% endfor %} {{ b }}",
        "{{ a }} {% if a %} >{% endfor %}{% endif %}",
        "{{ a }} {% if a %} >{{ a | }} {% endif %} {{ b }}",
        "{{ a }} >{{ b \n + c d }} {{ e }}",
        "{{ a }} >{{ b } {{ c }}",
        "{{ a }} >{{ 'b }} {{ c }}",
        "{{ a }} >{# b",
        "{{ a }} >{% raw %} {{ b",
        "{% raw %}{{ a b }}{% endraw %} >{{ c d }}",
        "{# {{ a b }} #} >{{ c d }}",
        "{%- if a -%}\n\n {%- endif -%}\n >{%- else -%} \n\n {{- b -}}",
        "{% set a = '%}{{' %} >{{ b c }}",
        "{{ a }} \r\n {{ b }} \r >{% if %} \r\n {{ c }}",
        "{{ a }}\f\v\u0085\u2028{{ b }}\n>{{ c d }}\n{{ e }}",
        "{{ a }} >{% if a",
    ],
)
def test_a_fault_is_where_the_tag_starts_that_has_it(text: str) -> None:
    fault = parsed(text.replace(">", "")).fault
    assert fault is not None
    assert fault.offset == text.index(">")


@pytest.mark.parametrize(
    "text",
    [
        "{{ a }} >{% if a %} {{ b }}",
        "{{ a }} >{% if a %} {{ b }} \n {% for c in a %} {% endfor %} \n x",
        ">{% if a %} {% if b %} {% endif %} {% else %} {{ c }}",
        "{% if a %} {% endif %} {% if b %} >{% for c in d %} {% if e %} {% endif %} {{ f }}",
        ">{% set a | replace('x', y=1) %} {% set b = 1 | abs %} c",
        "{% set a %} {% endset %} >{% set b %} {% set c, d = 1, 2 %}",
        "{% raw %}{% if a %}{% endraw %} >{% if b %} c",
    ],
)
def test_what_nothing_closes_is_told_of_where_it_starts(text: str) -> None:
    fault = parsed(text.replace(">", "")).fault
    assert fault is not None
    assert fault.offset == text.index(">")


_PIECES = st.sampled_from(
    (
        *("{{ a }}", "{{ a b }}", "{{ a", "}}", "{% if a %}", "{% else %}", "{% endif %}", "{%- for a in b -%}", "{%"),
        *("{% endfor %}", "{% raw %}", "{% endraw %}", "{# a #}", "{#", "'", "\n", "\r\n", "\r", "x", "\u2028", "%}"),
        *("{% set a %}", "{% set a = 1 %}", "{% endset %}", "{% macro a(b) %}", "{% nothing %}", " ", "(", "é"),
    )
)


@given(st.lists(_PIECES, max_size=12).map("".join))
@settings(max_examples=500, deadline=None)
def test_whatever_does_not_parse_is_told_of_at_a_tag(text: str) -> None:
    fault = parsed(text).fault
    if fault:
        assert text[fault.offset : fault.offset + 2] in ("{{", "{%", "{#")


def test_of_a_long_text_the_line_is_told() -> None:
    text = "{{ a }}\n" * 10_000 + "{{ b }} {{ c d }}\r\n{{ e }}"
    fault = parsed(text).fault
    assert fault is not None
    assert fault.offset == text.index("{{ b")


def test_what_only_just_fits_into_the_stack_is_a_fault_like_any_other() -> None:
    for depth in range(40, 80):
        for more in range(14):
            assert parsed("{{ " + "(" * depth + "not " * more + " a b }}").fault is not None
