"""Packs that are not as they should be: what can be had of them is had, and the report says the rest."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from attune_registry.checks.graph import picture
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
        (f"{TASKS}    input: {{x: '{{% if ctx().host %}}a{{% endif %}}'}}\n", "context /definition/tasks/0/input/x"),
        (f"{TASKS}    input: {{x: '{{{{ system.domain }}}}'}}\n", "datastore /definition/tasks/0/input/x"),
        (f"{TASKS}    input: {{x: '{{{{ 1 + user.age }}}}'}}\n", "datastore /definition/tasks/0/input/x"),
        (f"{TASKS}    retry: 3\n", "'retry' of the task one was left out: 3 is no mapping"),
        (
            f"{TASKS}    with: {{items: 'host in {{{{ ctx().hosts }}}}'}}\n",
            "'with' of the task one gives its items names",
        ),
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


@pytest.mark.parametrize("said", ["[host]", "[{host: {type: string}}]", "7", "true", "host"])
def test_parameters_that_are_no_mapping_are_told_of(repo: Repo, pack: Path, said: str) -> None:
    (pack / "actions/wf.yaml").write_text(ACTION.replace("\n  host: {type: string}", f" {said}"))
    (pack / "actions/workflows/wf.yaml").write_text(f"{TASKS}input: [host, {{port: 22}}]\n")
    notes = imported(repo, pack)[1]
    assert "the parameters are no mapping by name" in notes
    assert "the input host is no parameter of the action" in notes


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


def chain_of(repo: Repo, pack: Path, chain: str) -> tuple[list[dict[str, Any]], list[str], str]:
    """The tasks that a chain becomes, those that start it, and the notes."""
    (pack / "actions/wf.yaml").write_text(ACTION.replace("orquesta", "action-chain"))
    (pack / "actions/workflows/wf.yaml").write_text(chain)
    data, notes = imported(repo, pack)
    return data["definition"]["tasks"], picture(data["definition"])["starts"], notes


ONE_TWO_THREE = """
chain:
  - {name: c1, ref: core.noop, on-success: c2}
  - {name: c2, ref: core.noop, on-success: c3}
  - {name: c3, ref: core.noop}
"""


@pytest.mark.parametrize(
    ("default", "names", "left"),
    [
        ("", ["c1", "c2", "c3"], ""),
        ("default: c1", ["c1", "c2", "c3"], ""),
        ("default: c2", ["c2", "c3"], "the step c1 was left out: no way leads to it from c2, where the chain starts"),
        ("default: c4", ["c1", "c2", "c3"], "the chain starts with 'c4', which is no step of it"),
    ],
)
def test_a_chain_starts_where_stackstorm_starts_it(
    repo: Repo, pack: Path, default: str, names: list[str], left: str
) -> None:
    tasks, starts, notes = chain_of(repo, pack, f"{ONE_TWO_THREE}{default}\n")
    assert [task["name"] for task in tasks] == names
    assert starts == names[:1]
    assert left in notes
    assert bool(notes) == bool(left)


def test_a_step_that_nothing_leads_to_does_not_run(repo: Repo, pack: Path) -> None:
    more = "  - {name: cleanup, ref: core.noop}\ndefault: c1\n"
    tasks, starts, notes = chain_of(repo, pack, ONE_TWO_THREE + more)
    assert [task["name"] for task in tasks] == ["c1", "c2", "c3"]
    assert starts == ["c1"]
    assert "the step cleanup was left out: no way leads to it from c1" in notes


def test_a_chain_whose_steps_name_none_runs_the_first_alone(repo: Repo, pack: Path) -> None:
    tasks, starts, notes = chain_of(repo, pack, "chain: [{name: a, ref: core.noop}, {name: b, ref: core.noop}]\n")
    assert ([task["name"] for task in tasks], starts) == (["a"], ["a"])
    assert "the step b was left out" in notes


def test_a_chain_that_leads_back_to_its_start_gets_a_task_to_start_with(repo: Repo, pack: Path) -> None:
    chain = ONE_TWO_THREE.replace("c3, ref: core.noop", "c3, ref: core.noop, on-failure: c1")
    tasks, starts, notes = chain_of(repo, pack, f"{chain}default: c1\n")
    assert tasks[0] == {"name": "start", "action": "core.noop", "on_success": "c1"}
    assert ([task["name"] for task in tasks[1:]], starts) == (["c1", "c2", "c3"], ["start"])
    assert "changed /definition/tasks/0: start (core.noop) was put before c1" in notes


def test_a_step_without_a_name_or_with_that_of_another_is_told_of(repo: Repo, pack: Path) -> None:
    more = "  - {ref: core.noop}\n  - {name: c2, ref: core.local}\n  - nothing\n"
    tasks, _, notes = chain_of(repo, pack, ONE_TWO_THREE + more)
    assert [(task["name"], task["action"]) for task in tasks] == [(f"c{n}", "core.noop") for n in (1, 2, 3)]
    assert notes.splitlines() == [
        "left-out /definition/tasks: step 4 was left out: it has no name",
        "left-out /definition/tasks: step 5 was left out: another is called c2",
        "left-out /definition/tasks: step 6 was left out: it has no name",
    ]


def test_a_dependency_with_a_version_is_listed_without_it_and_the_report_says_so(repo: Repo, pack: Path) -> None:
    with (pack / "pack.yaml").open("a") as file:
        file.write("dependencies: [slack=1.0, examples]\n")
    _, notes = imported(repo, pack)
    made = yaml.safe_load((repo.root / "packs/odd/pack.yaml").read_text())
    assert made["dependencies"] == ["core", "examples", "slack"]
    assert notes.splitlines() == [
        "left-out /dependencies: the version 1.0 of the dependency slack: a pack is listed without one here",
        "changed /dependencies: core was added to the dependencies: a task uses an action of it",
    ]


@pytest.mark.parametrize("said", ["vars: [user: {age: 3}]\n", "input: [user: {age: 3}]\n"])
def test_a_name_of_the_workflows_own_is_none_of_the_datastores(repo: Repo, pack: Path, said: str) -> None:
    (pack / "actions/workflows/wf.yaml").write_text(f"{said}{TASKS}    input: {{x: '{{{{ user.age }}}}'}}\n")
    assert "datastore" not in imported(repo, pack)[1]


@pytest.mark.parametrize("own", ["system", "user"])
def test_beside_a_name_of_the_workflows_own_the_datastores_is_told_of(repo: Repo, pack: Path, own: str) -> None:
    other = {"system": "user", "user": "system"}[own]
    said = f"vars: [{own}: {{x: 3}}]\n{TASKS}    input: {{x: '{{{{ {own}.x ~ {other}.y }}}}'}}\n"
    (pack / "actions/workflows/wf.yaml").write_text(said)
    assert "datastore /definition/tasks/0/input/x" in imported(repo, pack)[1]


def test_the_description_is_the_actions_or_else_that_of_what_it_runs(repo: Repo, pack: Path) -> None:
    (pack / "actions/workflows/wf.yaml").write_text(f"description: Inner\n{TASKS}")
    data, notes = imported(repo, pack)
    assert data["description"] == "Inner"
    assert "description" not in notes
    (repo.root / "packs/odd/workflows/wf.yaml").unlink()
    (repo.root / "packs/odd/pack.yaml").unlink()
    (pack / "actions/wf.yaml").write_text(f"description: Outer\n{ACTION}")
    data, notes = imported(repo, pack)
    assert data["description"] == "Outer"
    assert "the description 'Inner' was left out" in notes


def test_a_parameter_that_is_required_by_a_text_is_required_and_told_of(repo: Repo, pack: Path) -> None:
    more = "  port: {type: integer, required: 'true'}\n  path: {type: string, required: 'False'}\n"
    (pack / "actions/wf.yaml").write_text(ACTION + more)
    data, notes = imported(repo, pack)
    assert data["param_schema"]["required"] == ["port"]
    assert "'required' of port is a text ('true') and was taken for true" in notes
    assert "'required' of path is a text ('False') and was taken for false" in notes


def test_a_step_keeps_its_description_and_what_it_cannot_keep_is_told_of(repo: Repo, pack: Path) -> None:
    (pack / "actions/wf.yaml").write_text(ACTION.replace("orquesta", "action-chain"))
    step = "{name: one, ref: core.noop, description: First, timeout: '{{ port }}', params: '{{ all }}'}"
    (pack / "actions/workflows/wf.yaml").write_text(f"chain:\n  - {step}\n")
    data, notes = imported(repo, pack)
    assert data["definition"]["tasks"] == [{"name": "one", "action": "core.noop", "description": "First"}]
    assert "'timeout' of the step one was left out" in notes
    assert "'parameters' of the step one was left out" in notes


def test_what_a_pack_says_beside_what_is_kept_is_in_the_report(repo: Repo, pack: Path) -> None:
    more = "keywords: networking\ndependencies: core\ncontributors: [Ana]\nstackstorm_version: '>=3'\n"
    (pack / "pack.yaml").write_text("ref: odd\nname: Odd\nversion: 0.1.0\n" + more)
    (pack / "config.schema.yaml").write_text("token: {type: string}\n")
    notes = imported(repo, pack)[1]
    data = yaml.safe_load((repo.root / "packs/odd/pack.yaml").read_text())
    assert (data["tags"], data["dependencies"]) == (["networking"], ["core"])
    assert "'contributors' of the pack was left out" in notes
    assert "'stackstorm_version' of the pack was left out" in notes
    assert "what the pack's configuration may say stays behind" in notes
