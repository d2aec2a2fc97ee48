"""The rules that look at several files, at names of files or at registry/: broken, they fire; mended, they stop."""

from typing import NamedTuple

import pytest
from commands import attune, commit, git, write

from attune_registry.checks.rules import REFERENCE_RULES
from attune_registry.cli.checkup import check_up, working_edits
from attune_registry.git.head import read_head
from attune_registry.git.repository import Repository

ALERT = """\
label: Alert
version: 1.0.0
param_schema:
  type: object
  properties:
    channel: {type: string}
  required: [channel]
definition:
  tasks:
    - name: post
      action: core.noop
      input: {text: "{{ channel }}"}
      timeout: 30
"""
INCIDENT = """\
label: Incident
version: 1.0.0
definition:
  tasks:
    - name: alert
      action: demo.alert
      input:
        channel: general
      timeout: 30
"""
PACK = "label: Demo\nversion: 1.0.0\ndependencies: [core]\n"
GOOD = {
    "packs/demo/pack.yaml": PACK,
    "packs/demo/workflows/alert.yaml": ALERT,
    "packs/demo/workflows/incident.yaml": INCIDENT,
    "registry/config.yaml": "protect: false\n",
    "registry/access.yaml": "default: none\nprincipals: {}\n",
}
_CALLER, _CALLED = "packs/demo/workflows/incident.yaml", "packs/demo/workflows/alert.yaml"


class Mutation(NamedTuple):
    """These files change (None: deleted), and the rule fires at the path and line."""

    rule: str
    files: dict[str, str | None]
    path: str
    line: int


MUTATIONS = (
    Mutation("action-unknown", {_CALLER: INCIDENT.replace("demo.alert", "demo.alertt")}, _CALLER, 6),
    Mutation("action-disabled", {_CALLED: ALERT + "enabled: false\n"}, _CALLER, 6),
    Mutation("action-input-missing", {_CALLER: INCIDENT.replace("channel: general", "{}")}, _CALLER, 6),
    Mutation(
        "action-input-unknown",
        {_CALLER: INCIDENT.replace("general", "general\n        chanel: x")},
        *(_CALLER, 9),
    ),
    Mutation("action-input-type", {_CALLER: INCIDENT.replace("general", "7")}, _CALLER, 8),
    Mutation("action-cycle", {_CALLED: ALERT.replace("core.noop", "demo.incident")}, _CALLER, 6),
    Mutation("pack-dependency", {_CALLED: ALERT.replace("core.noop", "jira.create")}, _CALLED, 11),
    Mutation("ref-duplicate", {"packs/demo/workflows/alert.yml": ALERT}, "packs/demo/workflows/alert.yml", 1),
    Mutation("ref-collision", {"packs/demo/workflows/Alert.yaml": ALERT}, "packs/demo/workflows/Alert.yaml", 1),
    Mutation("file-name", {"packs/demo/workflows/a b.yaml": ALERT}, "packs/demo/workflows/a b.yaml", 1),
    Mutation("ref-snake-case", {"packs/demo/workflows/A-b.yaml": ALERT}, "packs/demo/workflows/A-b.yaml", 1),
    Mutation(
        "workflow-file",
        {"packs/demo/actions/page.yaml": "label: Page\nworkflow_file: workflows/gone.workflow.yaml\n"},
        *("packs/demo/actions/page.yaml", 2),
    ),
    Mutation("pack-missing", {"packs/demo/pack.yaml": None}, "packs/demo/pack.yaml", 1),
    Mutation(
        "settings-unknown",
        {"registry/config.yaml": "protect: false\nrules:\n  no-such-rule: off\n"},
        *("registry/config.yaml", 3),
    ),
    Mutation("settings-value", {"registry/config.yaml": "\nprotect: maybe\n"}, "registry/config.yaml", 2),
    Mutation(
        "access-invalid",
        {"registry/access.yaml": "default: none\nprincipals:\n  ana: {role: editr}\n"},
        *("registry/access.yaml", 3),
    ),
    Mutation(
        "schema-file",
        {"registry/schemas/workflow.schema.json": '{\n  "type": "objekt"\n}\n'},
        *("registry/schemas/workflow.schema.json", 2),
    ),
)


@pytest.fixture
def folder(tmp_path):
    """A registry without a problem, committed."""
    git(tmp_path, "init", "-q", "-b", "main")
    for path, text in GOOD.items():
        write(tmp_path, path, text)
    commit(tmp_path)
    return tmp_path


def fired(folder, rule):
    repository = Repository.open(folder)
    found = check_up(repository, read_head(repository).commit, working_edits(repository), None).problems
    return [(problem.path, problem.line) for problem in found if problem.rule == rule]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.rule)
def test_a_rule_fires_where_a_good_registry_is_broken_and_stops_when_it_is_mended(folder, mutation):
    assert fired(folder, mutation.rule) == []
    for path, text in mutation.files.items():
        if text is None:
            (folder / path).unlink()
        else:
            write(folder, path, text)
    assert (mutation.path, mutation.line) in fired(folder, mutation.rule)
    git(folder, "checkout", "-q", "--", ".")
    git(folder, "clean", "-fdq")
    assert fired(folder, mutation.rule) == []


def test_a_link_fires_and_a_file_in_its_place_does_not(folder):
    link = folder / "packs/demo/workflows/linked.yaml"
    link.symlink_to("alert.yaml")
    assert fired(folder, "not-a-file") == [("packs/demo/workflows/linked.yaml", 1)]
    link.unlink()
    write(folder, "packs/demo/workflows/linked.yaml", ALERT)
    assert fired(folder, "not-a-file") == []


def test_a_link_in_place_of_a_folder_is_told_by_validate_of_all_and_of_that_path(folder):
    (folder / "packs/demo").rename(folder / "away")
    (folder / "packs/demo").symlink_to("../away")
    for arguments in ([], ["packs/demo"], ["--changed", "HEAD"]):
        said = attune(folder, "validate", *arguments)
        assert (said.returncode, b"packs/demo:1:1: error" in said.stdout) == (1, True), said.stdout
    commit(folder)
    for arguments in ([], ["packs/demo"], ["--changed", "HEAD~1"], ["--at", "HEAD"], ["--at", "HEAD", "packs/demo"]):
        said = attune(folder, "validate", *arguments)
        assert (said.returncode, b"packs/demo:1:1: error" in said.stdout) == (1, True), said.stdout


def test_a_file_whose_name_has_a_line_end_in_it_is_told_of(folder):
    path = "packs/demo/workflows/new\nline.yaml"
    write(folder, path, ALERT)
    assert fired(folder, "file-name") == [(path, 1)]
    commit(folder)
    assert fired(folder, "file-name") == [(path, 1)]
    said = attune(folder, "validate")
    assert (said.returncode, b"packs/demo/workflows/new line.yaml:1:1: error" in said.stdout) == (1, True)


@pytest.mark.parametrize("path", ["config.yaml", "access.yaml", "schemas/workflow.schema.json"])
def test_a_link_or_a_folder_in_place_of_a_setting_fires_and_a_file_does_not(folder, path):
    setting = folder / "registry" / path
    setting.parent.mkdir(exist_ok=True)
    setting.unlink(missing_ok=True)
    setting.symlink_to("elsewhere")
    assert fired(folder, "not-a-file") == [(f"registry/{path}", 1)]
    commit(folder)
    assert fired(folder, "not-a-file") == [(f"registry/{path}", 1)]
    setting.unlink()
    write(folder, f"registry/{path}/inside.yaml", "protect: true\n")
    assert fired(folder, "not-a-file") == [(f"registry/{path}", 1)]
    commit(folder)
    assert fired(folder, "not-a-file") == [(f"registry/{path}", 1)]
    said = attune(folder, "validate", f"registry/{path}")
    assert (said.returncode, b"not-a-file" in said.stdout) == (1, True)
    (setting / "inside.yaml").unlink()
    setting.rmdir()
    write(folder, f"registry/{path}", "{}\n")
    assert fired(folder, "not-a-file") == []


def test_a_file_whose_content_is_not_in_the_clone_fires_until_it_is_fetched(folder, tmp_path_factory):
    git(folder, "rm", "-rq", "registry")
    commit(folder)
    git(folder, "config", "uploadpack.allowFilter", "true")
    partial = tmp_path_factory.mktemp("partial") / "clone.git"
    git(folder, "clone", "-q", "--bare", "--filter=blob:none", folder.as_uri(), str(partial))
    git(partial, "remote", "set-url", "origin", (folder.parent / "gone").as_uri())
    assert (_CALLED, 1) in fired(partial, "file-missing")
    said = attune(partial, "validate")
    assert (said.returncode, b"is not in this clone" in said.stdout) == (1, True)
    no_settings = attune(partial, "validate", "--at", "HEAD~1")
    assert (no_settings.returncode, b"'registry/config.yaml' is not in this clone" in no_settings.stderr) == (2, True)
    git(partial, "fetch", "-q", "--refetch", "--no-filter", folder.as_uri(), "main")
    assert fired(partial, "file-missing") == []


def test_an_action_whose_content_is_not_in_the_clone_is_no_workflow(folder, tmp_path_factory):
    write(folder, "packs/demo/actions/left.yaml", "ref: demo.left\nrunner_type: shell\nentry_point: left.sh\n")
    commit(folder)
    git(folder, "config", "uploadpack.allowFilter", "true")
    outside = tmp_path_factory.mktemp("partial")
    partial = outside / "clone"
    git(folder, "clone", "-q", "--no-checkout", "--filter=blob:none", folder.as_uri(), str(partial))
    git(partial, "sparse-checkout", "set", "--no-cone", "/*", "!/packs/demo/actions/")
    git(partial, "checkout", "-q", "HEAD")
    git(partial, "remote", "set-url", "origin", (outside / "gone").as_uri())
    for command in (("validate",), ("validate", "--at", "HEAD"), ("validate", "--changed", "HEAD"), ("fmt", "--check")):
        said = attune(partial, *command)
        assert (said.returncode, b"left.yaml" in said.stdout + said.stderr) == (0, False), (command, said)


def test_every_rule_between_files_has_its_mutation():
    assert {mutation.rule for mutation in MUTATIONS} >= REFERENCE_RULES
