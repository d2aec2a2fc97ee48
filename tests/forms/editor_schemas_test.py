"""The schemas that editors hold files against, beside what the registry says of the same files."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from attune_registry.checks.contract import Contract, packaged_schema
from attune_registry.forms.checking import check_workflow_file
from attune_registry.forms.pairs import Raw

_SAMPLES = Path(__file__).parent / "samples"
_CONTRACT = Contract.load(None, None, None)[0]
_KINDS = ("workflow", "workflow-file", "action-file", "tasks-file")
_SCHEMAS = {f"{kind}.schema.json": json.loads(packaged_schema(kind)) for kind in _KINDS}
_FOUND = Registry().with_resources((name, Resource.from_contents(schema)) for name, schema in _SCHEMAS.items())
_HEAD = 'label: Flat\nversion: "1.0"\n'
_ONE = "tasks: [{name: a, action: core.noop%s}]\n"
_NATIVE = "label: N\nversion: 1.0.0\ndefinition: {tasks: [{name: a, action: core.noop%s}]}\n"
_GOOD = [
    _HEAD + _ONE % "",
    _HEAD + _ONE % ", timeout: '{{ parameters.t }}', on_success: [b], on_failure: [{when: x, do: b}], own: 1",
    _HEAD + _ONE % ", type: parallel",
    _HEAD + _ONE % ", on_success: , on_failure: , retry: , timeout: , next: ",
    _HEAD + "tasks: [{name: a, type: parallel, tasks: {b: {action: core.noop}}}]\n",
    _HEAD + "tasks: {a: {action: core.noop, name: 1}}\n",
    _HEAD + "tasks: []\n",
    _HEAD + "own: 1\nref: 7\ntags:\ndescription:\nparameters:\noutput:\nvars:\n" + _ONE % "",
    _HEAD + "vars: [{a: 1}, {b: 2}]\nparameters: {type: {type: string, required: true}}\n" + _ONE % "",
    "label: Flat\nversion: '2'\n" + _ONE % "",
    "label: Flat\nversion: 1.2.3-rc.1+x\n" + _ONE % "",
    _NATIVE % "",
]
_BAD = [
    _ONE % "",
    _HEAD,
    _HEAD + "vars: {a: 1}\n",
    _HEAD + "tasks: none\n",
    _HEAD + "tasks: [{action: core.noop}]\n",
    _HEAD + "tasks: [{name: a}]\n",
    _HEAD + "tasks: [{name: a, type: parallel}]\n",
    _HEAD + "tasks: {a: none}\n",
    _HEAD + "tasks: {a: {}}\n",
    _HEAD + "tasks: {a: {type: parallel, tasks: [{name: b}]}}\n",
    _HEAD + "vars: 1\n" + _ONE % "",
    _HEAD + "vars: [1]\n" + _ONE % "",
    _HEAD + "tags: [a, a]\n" + _ONE % "",
    _HEAD + "enabled: 'yes'\n" + _ONE % "",
    _HEAD + "parameters: [a]\n" + _ONE % "",
    _HEAD + "output: a\n" + _ONE % "",
    "label: ' '\n" + _ONE % "",
    "label: Flat\nversion: 1.0\n" + _ONE % "",
    "label: Flat\nversion: '1.0-rc.1'\n" + _ONE % "",
    *(_HEAD + _ONE % f", {said}" for said in ("timeout: soon", "timeout: -1", "on_success: {a: b}", "on_failure: ''")),
    *(_HEAD + _ONE % f", {said}" for said in ("input: [a]", "retry: {count: '{{ n }}'}", "retry: {delay: -1}")),
    _NATIVE % ", timeout: '{{ t }}'",
    "- a\n",
]


def _is_red(kind: str, text: str) -> bool:
    validator = Draft202012Validator(_SCHEMAS[f"{kind}.schema.json"], registry=_FOUND)
    data: Any = yaml.safe_load(text)
    return not validator.is_valid(data)


def _is_refused(raw: Raw) -> bool:
    return check_workflow_file(raw, "demo.flat", _CONTRACT).data is None


@pytest.mark.parametrize("text", _GOOD)
def test_an_editor_finds_no_fault_with_a_workflow_that_the_registry_takes(text: str) -> None:
    assert (_is_red("workflow-file", text), _is_refused(text.encode())) == (False, False)


@pytest.mark.parametrize("text", _BAD)
def test_an_editor_marks_the_shapes_that_the_registry_refuses(text: str) -> None:
    assert (_is_red("workflow-file", text), _is_refused(text.encode())) == (True, True)


@pytest.mark.parametrize("path", sorted(_SAMPLES.glob("*/workflows/*.yaml")), ids=lambda path: path.stem)
def test_an_editor_finds_no_fault_with_the_flat_files_of_a_pack(path: Path) -> None:
    assert not _is_red("workflow-file", path.read_text())


_ACTION = "workflow_file: workflows/a.workflow.yaml\n"


@pytest.mark.parametrize(
    ("action", "tasks", "is_action_red", "are_tasks_red"),
    [
        (_ACTION, _ONE % "", False, False),
        (_ACTION + "label: A\nparameters: {a: {type: string}}\nrunner: x\n", _HEAD + _ONE % "", False, False),
        (_ACTION + "label: 1\n", _ONE % "", True, False),
        (_ACTION + "enabled: 1\n", _ONE % "", True, False),
        ("workflow_file: ../a.yaml\n", _ONE % "", True, False),
        (_ACTION, "vars: {a: 1}\n", False, True),
        (_ACTION, "version: 1\n" + _ONE % "", False, True),
    ],
)
def test_a_workflow_in_two_files_is_marked_in_the_one_that_is_wrong(
    action: str, tasks: str, is_action_red: bool, are_tasks_red: bool
) -> None:
    assert (_is_red("action-file", action), _is_red("tasks-file", tasks)) == (is_action_red, are_tasks_red)
    assert _is_refused((action.encode(), tasks.encode())) == (is_action_red or are_tasks_red)


def test_a_mere_action_and_a_workflow_among_the_tasks_are_left_as_they_are() -> None:
    assert not _is_red("action-file", "runner_type: python\nparameters: 7\n")
    assert not _is_red("tasks-file", _NATIVE % "")


def test_what_the_layouts_share_is_explained_in_the_same_words() -> None:
    contract, own = _SCHEMAS["workflow.schema.json"], _SCHEMAS["workflow-file.schema.json"]["$defs"]
    differing = {"version", "on_success", "on_failure", "timeout"}
    task = own["task"]["properties"] | own["listed_task"]["properties"]
    for theirs, ours in ((contract["properties"], own), (contract["$defs"]["task"]["properties"], task)):
        for name in theirs.keys() & ours.keys() - differing - {"definition"}:
            assert ours[name]["description"] == theirs[name]["description"], name
