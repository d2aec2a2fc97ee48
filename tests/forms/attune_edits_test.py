"""Edits of the platform's files through the API: the values that change, and no other byte."""

from collections.abc import Callable
from typing import Any

import pytest

from gitrepo import Repo
from http_asserts import assert_error
from in_process import Api
from serving import Server

_LIST = "packs/fleet/workflows/rolling_restart.yaml"
_MAP = "packs/fleet/workflows/sync_inventory.yaml"
_ACTION = "packs/fleet/actions/release.yaml"
_GRAPH = "packs/fleet/actions/workflows/release.workflow.yaml"
_PATHS = (_LIST, _MAP, _ACTION, _GRAPH)


def _texts(repo: Repo) -> dict[str, str]:
    return {path: (repo.root / path).read_text() for path in _PATHS}


def _data(api: Api, ref: str) -> dict[str, Any]:
    data: dict[str, Any] = api.get(f"/api/v1/workflows/{ref}").json()["data"]
    return data


def _assert_put(api: Api, repo: Repo, ref: str, body: dict[str, Any], *changes: tuple[str, str, str]) -> None:
    """A PUT makes these changes of text, (path, old, new), and commits just these files."""
    wanted = _texts(repo)
    for path, old, new in changes:
        assert wanted[path].count(old) == 1, old
        wanted[path] = wanted[path].replace(old, new)
    answer = api.put(f"/api/v1/workflows/{ref}", body)
    assert answer.status_code == 200, answer.text
    assert _texts(repo) == wanted
    for name, value in body.items():
        assert answer.json()["data"][name] == value
        assert _data(api, ref)[name] == value
    named = repo.git("show", "--format=", "--name-only", "HEAD").split()
    assert named == sorted({path for path, _, _ in changes})
    assert repo.status() == ""


def test_a_label_changes_where_it_stands(api: Api, fleet: Repo) -> None:
    _assert_put(
        api, fleet, "fleet.rolling_restart", {"label": "Restart all"}, (_LIST, '"Rolling Restart"', '"Restart all"')
    )


def test_a_workflow_is_switched_off_by_one_line(api: Api, fleet: Repo) -> None:
    _assert_put(api, fleet, "fleet.release", {"enabled": False}, (_ACTION, "enabled: true", "enabled: false"))


def test_a_parameter_becomes_required_inline(api: Api, fleet: Repo) -> None:
    schema = _data(api, "fleet.rolling_restart")["param_schema"]
    schema["required"] = ["api_key", "hosts", "service"]
    before = _texts(fleet)[_LIST]
    answer = api.put("/api/v1/workflows/fleet.rolling_restart", {"param_schema": schema})
    assert answer.status_code == 200, answer.text
    after = before.replace("    secret: true\n", "    secret: true\n    required: true\n")
    assert _texts(fleet)[_LIST] == after
    assert answer.json()["data"]["param_schema"]["required"] == ["hosts", "service", "api_key"]


def test_a_parameter_that_is_not_required_any_more_loses_its_line(api: Api, fleet: Repo) -> None:
    schema = _data(api, "fleet.release")["param_schema"]
    schema["required"] = ["service"]
    _assert_put(
        api,
        fleet,
        "fleet.release",
        {"param_schema": schema},
        (_ACTION, "  version:\n    type: string\n    required: true\n", "  version:\n    type: string\n"),
    )


def test_a_new_parameter_is_written_the_way_the_others_are(api: Api, fleet: Repo) -> None:
    schema = _data(api, "fleet.release")["param_schema"]
    schema["properties"]["region"] = {"type": "string", "enum": ["eu", "us"]}
    schema["required"].append("region")
    _assert_put(
        api,
        fleet,
        "fleet.release",
        {"param_schema": schema},
        (
            _ACTION,
            "    required: false\n",
            "    required: false\n  region:\n    type: string\n    enum: [eu, us]\n    required: true\n",
        ),
    )


@pytest.mark.parametrize("schema", [{"type": "object"}, {"properties": {"a": {"type": "string"}}}])
def test_where_there_is_no_schema_yet_one_is_written_so_that_it_reads_back(
    api: Api, fleet: Repo, schema: dict[str, Any]
) -> None:
    assert api.put("/api/v1/workflows/fleet.release", {"param_schema": None}).status_code == 200
    answer = api.put("/api/v1/workflows/fleet.release", {"param_schema": schema})
    assert answer.status_code == 200, answer.text
    assert _data(api, "fleet.release")["param_schema"] == schema
    assert_error(api.put("/api/v1/workflows/fleet.release", {"out_schema": {}}), 409, "LAYOUT_CANNOT_SAY")


def test_a_schema_that_is_json_schema_stays_json_schema(api: Api, fleet: Repo) -> None:
    schema = _data(api, "fleet.sync_inventory")["param_schema"]
    schema["required"] = ["source", "dry_run"]
    _assert_put(
        api,
        fleet,
        "fleet.sync_inventory",
        {"param_schema": schema},
        (_MAP, "required: [source]", "required: [source, dry_run]"),
    )


def test_a_task_in_a_map_changes_in_the_map(api: Api, fleet: Repo) -> None:
    definition = _data(api, "fleet.sync_inventory")["definition"]
    definition["tasks"][0]["timeout"] = 240
    definition["tasks"][1]["input"]["dry"] = False
    _assert_put(
        api,
        fleet,
        "fleet.sync_inventory",
        {"definition": definition},
        (_MAP, "    timeout: 120\n    on_complete", "    timeout: 240\n    on_complete"),
        (_MAP, 'dry: "{{ parameters.dry_run }}"}', "dry: false}"),
    )


def test_a_task_is_added_to_the_map_and_one_taken_away(api: Api, fleet: Repo) -> None:
    definition = _data(api, "fleet.sync_inventory")["definition"]
    definition["tasks"][2]["on_success"] = "tell"
    definition["tasks"].append({"name": "tell", "action": "core.echo", "timeout": 10})
    _assert_put(
        api,
        fleet,
        "fleet.sync_inventory",
        {"definition": definition},
        (_MAP, "    timeout: 60\n", "    timeout: 60\n    on_success: tell\n"),
        (
            _MAP,
            "    timeout: 10\noutput_map",
            "    timeout: 10\n  tell:\n    action: core.echo\n    timeout: 10\noutput_map",
        ),
    )
    definition["tasks"][2].pop("on_success")
    del definition["tasks"][4]
    answer = api.put("/api/v1/workflows/fleet.sync_inventory", {"definition": definition})
    assert answer.status_code == 200, answer.text
    assert "tell" not in _texts(fleet)[_MAP]


def test_a_task_in_a_list_gets_another_name_and_keeps_all_else(api: Api, fleet: Repo) -> None:
    definition = _data(api, "fleet.rolling_restart")["definition"]
    definition["tasks"][4]["name"] = "tell"
    definition["tasks"][3]["next"][0]["do"] = ["tell"]
    _assert_put(
        api,
        fleet,
        "fleet.rolling_restart",
        {"definition": definition},
        (_LIST, "  - name: report\n", "  - name: tell\n"),
        (_LIST, "          - report\n", "          - tell\n"),
    )


def test_parameters_that_both_files_have_are_taken_away_in_both(api: Api, fleet: Repo) -> None:
    fleet.write(_GRAPH, "parameters:\n  other: {type: string}\n" + _texts(fleet)[_GRAPH])
    fleet.commit()
    answer = api.put("/api/v1/workflows/fleet.release", {"param_schema": None})
    assert answer.status_code == 200, answer.text
    assert _data(api, "fleet.release")["param_schema"] is None


def test_a_variable_in_a_list_of_maps_changes_in_the_list(api: Api, fleet: Repo) -> None:
    definition = _data(api, "fleet.rolling_restart")["definition"]
    definition["variables"]["restarted"] = 1
    definition["variables"]["seen"] = []
    definition["output_map"]["restarted"] = "{{ vars.restarted }}"
    _assert_put(
        api,
        fleet,
        "fleet.rolling_restart",
        {"definition": definition},
        (
            _LIST,
            "  - restarted: 0      # counted by restart_hosts\n",
            "  - restarted: 1      # counted by restart_hosts\n  - seen: []\n",
        ),
        (_LIST, '"{{ workflow.restarted }}"', '"{{ vars.restarted }}"'),
    )


def test_a_task_within_a_parallel_one_changes_alone(api: Api, fleet: Repo) -> None:
    definition = _data(api, "fleet.rolling_restart")["definition"]
    definition["tasks"][2]["tasks"][1]["timeout"] = 45
    _assert_put(
        api, fleet, "fleet.rolling_restart", {"definition": definition}, (_LIST, "timeout: 30\n", "timeout: 45\n")
    )


def test_each_of_two_files_takes_what_it_says_and_a_write_to_both_is_one_commit(api: Api, fleet: Repo) -> None:
    _assert_put(
        api,
        fleet,
        "fleet.release",
        {"tags": ["release", "prod"]},
        (_ACTION, "  - release   # found by this\n", "  - release   # found by this\n  - prod\n"),
    )
    definition = _data(api, "fleet.release")["definition"]
    definition["tasks"][1]["retry"]["count"] = 3
    _assert_put(api, fleet, "fleet.release", {"definition": definition}, (_GRAPH, "count: 2", "count: 3"))
    _assert_put(
        api,
        fleet,
        "fleet.release",
        {"label": "Release it", "version": "1.1.0"},
        (_ACTION, 'label: "Release"', 'label: "Release it"'),
        (_GRAPH, 'version: "1.0"', 'version: "1.1.0"'),
    )


def test_what_the_file_says_already_is_no_change(api: Api, fleet: Repo) -> None:
    head = fleet.head()
    for ref in ("fleet.release", "fleet.rolling_restart", "fleet.sync_inventory"):
        data = _data(api, ref)
        fields = ("label", "version", "tags", "enabled", "param_schema", "out_schema", "definition")
        answer = api.put(f"/api/v1/workflows/{ref}", {name: data[name] for name in fields})
        assert answer.status_code == 200, answer.text
    assert fleet.head() == head


@pytest.mark.parametrize(
    ("ref", "body", "why"),
    [
        ("fleet.release", {"param_schema": {"type": "object", "additionalProperties": False}}, "additionalProperties"),
        ("fleet.release", {"param_schema": {"type": "object", "required": ["x"]}}, "without a property"),
        ("fleet.release", {"param_schema": {}}, "without type and properties"),
        ("fleet.release", {"param_schema": {"type": "object"}}, "without type and properties"),
        ("fleet.rolling_restart", {"param_schema": {"properties": {}}}, "without type and properties"),
        ("fleet.release", {"definition": {"tasks": [], "label": "x"}}, "'label' in the definition"),
        ("fleet.release", {"definition": {"tasks": [], "definition": {}}}, "'definition' in the definition"),
    ],
)
def test_what_the_layout_has_no_place_for_is_refused_in_a_sentence(
    api: Api, fleet: Repo, ref: str, body: dict[str, Any], why: str
) -> None:
    head = fleet.head()
    said = assert_error(api.put(f"/api/v1/workflows/{ref}", body), 409, "LAYOUT_CANNOT_SAY")
    assert why in said["error"]
    assert fleet.head() == head


_TASK = {"name": "a", "action": "core.noop"}
_OBJECT: dict[str, Any] = {"type": "object", "properties": {}}


@pytest.mark.parametrize("ref", ["fleet.release", "fleet.rolling_restart", "fleet.sync_inventory"])
@pytest.mark.parametrize("field", ["param_schema", "out_schema"])
@pytest.mark.parametrize(
    "schema",
    [
        *([], "x", 5, True, [{}], {"type": "object", "properties": []}, {"type": "object", "properties": None}),
        *(_OBJECT | {"required": said} for said in (5, None, True, "a", [["a"]], [{"a": 1}], [None])),
        _OBJECT | {"properties": {"a": {"type": "string", "required": True}}},
        _OBJECT | {"properties": {"a": _OBJECT | {"required": [["x"]]}}},
    ],
)
def test_what_is_no_json_schema_is_refused_with_what_is_wrong_in_it(
    api: Api, fleet: Repo, ref: str, field: str, schema: Any
) -> None:
    head = fleet.head()
    said = assert_error(api.put(f"/api/v1/workflows/{ref}", {field: schema}), 400, "VALIDATION_FAILED")
    assert all(found["pointer"].startswith(f"/{field}") for found in said["details"])
    assert fleet.head() == head


@pytest.mark.parametrize("required", [5, None, [["x"]], [5]])
def test_so_is_one_within_a_parameter_that_says_inline_what_it_requires(api: Api, fleet: Repo, required: Any) -> None:
    for path, old, inner in (
        (_ACTION, "parameters:\n", "  opts: {type: object, properties: {x: {type: string, required: true}}}\n"),
        (_MAP, "  properties:\n", "    opts: {type: object, properties: {x: {type: string, required: true}}}\n"),
    ):
        fleet.write(path, _texts(fleet)[path].replace(old, old + inner, 1))
    fleet.commit()
    for ref in ("fleet.release", "fleet.sync_inventory"):
        schema = _data(api, ref)["param_schema"]
        assert schema["properties"]["opts"]["required"] == ["x"]
        schema["properties"]["opts"]["required"] = required
        said = assert_error(api.put(f"/api/v1/workflows/{ref}", {"param_schema": schema}), 400, "VALIDATION_FAILED")
        assert said["details"][0]["pointer"].startswith("/param_schema/properties/opts/required")


@pytest.mark.parametrize("ref", ["fleet.release", "fleet.rolling_restart", "fleet.sync_inventory"])
@pytest.mark.parametrize(
    ("body", "rule", "at"),
    [
        ({"version": "2.0"}, "version-format", "/version"),
        *(({"definition": said}, "schema-type", "/definition") for said in ([], "x")),
        ({"definition": {}}, "schema-required", "/definition"),
        *(({"definition": {"tasks": said}}, "schema-type", "/definition/tasks") for said in ({}, {"a": _TASK}, None)),
        ({"definition": {"tasks": [_TASK], "variables": [{"a": 1}]}}, "schema-type", "/definition/variables"),
        ({"definition": {"tasks": [_TASK], "variables": None}}, "schema-type", "/definition/variables"),
        ({"definition": {"tasks": [_TASK, _TASK]}}, "task-name-duplicate", "/definition/tasks/1/name"),
        ({"definition": {"tasks": [{"action": "core.noop"}]}}, "schema-required", "/definition/tasks/0"),
        ({"definition": {"tasks": [_TASK | {"name": 5}]}}, "schema-type", "/definition/tasks/0/name"),
        ({"definition": {"tasks": [None]}}, "schema-type", "/definition/tasks/0"),
        (
            {"definition": {"tasks": [{"name": "b", "type": "parallel", "tasks": {"a": _TASK}}]}},
            "schema-type",
            "/definition/tasks/0/tasks",
        ),
    ],
)
def test_what_no_layout_has_a_place_for_is_refused_as_it_is_in_the_registrys_own(
    api: Api, fleet: Repo, ref: str, body: dict[str, Any], rule: str, at: str
) -> None:
    head = fleet.head()
    said = assert_error(api.put(f"/api/v1/workflows/{ref}", body), 400, "VALIDATION_FAILED")
    assert (rule, at) in {(found["rule"], found["pointer"]) for found in said["details"]}
    assert fleet.head() == head


@pytest.mark.parametrize(
    ("at", "above"),
    [(0, "  read:                      # first\n"), (2, "  store:\n"), (4, "output_map:\n")],
)
def test_a_new_task_comes_to_its_place_in_the_map(api: Api, fleet: Repo, at: int, above: str) -> None:
    definition = _data(api, "fleet.sync_inventory")["definition"]
    definition["tasks"].insert(at, {"name": "tell", "action": "core.echo", "timeout": 10})
    said = "  tell:\n    action: core.echo\n    timeout: 10\n"
    _assert_put(api, fleet, "fleet.sync_inventory", {"definition": definition}, (_MAP, above, said + above))


def test_a_task_in_the_map_gets_another_name_and_keeps_all_else(api: Api, fleet: Repo) -> None:
    definition = _data(api, "fleet.sync_inventory")["definition"]
    definition["tasks"][0]["name"] = "gather"
    definition["tasks"][1]["input"]["items"] = "{{ task.gather.result.items }}"
    _assert_put(
        api,
        fleet,
        "fleet.sync_inventory",
        {"definition": definition},
        (_MAP, "  read:  ", "  gather:  "),
        (_MAP, "task.read.result", "task.gather.result"),
    )


@pytest.mark.parametrize("path", [_LIST, _MAP])
def test_keys_of_a_task_with_nothing_behind_them_are_as_good_as_absent_and_stay(
    api: Api, fleet: Repo, path: str
) -> None:
    ref = "fleet." + path.rpartition("/")[2].removesuffix(".yaml")
    before = _data(api, ref)["definition"]
    empty = "".join(f"    {key}:\n" for key in ("on_success", "on_failure", "retry"))
    text = _texts(fleet)[path]
    at = text.index("    timeout: 10\n")
    fleet.write(path, text[:at] + empty + text[at:])
    fleet.commit()
    assert _data(api, ref)["definition"] == before
    before["output_map"]["more"] = 1
    answer = api.put(f"/api/v1/workflows/{ref}", {"definition": before})
    assert answer.status_code == 200, answer.text
    assert empty in _texts(fleet)[path]
    assert _data(api, ref)["definition"] == before


def test_tasks_of_the_map_change_their_order_and_keep_their_comments(api: Api, fleet: Repo) -> None:
    definition = _data(api, "fleet.sync_inventory")["definition"]
    definition["tasks"].reverse()
    before = _texts(fleet)[_MAP]
    answer = api.put("/api/v1/workflows/fleet.sync_inventory", {"definition": definition})
    assert answer.status_code == 200, answer.text
    assert _data(api, "fleet.sync_inventory")["definition"] == definition
    after = _texts(fleet)[_MAP]
    assert sorted(after.splitlines()) == sorted(before.splitlines())


def test_a_change_that_breaks_rules_is_refused(api: Api, fleet: Repo) -> None:
    definition = _data(api, "fleet.release")["definition"]
    definition["tasks"][0]["timeout"] = "soon"
    said = assert_error(
        api.put("/api/v1/workflows/fleet.release", {"definition": definition}), 400, "VALIDATION_FAILED"
    )
    assert said["details"][0]["pointer"] == "/definition/tasks/0/timeout"


def test_what_is_said_of_several_tasks_at_once_is_at_the_pointer_of_the_body(api: Api, fleet: Repo) -> None:
    fleet.write("registry/config.yaml", "rules: {timeout-missing: error}\n")
    fleet.commit("Insist")
    definition = _data(api, "fleet.release")["definition"]
    for task in definition["tasks"]:
        task.pop("timeout", None)
    body = {"definition": definition, "label": "Anew"}
    said = assert_error(api.put("/api/v1/workflows/fleet.release", body), 400)["details"]
    assert [detail["pointer"] for detail in said if detail["rule"] == "timeout-missing"] == ["/definition/tasks/0/name"]


@pytest.mark.parametrize("path", [_ACTION, _GRAPH])
def test_edits_of_either_file_that_nobody_committed_keep_it_from_being_written(
    api: Api, fleet: Repo, path: str
) -> None:
    fleet.write(path, (fleet.root / path).read_text() + "# at work\n")
    for body in ({"label": "Other"}, {"version": "2.0.0"}):
        said = assert_error(api.put("/api/v1/workflows/fleet.release", body), 409, "UNCOMMITTED_EDITS")
        assert said["details"] == [{"path": path}]
    assert_error(api.delete("/api/v1/workflows/fleet.release"), 409, "UNCOMMITTED_EDITS")


@pytest.mark.parametrize("path", [_ACTION, _GRAPH])
def test_the_etag_is_of_both_files(api: Api, fleet: Repo, path: str) -> None:
    etag = api.get("/api/v1/workflows/fleet.release").headers["etag"]
    fleet.write(path, (fleet.root / path).read_text() + "# changed\n")
    fleet.commit()
    assert_error(api.put("/api/v1/workflows/fleet.release", {"label": "Other"}, If_Match=etag), 412)
    fresh = api.get("/api/v1/workflows/fleet.release").headers["etag"]
    answer = api.put("/api/v1/workflows/fleet.release", {"label": "Other"}, If_Match=fresh)
    assert answer.status_code == 200, answer.text


def test_both_files_are_deleted_and_rolled_back_together(api: Api, fleet: Repo) -> None:
    before, head = _texts(fleet), fleet.head()
    assert api.delete("/api/v1/workflows/fleet.release").status_code in (200, 204)
    assert not (fleet.root / _ACTION).exists()
    assert not (fleet.root / _GRAPH).exists()
    assert api.get("/api/v1/workflows/fleet.release").status_code == 404
    answer = api.post("/api/v1/workflows/fleet.release/rollback", {"to": head})
    assert answer.status_code == 200, answer.text
    assert _texts(fleet) == before


def test_a_file_with_tasks_that_another_action_names_too_is_kept(api: Api, fleet: Repo) -> None:
    text = (fleet.root / _ACTION).read_text().replace("fleet.release", "fleet.hotfix")
    fleet.write("packs/fleet/actions/hotfix.yaml", text)
    fleet.commit()
    assert api.delete("/api/v1/workflows/fleet.hotfix").status_code in (200, 204)
    assert (fleet.root / _GRAPH).exists()
    assert _data(api, "fleet.release")["label"] == "Release"


@pytest.mark.parametrize("is_committed", [True, False])
def test_so_is_one_that_an_action_names_which_is_not_served(api: Api, fleet: Repo, is_committed: bool) -> None:
    text = (fleet.root / _ACTION).read_text().replace("fleet.release", "fleet.hotfix")
    path = fleet.write("packs/fleet/actions/hotfix.yaml", text.replace("label:", "enabled: 5\nlabel:"))
    if is_committed:
        fleet.commit()
    api.registry.note({str(path.relative_to(fleet.root))})
    assert_error(api.get("/api/v1/workflows/fleet.hotfix"), 404)
    assert api.delete("/api/v1/workflows/fleet.release").status_code == 200
    assert not (fleet.root / _ACTION).exists()
    assert (fleet.root / _GRAPH).exists()


def test_a_running_server_does_it_too(fleet: Repo, start: Callable[..., Server]) -> None:
    server = start(fleet.root, "--workers", "1")
    answer = server.client.put("/api/v1/workflows/fleet.release", json={"label": "Over HTTP", "version": "3.0.0"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == server.get("/api/v1/workflows/fleet.release").headers["etag"]
    assert fleet.status() == ""
    assert 'label: "Over HTTP"' in (fleet.root / _ACTION).read_text()


def test_of_a_workflow_whose_tasks_are_not_there_the_action_can_be_taken_away(api: Api, fleet: Repo) -> None:
    path = "packs/fleet/actions/release.yaml"
    fleet.write(path, (fleet.root / path).read_text().replace("workflows/release.", "workflows/releas."))
    fleet.commit("A slip")
    refused = assert_error(api.put("/api/v1/workflows/fleet.release", {"label": "Other"}), 409, "FILE_BROKEN")
    assert "names 'packs/fleet/actions/workflows/releas.workflow.yaml'" in refused["error"]
    assert api.delete("/api/v1/workflows/fleet.release").status_code == 200
    assert not (fleet.root / path).exists()
    assert_error(api.get("/api/v1/workflows/fleet.release"), 404)
