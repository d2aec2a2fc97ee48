import json
from pathlib import Path
from typing import Any

import pytest
from example_files import check_text

from attune_registry.checks.contract import Contract, packaged_schema
from attune_registry.checks.settings import Settings, read_settings
from attune_registry.forms.checking import check_workflow_file
from attune_registry.layout import CONFIG_PATH, PACK_SCHEMA_PATH, WORKFLOW_SCHEMA_PATH

_ROOT = Path(__file__).parents[2]
_KINDS = ["workflow", "pack", "workflow-file", "action-file", "tasks-file"]
_GOOD = "label: Good\nversion: 1.0.0\ndefinition:\n  tasks:\n    - {name: run, action: core.noop, timeout: 5}\n"


def _load(config: str = "", workflow: str | None = None, pack: str | None = None) -> Contract:
    contract, problems = _loaded(config, workflow, pack)
    assert problems == {}
    return contract


def _loaded(config: str = "", workflow: str | None = None, pack: str | None = None) -> Any:
    raw = [text.encode() if text is not None else None for text in (config, workflow, pack)]
    return Contract.load(*raw)


def _schema(**changes: Any) -> str:
    return json.dumps({**json.loads(packaged_schema("workflow")), **changes})


@pytest.mark.parametrize("kind", _KINDS)
def test_this_registry_has_the_schemas_of_the_package(kind: str) -> None:
    assert (_ROOT / "registry" / "schemas" / f"{kind}.schema.json").read_bytes() == packaged_schema(kind)


@pytest.mark.parametrize("kind", _KINDS)
def test_every_field_of_a_schema_tells_an_editor_what_it_is(kind: str) -> None:
    def fields(schema: dict[str, Any]) -> list[dict[str, Any]]:
        found = list(schema.get("properties", {}).values())
        return found + [inner for field in found for inner in fields(field)]

    schema = json.loads(packaged_schema(kind))
    known = [*fields(schema), *schema.get("$defs", {}).values()]
    known += [field for part in schema.get("$defs", {}).values() for field in fields(part)]
    for field in known:
        if "$ref" not in field:
            assert field["title"]
            assert field["description"].endswith(".")
            assert {"examples", "default", "properties"} & field.keys()


def test_the_default_settings_of_this_registry_are_the_defaults() -> None:
    found = read_settings((_ROOT / CONFIG_PATH).read_bytes())
    assert found.settings == Settings()
    assert found.findings == ()


def test_every_setting_of_the_default_file_is_a_setting_when_it_is_uncommented() -> None:
    text = (_ROOT / CONFIG_PATH).read_text(encoding="utf-8")
    lines = [line[2:] for line in text.splitlines() if line.startswith("# ") and (":" in line and ". " not in line)]
    found = read_settings("\n".join(lines).encode())
    assert found.findings == ()
    assert found.settings.branch == "main"
    assert found.settings.rules == {"timeout-missing": "off", "task-snake-case": "warning"}


def test_a_rule_is_switched_off_and_regraded_by_the_settings() -> None:
    text = _GOOD.replace("run", "Run")
    assert [p.rule for p in check_text(text).problems] == ["task-snake-case"]
    assert check_text(text, contract=_load("rules: {task-snake-case: off}")).problems == ()
    graver = check_text(text, contract=_load("rules: {task-snake-case: error}")).problems
    assert [p.severity for p in graver] == ["error"]


def test_filters_tests_and_variables_of_a_registry_are_known_to_it() -> None:
    text = _GOOD.replace("timeout: 5", "timeout: 5, input: {x: '{{ y | to_json }}{{ y is semver }}'}")
    rules = {problem.rule for problem in check_text(text).problems}
    assert rules == {"variable-undeclared", "template-filter", "template-test"}
    hints = [problem.hint for problem in check_text(text).problems if problem.rule == "template-test"]
    assert hints == ["declare it in registry/config.yaml: templates: {tests: [semver]}"]
    config = "templates: {filters: [to_json], tests: [semver], variables: [y]}"
    assert check_text(text, contract=_load(config)).problems == ()


@pytest.mark.parametrize(
    ("text", "rule", "line", "column"),
    [
        ("require_ifmatch: true", "settings-unknown", 1, 1),
        ("protect: maybe", "settings-value", 1, 10),
        ("required_approvals: -1", "settings-value", 1, 21),
        ("required_approvals: true", "settings-value", 1, 21),
        ("branch: 7", "settings-value", 1, 9),
        ("rules:\n  endles-loop: off", "settings-unknown", 2, 3),
        ("rules:\n  endless-loop: fatal", "settings-value", 2, 17),
        ("rules:\n  schema-type: off", "settings-value", 2, 16),
        ("rules: [endless-loop]", "settings-value", 1, 8),
        ("templates: {filter: [x]}", "settings-unknown", 1, 13),
        ("templates: {filters: x}", "settings-value", 1, 22),
        ("- protect", "settings-value", 1, 1),
        ("protect: true\nprotect: false", "yaml-duplicate-key", 2, 1),
        ("protect: {", "yaml-syntax", 1, 11),
    ],
)
def test_what_is_wrong_in_the_settings_is_a_problem(text: str, rule: str, line: int, column: int) -> None:
    contract, problems = _loaded(text)
    assert [(p.rule, p.line, p.column) for p in problems[CONFIG_PATH]] == [(rule, line, column)]
    assert contract.settings.rules == {}


@pytest.mark.parametrize(
    ("schema", "line", "column"),
    [("{", 1, 2), ("[]", 1, 1), ('{\n  "type": "objekt"}', 2, 11), ('{"$ref": "https://example.com/x"}', 1, 1)]
    + [('{"allOf": [' * levels + "{}" + "]}" * levels, 1, 1) for levels in (64, 125, 200, 500)],
)
def test_a_broken_schema_is_a_problem_and_the_packaged_one_stands_in(schema: str, line: int, column: int) -> None:
    contract, problems = _loaded("", schema, schema)
    for path in (WORKFLOW_SCHEMA_PATH, PACK_SCHEMA_PATH):
        (problem,) = problems[path]
        assert (problem.rule, problem.line) == ("schema-file", line)
    assert check_text("version: 1.0.0", contract=contract).problems == check_text("version: 1.0.0").problems


def test_a_schema_may_be_as_deep_as_two_levels_for_each_of_a_file() -> None:
    deep = json.loads('{"allOf": [' * 62 + '{"maxProperties": 2}' + "]}" * 62)
    contract = _load(workflow=_schema(allOf=[deep["allOf"][0]]))
    assert "schema-value" in {problem.rule for problem in check_text(_GOOD, contract=contract).problems}
    flat = check_workflow_file(b"tasks: [{name: a, action: core.noop}]\n", "demo.flat", contract)
    assert flat.problems


def test_an_organisation_can_tighten_the_schema() -> None:
    strict = _schema(required=["label", "version", "definition", "description", "tags"])
    problems = check_text(_GOOD, contract=_load("", strict)).problems
    assert [(p.rule, p.pointer) for p in problems] == [("schema-required", ""), ("schema-required", "")]


def test_an_organisation_can_add_a_field_of_its_own() -> None:
    text = "x_owner: platform\n" + _GOOD
    assert [p.rule for p in check_text(text).problems] == ["unknown-field"]
    properties = json.loads(packaged_schema("workflow"))["properties"]
    wider = _schema(properties={**properties, "x_owner": {"type": "string"}})
    checked = check_text(text, contract=_load("", wider))
    assert checked.problems == ()
    assert checked.data is not None
    assert "x_owner" not in checked.data


def test_an_organisation_cannot_loosen_what_the_contract_needs() -> None:
    contract = _load("", "{}", "{}")
    assert check_text("label: 7", contract=contract).data is None
    assert check_text("tags: x", "examples", contract).data is None
    assert check_text(_GOOD, contract=contract).problems == ()


def test_a_schema_of_its_own_may_use_patterns_that_python_cannot_read() -> None:
    properties = json.loads(packaged_schema("workflow"))["properties"]
    wider = _schema(properties={**properties, "label": {"type": "string", "pattern": r"^\p{Lu}"}})
    problems = check_text(_GOOD.replace("Good", "good"), contract=_load("", wider)).problems
    assert [(p.rule, p.pointer) for p in problems] == [("schema-value", "/label")]


def test_the_digest_names_what_decides_and_nothing_else() -> None:
    plain = _load().digest
    assert _load("# a comment\n").digest == plain
    assert _load("protect: true\n").digest == plain
    assert _load("rules: {endless-loop: off}").digest != plain
    assert _load("templates: {filters: [x]}").digest != plain
    assert _load("", _schema(title="Another")).digest != plain
    assert _load("", packaged_schema("workflow").decode()).digest == plain


def test_a_contract_is_made_again_from_what_it_was_made_of() -> None:
    contract = _load("rules: {endless-loop: off}", _schema(title="Another"))
    again, _ = Contract.load(*contract.raw)
    assert again.digest == contract.digest
