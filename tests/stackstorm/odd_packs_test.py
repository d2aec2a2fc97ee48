"""Packs that are not as they should be: what can be had of them is had, and the report says the rest."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitrepo import Repo
from serving import COMMAND

ACTION = "name: wf\nrunner_type: orquesta\nentry_point: workflows/wf.yaml\nparameters:\n  host: {type: string}\n"
TASKS = "version: 1.0\ntasks:\n  one:\n    action: core.noop\n"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    made = tmp_path / "odd"
    (made / "actions/workflows").mkdir(parents=True)
    (made / "pack.yaml").write_text("ref: odd\nname: Odd\nversion: 0.1.0\n")
    (made / "actions/wf.yaml").write_text(ACTION)
    (made / "actions/workflows/wf.yaml").write_text(TASKS)
    return made


def run(repo: Repo, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*COMMAND, *arguments], cwd=repo.root, capture_output=True, text=True, check=False)


def imported(repo: Repo, pack: Path) -> tuple[dict[str, Any], str]:
    """The workflow made (empty for none) and the notes; whatever it is, it validates without errors."""
    done = run(repo, "import", "stackstorm", str(pack), "--json")
    assert done.returncode == 0, done.stderr
    checked = run(repo, "validate", "odd", "--format", "json")
    assert checked.returncode == 0, checked.stdout
    file = repo.root / "packs/odd/workflows/wf.yaml"
    notes = "\n".join(f"{note['kind']} {note['at']}: {note['message']}" for note in json.loads(done.stdout)["notes"])
    return yaml.safe_load(file.read_text()) if file.exists() else {}, notes


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("tasks:\n  one: core.local\n", "the task one is no mapping"),
        ("tasks: [one]\n", "the workflow has no tasks by name"),
        ("tasks:\n  one:\n    action: <% ctx(which) %>\n", "core.noop stands in for it"),
        ("tasks:\n  one:\n    action: local\n", "core.noop stands in for it"),
        (f"{TASKS}output-on-error: [x: 1]\n", "'output-on-error' of the workflow was left out"),
        (f"{TASKS}input: [host, user]\n", "the input user is no parameter of the action"),
        (f"{TASKS}    input: {{x: '{{{{ ctx().host }}}}'}}\n", "context /definition/tasks/0/input/x"),
    ],
)
def test_a_workflow_that_is_no_whole_one_is_taken_as_far_as_it_goes(
    repo: Repo, pack: Path, text: str, note: str
) -> None:
    (pack / "actions/workflows/wf.yaml").write_text(text)
    data, notes = imported(repo, pack)
    assert data["ref"] == "odd.wf"
    assert note in notes


def test_an_input_with_a_value_that_is_no_parameter_becomes_a_variable(repo: Repo, pack: Path) -> None:
    (pack / "actions/workflows/wf.yaml").write_text(f"{TASKS}input:\n  - port: 22\n  - host: here\nvars: [a: 1]\n")
    data, notes = imported(repo, pack)
    assert data["definition"]["variables"] == {"port": 22, "a": 1}
    assert data["param_schema"]["properties"]["host"]["default"] == "here"
    assert "the input port, no parameter, became a variable" in notes


def test_what_is_said_of_a_parameter_and_is_no_json_schema_stays_behind(repo: Repo, pack: Path) -> None:
    more = "  odd: {type: strng, required: true, description: Odd}\n  empty: {type: [string, null]}\n"
    (pack / "actions/wf.yaml").write_text(ACTION + more)
    data, notes = imported(repo, pack)
    properties = {"host": {"type": "string"}, "odd": {"description": "Odd"}, "empty": {"type": ["string", "null"]}}
    assert data["param_schema"] == {"type": "object", "properties": properties, "required": ["odd"]}
    assert "what is said of odd is no JSON Schema" in notes


def test_parameters_that_are_no_mapping_are_told_of(repo: Repo, pack: Path) -> None:
    (pack / "actions/wf.yaml").write_text(ACTION.replace("\n  host: {type: string}", " [host]"))
    assert "the parameters are no mapping by name" in imported(repo, pack)[1]


@pytest.mark.parametrize("name", ["wf", "WF"])
def test_of_two_actions_of_one_name_the_second_is_left_out(repo: Repo, pack: Path, name: str) -> None:
    (pack / "actions/wf2.yaml").write_text(ACTION.replace("name: wf", f"name: {name}"))
    data, notes = imported(repo, pack)
    assert data["ref"] == "odd.wf"
    assert "another action is called" in notes


def test_a_workflow_that_could_not_be_served_is_left_out(repo: Repo, pack: Path) -> None:
    (pack / "actions/wf.yaml").write_text(ACTION.replace("orquesta", "action-chain"))
    (pack / "actions/workflows/wf.yaml").write_text("chain:\n  - name: one\n")
    data, notes = imported(repo, pack)
    assert data == {}
    assert "does not name an action" in notes


def test_a_workflow_of_an_engine_that_is_gone_is_named_and_no_mere_action(repo: Repo, pack: Path) -> None:
    (pack / "actions/old.yaml").write_text("name: old_one\nrunner_type: mistral-v2\nentry_point: workflows/old.yaml\n")
    (pack / "actions/plain.yaml").write_text("name: plain\nrunner_type: python-script\nentry_point: plain.py\n")
    notes = imported(repo, pack)[1]
    assert "the workflow old_one was left out: its engine is mistral-v2" in notes
    assert "actions that are no workflows (1)" in notes


def test_a_parameter_that_an_expression_left_as_it_was_reads_is_not_said_to_be_unused(repo: Repo, pack: Path) -> None:
    names = ("host", "count", "port", "path", "mode", "user", "quiet")
    spare = "".join(f"  {name}: {{type: string}}\n" for name in names[1:])
    (pack / "actions/wf.yaml").write_text(ACTION + spare)
    said = """{a: '{{ ctx().host }}', b: '<% ctx().count + 1 %>', c: '<% ctx(port) %>', d: "<% ctx('path') %>",
      e: "<% ctx().get(mode) %>", f: 'user <% 1 %>', g: '{{ ctx("quiet") }}'}"""
    (pack / "actions/workflows/wf.yaml").write_text(f"{TASKS}    input: {said}\n")
    imported(repo, pack)
    problems = json.loads(run(repo, "validate", "odd", "--format", "json").stdout)["problems"]
    unused = [problem["message"] for problem in problems if problem["rule"] == "parameter-unused"]
    assert unused == ["No template reads the parameter 'user'"]


def test_a_pack_that_differs_by_capitals_alone_is_in_the_way(repo: Repo, pack: Path) -> None:
    repo.write("packs/ODD/pack.yaml", "label: Mine\nversion: 1.0.0\n")
    done = run(repo, "import", "stackstorm", str(pack))
    assert (done.returncode, "'packs/ODD' is there already" in done.stderr) == (1, True)
    assert not (repo.root / "packs/odd").exists()


def test_nothing_is_written_through_a_link(repo: Repo, pack: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (repo.root / "packs/odd").symlink_to(outside)
    assert run(repo, "import", "stackstorm", str(pack)).returncode == 1
    assert list(outside.iterdir()) == []


def test_what_an_action_says_beside_its_workflow_is_in_the_report(repo: Repo, pack: Path) -> None:
    more = "output_key: out\nnotify:\n  on-complete: {routes: [slack]}\ntags: [{name: team, value: ops}, nightly]\n"
    (pack / "actions/wf.yaml").write_text(f"{ACTION}enabled: true\npack: odd\n{more}")
    data, notes = imported(repo, pack)
    assert data["tags"] == ["team", "nightly"]
    assert notes.splitlines() == [
        "left-out /tags/0: the value 'ops' of the tag team was left out: a tag is a word here",
        "left-out : 'notify' of the action wf was left out: there is nothing like it here",
        "left-out : 'output_key' of the action wf was left out: there is nothing like it here",
    ]


def test_what_a_chain_says_beside_its_steps_is_in_the_report(repo: Repo, pack: Path) -> None:
    (pack / "actions/wf.yaml").write_text(ACTION.replace("orquesta", "action-chain"))
    chain = "chain: [{name: one, ref: core.noop}]\ndefault: one\nvars: {a: 1}\npublish: {b: 2}\n"
    (pack / "actions/workflows/wf.yaml").write_text(chain)
    data, notes = imported(repo, pack)
    assert data["definition"]["variables"] == {"a": 1}
    assert notes == "left-out : 'publish' of the chain was left out: there is nothing like it here"
