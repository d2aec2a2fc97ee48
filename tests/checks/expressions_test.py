import os
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from attune_registry.checks.analysis import analysed, by_shape, glances, located
from attune_registry.checks.expressions import Read, Template
from attune_registry.checks.plain_templates import dotted, plainly
from attune_registry.checks.shapes import shape_of
from attune_registry.checks.trees import parsed

_TIMES = 100 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 1

_NAMES = st.sampled_from(["a", "b1", "task", "is", "not", "true", "None", "loop", "_x", "default"])
_SPACES = st.sampled_from(["", " ", "  ", "\n"])
_FILTERS = st.sampled_from(["map", "select", "reject", "selectattr", "rejectattr"])
_LITERALS = st.sampled_from(["'text'", "'it | is'", "1", "007", "''", '"double"', "x", "'a{b'"])


@st.composite
def _expressions(draw: st.DrawFn) -> str:
    path = draw(_NAMES)
    for _ in range(draw(st.integers(0, 3))):
        path += draw(st.sampled_from([".", "['", "[", ".("])) + draw(_NAMES | st.just("0"))
        path += {"'": "']", "[": "]"}.get(path[-1], "") if "[" in path[-3:] else ""
    for _ in range(draw(st.integers(0, 2))):
        path += draw(_SPACES) + "|" + draw(_SPACES) + draw(_NAMES | _FILTERS)
        if draw(st.booleans()):
            path += "(" + ", ".join(draw(st.lists(_LITERALS, max_size=2))) + ")"
    return (
        draw(st.sampled_from(["{{", "{{-", "{{{", "{ {"]))
        + draw(_SPACES)
        + path
        + draw(_SPACES)
        + draw(st.sampled_from(["}}", "-}}", "}", "}}}"]))
    )


_PIECES = (
    _expressions() | st.text("{}%#-| ab.'\n", max_size=6) | st.sampled_from(["{% raw %}", "{% endraw %}", "{#", "#}"])
)


def _without_places(template: Template) -> object:
    if template.fault:
        return "fault"
    reads = sorted((read.name, read.path, read.called, read.guarded) for read in template.reads)
    return reads, sorted(use.name for use in template.filters), sorted(use.name for use in template.tests)


@given(st.lists(_PIECES, max_size=4).map("".join))
@example("{{ a | a(007) }}")
@example("{{ a[007] }}")
@example("{{ loop }}{{ self }}")
@settings(max_examples=400, deadline=None)
def test_the_short_way_says_what_jinja2_says(text: str) -> None:
    plain = plainly(text)
    if plain is not None:
        said = parsed(text)
        guarded = {read.name for read in plain.reads if read.guarded}
        # Jinja2's tree is asked about a template as a whole: what is guarded once counts as guarded everywhere in it.
        reads = tuple(read._replace(guarded=read.name in guarded) for read in plain.reads)
        assert _without_places(plain._replace(reads=reads)) == _without_places(said)


_WORDS = st.sampled_from(
    (
        *("a", "b", "a.b", "a['c']", 'a["d"]', "a[b]", "a[('c')]", "a['c'", "'d']", "a.b[0].c", "loop", "loop.index"),
        *(
            "a.items()",
            "a.b.get('c')",
            "a . get('d', 'e')",
            "a.get(b).c",
            "a.get ( 'two",
            "a.getter('b')",
            "get",
            "keys",
        ),
        *("self", "f(a)", "f(a=1)", "'text'", '"it\'s"', "'two", "words'", "''", "0", "17", "1.5", "2e3", "0x1F", "5x"),
        *(
            "true",
            "None",
            "a.is",
            "a.0",
            "(",
            ")",
            "[",
            "]",
            ",",
            ".",
            "|",
            "~",
            "+",
            "-",
            "*",
            "/",
            "==",
            "!=",
            "<",
            "=",
        ),
        *(":", "and", "or", "not", "in", "is", "if", "else", "elif", "is\ndefined", "is not defined", "is divisibleby"),
        *("|map('a.b')", "| select ( 'x' )", "|rejectattr('a', 'b', c)", "|map(attribute='a')", "|map(a)", "|map"),
        *("|upper", "|default('x')", "|\nd", "|a.b", "item", "q_q0", "é", "recursive", "\n"),
    )
)
_SAID = st.lists(_WORDS, max_size=7).map(" ".join)
_STATEMENT = st.sampled_from(
    (
        *("{{ %s }}", "{{- %s -}}", "{{%s}}", "{%% if %s %%}", "{%% elif %s %%}", "{%% for item in %s %%}"),
        *("{%% set a = %s %%}", "{%% for a, %s %%}", "{%%- %s %%}", "{%% set %s %%}", "{%% macro %s %%}", "{# %s #}"),
    )
)
_BLOCKS = st.tuples(_STATEMENT, _SAID).map(lambda parts: parts[0] % parts[1])
_OTHERS = st.sampled_from(
    (
        *(
            "{% else %}",
            "{% endif %}",
            "{% endfor %}",
            "{% endset %}",
            "{% endmacro %}",
            "a ",
            " b.c",
            "\n",
            "'",
            "x is a",
        ),
        *("{% if a %}a{% endif %}", "{% for a in b %}{{ a }}{{ loop.last }}{% endfor %}", "{", "}", "%", "\r\n"),
    )
)
_TEMPLATES = st.lists(_BLOCKS | _OTHERS, max_size=4).map("".join)
_DOTTED = st.lists(st.sampled_from(("{{ a.b }}", "{{ is.a }}", "{{ c }}", "x ", "{", "{{a}}", "\n"))).map("".join)


@given(_TEMPLATES)
@example("{{ a[ 'b'] }}{{ a[('c')] }}{{ a['b' 'c'] }}")
@example("{{ a }}{{ is is a }}")
@example("{% if a is not defined %}{{ b.is if c else 'd' }}{% endif %}")
@example("{% for a in a %}{{ a }}{{ loop.b }}{% else %}{{ a }}{{ loop }}{% endfor %}{{ a }}{{ loop }}")
@example("{% for item in b %}{% set a = item %}{{ a }}{% endfor %}{{ a }}{{ item }}")
@example("{% if a %}{% set b = a %}{% endif %}{{ b }}{% for b, c in b if c %}{{ c }}{% endfor %}{{ c }}")
@example("{% for loop in a %}{{ loop }}{% endfor %}{% set self = a %}{{ self }}{{ super }}{{ caller }}")
@settings(max_examples=600 * _TIMES, deadline=None)
def test_what_is_told_by_the_shape_is_what_jinja2_says_of_the_template(text: str) -> None:
    shaped = by_shape(text)
    assert shaped is None or shaped == parsed(text)


@given(_TEMPLATES | _DOTTED)
@settings(max_examples=300 * _TIMES, deadline=None)
def test_the_shortest_way_says_what_the_short_way_says(text: str) -> None:
    shortest = dotted(text)
    assert shortest is None or shortest == plainly(text)


@given(st.lists(_PIECES | _BLOCKS | _OTHERS | _DOTTED, max_size=4).map("".join))
@example("{{ a is defined }}{{ a }}")
@example("{{ '}}' }}{{ b }}")
@example("{{{ a }}{{ b }")
@example("{{ a }}{{ b c }}")
@settings(max_examples=600 * _TIMES, deadline=None)
def test_the_parts_of_a_template_say_together_what_all_of_it_says(text: str) -> None:
    parts, whole = list(glances(text)), analysed(text)
    # Parts of which one does not parse say nothing of the whole: they are only good for being asked first.
    if not any(part.fault for part in parts):
        assert not whole.fault
        assert _apart(parts) == _apart([whole])
        guarded = {read.name for part in parts for read in part.reads if read.guarded}
        assert guarded <= {read.name for read in whole.reads if read.guarded}


def _apart(parts: list[Template]) -> object:
    reads = sorted(repr((read.name, read.path, read.called, read.got)) for part in parts for read in part.reads)
    filters = sorted(use.name for part in parts for use in part.filters)
    return reads, filters, sorted(use.name for part in parts for use in part.tests)


@pytest.mark.parametrize(
    ("text", "filters", "tests"),
    [
        ("{{ a | map('upper') | list }}", ["map", "upper", "list"], []),
        ("{{ a | map ('truncate', 3) }}{% if b | select('odd') %}{% endif %}", ["map", "truncate", "select"], ["odd"]),
        ("{{ a | map(attribute='b') | map(c) | map() }}", ["map", "map", "map"], []),
        ("{{ a | reject('in', b) | select }}", ["reject", "select"], ["in"]),
        ("{{ a | selectattr('odd') | rejectattr('b', 'none') }}", ["selectattr", "rejectattr"], ["none"]),
        ("{% filter map('upper') %}a{% endfilter %}", ["map", "upper"], []),
    ],
)
def test_which_filters_and_tests_a_template_names(text: str, filters: list[str], tests: list[str]) -> None:
    assert sorted(use.name for use in analysed(text).filters) == sorted(filters)
    assert [use.name for use in analysed(text).tests] == tests
    assert [use.name for part in glances(text) for use in part.tests] == tests


def test_templates_that_differ_in_names_and_texts_are_of_one_shape() -> None:
    first, second = (shape_of(f"{{% if {name} == '{text}' %}}{text}{{% endif %}}") for name, text in ("ab", "cd"))
    assert first
    assert second
    assert first.text == second.text


@example("{{\n0")
@example("{{ a\n\n")
@given(st.text("{}%#()[]|.'\"ab =+-0\n", max_size=60))
@settings(max_examples=300, deadline=None)
def test_no_template_makes_the_analysis_fail(text: str) -> None:
    template = located(analysed(text), text)
    for read in template.reads:
        assert 0 <= read.offset < len(text)
    if template.fault:
        assert 0 <= template.fault.offset <= len(text)


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("{{ a.b.c }}", [Read("a", ("b", "c"), 3)]),
        ("x {{ a }} {{b['c'][0] }}", [Read("a", (), 5), Read("b", ("c", 0), 12)]),
        ("{{ task['a-b'].output }}", [Read("task", ("a-b", "output"), 3)]),
        ("{{ a.b | default('x') }}", [Read("a", ("b",), 3, guarded=True)]),
        (
            "{% if a is defined %}{{ a.b }}{% endif %}",
            [Read("a", (), 6, guarded=True), Read("a", ("b",), 24, guarded=True)],
        ),
        ("{{ f(x) }}", [Read("f", (), 3, called=True), Read("x", (), 5)]),
        ("{% for x in xs %}{{ x }}{% endfor %}", [Read("xs", (), 12)]),
        ("{{ a[b].c }}", [Read("a", (), 3), Read("b", (), 5)]),
        ("{% for x in xs %}{{ x }}{% endfor %}{{ x }}", [Read("xs", (), 12), Read("x", (), 39)]),
        ("{% for x in x %}{{ x }}{% else %}{{ x.y }}{% endfor %}", [Read("x", (), 12), Read("x", ("y",), 36)]),
        ("{% macro f(x, y=z) %}{{ x }}{% endmacro %}{{ f(x=y) }}", [Read("z", (), 16), Read("y", (), 49)]),
        ("{% with a = a %}{{ a }}{% endwith %}", [Read("a", (), 12)]),
        ("{% if c %}{% set a = 1 %}{% endif %}{{ a }}", [Read("c", (), 6)]),
        ("{% for i in [1] %}{% set a = i %}{% endfor %}{{ a }}", [Read("a", (), 48)]),
        ("{{ 'a' ~ a }} {# a #} {{ b.a(a=a) }}", [Read("a", (), 9), Read("b", ("a",), 25), Read("a", (), 31)]),
        ("{{ a.b.items() }} {{ c.keys() }}", [Read("a", ("b",), 3), Read("c", (), 21)]),
        ("{{ a.get('b', c).d }}", [Read("a", (), 3, got="b"), Read("c", (), 14)]),
        ("{{ a[b].get('c') }}", [Read("a", (), 3), Read("b", (), 5)]),
        ("{{ a . get(b) }}", [Read("a", (), 3), Read("b", (), 11)]),
        ("{{ a.get }} {{ f().items() }}", [Read("a", ("get",), 3), Read("f", (), 15, called=True)]),
        ("{% raw %}{{ a }}{% endraw %}", []),
        ("nothing here", []),
    ],
)  # fmt: skip
def test_what_a_template_reads(text: str, reads: list[Read]) -> None:
    assert list(located(analysed(text), text).reads) == reads


@pytest.mark.parametrize(
    "text",
    [
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "{{ " + "9" * 6000 + " }}",
        "{{ a" + ".b" * 100_000 + " }}",
        "{% if x %}" * 20_000,
        "{{ " * 50_000,
        "{{ a }}" * 50_000 + "{",
        "{{ a" + " " * 300_000 + "| b }}",
        "{{" + " " * 300_000,
        "{{ x" + "|a('" * 20_000,
        "{{ " + " and ".join(f"a{number} is defined" for number in range(10_000)) + " }}",
    ],
    ids=range(10),
)
def test_a_hostile_template_is_done_with_soon(text: str) -> None:
    before = time.process_time()
    located(analysed(text), text)
    assert time.process_time() - before < 5


def test_the_fault_is_in_the_expression_that_does_not_parse() -> None:
    text = "first {{ fine }}\nsecond {{ fine }} {{ not fine fine }} {{ fine }}\nthird"
    fault = analysed(text).fault
    assert fault
    assert fault.offset == text.index("{{ not fine")
