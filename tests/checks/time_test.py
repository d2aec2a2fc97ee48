"""A check takes time that goes with the length of the file, whatever is written in it."""

import time
from copy import deepcopy
from typing import Any

import pytest

from attune_registry.checks.contract import Contract
from attune_registry.checks.effort import Effort, over_the_limit
from attune_registry.checks.engine import check_workflow
from attune_registry.checks.reach import is_too_much
from attune_registry.checks.subschemas import Subschema, subschemas
from attune_registry.forms.checking import check_workflow_file
from attune_registry.problems import Problem
from attune_registry.yamldoc.document import parse

CONTRACT, _ = Contract.load(None, None, None)
HEAD = "label: Long\nversion: 1.0.0\n"
TASK = "definition:\n  tasks:\n    - name: only\n      action: core.noop\n"


def _checked(text: str) -> tuple[float, tuple[Problem, ...]]:
    """The processor's seconds, and the problems."""
    document = parse((HEAD + text).encode())
    started = time.process_time()
    problems = check_workflow(document, "demo.long", CONTRACT).problems
    return time.process_time() - started, problems


def test_a_long_text_beside_many_names_that_jinja2_reads_as_subtractions() -> None:
    names = "".join(f"    - name: a-{number}\n      action: core.noop\n" for number in range(2_000))
    reader = "    - name: last\n      action: core.noop\n      input: {said: '" + "{{ q }}" * 2_000 + "'}\n"
    seconds, problems = _checked("definition:\n  tasks:\n" + names + reader)
    assert seconds < 5
    assert "variable-undeclared" in {problem.rule for problem in problems}


def _of_schema(text: str, count: int, part: str) -> str:
    properties = "".join(f"    p{number}: {part}\n" for number in range(count))
    return f"{TASK}param_schema:\n  type: object\n  properties:\n{properties}{text}"


def test_many_references_that_lead_nowhere() -> None:
    for part in ("{$ref: '#x'}", "{$ref: '#/x'}"):
        seconds, problems = _checked(_of_schema("", 2_000, part))
        assert seconds < 2
        assert "schema-reference" in {problem.rule for problem in problems}


def test_many_branches_beside_many_properties_take_no_room() -> None:
    text = _of_schema("  anyOf:\n" + "    - {not: {}}\n" * 2_000, 2_000, "{}")
    schema = parse((HEAD + text).encode()).data["param_schema"]
    names = {id(part.names) for part in subschemas(schema) if part.names}
    assert len(names) == 1


_KEYS = "".join(f"lable{number}: 1\n" for number in range(10_000))
_TASKS = "".join(
    f"    - name: a{task}\n      action: core.noop\n" + "".join(f"      actoin{task}x{key}: 1\n" for key in range(99))
    for task in range(400)
)
_PARTS = "".join(
    f"    p{number}: {{" + ", ".join(f"minlenth{number}x{key}: 1" for key in range(90)) + "}\n" for number in range(400)
)


@pytest.mark.parametrize(
    "text",
    [
        f"tasks:\n  - name: only\n    action: core.noop\n{_KEYS}",
        f"definition:\n  tasks:\n{_TASKS}",
        f"{TASK}param_schema:\n  type: object\n  properties:\n{_PARTS}",
    ],
    ids=["flat", "tasks", "schema"],
)
def test_many_keys_that_are_none(text: str) -> None:
    started = time.process_time()
    check_workflow_file((HEAD + text).encode(), "demo.long", CONTRACT)
    assert time.process_time() - started < 3


@pytest.mark.parametrize("rule", ["unreachable-taks", "unreachable-task"])
def test_many_comments_that_ignore_something(rule: str) -> None:
    line = f"      # registry: ignore[{rule}]\n"
    seconds, _ = _checked(TASK + line * 6_000 + "      input:\n        said: |\n" + "          x\n" * 6_000)
    assert seconds < 2
    seconds, _ = _checked(TASK + "".join(line.replace("]", f"{number}]") for number in range(3_000)))
    assert seconds < 2


@pytest.mark.parametrize("part", ["{allOf: [{$ref: '#/$defs/d0'}]}", "{properties: {a: {$ref: '#/$defs/d0'}}}"])
def test_a_long_chain_of_references_above_a_default(part: str) -> None:
    chain = "".join(f"    d{number}: " + part.replace("d0", f"d{number + 1}") + "\n" for number in range(1_500))
    head = TASK + "param_schema:\n  properties:\n    x: {$ref: '#/$defs/d0', default: 1}\n  $defs:\n    d1500: {}\n"
    seconds, problems = _checked(head + chain)
    assert seconds < 3
    assert "is not checked" in next(problem.message for problem in problems if problem.rule == "schema-default")


@pytest.mark.parametrize(
    "part",
    [
        {"$id": "x", "properties": {"a": {"$ref": "#/properties/b"}, "b": {}}},
        {"$dynamicAnchor": "n", "properties": {"a": {"$dynamicRef": "#n"}}},
    ],
    ids=["$id", "$dynamicAnchor"],
)
def test_many_references_that_may_each_mean_many_parts(part: dict[str, Any]) -> None:
    schema = {"properties": {f"p{number}": deepcopy(part) for number in range(2_000)}}
    started = time.process_time()
    assert over_the_limit(schema, Effort(schema)) is None
    assert not is_too_much(schema, [Subschema("", schema, frozenset(), False)])
    assert time.process_time() - started < 1
