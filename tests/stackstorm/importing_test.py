import json
import resource
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from attune_registry.registry import Registry
from attune_registry.stackstorm.words import names, pairs
from gitrepo import Repo
from serving import COMMAND

_PACK = Path(__file__).parent / "samples" / "webops"


def _import(repo: Repo, *options: str, path: Path = _PACK) -> "subprocess.CompletedProcess[str]":
    command = [*COMMAND, "import", "stackstorm", str(path), *options]
    return subprocess.run(command, cwd=repo.root, capture_output=True, text=True, check=False)


def _report(repo: Repo, *options: str) -> dict[str, Any]:
    done = _import(repo, "--json", *options)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _workflow(repo: Repo, name: str, pack: str = "webops") -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((repo.root / f"packs/{pack}/workflows/{name}.yaml").read_text())
    return data


def test_what_is_imported_has_no_errors(repo: Repo) -> None:
    _report(repo)
    repo.commit()
    snapshot = Registry.open(repo.root).snapshot
    errors = [row for row in snapshot.problems if row["severity"] == "error"]
    assert errors == []
    assert [entry.ref for entry in snapshot.workflows_in("webops")] == ["webops.remediate-disk", "webops.restart_chain"]


def test_an_orquesta_workflow_keeps_its_tasks_transitions_and_expressions(repo: Repo) -> None:
    _report(repo)
    data = _workflow(repo, "remediate-disk")
    assert (data["label"], data["version"], data["tags"]) == ("Remediate disk", "0.4.1", ["disk"])
    tasks = {task["name"]: task for task in data["definition"]["tasks"]}
    assert list(tasks) == ["check", "clean", "each", "tell", "fail"]
    assert tasks["check"]["next"] == [
        {
            "when": "<% succeeded() and result().used > ctx(threshold) %>",
            "publish": [{"used": "<% result().used %>"}],
            "do": ["clean", "tell"],
        },
        {
            "when": "<% failed() %>",
            "publish": {"reason": "<% result().stderr %>", "tries": 3},
            "do": ["fail"],
        },
        {"when": "<% succeeded() and result().used <= ctx(threshold) %>"},
    ]
    assert tasks["clean"]["action"] == "core.remote"
    assert tasks["clean"]["input"] == {
        "hosts": "<% ctx(host) %>",
        "cmd": "find /var/log -mtime +7 -delete",
        "timeout": 60,
    }
    assert tasks["clean"]["retry"] == {"count": 3, "delay": 10}
    assert (tasks["each"]["with_items"], tasks["each"]["concurrency"]) == ("host in <% ctx(hosts) %>", 2)
    assert tasks["tell"]["join"] == "all"
    assert tasks["fail"] == {"name": "fail", "action": "core.fail"}
    assert data["definition"]["variables"] == {"path": "/var/log", "used": 0, "attempts": []}
    assert data["definition"]["output_map"] == {"used": "<% ctx(used) %>"}


def test_inline_parameters_become_json_schema(repo: Repo) -> None:
    _report(repo)
    data = _workflow(repo, "remediate-disk")
    assert data["param_schema"] == {
        "type": "object",
        "properties": {
            "host": {"type": "string", "description": "Where the disk is full"},
            "threshold": {"type": "integer", "default": 90},
            "api_token": {"type": "string", "secret": True, "default": "{{ st2kv.system.api_token }}"},
            "hosts": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["host"],
    }
    assert data["out_schema"]["required"] == ["used"]


def test_an_action_chain_becomes_tasks_with_successors_and_starts_with_its_default(repo: Repo) -> None:
    _report(repo)
    definition = _workflow(repo, "restart_chain")["definition"]
    assert [task["name"] for task in definition["tasks"]] == ["restart", "tell_failure", "tell"]
    restart = definition["tasks"][0]
    assert (restart["action"], restart["on_success"], restart["on_failure"]) == ("core.remote", "tell", "tell_failure")
    assert restart["publish"] == {"output": "{{ restart.stdout }}"}
    assert definition["variables"] == {"service": "nginx"}


def test_the_report_names_everything_that_could_not_be_carried_over(repo: Repo) -> None:
    report = _report(repo)
    notes = {(note["kind"], note["source"], note["message"]) for note in report["notes"]}
    said = "\n".join(f"{kind} {source}: {message}" for kind, source, message in sorted(notes))
    for wanted in (
        "datastore actions/remediate-disk.yaml: '{{ st2kv.system.api_token }}'",
        "config actions/workflows/remediate-disk.yaml: '{{ config_context.channel }}'",
        "yaql actions/workflows/remediate-disk.yaml: '<% ctx(host) %>'",
        "left-out actions/broken.yaml: the file was left out: there is no file",
        "left-out actions/remediate-disk.yaml: 'position' of host",
        "left-out actions/workflows/remediate-disk.yaml: 'retry/when' of the task clean",
        "left-out actions/chains/restart_chain.yaml: 'notify' of the step tell",
        "left-out pack.yaml: actions that are no workflows (1)",
        "left-out pack.yaml: rules (1)",
        "left-out pack.yaml: 'https://git.example.com/packs/st2-internal.git'",
        "changed actions/workflows/remediate-disk.yaml: the engine's command 'fail'",
        "problem actions/chains/restart_chain.yaml: Jinja2 has no filter 'to_json_string'",
    ):
        assert wanted in said, f"{wanted}\n---\n{said}"


def test_the_report_for_people_has_the_same_in_it(repo: Repo) -> None:
    done = _import(repo)
    assert done.returncode == 0, done.stderr
    assert "packs/webops/workflows/remediate-disk.yaml" in done.stdout
    assert "YAQL, kept as it is (" in done.stdout
    assert "2 workflows written to packs/webops/" in done.stdout


def test_nothing_is_overwritten(repo: Repo) -> None:
    path = repo.write("packs/webops/workflows/restart_chain.yml", "label: Mine\n")
    done = _import(repo)
    assert done.returncode != 0
    assert "restart_chain.yml' is there already" in done.stderr
    assert path.read_text() == "label: Mine\n"
    assert not (repo.root / "packs/webops/pack.yaml").exists()


def test_a_pack_may_get_another_name_and_its_own_actions_go_along(repo: Repo) -> None:
    report = _report(repo, "--pack", "web")
    assert report["pack"] == "web"
    data = _workflow(repo, "remediate-disk", "web")
    assert data["ref"] == "web.remediate-disk"
    assert data["definition"]["tasks"][0]["action"] == "web.check_disk"
    manifest = yaml.safe_load((repo.root / "packs/web/pack.yaml").read_text())
    assert (manifest["ref"], manifest["version"], manifest["tags"]) == ("web", "0.4.1", ["web", "remediation"])
    assert manifest["dependencies"] == ["core", "slack"]


def test_a_folder_without_a_pack_and_an_entry_point_outside_are_refused(repo: Repo, tmp_path: Path) -> None:
    assert "no pack.yaml" in _import(repo, path=tmp_path).stderr
    assert "There is no folder" in _import(repo, path=tmp_path / "nowhere").stderr
    copy = tmp_path / "copy"
    shutil.copytree(_PACK, copy)
    action = copy / "actions" / "restart_chain.yaml"
    action.write_text(action.read_text().replace("chains/restart_chain.yaml", "../../../secret.yaml"))
    (tmp_path / "secret.yaml").write_text("chain: []\n")
    done = _import(repo, path=copy)
    assert "no file 'actions/../../../secret.yaml' in the pack" in done.stdout


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('cmd="a b" n=3 on=true', {"cmd": "a b", "n": 3, "on": True}),
        ("x=<% ctx(a) + 1 %> y={{ a b }}", {"x": "<% ctx(a) + 1 %>", "y": "{{ a b }}"}),
        ("-1é.a-b.c=2 =3", {"a-b.c": 2}),
        ("", {}),
    ],
)
def test_short_inputs_are_read_as_pairs(text: str, found: dict[str, Any]) -> None:
    assert pairs(text) == found


@pytest.mark.parametrize("text", ["a" * 100_000, "a={{ " * 20_000, "a=<% " * 20_000, 'a="' * 30_000])
def test_a_long_short_form_takes_no_time(text: str) -> None:
    started = time.process_time()
    pairs(text)
    assert time.process_time() - started < 2


def test_names_come_alone_in_lists_and_with_commas() -> None:
    assert names("a, b") == names(["a", "b"]) == names(["a,b"]) == ["a", "b"]


def test_where_there_is_no_room_nothing_is_left_of_an_import(repo: Repo) -> None:
    done = subprocess.run(
        [*COMMAND, "import", "stackstorm", str(_PACK)],
        cwd=repo.root,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600)),
    )
    assert (done.returncode, "packs/webops/" in done.stderr) == (2, True)
    assert not (repo.root / "packs/webops").exists()
