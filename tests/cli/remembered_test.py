import json

import pytest
from commands import attune, attune_with_no_room, commit, git, write

GOOD = "label: x\nversion: 1.0.0\ndefinition: {tasks: [{name: a, action: core.noop, timeout: 30}]}\n"
BAD = GOOD.replace("label", "labl")


@pytest.fixture
def folder(tmp_path):
    git(tmp_path, "init", "-q", "-b", "main")
    write(tmp_path, "packs/demo/pack.yaml", "label: Demo\nversion: 1.0.0\n")
    write(tmp_path, "packs/demo/workflows/first.yaml", GOOD)
    commit(tmp_path)
    return tmp_path


def messages(folder, *arguments):
    done = attune(folder, "validate", "--format", "json", *arguments)
    assert done.stderr == b""
    return [problem["message"] for problem in json.loads(done.stdout)["problems"]]


def plant(folder):
    """Check once, and change what is remembered of it, so that an answer from memory can be told."""
    assert messages(folder) == []
    file = folder / ".git/attune-registry/checked.json"
    said = json.loads(file.read_text())
    said["problems"] = [["packs/demo/workflows/first.yaml", 1, 1, "x", "advice", "from memory", "", None]]
    file.write_text(json.dumps(said))


def test_what_has_not_changed_is_not_checked_again(folder):
    plant(folder)
    assert messages(folder) == ["from memory"]
    assert messages(folder, "demo.first") == ["from memory"]
    assert messages(folder, "packs/demo/pack.yaml") == []
    assert b"  1 | label: x\n" in attune(folder, "validate").stdout


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: write(folder, "packs/demo/workflows/first.yaml", GOOD + "# more\n"),
        lambda folder: write(folder, "packs/demo/workflows/second.yaml", GOOD),
        lambda folder: write(folder, "registry/config.yaml", "rules: {}\n"),
        lambda folder: (folder / "packs/demo/workflows/first.yaml").unlink(),
        lambda folder: commit(folder, "Empty") and write(folder, "README.md", "x") and commit(folder),
    ],
)
def test_any_change_is_looked_at(folder, change):
    plant(folder)
    change(folder)
    assert messages(folder) == []


def test_an_edit_of_an_edited_file_is_seen(folder):
    write(folder, "packs/demo/workflows/first.yaml", GOOD + "# one\n")
    plant(folder)
    assert messages(folder) == ["from memory"]
    write(folder, "packs/demo/workflows/first.yaml", GOOD + "# two\n")
    assert messages(folder) == []


def test_other_states_are_never_answered_from_memory(folder):
    plant(folder)
    assert messages(folder, "--at", "HEAD") == []
    assert messages(folder, "--changed", "HEAD") == []
    write(folder, "loose.yaml", GOOD)
    assert messages(folder, "demo.first", "loose.yaml") == []


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"key": 1}'])
def test_a_broken_memory_is_forgotten(folder, text):
    plant(folder)
    (folder / ".git/attune-registry/checked.json").write_text(text)
    assert messages(folder) == []


def test_two_working_trees_of_one_repository_have_two_memories(folder):
    plant(folder)
    git(folder, "worktree", "add", "-q", "aside")
    assert messages(folder / "aside") == []
    write(folder / "aside", "packs/demo/workflows/first.yaml", BAD)
    assert messages(folder / "aside") != []
    assert messages(folder) == []


def test_where_there_is_no_room_nothing_is_left_half_written(folder):
    attune_with_no_room(folder, "validate", size=20)
    assert list((folder / ".git/attune-registry").glob("checked.json*")) == []
