from typing import Any

import orjson
import pytest

from attune_registry.registry import Registry
from gitrepo import Repo
from in_process import Api

_RELEASE = "packs/fleet/actions/release.yaml"
_FOLDER = "packs/fleet/actions/workflows"
_GRAPH = f"{_FOLDER}/release.workflow.yaml"
_MAP = "packs/fleet/workflows/sync_inventory.yaml"


def _data(api: Api, ref: str) -> dict[str, Any]:
    answer = api.get(f"/api/v1/workflows/{ref}")
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def test_a_pack_of_the_platform_is_indexed_as_it_came_and_a_mere_action_is_nobodys_workflow(api: Api) -> None:
    found = api.get("/api/v1/workflows").json()["data"]
    assert [row["ref"] for row in found] == ["fleet.release", "fleet.rolling_restart", "fleet.sync_inventory"]
    graver = [row for row in api.get("/api/v1/problems").json()["data"] if row["severity"] != "advice"]
    assert graver == []
    assert api.get("/api/v1/workflows/fleet.look").status_code == 404


def test_inline_parameters_are_served_as_json_schema(api: Api) -> None:
    schema = _data(api, "fleet.rolling_restart")["param_schema"]
    assert schema["type"] == "object"
    assert list(schema["properties"]) == ["hosts", "service", "batch", "api_key"]
    assert schema["required"] == ["hosts", "service"]
    assert schema["properties"]["api_key"] == {"type": "string", "secret": True}
    assert schema["properties"]["service"] == {"type": "string", "description": "Name of the systemd unit"}


def test_a_parameter_object_that_is_json_schema_already_stays_as_it_is(api: Api) -> None:
    assert _data(api, "fleet.sync_inventory")["param_schema"] == {
        "type": "object",
        "properties": {
            "source": {"type": "string", "enum": ["cmdb", "cloud"]},
            "dry_run": {"type": "boolean", "default": False},
        },
        "required": ["source"],
    }


def test_output_schema_and_output_are_both_the_out_schema(api: Api) -> None:
    assert _data(api, "fleet.rolling_restart")["out_schema"]["required"] == ["restarted"]
    assert _data(api, "fleet.sync_inventory")["out_schema"]["properties"] == {"count": {"type": "integer"}}


def test_variables_in_either_style_are_a_map_and_further_keys_are_kept(api: Api) -> None:
    definition = _data(api, "fleet.rolling_restart")["definition"]
    assert definition["variables"] == {"drained": [], "started_at": None, "restarted": 0}
    assert definition["output_map"] == {"restarted": "{{ workflow.restarted }}"}
    assert definition.keys() == {"tasks", "variables", "output_map"}
    assert _data(api, "fleet.sync_inventory")["definition"]["variables"] == {"found": 0}


def test_tasks_in_a_map_are_served_as_a_list_in_their_order(api: Api) -> None:
    tasks = _data(api, "fleet.sync_inventory")["definition"]["tasks"]
    assert [task["name"] for task in tasks] == ["read", "compare", "store", "alarm"]
    assert list(tasks[0]) == ["name", "action", "input", "timeout", "on_complete"]


def test_a_workflow_in_two_files_is_one_with_what_each_says(api: Api, fleet: Repo) -> None:
    data = _data(api, "fleet.release")
    assert (data["label"], data["version"], data["tags"]) == ("Release", "1.0.0", ["release"])
    assert data["param_schema"]["required"] == ["service", "version"]
    assert data["definition"]["variables"] == {"status": "pending"}
    assert data["git"]["path"] == _RELEASE
    blobs = [fleet.git("rev-parse", f"HEAD:{path}").strip() for path in (_RELEASE, _GRAPH)]
    assert data["git"]["blob"] == "+".join(blobs)


def test_a_version_is_1_0_0_where_none_is_said_and_the_label_comes_from_the_name(fleet: Repo) -> None:
    fleet.write(
        "packs/fleet/actions/warm_up.yaml", "ref: fleet.warm_up\nworkflow_file: workflows/warm_up.workflow.yaml\n"
    )
    fleet.write(
        "packs/fleet/actions/workflows/warm_up.workflow.yaml",
        "tasks:\n  - {name: warm, action: core.noop, timeout: 5}\n",
    )
    fleet.commit()
    entry = Registry.open(fleet.root).snapshot.workflows.get("fleet.warm_up")
    assert entry
    assert (entry.label, entry.version) == ("Warm Up", "1.0.0")


def test_a_timeout_may_be_a_template_that_is_worked_out_when_the_task_runs(fleet: Repo) -> None:
    template = "{{ parameters.dry_run and 10 or 600 }}"
    for path, said in ((_MAP, "    timeout: 60"), (_GRAPH, "    timeout: 900")):
        text = (fleet.root / path).read_text()
        fleet.write(path, text.replace(said, f'    timeout: "{template}"'))
    fleet.commit()
    with_api = Api(fleet.root)
    try:
        for ref in ("fleet.sync_inventory", "fleet.release"):
            tasks = _data(with_api, ref)["definition"]["tasks"]
            assert template in [task.get("timeout") for task in tasks]
        graver = [row for row in with_api.get("/api/v1/problems").json()["data"] if row["severity"] != "advice"]
        assert graver == []
    finally:
        with_api.close()


def test_a_change_of_either_file_is_seen_by_the_next_request(api: Api, fleet: Repo) -> None:
    before = api.get("/api/v1/workflows/fleet.release").headers["etag"]
    fleet.write(_GRAPH, (fleet.root / _GRAPH).read_text().replace("status: pending", "status: waiting"))
    api.registry.note({_GRAPH})
    after_save = _data(api, "fleet.release")
    assert after_save["definition"]["variables"] == {"status": "waiting"}
    assert after_save["git"]["dirty"] is True
    fleet.commit(date=1_700_000_500)
    answer = api.get("/api/v1/workflows/fleet.release")
    assert answer.headers["etag"] != before
    assert answer.json()["data"]["updated"] == "2023-11-14T22:21:40Z"
    assert answer.json()["data"]["created"] == "2023-11-14T22:13:20Z"
    fleet.write(_RELEASE, (fleet.root / _RELEASE).read_text().replace('label: "Release"', "label: Release it"))
    fleet.commit()
    assert _data(api, "fleet.release")["label"] == "Release it"


def test_an_action_that_becomes_a_workflow_and_stops_being_one_comes_and_goes(api: Api, fleet: Repo) -> None:
    text = (fleet.root / _RELEASE).read_text()
    fleet.write(_RELEASE, text.replace("workflow_file:", "entry_point:"))
    fleet.write(_GRAPH, (fleet.root / _GRAPH).read_text() + "label: Alone\n")
    fleet.commit()
    # Nobody names the file with the tasks now: it stands for itself.
    assert _data(api, "fleet.release")["label"] == "Alone"
    fleet.write(_RELEASE, text)
    fleet.commit()
    assert _data(api, "fleet.release")["label"] == "Release"
    fleet.git("rm", "-q", _RELEASE, _GRAPH)
    fleet.commit()
    assert api.get("/api/v1/workflows/fleet.release").status_code == 404


@pytest.mark.parametrize(
    "action",
    [
        "'workflow_file': 'workflows/odd.workflow.yaml'\nlabel: Odd\n",
        "{label: Odd, workflow_file: workflows/odd.workflow.yaml}\n",
        '{"label": "Odd",\n "workflow_file": "workflows/odd.workflow.yaml"}\n',
        "label: Odd\nworkflow_file:\n  workflows/odd.workflow.yaml\n",
        "label: Odd\nworkflow_file: >-\n  workflows/odd.workflow.yaml\n",
        "label: Odd\nworkflow_file: &f workflows/odd.workflow.yaml\n",
        "label: Odd\nworkflow_file: !!str workflows/odd.workflow.yaml\n",
        '  label: Odd\n  "workflow_file" : "workflows/odd.workflow.yaml"\n',
    ],
)
def test_an_action_names_its_tasks_in_whichever_style_yaml_has(api: Api, fleet: Repo, action: str) -> None:
    fleet.write("packs/fleet/actions/odd.yaml", action)
    fleet.write("packs/fleet/actions/workflows/odd.workflow.yaml", "tasks:\n  - {name: one, action: core.noop}\n")
    fleet.commit()
    assert _data(api, "fleet.odd")["label"] == "Odd"
    assert api.put("/api/v1/workflows/fleet.odd", {"label": "Even"}).status_code == 200
    assert _data(api, "fleet.odd")["label"] == "Even"
    assert "workflow_file" in (fleet.root / "packs/fleet/actions/odd.yaml").read_text()


@pytest.mark.parametrize(
    "said",
    ["workflow_file:", "workflow_file: null", "workflow_file: ~", 'text: "first\nworkflow_file: is not used here"'],
)
def test_an_action_that_names_no_file_is_none_of_the_registrys_business(api: Api, fleet: Repo, said: str) -> None:
    fleet.write("packs/fleet/actions/odd.yaml", f"label: Odd\n{said}\n")
    fleet.commit()
    assert api.get("/api/v1/workflows/fleet.odd").status_code == 404
    rows = api.get("/api/v1/problems").json()["data"]
    assert [row for row in rows if row["path"].endswith("odd.yaml")] == []


def test_two_actions_may_share_the_file_with_the_tasks(api: Api, fleet: Repo) -> None:
    text = (fleet.root / _RELEASE).read_text().replace("fleet.release", "fleet.hotfix").replace('"Release"', "Hotfix")
    fleet.write("packs/fleet/actions/hotfix.yaml", text)
    fleet.commit()
    assert _data(api, "fleet.hotfix")["definition"] == _data(api, "fleet.release")["definition"]
    fleet.write(_GRAPH, (fleet.root / _GRAPH).read_text().replace("status: pending", "status: shared"))
    fleet.commit()
    for ref in ("fleet.hotfix", "fleet.release"):
        assert _data(api, ref)["definition"]["variables"] == {"status": "shared"}
    assert [row for row in api.get("/api/v1/problems").json()["data"] if row["severity"] == "error"] == []


def test_a_snapshot_made_by_steps_is_the_one_made_from_scratch(api: Api, fleet: Repo) -> None:
    for path in (_GRAPH, _RELEASE):
        fleet.git("mv", path, path + ".off")
        fleet.commit()
        assert api.registry.refresh().problems == Registry.open(fleet.root).snapshot.problems
        fleet.git("mv", path + ".off", path)
        fleet.commit()
        scratch = Registry.open(fleet.root).snapshot
        assert list(api.registry.refresh().workflows) == list(scratch.workflows)


def test_when_a_file_breaks_the_last_valid_pair_is_served_as_stale(api: Api, fleet: Repo) -> None:
    good = (fleet.root / _GRAPH).read_text()
    fleet.write(_GRAPH, good.replace("status: pending", "status: second"))
    fleet.commit()
    fleet.write(_GRAPH, good.replace("    timeout: 900", "    timeout: soon"))
    fleet.commit()
    data = _data(api, "fleet.release")
    assert data["stale"] is True
    assert data["definition"]["variables"] == {"status": "second"}
    assert [(row["path"], row["rule"], row["line"]) for row in data["problems"] if row["severity"] == "error"] == [
        (_GRAPH, "schema-type", 34)
    ]


def test_history_tells_of_both_files_and_of_no_mere_action(api: Api, fleet: Repo) -> None:
    fleet.write("packs/fleet/actions/look.yaml", "ref: fleet.look\nrunner_type: shell\n")
    fleet.commit("Change a mere action")
    fleet.write(_RELEASE, (fleet.root / _RELEASE).read_text().replace('label: "Release"', "label: Release it"))
    fleet.commit("Change the label")
    fleet.write(_GRAPH, (fleet.root / _GRAPH).read_text().replace("status: pending", "status: shared"))
    fleet.commit("Change the tasks")
    rows = api.get("/api/v1/workflows/fleet.release/history").json()["data"]
    assert [(row["subject"], row["fields"]) for row in rows][:2] == [
        ("Change the tasks", ["definition"]),
        ("Change the label", ["label"]),
    ]
    everything = api.get("/api/v1/history").json()["data"]
    assert "Change a mere action" not in [row["subject"] for row in everything]
    assert [row["ref"] for row in everything[:2]] == ["fleet.release", "fleet.release"]


def test_the_past_is_served_in_the_same_form(api: Api, fleet: Repo) -> None:
    first = fleet.head()
    fleet.write(_GRAPH, (fleet.root / _GRAPH).read_text().replace("status: pending", "status: later"))
    fleet.commit()
    then = api.get(f"/api/v1/workflows/fleet.release?at={first}").json()["data"]
    assert then["definition"]["variables"] == {"status": "pending"}


@pytest.mark.parametrize("ref", ["fleet.release", "fleet.rolling_restart", "fleet.sync_inventory"])
def test_two_clones_serve_the_same_bytes(api: Api, fleet: Repo, ref: str) -> None:
    other = fleet.root.parent / "clone"
    fleet.git("clone", "-q", str(fleet.root), str(other))
    clone = Api(other)
    try:
        assert clone.get(f"/api/v1/workflows/{ref}").content == api.get(f"/api/v1/workflows/{ref}").content
    finally:
        clone.close()


_NAMES_OTHER = "ref: fleet.release\nlabel: Release\nworkflow_file: workflows/{}\n"


@pytest.mark.parametrize(
    ("files", "is_committed"),
    [
        ({_RELEASE: _NAMES_OTHER.format("twin.workflow.yaml") + "parameters: [\n"}, True),
        ({_RELEASE: _NAMES_OTHER.format("missing.workflow.yaml")}, False),
        ({_RELEASE: _NAMES_OTHER.format("missing.workflow.yaml")}, True),
        ({_RELEASE: "label: Release\nworkflow_file: 5\n"}, True),
        ({_RELEASE: "label: Release\nworkflow_file: [a]\n"}, True),
        ({_RELEASE: _NAMES_OTHER.format("torn.workflow.yaml"), f"{_FOLDER}/torn.workflow.yaml": "tasks: [\n"}, True),
        ({_RELEASE: _NAMES_OTHER.format("release.workflow.yaml") + "x: [\n", _GRAPH: None}, True),
        ({_RELEASE: "x: [\nworkflow_file: workflows/release.workflow.yaml\n"}, False),
        ({_RELEASE: '{\n  "label": "Js",\n  "workflow_file": "workflows/release.workflow.yaml",\n'}, True),
        ({_RELEASE: '{\n  "label": "Js",\n  "workflow_file": "workflows/release.workflow.yaml",\n'}, False),
        ({_RELEASE: '  label: "Js\n  workflow_file: workflows/release.workflow.yaml\n'}, True),
        ({_RELEASE: "label: Js\nworkflow_file:\n  - workflows/release.workflow.yaml\n"}, True),
    ],
)
def test_whatever_breaks_of_the_two_files_the_last_valid_pair_is_served(
    api: Api, fleet: Repo, files: dict[str, str | None], is_committed: bool
) -> None:
    """Never an old action with the tasks that it names today: nobody has ever committed that."""
    fleet.write(f"{_FOLDER}/twin.workflow.yaml", "label: Twin\nversion: 7.0.0\ntasks: [{name: other, action: a.b}]\n")
    fleet.commit()
    valid, was = fleet.head(), _data(api, "fleet.release")
    for path, text in files.items():
        if text is None:
            (fleet.root / path).unlink()
        else:
            fleet.write(path, text)
    if is_committed:
        fleet.commit("Break it")
        fleet.workflow("fleet.later")
        fleet.commit("And go on")
        assert list(api.registry.refresh().workflows) == list(Registry.open(fleet.root).snapshot.workflows)
    entry = Registry.open(fleet.root).snapshot.workflows.get("fleet.release")
    assert entry is not None
    now = orjson.loads(entry.detail)
    assert now.pop("stale") is True
    assert any(row["severity"] == "error" for row in now.pop("problems"))
    same = ("label", "version", "param_schema", "definition", "created")
    assert {name: now[name] for name in same} == {name: was[name] for name in same}
    assert now["git"]["blob"] == was["git"]["blob"]
    assert fleet.git("merge-base", "--is-ancestor", now["git"]["commit"], valid) == ""
