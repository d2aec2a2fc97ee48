"""Schemas and values that would keep a validator busy for years: each test here would never end without the count."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from example_files import check_text

from attune_registry.checks.contract import Contract, packaged_schema
from attune_registry.checks.effort import MOST_WRITTEN_OUT, TOO_MUCH, Allowance, Effort
from attune_registry.checks.engine import check_workflow
from attune_registry.checks.misfits import misfits
from attune_registry.checks.schemas import check_schema
from attune_registry.compat.schemas import compare_inputs
from attune_registry.layout import WORKFLOW_SCHEMA_PATH
from attune_registry.yamldoc.document import parse

pytestmark = pytest.mark.timeout(60)

Schema = dict[str, Any]
_GOOD = "label: Good\nversion: 1.0.0\ndefinition:\n  tasks:\n    - {name: run, action: core.noop, timeout: 5}\n"
_TREE = {"anyOf": [{"type": "string"}, {"items": {"$ref": "#"}}, {"additionalProperties": {"$ref": "#"}}]}


def _doubled(twice: Callable[[Schema], Schema], times: int = 45) -> Schema:
    """Each of the schemas refers to the one before it as often as `twice` does."""
    parts: dict[str, Schema] = {"a0": {"type": "integer"}}
    for number in range(times):
        parts[f"a{number + 1}"] = twice({"$ref": f"#/$defs/a{number}"})
    return {"$defs": parts, "properties": {"x": {"$ref": f"#/$defs/a{times}", "default": 1}}}


def _twice(part: Schema) -> Schema:
    return {"allOf": [part, part]}


def _left_over(keyword: str) -> Schema:
    schema: Schema = {"type": "object"}
    for _ in range(28):
        schema = {"anyOf": [schema], keyword: {"type": "string"}}
    return {"properties": {"x": {**schema, "default": {"a": "b"}}}}


def _deep(levels: int = 50) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"x": value}
    return value


_FORMS: dict[str, Schema] = {
    "allOf": _doubled(_twice),
    "anyOf": _doubled(lambda part: {"anyOf": [part, part]}),
    "oneOf": _doubled(lambda part: {"oneOf": [part, part]}),
    "if": _doubled(lambda part: {"if": part, "then": part}),
    "else": _doubled(lambda part: {"if": {"not": part}, "else": part}),
    "dependentSchemas": _doubled(lambda part: {"dependentSchemas": {"a": part, "b": part}}),
    "dependencies": _doubled(lambda part: {"dependencies": {"a": part, "b": part}}),
    "beside": _doubled(lambda part: {**part, "not": {"not": part}}),
    "dynamic": _doubled(lambda part: {**part, "$dynamicRef": part["$ref"]}),
    "circle": {"allOf": [{"$ref": "#"}], "default": 1},
    "unevaluatedProperties": _left_over("unevaluatedProperties"),
    "unevaluatedItems": _left_over("unevaluatedItems"),
}


@pytest.mark.parametrize("form", _FORMS)
def test_a_schema_that_doubles_at_each_step_is_told_and_no_value_is_held_against_it(form: str) -> None:
    found = check_schema(_FORMS[form], "")
    assert [finding.rule for finding in found] == ["schema-limit"]
    assert f"{MOST_WRITTEN_OUT:,}" in found[0].message


def test_it_is_told_without_a_default_too_for_callers_have_values() -> None:
    schema = _doubled(_twice)
    del schema["properties"]["x"]["default"]
    assert [finding.rule for finding in check_schema(schema, "")] == ["schema-limit"]


@pytest.mark.parametrize("name", ["inner.json", "https://example.com/schemas/inner.json"])
def test_doubling_under_an_id_of_its_own_or_an_anchor_is_seen(name: str) -> None:
    inner = {**_doubled(_twice), "$id": name, "$ref": "#/$defs/a45"}
    schema = {"$defs": {"inner": inner}, "properties": {"y": {"$ref": name, "default": 1}}}
    assert [finding.rule for finding in check_schema(schema, "")] == ["schema-limit"]
    anchored = _doubled(_twice)
    anchored["$defs"]["a45"]["$anchor"] = "top"
    anchored["properties"]["x"]["$ref"] = "#top"
    assert [finding.rule for finding in check_schema(anchored, "")] == ["schema-limit"]


@pytest.mark.parametrize(
    "schema",
    [
        _TREE,
        {"properties": {"x": {"$ref": "https://json-schema.org/draft/2020-12/schema", "default": {"type": "array"}}}},
        {"properties": {"x": {"$ref": "inner.json", "default": 1}}, "$defs": {"inner": {"$id": "inner.json"}}},
        {"properties": {"x": {"enum": [f"host{number}" for number in range(5000)], "default": "host7"}}},
        {"properties": {"x": {"anyOf": [{"const": number} for number in range(5000)], "default": 4999}}},
        {
            "properties": {
                "x": {
                    "items": {"properties": {"a": {}, "b": {"type": "integer"}}, "required": ["a"]},
                    "default": [{"a": 1, "b": 2}] * 2000,
                }
            }
        },
        {"properties": {"x": {**_TREE, "$defs": {}, "default": [["a"]]}}},
        _doubled(_twice, times=11),
    ],
)
def test_what_people_write_is_far_below_the_limits(schema: Schema) -> None:
    assert check_schema(schema, "") == []


def test_a_value_so_deep_that_its_schema_doubles_at_each_level_is_not_held_against_it() -> None:
    both = {"allOf": [{"properties": {"x": {"$ref": "#"}}}, {"additionalProperties": {"$ref": "#"}}]}
    [found] = check_schema({**both, "type": "object", "default": _deep()}, "")
    assert (found.rule, found.pointer) == ("schema-default", "/default")
    assert "not checked" in found.message
    assert check_schema({**both, "default": _deep(5)}, "") == []


def test_what_a_caller_gives_is_held_against_no_schema_that_comes_to_too_much() -> None:
    assert [misfit.steps for misfit in misfits({"x": 5}, _doubled(_twice), True, Allowance())] == [()]
    assert misfits({"x": 5}, _doubled(_twice, times=11), True, Allowance()) == []


def test_many_calls_share_what_may_be_spent() -> None:
    schema, allowance = _doubled(_twice, times=11), Allowance()
    found = [misfits({"x": "five", "y": number}, schema, True, allowance) for number in range(200)]
    assert found[0][0].steps == ("x",)
    assert found[-1][0].steps == ()


def test_versions_are_compared_without_holding_values_against_such_a_schema() -> None:
    was = {**_doubled(_twice), "properties": {"x": {"enum": [1, 2]}}}
    assert compare_inputs(was, _doubled(_twice))


def _contract(**changes: Any) -> tuple[Contract, Any]:
    schema = json.loads(packaged_schema("workflow"))
    schema["$defs"] = {**schema["$defs"], **changes.pop("defs", {})}
    schema["properties"] = {**schema["properties"], **changes}
    contract, problems = Contract.load(None, json.dumps(schema).encode(), None)
    return contract, problems.get(WORKFLOW_SCHEMA_PATH, ())


def test_a_schema_of_the_registrys_own_that_comes_to_too_much_is_not_in_force() -> None:
    contract, [problem] = _contract(defs=_doubled(_twice)["$defs"], label={"$ref": "#/$defs/a45"})
    assert (problem.rule, problem.severity) == ("schema-file", "error")
    assert contract.workflow == Contract.load(None, None, None)[0].workflow
    assert check_text(_GOOD, contract=contract).data


def test_one_that_comes_to_too_much_for_a_deep_file_refuses_that_file_alone() -> None:
    deep = {"allOf": [{"additionalProperties": {"$ref": "#/$defs/deep"}}] * 2, "type": ["object", "string"]}
    contract, problems = _contract(defs={"deep": deep}, variables={"$ref": "#/$defs/deep"})
    assert problems == ()
    assert check_workflow(parse(_GOOD.encode()), "demo.good", contract).data
    text = _GOOD + f"variables: {json.dumps(_deep())}\n"
    [problem] = check_workflow(parse(text.encode()), "demo.good", contract).problems
    assert (problem.rule, problem.severity) == ("schema-value", "error")


def test_counting_itself_is_paid_for() -> None:
    value = [[number] for number in range(90_000)]
    allowance = Allowance()
    assert Effort(_TREE).steps(_TREE, value, allowance) == TOO_MUCH
    assert allowance.left >= 0
