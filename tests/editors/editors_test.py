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


def described(key):
    schema = json.loads((HERE / "registry/schemas/workflow.schema.json").read_text())
    task = schema["$defs"]["task"]["properties"]
    return (task | schema["properties"])[key]["description"]


def plain(text):
    """Without what Markdown escapes, and blanks that it writes otherwise."""
    return "".join(character for character in text if character.isalnum())
