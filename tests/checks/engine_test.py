import time
from typing import Any

import orjson
import pytest
from example_files import check_text, examples
from hypothesis import given, settings
from hypothesis import strategies as st
from mutations_test import GOOD

from attune_registry.checks.form import workflow_form
from attune_registry.problems import has_errors
from attune_registry.yamldoc.document import parse

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-2, 2)
    | st.sampled_from(["", "a", "fetch", "a.b", "1.0.0", "{{ x }}", "{{ fetch.output }}", "{% if", "#/x", "string"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(
            [
                *("a", "b", "name", "action", "input", "tasks", "on_success", "on_failure", "next"),
                *("do", "when", "decision", "default", "retry", "count", "timeout", "variables", "type"),
                *("properties", "required", "$ref", "pattern", "enum", "items", "allOf", "publish", "with_items"),
                *("$schema", "$defs"),
            ]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=8,
)  # fmt: skip
_DATA = parse(GOOD.encode()).data
_MANY = "1" * 5000


def _places(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at] + [place for key, item in items for place in _places(item, (*at, key))]


def _replaced(value: Any, at: tuple[str | int, ...], new: Any) -> Any:
    if not at:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[at[0]] = _replaced(value[at[0]], at[1:], new)
    return copy


@given(st.sampled_from(_places(_DATA)), _JSON)
@settings(max_examples=400, deadline=None)
def test_any_value_anywhere_is_a_problem_at_worst(at: tuple[str | int, ...], new: Any) -> None:
    checked = check_text(orjson.dumps(_replaced(_DATA, at, new)))
    assert checked.data is not None or has_errors(checked.problems)


@given(_JSON)
@settings(max_examples=100, deadline=None)
def test_any_pack_is_a_problem_at_worst(data: Any) -> None:
    checked = check_text(orjson.dumps(data), "examples")
    assert checked.data is not None or has_errors(checked.problems)


@pytest.mark.parametrize(
    "new",
    [
        *(_MANY, {_MANY: _MANY}, {_MANY: {"action": 5}}, f"{{{{ {_MANY} }}}}", f"{{{{ x[{_MANY}].{_MANY} }}}}"),
        *({"pattern": f"a{{{_MANY}}}"}, {"pattern": f"a{{1,{_MANY}}}"}, {"patternProperties": {f"a{{{_MANY}}}": {}}}),
        *({"$ref": f"#/allOf/{_MANY}"}, {"allOf": [{"$ref": f"#/allOf/{_MANY}"}]}, {"$ref": f"#/examples/{_MANY}"}),
        *({"type": "string", "default": "a", "pattern": f"(a{{{_MANY}}})+"}, f"{_MANY}.0.0", f"P{_MANY}D"),
    ],
)
def test_more_digits_than_python_makes_a_number_of_are_a_problem_at_worst(new: Any) -> None:
    for at in _places(_DATA):
        checked = check_text(orjson.dumps(_replaced(_DATA, at, new)))
        assert checked.data is not None or has_errors(checked.problems)


def test_the_form_of_a_workflow_has_every_field_of_the_contract() -> None:
    checked = check_text("label: x\nversion: 1.0.0\ndefinition: {tasks: [{name: a, action: b.c}], more: {kept: true}}")
    assert checked.data == {
        "label": "x",
        "description": None,
        "version": "1.0.0",
        "tags": [],
        "enabled": True,
        "param_schema": None,
        "out_schema": None,
        "definition": {"tasks": [{"name": "a", "action": "b.c"}], "more": {"kept": True}},
    }
    assert workflow_form(_DATA)["tags"] == ["data"]


def test_a_bad_template_leaves_the_data_to_look_at() -> None:
    checked = check_text(GOOD.replace("{{ error.message }}", "{{ error.message"))
    assert has_errors(checked.problems)
    assert checked.data is not None


def test_all_problems_come_at_once() -> None:
    changes = {
        "version: 1.0.0": "version: 1",
        "timeout: 30": "timeout: soon",
        "on_success: store": "on_success: stor",
        "{{ error.message }}": "{{ error.message }",
        "url: {type: string,": "url: {type: strin,",
        "{{ answer }}": "AKIAJ4ZQX2M7RT9WBC3E",
    }
    text = GOOD
    for old, new in changes.items():
        text = text.replace(old, new)
    errors = [problem.rule for problem in check_text(text).problems if problem.severity == "error"]
    assert sorted(errors) == sorted(
        ["schema-type", "schema-type", "unknown-task", "template-syntax", "schema-invalid", "secret-literal"]
    )


def test_a_task_without_a_name_makes_no_transition_a_mistake() -> None:
    problems = check_text(GOOD.replace("- name: store\n      action", "- action")).problems
    assert [problem.rule for problem in problems if problem.severity == "error"] == ["schema-required"]


@pytest.mark.parametrize(
    "text",
    [
        "param_schema: {properties: {a: {pattern: '^(a+)+$', default: " + "a" * 50_000 + "b}}}\n",
        "param_schema: {properties: {a: {pattern: '^(?=a)(a|aa)+$', default: " + "a" * 300 + "b}}}\n",
        "param_schema: {properties: {a: {pattern: '(a{1000}){1000}'}}}\n",
        "tags: [" + "a, " * 20_000 + "]\n",
        "".join(f"{'x' * 50}{number}: 1\n" for number in range(15_000)),
    ],
    ids=["catastrophic", "look-around", "exploding", "repeated", "unknown"],
)
def test_a_hostile_file_is_done_with_soon(text: str) -> None:
    rest = "label: x\nversion: 1.0.0\ndefinition: {tasks: []}\n"
    before = time.process_time()
    check_text(text + rest)
    assert time.process_time() - before < 10


def test_a_definition_of_thousands_of_tasks_is_done_with_soon() -> None:
    tasks = [
        {
            "name": f"t{n}",
            "action": "a.b",
            "on_success": f"t{(n * 7 + 1) % 4000}",
            "input": {"x": f"{{{{ t{n // 2}.output }}}}"},
        }
        for n in range(4000)
    ]
    before = time.process_time()
    check_text(orjson.dumps({"label": "x", "version": "1.0.0", "definition": {"tasks": tasks}}))
    assert time.process_time() - before < 20


def test_no_example_yields_a_position_outside_of_it() -> None:
    for path in examples("invalid"):
        lines = path.read_text(encoding="utf-8").split("\n")
        is_pack = lines[0] == "# kind: pack"
        for problem in check_text(path.read_bytes(), "examples" if is_pack else "examples.x").problems:
            assert 1 <= problem.line <= len(lines)
            assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1


@pytest.mark.parametrize("said", ["1.10", "2.00", "0x1F", "1e3", "TRUE", "+5", "42", ".5"])
def test_a_hint_to_quote_a_value_has_it_as_it_is_written(said: str) -> None:
    text = f"label: {said}\nversion: 1.0.0\ndefinition:\n  tasks:\n    - {{name: a, action: core.noop}}\n"
    told = [problem for problem in check_text(text).problems if problem.pointer == "/label"]
    assert [(problem.rule, problem.hint) for problem in told] == [("schema-type", f'quote it: "{said}"')]


@pytest.mark.parametrize(
    ("field", "hint"),
    [("enabled: yes", "write true"), ("enabled: off", "write false"), ("tags: no", "write a list: [no]")],
)
def test_a_value_that_is_to_be_another_is_not_to_be_quoted_besides(field: str, hint: str) -> None:
    task = "{name: a, action: core.noop, timeout: 9}"
    text = f"label: A\n{field}\nversion: 1.0.0\ndefinition:\n  tasks:\n    - {task}\n"
    assert [problem.hint for problem in check_text(text).problems] == [hint]


def test_a_value_that_only_surprises_is_told_of() -> None:
    text = "label: yes\nversion: 1.0.0\ndefinition:\n  tasks:\n    - {name: a, action: core.noop, timeout: 9}\n"
    assert [(problem.rule, problem.hint) for problem in check_text(text).problems] == [
        ("yaml-surprise", 'quote it: "yes"')
    ]


def test_a_template_that_does_not_parse_may_read_whatever_is_named_in_it() -> None:
    text = GOOD.replace('"{{ table }}"', '"{{ table | upper }"')
    assert {"template-syntax"} == {problem.rule for problem in check_text(text).problems}
    other = GOOD.replace('"{{ table }}"', '"{{ tables | upper }"')
    assert {"template-syntax", "parameter-unused"} == {problem.rule for problem in check_text(other).problems}


def _three_tasks(*comments: str) -> str:
    tasks = "".join(f"    - name: t{n}{comment}\n      action: core.noop\n" for n, comment in enumerate(comments, 1))
    return "label: Three\nversion: 1.0.0\ndefinition:\n  tasks:\n" + tasks


@pytest.mark.parametrize(
    ("steps", "told"),
    [("[{when: '{{ succeeded() }}', do: t1}]", 0), ("[{when: '{{ succeeded() }}', do: [t1, t2]}]", 1)],
)
def test_nobody_but_others_waits_for_a_task(steps: str, told: int) -> None:
    problems = check_text(_three_tasks(f"\n      next: {steps}", "", "")).problems
    assert [problem.rule for problem in problems].count("on-failure-missing") == told


_IGNORED = "  # registry: ignore[timeout-missing]"


@pytest.mark.parametrize(
    ("comments", "told"),
    [
        (("", "", ""), (5, "t1, t2, t3")),
        ((_IGNORED, "", _IGNORED), (7, "t2")),
        (("", "", _IGNORED), (5, "t1, t2")),
        ((_IGNORED, _IGNORED, _IGNORED), None),
    ],
)
def test_a_comment_at_a_task_is_about_that_task_among_those_told_of_together(
    comments: tuple[str, ...], told: tuple[int, str] | None
) -> None:
    found = [problem for problem in check_text(_three_tasks(*comments)).problems if problem.rule == "timeout-missing"]
    assert [(problem.line, problem.message) for problem in found] == (
        [(told[0], f"Without a timeout: {told[1]}")] if told else []
    )
