"""Broken files of the platform's layout, each with the file, the line and the column of what is wrong."""

import subprocess
from pathlib import Path

import pytest

from attune_registry.registry import Registry
from gitrepo import Repo
from in_process import Api
from serving import COMMAND

_LIST = "packs/fleet/workflows/rolling_restart.yaml"
_MAP = "packs/fleet/workflows/sync_inventory.yaml"
_ACTION = "packs/fleet/actions/release.yaml"
_GRAPH = "packs/fleet/actions/workflows/release.workflow.yaml"

_CASES = [
    (_LIST, "fleet.rolling_restart\nlabel", "fleet.restart_all\nlabel", "ref-path-mismatch", "ref: "),
    (_LIST, "    type: integer\n    default: 2", "    type: integer\n    default: two", "schema-default", "two"),
    (_LIST, "    type: array\n    description", "    type: arary\n    description", "schema-invalid", "arary"),
    (
        _LIST,
        'service: "{{ parameters.service }}"',
        'service: "{{ parameters.servce }}"',
        "parameter-undeclared",
        "parameters.servce",
    ),
    (
        _LIST,
        "Restarted {{ vars.restarted }} hosts,\n        drained {{ drained }}",
        "Restarted {{ vars.restarted }} hosts,\n        drained {{ draned }}",
        "variable-undeclared",
        "draned",
    ),
    (_LIST, "    batch_size: 1", "    batch_size: 0", "iteration-bounds", "0\n    concurrency"),
    (_LIST, "    concurrency: 2", "    concurrency: -1", "iteration-bounds", "-1"),
    (_LIST, "    type: parallel", "    type: paralel", "task-type", "paralel"),
    (_LIST, "  - name: drain\n", "  - {name: extra, type: parallel, tasks: []}\n  - name: drain\n", "no-tasks", "[]}"),
    (_MAP, "    action: fleet.store\n", "    type: parallel\n    tasks: {}\n", "no-tasks", "{}"),
    (_MAP, "    action: fleet.store\n", "    name: keep\n    action: fleet.store\n", "layout-key", "keep"),
    (
        _MAP,
        "    action: fleet.store\n",
        "    type: parallel\n    tasks: {one: {name: two, action: a.b, timeout: 5}}\n",
        "layout-key",
        "two",
    ),
    (_LIST, "{{ workflow.started_at }}", "{{ workflow.zz }}", "variable-undeclared", "workflow.zz"),
    (_MAP, "{{ workflow.found }}", "{{ workflow.id }}", "variable-undeclared", "workflow.id"),
    (_LIST, "do: choose", "do: chose", "unknown-task", "chose"),
    (_LIST, "- default: give_up", "- give_in", "unknown-task", "give_in"),
    (_LIST, "- default: give_up", "- default: give_in", "unknown-task", "give_in"),
    (_LIST, "on_success: [restart_hosts]", "on_success: [restart_host]", "unknown-task", "restart_host]"),
    (_LIST, "- name: silence", "- name: drain_lb", "task-name-duplicate", "drain_lb\n        action: fleet.silence"),
    (_LIST, "      count: 3", "      count: three", "schema-type", "three"),
    (_LIST, 'version: "1.2.0"', "version: 1.2", "schema-type", "1.2"),
    (_LIST, "parameters:\n  hosts", "paramaters:\n  hosts", "unknown-field", "paramaters"),
    (_LIST, "output_map:", "param_schema: {}\noutput_map:", "unknown-field", "param_schema"),
    (_GRAPH, "tasks:\n", "out_schema: {}\ntasks:\n", "unknown-field", "out_schema"),
    (_LIST, "output_map:", "output: {done: {type: integer}}\noutput_map:", "layout-key", "output_schema"),
    (_LIST, "  - restarted: 0 ", "  - drained: 1\n  - restarted: 0 ", "layout-key", "drained: 1"),
    (_LIST, "output_map:", "variables: {more: 1}\noutput_map:", "layout-key", "vars:"),
    (_LIST, "    decision:\n", "    decison:\n", "unknown-field", "decison"),
    (_LIST, "- default: give_up", "- defalt: give_up", "unknown-field", "defalt"),
    (_LIST, "    secret: true", "    secert: true", "schema-keyword-typo", "secert"),
    (_LIST, "output_map:", "output_mpa:", "unknown-field", "output_mpa"),
    (_LIST, 'label: "Rolling Restart"\n', "", "schema-required", "name: rolling_restart"),
    (_LIST, "  - restarted: 0 ", "  - [restarted] ", "schema-type", "- drained"),
    (
        _MAP,
        'source: "{{ parameters.source }}"',
        'source: "{{ parameters.sorce }}"',
        "parameter-undeclared",
        "parameters.sorce",
    ),
    (_MAP, "on_complete: compare", "on_complete: comparing", "unknown-task", "comparing"),
    (_MAP, "do: store", "do: stor", "unknown-task", "stor\n"),
    (_MAP, "task.read.result", "task.reed.result", "task-output-unknown", "task.reed"),
    (_MAP, "    timeout: 60", "    timeout: -1", "schema-value", "-1"),
    (_MAP, "  store:\n    action: fleet.store", "  store:\n    acton: fleet.store", "unknown-field", "acton"),
    (_MAP, "    action: fleet.store\n    timeout: 60", "    timeout: 60", "schema-required", "timeout: 60"),
    (_MAP, "required: [source]", "required: [sauce]", "schema-required-property", "sauce"),
    (_MAP, "  store:", "  compare:", "yaml-duplicate-key", "compare:\n    action: fleet.store"),
    (_ACTION, "ref: fleet.release", "ref: fleet.relase", "ref-path-mismatch", "fleet.relase"),
    (_ACTION, "enabled: true", "enabled: maybe", "schema-type", "maybe"),
    (_ACTION, 'label: "Release"', 'label: "Release', "yaml-syntax", None),
    (
        _ACTION,
        "    type: string\n    required: true\n    desc",
        "    type: sting\n    required: true\n    desc",
        "schema-invalid",
        "sting",
    ),
    (
        _ACTION,
        "workflows/release.workflow.yaml",
        "workflows/releese.workflow.yaml",
        "workflow-file",
        "workflows/releese",
    ),
    (_ACTION, "workflows/release.workflow.yaml", "../../core/release.yaml", "workflow-file", "../../core"),
    (_GRAPH, "- roll_out\n", "- rollout\n", "unknown-task", "rollout"),
    (_GRAPH, "parameters.dry_run", "parameters.dryrun", "parameter-undeclared", "parameters.dryrun"),
    (_GRAPH, "    timeout: 900", "    timeout: soon", "schema-type", "soon"),
    (_GRAPH, "    timeout: 900", '    timeout: "{{ parameters.dryrun }}"', "parameter-undeclared", "parameters.dryrun"),
    (_GRAPH, "    timeout: 900", '    timeout: "900"', "schema-type", '"900"'),
    (
        _LIST,
        "      count: 3",
        '      count: "{{ parameters.batch }}"',
        "schema-type",
        '"{{ parameters.batch }}"\n      delay',
    ),
    (_GRAPH, "action: fleet.roll_out", "action: fleet roll_out", "action-format", "fleet roll_out"),
    (_GRAPH, 'workflow.status }}"\n    timeout', 'workflow.status | uper }}"\n    timeout', "template-filter", "uper"),
    (_GRAPH, "tasks:\n", "tasks: none\nothers:\n", "schema-type", "none"),
    (_GRAPH, "vars:\n  status", "vars:\n\tstatus", "yaml-syntax", None),
]


@pytest.mark.parametrize(
    ("path", "good", "bad", "rule", "at"),
    _CASES,
    ids=[f"{case[0].rpartition('/')[2]}-{case[3]}-{number}" for number, case in enumerate(_CASES)],
)
def test_what_is_wrong_is_found_at_its_place_in_its_file(
    fleet: Repo, path: str, good: str, bad: str, rule: str, at: str | None
) -> None:
    text = (fleet.root / path).read_text()
    assert text.count(good) >= 1, good
    broken = text.replace(good, bad, 1)
    fleet.write(path, broken)
    fleet.commit()
    found = [row for row in Registry.open(fleet.root).snapshot.problems if row["severity"] != "advice"]
    assert {row["path"] for row in found} == {path}, found
    assert rule in {row["rule"] for row in found}, found
    if at is not None:
        before = broken[: broken.index(at)]
        wanted = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        places = {(row["line"], row["column"]) for row in found if row["rule"] == rule}
        assert wanted in places or (wanted[0], 1) in places or wanted[0] in {line for line, _ in places}, (
            wanted,
            found,
        )


@pytest.mark.parametrize(
    "said", ["workflow.zz | default(1)", "workflow.get('zz')", "workflow.param.source", "workflow"]
)
def test_what_may_be_absent_below_workflow_is_no_mistake(fleet: Repo, said: str) -> None:
    fleet.write(_MAP, (fleet.root / _MAP).read_text().replace("{{ workflow.found }}", f"{{{{ {said} }}}}"))
    fleet.commit()
    assert [row for row in Registry.open(fleet.root).snapshot.problems if row["severity"] != "advice"] == []


def test_a_task_in_a_map_may_say_its_name_again(fleet: Repo) -> None:
    text = (fleet.root / _MAP).read_text()
    fleet.write(_MAP, text.replace("    action: fleet.store\n", "    name: store\n    action: fleet.store\n"))
    fleet.commit()
    assert [row for row in Registry.open(fleet.root).snapshot.problems if row["severity"] != "advice"] == []


def test_the_words_are_those_of_the_file(fleet: Repo) -> None:
    text = (fleet.root / _LIST).read_text().replace("parameters.service", "parameters.servce")
    fleet.write(_LIST, text)
    fleet.commit()
    row = next(row for row in Registry.open(fleet.root).snapshot.problems if row["rule"] == "parameter-undeclared")
    assert row["message"] == "parameters has no parameter 'servce'"
    assert row["pointer"] == "/tasks/3/input/service"


@pytest.mark.parametrize(
    ("good", "bad", "message", "hint"),
    [
        (
            "    minItems: 1\n    required: true",
            '    minItems: 1\n    required: "true"',
            'required must be true or false here, not a string ("true")',
            "write required: true",
        ),
        (
            'description: "How many hosts were restarted"\n    required: true',
            "properties: {a: {items: {required: no}}}",
            'required must be true or false here, not a string ("no")',
            "write required: false",
        ),
        (
            "vars:\n  - drained: []\n",
            "vars:\n  - a\n  - drained: []\n",
            "vars must be a mapping, or a list of mappings of one key",
            "write keys and values, without dashes",
        ),
        ("  - name: drain\n", "  - {name: extra, type: parallel}\n  - name: drain\n", '"tasks" is missing in', "add"),
        (
            "  - name: drain\n",
            "  - {name: extra, type: action}\n  - name: drain\n",
            '"action" is missing in',
            "add action",
        ),
    ],
)
def test_a_hint_is_one_for_this_layout(fleet: Repo, good: str, bad: str, message: str, hint: str) -> None:
    text = (fleet.root / _LIST).read_text()
    assert good in text
    fleet.write(_LIST, text.replace(good, bad))
    fleet.commit()
    rows = [row for row in Registry.open(fleet.root).snapshot.problems if row["severity"] == "error"]
    assert [(row["message"][: len(message)], row["hint"][: len(hint)]) for row in rows] == [(message, hint)], rows


def test_a_filter_of_the_platforms_own_is_to_be_declared_and_then_is_known(fleet: Repo) -> None:
    text = (fleet.root / _GRAPH).read_text()
    fleet.write(_GRAPH, text.replace('workflow.status }}"\n    timeout', 'workflow.status | to_json }}"\n    timeout'))
    fleet.commit()
    (row,) = (row for row in Registry.open(fleet.root).snapshot.problems if row["severity"] == "error")
    assert row["rule"] == "template-filter"
    assert row["hint"] == "declare it in registry/config.yaml: templates: {filters: [to_json]}"
    fleet.write("registry/config.yaml", "templates:\n  filters: [append, prepend, from_json, to_json, filter]\n")
    fleet.commit()
    assert [row for row in Registry.open(fleet.root).snapshot.problems if row["severity"] == "error"] == []


def test_calls_of_other_workflows_are_checked_where_they_stand(fleet: Repo) -> None:
    text = (fleet.root / _GRAPH).read_text()
    fleet.write(_GRAPH, text.replace("action: fleet.roll_out", "action: fleet.rolling_restart"))
    fleet.commit()
    rows = [row for row in Registry.open(fleet.root).snapshot.problems if row["severity"] != "advice"]
    assert [(row["path"], row["rule"], row["line"]) for row in rows] == [(_GRAPH, "action-input-missing", 27)], rows


def test_a_comment_waves_a_problem_off_in_either_file(fleet: Repo) -> None:
    text = (fleet.root / _GRAPH).read_text()
    fleet.write(
        _GRAPH, text.replace("          - roll_out\n", "          - rollout  # registry: ignore[unknown-task]\n")
    )
    fleet.commit()
    rules = {row["rule"] for row in Registry.open(fleet.root).snapshot.problems}
    assert "unknown-task" not in rules


def test_validate_names_the_file_that_a_problem_is_in(fleet: Repo) -> None:
    fleet.write(_GRAPH, (fleet.root / _GRAPH).read_text().replace("    timeout: 900", "    timeout: soon"))
    done = _validate(fleet.root)
    assert done.returncode == 1
    assert f"{_GRAPH}:34:14" in done.stdout
    assert "5 files checked" in done.stdout
    assert _validate(fleet.root, _ACTION).returncode == 0
    assert _validate(fleet.root, _GRAPH).returncode == 1


@pytest.fixture
def twins(fleet: Repo) -> Repo:
    """A second action that names the file with the tasks of the first."""
    action = (fleet.root / _ACTION).read_text()
    fleet.write("packs/fleet/actions/relaunch.yaml", action.replace("fleet.release", "fleet.relaunch"))
    fleet.commit()
    return fleet


def test_what_is_wrong_in_a_file_that_two_actions_name_is_listed_once(twins: Repo) -> None:
    twins.write(_GRAPH, (twins.root / _GRAPH).read_text().replace("- roll_out\n", "- rollout\n"))
    twins.commit()
    problems = Registry.open(twins.root).snapshot.problems
    assert [(row["path"], row["rule"]) for row in problems if row["severity"] == "error"] == [(_GRAPH, "unknown-task")]
    assert all(problems.count(row) == 1 for row in problems)
    assert "checked: 1 error" in _validate(twins.root).stdout
    api = Api(twins.root)
    of_the_pack = api.post("/api/v1/packs/fleet/workflows/validate").json()["data"]["problems"]
    api.close()
    assert of_the_pack == problems


def test_what_a_change_means_for_a_file_that_two_actions_name_is_told_once(twins: Repo) -> None:
    text = "label: Roll out\nversion: 1.0.0\nparameters: {to: {type: string, required: true}}\ntasks: []\n"
    twins.workflow("fleet.roll_out", text)
    api = Api(twins.root)
    body = {"ref": "fleet.roll_out", "label": "x", "version": "2.0.0", "definition": {"tasks": []}}
    body |= {"param_schema": {"type": "object", "required": ["new"], "properties": {"new": {"type": "string"}}}}
    told = api.post("/api/v1/workflows/validate", {**body, "pack_ref": "fleet"}).json()["data"]["problems"]
    api.close()
    missing = [row for row in told if row["path"] == _GRAPH and row["rule"] == "action-input-missing"]
    assert ["'new'" in row["message"] for row in missing] == [True], missing
    base = twins.commit()
    twins.git("rm", "-q", "packs/fleet/workflows/roll_out.yaml")
    twins.commit()
    assert _validate(twins.root, "--changed", base).stdout.count("[action-unknown]") == 1


def test_a_parameter_that_is_required_with_yes_is_told_once_what_to_write(fleet: Repo) -> None:
    text = (fleet.root / _LIST).read_text()
    fleet.write(_LIST, text.replace("    minItems: 1\n    required: true", "    minItems: 1\n    required: yes"))
    fleet.commit()
    told = [row for row in Registry.open(fleet.root).snapshot.problems if row["pointer"].endswith("/required")]
    assert [(row["rule"], row["hint"]) for row in told] == [("schema-invalid", "write required: true")]


def test_a_parameter_that_a_template_of_the_action_itself_reads_is_used(fleet: Repo) -> None:
    path = "packs/fleet/actions/release.yaml"
    more = "parameters:\n  tag: {type: string}\n  pool: {type: string}\n  idle: {type: string}\n"
    beside = 'trace_tag_template: "{{ parameters.tag }}"\nworker_selector: {pool: "{{ parameters.pool }}", idle: no}\n'
    text = (fleet.root / path).read_text()
    fleet.write(path, beside + text.replace("parameters:\n", more))
    fleet.commit()
    found = [row for row in Registry.open(fleet.root).snapshot.problems if row["rule"] == "parameter-unused"]
    assert [row["message"] for row in found] == ["No template reads the parameter 'idle'"]


@pytest.mark.parametrize("name", ["release", "other"])
def test_either_file_of_a_workflow_is_checked_on_standard_input_in_its_place(fleet: Repo, name: str) -> None:
    tasks = f"packs/fleet/actions/workflows/{name}.workflow.yaml"
    if name != "release":
        fleet.git("mv", _GRAPH, tasks)
        fleet.write(_ACTION, (fleet.root / _ACTION).read_text().replace("release.workflow", f"{name}.workflow"))
    for path, again in ((_ACTION, "label: x\n"), (tasks, "tasks: []\n")):
        text = (fleet.root / path).read_text()
        good = _validate(fleet.root, "-", "--ref", "fleet.release", stdin=text)
        assert (good.returncode, "1 file checked" in good.stdout) == (0, True), good.stdout
        bad = _validate(fleet.root, "-", "--ref", "fleet.release", stdin=text + again)
        assert (bad.returncode, f"{path}:{text.count(chr(10)) + 1}:1: " in bad.stdout) == (1, True), bad.stdout


def test_an_action_that_comes_to_its_tasks_is_checked_on_standard_input_in_its_place(fleet: Repo) -> None:
    text = (fleet.root / _ACTION).read_text()
    fleet.git("rm", "-q", _ACTION)
    done = _validate(fleet.root, "-", "--ref", "fleet.release", stdin=f"{text}label: x\n")
    assert (done.returncode, f"{_ACTION}:" in done.stdout, "ref-duplicate" in done.stdout) == (1, True, False)


def test_a_change_of_an_action_concerns_the_tasks_that_it_names_and_a_change_of_these_the_action(fleet: Repo) -> None:
    tasks = "packs/fleet/actions/workflows/other.workflow.yaml"
    action = "label: A\nworkflow_file: workflows/other.workflow.yaml\nparameters: {to: {type: string}}\n"
    fleet.write("packs/fleet/actions/one.yaml", action)
    fleet.write(tasks, "version: 1.0.0\ntasks: [{name: t, action: core.noop, input: {a: '{{ parameters.to }}'}}]\n")
    caller = "label: B\nversion: 1.0.0\ndefinition: {tasks: [{name: t, action: fleet.one, input: {to: x}}]}\n"
    fleet.workflow("fleet.caller", caller)
    base = fleet.commit()
    fleet.write("packs/fleet/actions/one.yaml", action.replace("to:", "whither:"))
    edited = _validate(fleet.root, "--changed", base).stdout
    assert f"{tasks}:2:" in edited
    assert "packs/fleet/workflows/caller.yaml:3:" in edited
    fleet.commit()
    assert _validate(fleet.root, "--changed", base).stdout == edited
    fleet.git("rm", "-q", tasks)
    assert "packs/fleet/actions/one.yaml:2:" in _validate(fleet.root, "--changed", "HEAD").stdout
    fleet.git("checkout", "-q", "HEAD", "--", tasks)
    fleet.write(tasks, (fleet.root / tasks).read_text() + "# Edited.\n")
    fleet.write("packs/fleet/workflows/unrelated.yaml", "labl: x\n")
    fleet.commit()
    of_tasks = _validate(fleet.root, "--changed", "HEAD~1").stdout
    assert "packs/fleet/workflows/caller.yaml:3:" in of_tasks, of_tasks


def test_a_rollback_that_would_break_such_a_file_has_one_problem(twins: Repo) -> None:
    good = (twins.root / _GRAPH).read_text()
    twins.write(_GRAPH, good.replace("- roll_out\n", "- rollout\n"))
    bad = twins.commit()
    twins.write(_GRAPH, good)
    twins.commit()
    api = Api(twins.root)
    answer = api.post("/api/v1/workflows/fleet.release/rollback", {"to": bad})
    api.close()
    assert [row["rule"] for row in answer.json()["details"]] == ["unknown-task"], answer.text


def _validate(root: Path, *paths: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    command = [*COMMAND, "validate", *paths]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, input=stdin)
