"""What a person's editor makes of the schemas: with the settings that `init` writes, and nothing else."""

import json
import subprocess
from pathlib import Path

import pytest
from language_server import LanguageServer, installed

from serving import COMMAND

HERE = Path(__file__).parents[2]
GOOD = """\
label: Incident
version: 1.0.0
definition:
  tasks:
    - name: notify
      action: slack.post_message
      timeout: 30
"""
FLAT = """\
label: Incident
version: "1.0"
tasks:
  - name: notify
    action: slack.post_message
    timeout: "{{ parameters.patience }}"
    on_success:
      - when: "{{ succeeded() }}"
        do: close
"""
MAPPED = """\
label: Incident
tasks:
  notify:
    action: slack.post_message
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A new registry, as `attune-registry init` leaves it."""
    made = tmp_path_factory.mktemp("editors") / "registry"
    subprocess.run([*COMMAND, "init", str(made)], check=True, capture_output=True)
    (made / "packs/slack/workflows").mkdir(parents=True)
    return made


@pytest.fixture(scope="module")
def server(root):
    script = installed()
    if script is None:
        pytest.skip("npm is not installed")
    written = json.loads((root / ".vscode/settings.json").read_text())
    yaml = {"schemas": written["yaml.schemas"], "validate": True, "hover": True, "completion": True}
    # Nothing is fetched: what an editor knows here, it knows from the registry's own schemas.
    yaml["schemaStore"] = {"enable": False}
    running = LanguageServer(script, root, {"yaml": yaml})
    yield running
    running.stop()


def write(root, name, text):
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_a_good_workflow_has_no_diagnostics(server, root):
    assert server.open(write(root, "packs/slack/workflows/good.yaml", GOOD)) == []


def test_the_keys_of_a_task_are_completed(server, root):
    text = GOOD + "      \n"
    file = write(root, "packs/slack/workflows/begun.yaml", text)
    server.open(file)
    offered = server.completions(file, text.count("\n") - 1, 6)
    assert {"input", "on_success", "on_failure", "retry"} <= offered.keys()
    assert "timeout" not in offered, "what is there already is not offered again"
    assert "label" not in offered
    assert "fails" in json.dumps(offered["on_failure"].get("documentation"))


def test_the_fields_of_a_workflow_are_completed(server, root):
    file = write(root, "packs/slack/workflows/top.yaml", GOOD + "\n")
    server.open(file)
    offered = server.completions(file, GOOD.count("\n"), 0)
    assert {"description", "tags", "enabled", "param_schema", "out_schema"} <= offered.keys()


def test_a_new_file_is_offered_the_fields_of_the_contract(server, root):
    file = write(root, "packs/slack/workflows/new.yaml", "\n")
    server.open(file)
    assert {"label", "version", "definition"} <= server.completions(file, 0, 0).keys()


def test_hovering_over_a_key_explains_it(server, root):
    file = write(root, "packs/slack/workflows/hover.yaml", GOOD)
    server.open(file)
    lines = GOOD.splitlines()
    for key in ("timeout", "version", "action"):
        line = next(number for number, line in enumerate(lines) if f"{key}:" in line)
        shown = server.hover(file, line, lines[line].index(key) + 1)
        description = described(key)
        assert plain(description[:20]) in plain(shown), (key, shown)


def test_a_wrong_file_has_a_diagnostic_at_its_place(server, root):
    text = GOOD.replace("timeout: 30", "timeout: soon").replace("label: Incident", "labl: Incident")
    found = server.open(write(root, "packs/slack/workflows/wrong.yaml", text))
    places = {diagnostic["range"]["start"]["line"]: diagnostic["message"] for diagnostic in found}
    assert "labl" in " ".join(places.values())
    assert "integer" in places[6]


def test_a_pack_is_held_against_the_schema_of_packs(server, root):
    assert server.open(write(root, "packs/slack/pack.yaml", "label: Slack\nversion: 1.0.0\n")) == []
    found = server.open(write(root, "packs/other/pack.yaml", "label: [Slack]\nversion: 1.0.0\n"))
    assert [diagnostic["range"]["start"]["line"] for diagnostic in found] == [0]


def test_the_packs_of_this_repository_have_no_diagnostics(server, root):
    for file in sorted(HERE.glob("packs/*/workflows/*.yaml")):
        name = file.relative_to(HERE).as_posix()
        assert server.open(write(root, name, file.read_text())) == [], name


PLATFORM = HERE / "tests/forms/samples"


@pytest.mark.parametrize(
    "name",
    [
        "workflows/rolling_restart",
        "workflows/sync_inventory",
        "actions/release",
        "actions/workflows/release.workflow",
        "actions/look",
    ],
)
def test_a_good_file_of_the_platform_has_no_diagnostics(server, root, name):
    text = (PLATFORM / "fleet" / f"{name}.yaml").read_text()
    assert server.open(write(root, f"packs/fleet/{name}.yaml", text)) == []


@pytest.mark.parametrize(("name", "text", "column"), [("flat_list", FLAT, 4), ("flat_map", MAPPED, 4)])
def test_the_keys_of_a_task_are_completed_in_a_flat_file_too(server, root, name, text, column):
    text += " " * column + "\n"
    file = write(root, f"packs/slack/workflows/{name}.yaml", text)
    server.open(file)
    offered = server.completions(file, text.count("\n") - 1, column)
    assert {"input", "on_failure", "retry"} <= offered.keys()
    assert "action" not in offered
    assert "definition" not in offered


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("workflows/begun_flat", FLAT, {"description", "parameters", "vars", "output_map"}),
        ("actions/begun", "workflow_file: workflows/begun.workflow.yaml\n", {"label", "parameters", "output"}),
        ("actions/workflows/begun.workflow", "version: 1.0.0\n", {"tasks", "vars", "output_map"}),
    ],
)
def test_the_keys_of_the_platforms_layouts_are_completed(server, root, name, text, wanted):
    file = write(root, f"packs/slack/{name}.yaml", text + "\n")
    server.open(file)
    offered = server.completions(file, text.count("\n"), 0)
    assert wanted <= offered.keys()
    assert not {"definition", "param_schema"} & offered.keys()


def test_hovering_over_a_key_explains_it_in_a_flat_file_too(server, root):
    file = write(root, "packs/slack/workflows/flat_hover.yaml", FLAT)
    server.open(file)
    lines = FLAT.splitlines()
    for key, said in (("timeout", "a template that comes to them"), ("label", "for people"), ("tasks", "map by name")):
        line = next(number for number, line in enumerate(lines) if f"{key}:" in line)
        shown = server.hover(file, line, lines[line].index(key) + 1)
        assert plain(said) in plain(shown), (key, shown)


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("workflows/flat_soon", FLAT.replace('"{{ parameters.patience }}"', "soon"), 5),
        ("workflows/flat_nameless", FLAT.replace("label: Incident", "description: Incident"), 0),
        ("workflows/flat_idle", MAPPED.replace("action: slack.post_message", "timeout: 30"), 2),
        ("actions/astray", "label: Astray\nworkflow_file: ../tasks.yaml\n", 1),
        ("actions/workflows/empty.workflow", "version: 1.0.0\ntasks: none\n", 1),
    ],
)
def test_a_wrong_file_of_the_platform_has_a_diagnostic_at_its_place(server, root, name, text, line):
    found = server.open(write(root, f"packs/slack/{name}.yaml", text))
    assert [diagnostic["range"]["start"]["line"] for diagnostic in found] == [line], found


def described(key):
    schema = json.loads((HERE / "registry/schemas/workflow.schema.json").read_text())
    task = schema["$defs"]["task"]["properties"]
    return (task | schema["properties"])[key]["description"]


def plain(text):
    """Without what Markdown escapes, and blanks that it writes otherwise."""
    return "".join(character for character in text if character.isalnum())
