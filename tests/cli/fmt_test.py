import stat

import pytest
from commands import attune, attune_with_no_room, commit, git, write

from privileges import no_power_over_files

TIDY = """\
# A comment
label: x   # another
version: 1.0.0
definition:
  tasks:
    - name: a
      action: core.noop
      timeout: 30
"""
UNTIDY = """\
# A comment
label: x   # another


version: 1.0.0
definition:
      tasks:
      - name: a
        action: core.noop
        timeout: 30

"""


@pytest.fixture
def folder(tmp_path):
    git(tmp_path, "init", "-q", "-b", "main")
    write(tmp_path, "packs/demo/pack.yaml", "label: Demo\nversion: 1.0.0\n")
    write(tmp_path, "packs/demo/workflows/tidy.yaml", TIDY)
    commit(tmp_path)
    write(tmp_path, "packs/demo/workflows/untidy.yaml", UNTIDY)
    return tmp_path


def untidy(folder):
    return folder / "packs/demo/workflows/untidy.yaml"


def test_files_are_put_into_form_and_named(folder):
    untidy(folder).chmod(0o640)
    done = attune(folder, "fmt")
    assert (done.returncode, done.stdout) == (0, b"Changed packs/demo/workflows/untidy.yaml\n")
    assert untidy(folder).read_text() == TIDY.replace("version", "\nversion")
    assert stat.S_IMODE(untidy(folder).stat().st_mode) == 0o640
    assert git(folder, "status", "--porcelain", "--untracked-files=all") == "?? packs/demo/workflows/untidy.yaml"
    assert attune(folder, "fmt").stdout == b""


def test_check_changes_nothing_and_says_what_would_change(folder):
    done = attune(folder, "fmt", "--check")
    assert (done.returncode, done.stdout) == (1, b"Would change packs/demo/workflows/untidy.yaml\n")
    assert untidy(folder).read_text() == UNTIDY
    assert attune(folder, "fmt", "--check", "demo.tidy").returncode == 0


def test_only_what_is_named_is_touched(folder):
    assert attune(folder, "fmt", "packs/demo/workflows/tidy.yaml").returncode == 0
    assert untidy(folder).read_text() == UNTIDY
    assert attune(folder / "packs", "fmt", "demo").stdout == b"Changed demo/workflows/untidy.yaml\n"


def test_a_file_that_cannot_be_read_is_left_as_it_is(folder):
    untidy(folder).write_text("label: [x\n")
    done = attune(folder, "fmt")
    assert done.returncode == 1
    assert b"attune-registry validate packs/demo/workflows/untidy.yaml" in done.stderr
    assert untidy(folder).read_text() == "label: [x\n"


def test_a_file_that_can_be_read_in_two_ways_is_left_as_it_is(folder):
    untidy(folder).write_text(UNTIDY + "label: y\n")
    done = attune(folder, "fmt")
    assert done.returncode == 1
    assert b"attune-registry validate packs/demo/workflows/untidy.yaml" in done.stderr
    assert b"3 files looked at: 0 changed, 1 left as they are." in done.stderr
    assert untidy(folder).read_text() == UNTIDY + "label: y\n"


@pytest.mark.parametrize("options", [(), ("--check",)])
def test_a_file_that_cannot_be_put_into_form_is_not_said_to_be_in_it(folder, options):
    text = "label: x\ntags:\n- a\ndefinition:\n    tasks: []\n    x:\n        ? complex\n        : value\n"
    untidy(folder).write_text(text)
    done = attune(folder, "fmt", *options)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"Left packs/demo/workflows/untidy.yaml as it is: it cannot be put into the form" in done.stderr
    assert done.stderr.endswith(b", 1 left as they are.\n")
    assert untidy(folder).read_text() == text
    piped = attune(folder, "fmt", "-", *options, stdin=text.encode())
    assert (piped.returncode, piped.stdout) == (1, b"" if options else text.encode())
    assert b"cannot be put into the form" in piped.stderr


def test_both_files_of_a_workflow_in_two_are_put_into_form_and_no_other_action(folder):
    untidy(folder).unlink()
    actions = folder / "packs/demo/actions"
    write(folder, "packs/demo/actions/ship.yaml", "workflow_file: workflows/ship.workflow.yaml\ntags:\n    - x\n")
    write(folder, "packs/demo/actions/workflows/ship.workflow.yaml", "tasks:\n    - {name: a, action: b.c}\n")
    write(folder, "packs/demo/actions/plain.yaml", "tags:\n    - x\n")
    done = attune(folder, "fmt")
    assert done.returncode == 0
    assert (actions / "ship.yaml").read_text().endswith("tags:\n  - x\n")
    assert (actions / "workflows/ship.workflow.yaml").read_text() == "tasks:\n  - {name: a, action: b.c}\n"
    assert (actions / "plain.yaml").read_text() == "tags:\n    - x\n"


def test_the_ref_of_a_workflow_in_two_files_means_both(folder):
    tasks = "packs/demo/actions/workflows/impl.workflow.yaml"
    write(folder, "packs/demo/actions/ship.yaml", "workflow_file: workflows/impl.workflow.yaml\n")
    write(folder, tasks, "tasks:\n    - {name: a, action: b.c}\n")
    done = attune(folder, "fmt", "--check", "demo.ship")
    assert (done.returncode, done.stdout.decode()) == (1, f"Would change {tasks}\n")


def test_links_are_not_followed(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "file.yaml"
    outside.write_text(UNTIDY)
    untidy(folder).unlink()
    untidy(folder).symlink_to(outside)
    attune(folder, "fmt")
    assert outside.read_text() == UNTIDY


def test_standard_input_goes_to_standard_output(tmp_path):
    done = attune(tmp_path, "fmt", "-", stdin=UNTIDY.encode())
    assert (done.returncode, done.stdout.decode()) == (0, TIDY.replace("version", "\nversion"))
    assert attune(tmp_path, "fmt", "--check", "-", stdin=UNTIDY.encode()).returncode == 1
    assert attune(tmp_path, "fmt", "-", stdin=b"[").returncode == 2


def test_files_in_no_repository_are_formatted_when_named(tmp_path):
    write(tmp_path, "x.yaml", UNTIDY)
    assert attune(tmp_path, "fmt").returncode == 2
    assert attune(tmp_path, "fmt", "x.yaml").stdout == b"Changed x.yaml\n"


@pytest.mark.parametrize("is_writable", [True, False])
def test_a_file_that_cannot_be_written_is_named(folder, is_writable):
    place = folder / "packs/demo/workflows"
    with no_power_over_files():
        place.chmod(0o700 if is_writable else 0o500)
        done = attune_with_no_room(folder, "fmt", size=20) if is_writable else attune(folder, "fmt")
        place.chmod(0o700)
    assert done.returncode == 2
    assert done.stderr.decode().startswith(f"Error: {place}/untidy.yaml: ")
    assert (place / "untidy.yaml").read_text() == UNTIDY
    assert sorted(found.name for found in place.iterdir()) == ["tidy.yaml", "untidy.yaml"]
