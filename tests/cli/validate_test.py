import json
import os
import pty
import subprocess

import pytest
from commands import COMMAND, attune, commit, environment, git, write

PACK = "label: Demo\nversion: 1.0.0\n"
WORKFLOW = """\
label: {label}
version: 1.0.0
definition:
  tasks:
    - name: only
      action: {action}
      timeout: 30
"""
BROKEN = WORKFLOW.replace("label: {label}", "labl: x")


def workflow(folder, ref, action="core.noop", text=WORKFLOW):
    pack, _, name = ref.partition(".")
    if not (folder / f"packs/{pack}/pack.yaml").exists():
        write(folder, f"packs/{pack}/pack.yaml", PACK)
    return write(folder, f"packs/{pack}/workflows/{name}.yaml", text.format(label=name, action=action))


@pytest.fixture
def folder(tmp_path):
    """A registry with two workflows, committed."""
    git(tmp_path, "init", "-q", "-b", "main")
    workflow(tmp_path, "demo.first")
    workflow(tmp_path, "demo.second", "demo.first")
    commit(tmp_path)
    return tmp_path


def checked(folder, *arguments, stdin=b"", where=None):
    """What `validate --format json` says, but for the graphs, and its exit code."""
    done = attune(where or folder, "validate", "--format", "json", *arguments, stdin=stdin)
    assert done.stderr == b"", done.stderr
    said = json.loads(done.stdout)
    said.pop("graphs", None)
    return done.returncode, said


def test_the_shape_of_each_graph_is_in_the_json(tmp_path):
    text = b"label: a\nversion: 1.0.0\ndefinition:\n  tasks:\n"
    text += b"    - {name: one, action: a.b, on_success: two}\n    - {name: two, action: a.b}\n"
    (tmp_path / "packs/p/workflows").mkdir(parents=True)
    (tmp_path / "packs/p/workflows/good.yaml").write_bytes(text)
    (tmp_path / "packs/p/workflows/bad.yaml").write_bytes(b"definition: {tasks: [1, {name: []}, [2]]}\n")
    paths = ("packs/p/workflows/good.yaml", "packs/p/workflows/bad.yaml")
    said = json.loads(attune(tmp_path, "validate", "--format", "json", *paths).stdout)
    assert said["graphs"]["packs/p/workflows/good.yaml"] == {
        "kind": "graph",
        "tasks": ["one", "two"],
        "starts": ["one"],
        "ends": ["two"],
        "edges": [{"from": "one", "to": "two", "on": "success"}],
    }


@pytest.mark.parametrize("definition", ["", "definition:\n", "definition: []\n", "definition: x\n"])
def test_where_there_is_no_definition_there_is_no_shape_but_the_problem_is_in_the_json(folder, definition):
    text = "label: x\nversion: 1.0.0\n" + definition
    workflow(folder, "demo.third", text=text)
    code, said = checked(folder)
    assert (code, said["files"]) == (1, 4)
    assert [problem["path"] for problem in said["problems"]] == ["packs/demo/workflows/third.yaml"]
    code, said = checked(folder, "-", stdin=text.encode())
    assert (code, said["files"], len(said["problems"])) == (1, 1, 1)


def rules(said):
    return [(problem["path"], problem["rule"]) for problem in said["problems"]]


def test_a_good_registry_is_clean(folder):
    assert checked(folder) == (0, {"files": 3, "problems": []})


def test_a_broken_file_is_an_error_with_its_place(folder):
    workflow(folder, "demo.third", text=BROKEN)
    code, said = checked(folder)
    assert (code, said["files"]) == (1, 4)
    problem = next(problem for problem in said["problems"] if problem["rule"] == "unknown-field")
    assert list(problem) == ["path", "line", "column", "rule", "severity", "message", "pointer", "hint"]
    assert problem["path"] == "packs/demo/workflows/third.yaml"
    assert (problem["line"], problem["column"], problem["severity"]) == (1, 1, "error")
    assert "label" in problem["hint"]


def test_advice_alone_is_no_failure(folder):
    workflow(folder, "demo.third", text=WORKFLOW.replace("      timeout: 30\n", ""))
    code, said = checked(folder)
    assert code == 0
    assert {problem["severity"] for problem in said["problems"]} == {"advice"}


def test_a_file_that_stopped_being_valid_is_an_error_although_it_is_served(folder):
    workflow(folder, "demo.first", text=BROKEN)
    assert checked(folder)[0] == 1
    assert checked(folder, "packs/demo/workflows/second.yaml")[0] == 0


@pytest.mark.parametrize(
    "argument",
    ["packs/demo/workflows/third.yaml", "./packs/demo/workflows/third.yaml", "demo.third", "packs/demo", "demo", "."],
)
def test_files_folders_and_refs_may_be_named(folder, argument):
    workflow(folder, "demo.third", text=BROKEN)
    workflow(folder, "other.fourth", text=BROKEN)
    code, said = checked(folder, argument)
    assert code == 1
    assert ("packs/demo/workflows/third.yaml", "unknown-field") in rules(said)
    assert (said["files"] == 1) == ("third" in argument)
    assert any("other" in path for path, _ in rules(said)) == (argument == ".")


def in_two_files(folder, tasks="tasks: [{name: a, action: core.noop, timeout: 30, input: {z: '{{ 1 | nofilt }}'}}]\n"):
    """A workflow in two files, the second of which has a name of its own."""
    write(folder, "packs/demo/actions/two.yaml", "label: Two\nworkflow_file: workflows/impl.workflow.yaml\n")
    write(folder, "packs/demo/actions/workflows/impl.workflow.yaml", tasks)


def test_the_ref_of_a_workflow_in_two_files_means_both(folder):
    in_two_files(folder)
    for _ in ("found", "remembered"):
        code, said = checked(folder, "demo.two")
        assert (code, said["files"]) == (1, 2)
        assert rules(said) == [("packs/demo/actions/workflows/impl.workflow.yaml", "template-filter")]
    commit(folder)
    code, said = checked(folder, "--at", "HEAD", "demo.two")
    assert (code, said["files"]) == (1, 2)
    assert checked(folder, "packs/demo/actions/two.yaml") == (0, {"files": 1, "problems": []})
    (folder / "packs/demo/actions/workflows/impl.workflow.yaml").unlink()
    assert checked(folder, "demo.two")[1]["files"] == 1


def test_paths_are_from_where_one_is_and_said_from_the_root(folder):
    workflow(folder, "demo.third", text=BROKEN)
    code, said = checked(folder, "third.yaml", where=folder / "packs/demo/workflows")
    assert (code, said["files"]) == (1, 1)
    assert {path for path, _ in rules(said)} == {"packs/demo/workflows/third.yaml"}
    assert checked(folder, "--repo", folder, "packs/demo/workflows/third.yaml", where=folder / ".git")[0] == 1


def test_what_is_not_there_could_not_be_checked(folder):
    done = attune(folder, "validate", "packs/nope")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"Error: There is no file, folder, pack or workflow 'packs/nope' here.\n"
    assert attune(folder, "validate", "--at", "nope").stderr == b"Error: There is no revision 'nope' in this clone.\n"
    assert attune(folder, "validate", "--changed=--all").returncode == 2


def test_other_files_of_a_pack_are_passed_over(folder):
    write(folder, "packs/demo/README.md", "# Notes\n")
    write(folder, "packs/demo/actions/act.yaml", "what: ever\n")
    assert checked(folder, "packs/demo/README.md", "packs/demo/actions/act.yaml") == (0, {"files": 0, "problems": []})


def test_of_a_file_in_a_folder_below_the_workflows_the_folder_is_said_to_be_the_reason(folder):
    write(folder, "packs/demo/workflows/sub/deploy.yaml", WORKFLOW.format(label="x", action="core.noop"))
    (problem,) = checked(folder)[1]["problems"]
    assert (problem["rule"], problem["path"]) == ("file-name", "packs/demo/workflows/sub/deploy.yaml")
    assert problem["message"].endswith("workflows lie in 'packs/demo/workflows/' itself, not in folders below it.")
    assert problem["hint"] == "Move it up, or out of 'packs/'."


def test_an_ending_in_capitals_is_told(folder):
    write(folder, "packs/demo/workflows/deploy.YAML", WORKFLOW.format(label="x", action="core.noop"))
    (problem,) = checked(folder)[1]["problems"]
    assert (problem["rule"], problem["path"]) == ("file-name", "packs/demo/workflows/deploy.YAML")
    assert problem["message"].endswith("end in '.yaml' or '.yml', in small letters.")


def test_settings_and_schemas_are_checked_as_well(folder):
    write(folder, "registry/config.yaml", "require_ifmatch: true\n")
    code, said = checked(folder)
    assert code == 1
    assert rules(said) == [("registry/config.yaml", "settings-unknown")]


def test_a_rule_may_be_switched_off_for_the_registry(folder):
    workflow(folder, "demo.third", text=WORKFLOW.replace("      timeout: 30\n", ""))
    write(folder, "registry/config.yaml", "rules: {timeout-missing: 'off'}\n")
    assert checked(folder)[1]["problems"] == []


def test_an_earlier_state_can_be_checked(folder):
    good = git(folder, "rev-parse", "HEAD")
    workflow(folder, "demo.first", text=BROKEN)
    bad = commit(folder)
    workflow(folder, "demo.first")
    assert checked(folder)[0] == 0
    assert checked(folder, "--at", bad)[0] == 1
    assert checked(folder, "--at", bad, "demo.second")[0] == 0
    assert checked(folder, "--at", f"{bad}~1") == checked(folder, "--at", good)
    done = attune(folder, "validate", "--at", good, "README.md")
    assert done.returncode == 2


def test_of_two_files_the_later_one_is_to_blame(folder):
    write(folder, "packs/demo/workflows/First.yaml", WORKFLOW.format(label="x", action="core.noop"))
    code, said = checked(folder)
    assert (code, rules(said)[0]) == (1, ("packs/demo/workflows/First.yaml", "ref-collision"))
    assert said["problems"][0]["message"].endswith("and 'demo.first' was there first.")


def test_of_two_files_that_nobody_has_committed_none_was_there_first(folder):
    for name in ("Third", "third"):
        write(folder, f"packs/demo/workflows/{name}.yaml", WORKFLOW.format(label="x", action="core.noop"))
    (told,) = (problem for problem in checked(folder)[1]["problems"] if problem["rule"] == "ref-collision")
    assert told["path"] == "packs/demo/workflows/third.yaml"
    assert told["message"].endswith("and 'demo.Third' comes first by name.")


# --changed


def changed(folder, base, *arguments):
    code, said = checked(folder, "--changed", base, *arguments)
    return code, said["files"], {path.rpartition("/")[2] for path, _ in rules(said)}


def test_only_what_changed_since_the_branch_parted_is_checked(folder):
    workflow(folder, "demo.old", text=BROKEN)
    commit(folder)
    git(folder, "checkout", "-q", "-b", "topic")
    workflow(folder, "demo.new", text=BROKEN)
    commit(folder)
    git(folder, "checkout", "-q", "main")
    workflow(folder, "demo.meanwhile", text=BROKEN)
    commit(folder)
    git(folder, "checkout", "-q", "topic")
    assert changed(folder, "main") == (1, 1, {"new.yaml"})
    workflow(folder, "demo.unsaved", text=BROKEN)
    assert changed(folder, "main") == (1, 2, {"new.yaml", "unsaved.yaml"})
    assert changed(folder, "main", "demo.new") == (1, 1, {"new.yaml"})


def test_a_merge_from_the_base_brings_nothing_to_check(folder):
    git(folder, "checkout", "-q", "-b", "topic")
    workflow(folder, "demo.new")
    commit(folder)
    git(folder, "checkout", "-q", "main")
    workflow(folder, "demo.theirs", text=BROKEN)
    commit(folder)
    git(folder, "checkout", "-q", "topic")
    git(folder, "merge", "-q", "--no-edit", "main")
    assert changed(folder, "main") == (0, 1, set())


def test_workflows_that_call_a_changed_one_are_checked_too(folder):
    workflow(folder, "demo.alone", text=BROKEN)
    base = commit(folder)
    workflow(folder, "demo.first", "core.other")
    commit(folder)
    assert changed(folder, base) == (0, 2, set())


def test_all_of_a_circle_that_a_change_made_are_checked_and_no_circle_that_was_there(folder):
    for ref, called in (("demo.third", "demo.second"), ("demo.left", "demo.right"), ("demo.right", "demo.left")):
        workflow(folder, ref, called)
    base = commit(folder)
    workflow(folder, "demo.fourth", "demo.left")
    workflow(folder, "demo.first", "demo.third")
    commit(folder)
    assert changed(folder, base) == (0, 4, {"first.yaml", "second.yaml", "third.yaml"})


def test_who_calls_something_else_that_is_nearly_called_so_is_checked_too(folder):
    workflow(folder, "demo.near", "other.send_report_to_team")
    workflow(folder, "demo.far", "other.send_nothing")
    workflow(folder, "other.one")
    base = commit(folder)
    workflow(folder, "other.send_reports_to_team")
    assert changed(folder, base) == (0, 2, {"near.yaml"})


def test_a_rename_is_a_new_file_and_what_called_the_old_one(folder):
    base = git(folder, "rev-parse", "HEAD")
    git(folder, "mv", "packs/demo/workflows/first.yaml", "packs/demo/workflows/renamed.yaml")
    commit(folder)
    assert changed(folder, base)[:2] == (0, 2)


def test_a_pack_that_lost_its_file_is_seen(folder):
    base = git(folder, "rev-parse", "HEAD")
    (folder / "packs/demo/pack.yaml").unlink()
    assert changed(folder, base) == (1, 2, {"pack.yaml"})


def test_who_still_calls_a_deleted_workflow_is_told(folder):
    workflow(folder, "demo.third", "demo.first   # registry: ignore[action-unknown]")
    base = commit(folder)
    git(folder, "rm", "-q", "packs/demo/workflows/first.yaml")
    commit(folder)
    code, said = checked(folder, "--changed", base)
    assert code == 0
    (found,) = (problem for problem in said["problems"] if problem["rule"] == "action-unknown")
    assert (found["path"], found["line"], found["column"]) == ("packs/demo/workflows/second.yaml", 6, 15)
    assert "demo.first" in found["message"]
    git(folder, "checkout", "-q", "HEAD~1", "--", "packs")
    assert not [
        problem for problem in checked(folder, "--changed", base)[1]["problems"] if problem["path"] == found["path"]
    ]


def test_a_path_from_outside_is_named_from_the_root_of_its_own_repository(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    for path in (folder / "packs/demo/workflows/first.yaml", folder / "packs/demo/workflows"):
        code, said = checked(folder, str(path), where=outside)
        assert (code, said["problems"]) == (0, [])
    write(folder, "packs/demo/workflows/first.yaml", BROKEN)
    code, said = checked(folder, str(folder / "packs/demo/workflows/first.yaml"), where=outside)
    assert (code, said["files"]) == (1, 1)
    assert {problem["path"] for problem in said["problems"]} == {"packs/demo/workflows/first.yaml"}


def test_changed_settings_concern_every_file(folder):
    base = git(folder, "rev-parse", "HEAD")
    write(folder, "registry/config.yaml", "rules: {}\n")
    assert changed(folder, base)[:2] == (0, 4)


def test_nothing_changed_is_nothing_to_check(folder):
    assert changed(folder, "HEAD") == (0, 0, set())
    assert b"No files checked: no problems." in attune(folder, "validate", "--changed", "HEAD").stdout


def test_a_clone_without_the_common_commit_says_so(folder):
    git(folder, "checkout", "-q", "--orphan", "other")
    commit(folder, "Another beginning")
    done = attune(folder, "validate", "--changed", "main")
    assert done.returncode == 2
    assert b"git fetch --unshallow" in done.stderr


# Standard input, and files in no registry


def test_standard_input_is_checked_as_the_ref_it_is_to_be(folder):
    code, said = checked(folder, "-", "--ref", "demo.third", stdin=BROKEN.encode())
    assert (code, said["files"]) == (1, 1)
    assert {path for path, _ in rules(said)} == {"packs/demo/workflows/third.yaml"}
    assert not (folder / "packs/demo/workflows/third.yaml").exists()


def test_standard_input_without_a_ref_is_checked_by_itself(tmp_path):
    code, said = checked(tmp_path, "-", stdin=b"ref: My-Pack.hello\n" + BROKEN.encode())
    assert code == 1
    assert set(rules(said)) == {("<stdin>", "unknown-field"), ("<stdin>", "schema-type")}
    good = WORKFLOW.format(label="x", action="core.noop").encode()
    assert checked(tmp_path, "-", stdin=good) == (0, {"files": 1, "problems": []})


@pytest.mark.parametrize(
    "arguments", [("-", "packs"), ("-", "--at", "HEAD"), ("packs", "--ref", "a.b"), ("-", "--ref", "a b")]
)
def test_contradictions_are_a_matter_of_usage(folder, arguments):
    done = attune(folder, "validate", *arguments)
    assert done.returncode == 2
    assert b"Usage: attune-registry validate" in done.stderr


def test_files_outside_any_repository_are_checked_by_their_content(tmp_path):
    workflow(tmp_path, "demo.first", text="ref: demo.wrong\n" + WORKFLOW)
    write(tmp_path, "loose.yaml", BROKEN)
    assert rules(checked(tmp_path, "packs")[1]) == [("packs/demo/workflows/first.yaml", "ref-path-mismatch")]
    said = checked(tmp_path, "loose.yaml")[1]
    assert "unknown-field" in {rule for _, rule in rules(said)}
    assert checked(tmp_path, "loose.yaml", "./loose.yaml")[1] == said
    done = attune(tmp_path, "validate", "none.yaml")
    assert (done.returncode, done.stderr) == (2, b"Error: There is no file or folder 'none.yaml'.\n")
    assert attune(tmp_path, "validate").returncode == 2
    for option in ("--changed", "--at"):
        done = attune(tmp_path, "validate", option, "HEAD", "loose.yaml")
        assert (done.returncode, done.stdout) == (2, b""), option
        assert b"repository" in done.stderr


def test_a_file_that_git_ignores_is_checked_when_it_is_named(folder):
    write(folder, ".gitignore", "draft.yaml\n")
    workflow(folder, "demo.draft", text=BROKEN)
    assert checked(folder)[0] == 0
    assert checked(folder, "packs/demo/workflows/draft.yaml")[0] == 1


# For people


def test_people_see_the_line_the_place_and_what_to_do(folder):
    workflow(folder, "demo.third", text=BROKEN)
    lines = attune(folder, "validate", "demo.third").stdout.decode().splitlines()
    at = next(number for number, line in enumerate(lines) if "[unknown-field]" in line)
    assert lines[at].startswith("packs/demo/workflows/third.yaml:1:1: error: ")
    assert lines[at + 1 : at + 3] == ["  1 | labl: x", "    | ^"]
    assert lines[at + 3].startswith("    = hint: ")
    assert lines[-1] == "1 file checked: 1 error."


def on_a_terminal(folder, *arguments, **extra):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        (COMMAND, *arguments), cwd=folder, env=environment(folder, TERM="xterm", **extra), stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        said += part
    process.wait()
    os.close(ours)
    return said


def test_colours_are_for_terminals_that_want_them(folder):
    workflow(folder, "demo.third", text=BROKEN)
    assert b"\x1b[31m" in on_a_terminal(folder, "validate")
    assert b"\x1b[" not in on_a_terminal(folder, "validate", NO_COLOR="1")
    assert b"\x1b[" not in attune(folder, "validate").stdout


def test_a_file_cannot_command_the_terminal(folder):
    workflow(folder, "demo.third", text="labl: \x1b]0;gotcha\x07\n")
    assert b"\x1b" not in attune(folder, "validate").stdout


def test_a_file_whose_name_is_no_unicode_is_shown(folder):
    with open(os.fsencode(folder) + b"/packs/demo/workflows/\xff.yaml", "wb") as file:
        file.write(b"x: 1\n")
    code, said = checked(folder)
    assert (code, rules(said)) == (1, [("packs/demo/workflows/\ufffd.yaml", "file-name")])
    for form in ("text", "github", "gitlab", "sarif", "junit"):
        assert attune(folder, "validate", "--format", form).returncode == 1


@pytest.mark.parametrize(
    "narrower", [("demo",), ("packs",), ("--changed", "HEAD~1"), ("--at", "HEAD"), ("--at", "HEAD", "demo"), (b"own",)]
)
def test_a_file_whose_name_is_no_unicode_is_told_of_wherever_it_is_checked(folder, narrower):
    name = b"packs/demo/workflows/caf\xe9.yaml"
    with open(os.fsencode(folder) + b"/" + name, "wb") as file:
        file.write(b"x: 1\n")
    commit(folder)
    code, said = checked(folder, *([os.fsdecode(name)] if narrower == (b"own",) else narrower))
    assert (code, rules(said)) == (1, [("packs/demo/workflows/caf\ufffd.yaml", "file-name")])


def test_a_repository_that_cannot_be_written_to_is_checked_all_the_same(folder):
    write(folder, ".git/attune-registry", "a file where the cache's folder would be")
    code, said = checked(folder)
    assert (code, said["files"]) == (0, 3)
