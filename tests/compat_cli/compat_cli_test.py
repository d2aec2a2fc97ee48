"""`attune-registry compat`, run as a person or a pipeline runs it."""

import json
import os
import pty
import subprocess

import pytest

from gitrepo import Repo
from serving import COMMAND

WORKFLOW = """\
# What people wrote stays.
label: Deploy   # keep
version: "1.4.0"   # keep this, too
param_schema:
  type: object
  properties:
    host: {type: string}
    port: {type: integer}
  required: [host]
definition:
  tasks:
    - name: only
      action: core.noop
      input: {host: "{{ host }}", port: "{{ port }}"}
      timeout: 30
"""
PATH = "packs/demo/workflows/deploy.yaml"
BREAKING = ("    port: {type: integer}\n", "")
FEATURE = ("  required: [host]", "    user: {type: string}\n  required: [host]")
FIX = ("timeout: 30", "timeout: 60")


@pytest.fixture
def demo(repo: Repo) -> Repo:
    """A registry with a workflow at 1.4.0 on main, and a branch of it checked out."""
    repo.write(PATH, WORKFLOW)
    repo.commit()
    repo.git("checkout", "-q", "-b", "topic")
    return repo


def compat(repo, *arguments):
    command = [*COMMAND, "compat", "--repo", str(repo.root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def judged(repo, *arguments):
    """The exit code, and what `--json` says by ref."""
    done = compat(repo, "--json", *arguments)
    assert done.stderr == "", done.stderr
    said = json.loads(done.stdout)
    assert list(said) == ["workflows"]
    return done.returncode, {row["ref"]: row for row in said["workflows"]}


def change(repo, *edits):
    text = (repo.root / PATH).read_text()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    repo.write(PATH, text)


def version(number):
    return ('"1.4.0"', f'"{number}"')


def test_without_changes_there_is_nothing_to_say(demo):
    assert judged(demo) == (0, {})
    assert "No workflow has changed" in compat(demo).stdout


@pytest.mark.parametrize(
    ("edit", "verdict", "needed", "enough", "little"),
    [
        (BREAKING, "breaking", "major", "2.0.0", "1.5.0"),
        (FEATURE, "feature", "minor", "1.5.0", "1.4.1"),
        (FIX, "fix", "patch", "1.4.1", "1.4.0"),
    ],
)
def test_the_bump_made_is_held_against_the_one_needed(demo, edit, verdict, needed, enough, little):
    change(demo, edit, version(little))
    code, found = judged(demo)
    row = found["demo.deploy"]
    assert list(row) == ["ref", "verdict", "reasons", "bump_needed", "bump_made"]
    assert (code, row["verdict"], row["bump_needed"]) == (1, verdict, needed)
    assert row["reasons"][0]["verdict"] == verdict
    assert row["reasons"][0].keys() == {"verdict", "pointer", "message"}
    change(demo, (f'"{little}"', f'"{enough}"'))
    code, found = judged(demo)
    assert (code, found["demo.deploy"]["bump_made"]) == (0, needed)


def test_only_what_has_changed_is_listed_whether_committed_staged_or_neither(demo):
    change(demo, FIX)
    demo.commit()
    demo.workflow("demo.first", label="other")
    demo.git("add", "-A")
    demo.workflow("demo.fresh")
    assert judged(demo)[1].keys() == {"demo.deploy", "demo.first", "demo.fresh"}


def test_a_rename_is_a_deletion_and_a_creation(demo):
    demo.git("mv", PATH, "packs/demo/workflows/launch.yaml")
    code, found = judged(demo)
    assert (found["demo.deploy"]["verdict"], found["demo.launch"]["verdict"]) == ("breaking", "feature")
    assert code == 0, "neither has a version that could say it"


def test_the_same_workflow_under_another_ending_is_no_change(demo):
    demo.git("mv", PATH, PATH.removesuffix(".yaml") + ".yml")
    assert judged(demo) == (0, {})


def test_a_version_that_falls_is_too_low_whatever_else_changed(demo):
    change(demo, version("1.3.9"))
    code, found = judged(demo)
    assert (code, found["demo.deploy"]["bump_made"]) == (1, "lower")
    compat(demo, "--fix")
    assert (demo.root / PATH).read_text() == WORKFLOW


def test_comments_and_layout_need_no_version(demo):
    change(demo, ("# keep\n", "# kept\n"))
    code, found = judged(demo)
    assert (code, found["demo.deploy"]["reasons"], found["demo.deploy"]["bump_needed"]) == (0, [], "none")


def test_by_default_what_the_served_branch_has_since_got_is_not_held_against_a_branch(demo):
    demo.git("checkout", "-q", "main")
    change(demo, FEATURE, version("1.5.0"))
    demo.commit("Main moves on")
    demo.git("checkout", "-q", "topic")
    change(demo, FIX, version("1.4.1"))
    code, found = judged(demo)
    assert (code, found["demo.deploy"]["verdict"]) == (0, "fix")
    code, found = judged(demo, "main")
    assert (code, found["demo.deploy"]["bump_made"]) == (1, "lower"), "BASE is compared with as it is"


def test_on_the_served_branch_itself_what_is_not_committed_is_compared(demo):
    change(demo, FIX)
    demo.commit()
    demo.git("checkout", "-q", "main")
    demo.git("merge", "-q", "topic")
    assert judged(demo) == (0, {})
    change(demo, BREAKING)
    assert judged(demo)[1]["demo.deploy"]["verdict"] == "breaking"


def test_in_a_clone_what_has_not_been_pushed_is_compared(demo, tmp_path):
    subprocess.run(["git", "clone", "-q", "-b", "main", str(demo.root), str(tmp_path / "clone")], check=True)
    clone = Repo(tmp_path / "clone")
    change(clone, FIX)
    clone.commit("Not pushed yet")
    assert judged(clone)[1]["demo.deploy"]["verdict"] == "fix"
    clone.git("branch", "-m", "main", "other")
    assert judged(clone)[1].keys() == {"demo.deploy"}


def test_the_branch_that_the_settings_name_is_the_one_served(demo):
    demo.git("branch", "release", "main")
    change(demo, FIX, version("1.4.1"))
    demo.write("registry/config.yaml", "branch: release\n")
    demo.commit()
    demo.git("branch", "-f", "main", "topic")
    assert judged(demo)[1].keys() == {"demo.deploy"}


def test_without_the_branch_served_a_pipeline_is_not_told_that_all_is_well(demo, tmp_path):
    change(demo, BREAKING)
    commit = demo.commit()
    pipeline = Repo(tmp_path / "pipeline")
    pipeline.root.mkdir()
    pipeline.git("init", "-q")
    pipeline.git("fetch", "-q", str(demo.root), "topic")
    pipeline.git("checkout", "-q", "--detach", commit)
    done = compat(pipeline)
    assert (done.returncode, done.stdout) == (2, "")
    assert "does not have the branch served" in done.stderr
    pipeline.git("fetch", "-q", str(demo.root), "main:refs/remotes/origin/main")
    assert judged(pipeline)[0] == 1


def test_a_branch_that_the_settings_name_has_to_be_there(demo):
    demo.write("registry/config.yaml", "branch: release\n")
    change(demo, BREAKING)
    done = compat(demo)
    assert (done.returncode, "have 'release', the branch served: fetch it, or" in done.stderr) == (2, True)


def test_before_the_first_commit_everything_is_new(new_repo):
    fresh = new_repo("fresh")
    fresh.workflow("demo.first")
    code, found = judged(fresh)
    assert (code, found["demo.first"]["verdict"]) == (0, "feature")


def test_a_bare_repository_compares_commits_and_fixes_nothing(demo, tmp_path):
    change(demo, FIX)
    demo.commit()
    bare = Repo(tmp_path / "bare.git")
    subprocess.run(["git", "clone", "-q", "--bare", str(demo.root), str(bare.root)], check=True)
    assert judged(bare)[1].keys() == {"demo.deploy"}
    done = compat(bare, "--fix")
    assert (done.returncode, "bare" in done.stderr) == (1, True)


@pytest.mark.parametrize("base", ["nowhere", "--", "a..b", ""])
def test_what_is_no_revision_cannot_be_compared_with(demo, base):
    done = compat(demo, "--json", "--", base)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr


def test_outside_of_a_repository_it_could_not_run(tmp_path):
    assert compat(Repo(tmp_path)).returncode == 2


def test_histories_without_a_common_commit_could_not_be_compared(demo):
    demo.git("checkout", "-q", "--orphan", "apart")
    demo.commit()
    done = compat(demo)
    assert (done.returncode, "no commit in common" in done.stderr) == (2, True)
    assert judged(demo, "main") == (0, {})


@pytest.mark.parametrize("text", ["a: [", "just text\n", b"\xff\xfe"])
def test_a_file_that_cannot_be_read_counts_as_breaking(demo, text):
    demo.write(PATH, text)
    code, found = judged(demo)
    row = found["demo.deploy"]
    assert (code, row["verdict"], row["bump_made"]) == (1, "breaking", "none")
    assert "cannot tell" in row["reasons"][0]["message"]
    done = compat(demo, "--fix")
    assert (done.returncode, "cannot be read" in done.stdout) == (1, True)
    raw = text if isinstance(text, bytes) else text.encode()
    assert (demo.root / PATH).read_bytes() == raw


def test_what_cannot_be_patched_is_left_as_it_is(demo):
    change(demo, ("timeout: 30", "timeout: 60\n      timeout: 60"))
    text = (demo.root / PATH).read_text()
    done = compat(demo, "--fix")
    assert (done.returncode, "left as it is" in done.stdout) == (1, True)
    assert (demo.root / PATH).read_text() == text


def test_mending_a_file_that_could_not_be_read_is_no_offence(demo):
    demo.write(PATH, "a: [")
    demo.commit()
    broken = demo.head()
    demo.write(PATH, WORKFLOW)
    code, found = judged(demo, broken)
    assert (code, found["demo.deploy"]["verdict"]) == (0, "breaking")


@pytest.mark.parametrize(("edit", "wanted"), [(BREAKING, "2.0.0"), (FEATURE, "1.5.0"), (FIX, "1.4.1")])
def test_fix_changes_the_version_and_nothing_else(demo, edit, wanted):
    change(demo, edit)
    before = (demo.root / PATH).read_text()
    done = compat(demo, "--fix")
    assert (done.returncode, f"1.4.0 -> {wanted}" in done.stdout) == (0, True)
    assert (demo.root / PATH).read_text() == before.replace("1.4.0", wanted)
    assert judged(demo)[0] == 0
    assert compat(demo, "--fix").stdout == compat(demo).stdout, "there is nothing left to mend"


def test_fix_leaves_a_version_that_is_high_enough_and_files_that_did_not_change(demo):
    change(demo, FIX, version("3.0.0"))
    demo.workflow("demo.first", label="other")
    status = demo.status()
    compat(demo, "--fix")
    assert demo.status() == status
    assert '"3.0.0"' in (demo.root / PATH).read_text()
    assert "version: 1.0.1\n" in (demo.root / "packs/demo/workflows/first.yaml").read_text()


def test_a_property_that_is_gone_is_one_reason(demo):
    change(demo, BREAKING, ("""port: "{{ port }}"}""", "}"))
    reasons = judged(demo)[1]["demo.deploy"]["reasons"]
    assert [reason["pointer"] for reason in reasons] == ["/param_schema/properties/port", "/definition/tasks/0"]


def test_the_text_is_for_people(demo):
    change(demo, BREAKING)
    done = compat(demo)
    assert done.returncode == 1
    assert "demo.deploy (changed): breaking" in done.stdout
    assert "it needs 2.0.0" in done.stdout
    assert '/param_schema/properties/port: property "port" removed' in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(("extra", "is_coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_are_for_terminals(demo, extra, is_coloured):
    change(demo, BREAKING)
    ours, theirs = pty.openpty()
    command = [*COMMAND, "compat", "--repo", str(demo.root)]
    subprocess.run(command, stdout=theirs, check=False, timeout=60, env={**os.environ, "TERM": "xterm", **extra})
    os.close(theirs)
    shown = b""
    while part := _read(ours):
        shown += part
    os.close(ours)
    assert (b"\x1b[" in shown) is is_coloured


def _read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


def test_what_a_file_says_does_nothing_to_the_terminal(demo):
    change(demo, ("label: Deploy", 'label: "a\\e[31mb"'))
    assert "\x1b" not in compat(demo).stdout


def test_a_workflow_of_the_platform_in_two_files_is_one(demo):
    demo.write(
        "packs/demo/actions/ship.yaml",
        "ref: demo.ship\nlabel: Ship\nversion: 1.0.0\nworkflow_file: workflows/tasks.workflow.yaml\n"
        "parameters:\n  host: {type: string}\n",
    )
    tasks = "packs/demo/actions/workflows/tasks.workflow.yaml"
    demo.write(tasks, "version: 1.0.0\ntasks:\n  - name: one\n    action: core.noop\n")
    demo.commit()
    base = demo.head()
    demo.write(tasks, "version: 1.0.0\ntasks:\n  - name: one\n    action: core.other\n")
    code, found = judged(demo, base)
    assert (code, found["demo.ship"]["bump_needed"]) == (1, "patch")
    compat(demo, base, "--fix")
    assert (demo.root / tasks).read_text().startswith("version: 1.0.1\n"), "the version beside the tasks counts"
    assert judged(demo, base)[0] == 0
