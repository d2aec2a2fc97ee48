"""What root's commands leave in a repository of somebody else."""

import os
from pathlib import Path

import pytest
from commands import attune, commit, git, write

WORKFLOW = "label: x\nversion: 1.0.{}\ndefinition: {{tasks: [{{name: a, action: core.noop, timeout: 30}}]}}\n"
SOMEBODY = (1234, 4321)
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    write(tmp_path, "packs/demo/pack.yaml", "label: Demo\nversion: 1.0.0\n")
    for number in range(2):
        write(tmp_path, "packs/demo/workflows/first.yaml", WORKFLOW.format(number))
        commit(tmp_path)
    for place in (tmp_path, *tmp_path.rglob("*")):
        os.chown(place, *SOMEBODY, follow_symlinks=False)
    # In root's home, which is this folder for the commands of these tests.
    write(tmp_path, ".gitconfig", "[safe]\n\tdirectory = *\n[user]\n\tname = Root\n\temail = root@example.com\n")
    return tmp_path


def of_somebody_else(state: Path) -> list[str]:
    """Those of the registry's own files that are not the owner's."""
    return [str(at) for at in (state, *state.rglob("*")) if (at.stat().st_uid, at.stat().st_gid) != SOMEBODY]


@pytest.mark.parametrize(
    "commands",
    [
        [("validate",), ("token", "create", "me", "--role", "admin")],
        [("token", "create", "me", "--role", "admin"), ("rollback", "demo.first", "--to", "HEAD~1")],
        [("history", "demo.first")],
    ],
)
def test_the_registrys_own_files_are_the_owners(folder: Path, commands: list[tuple[str, ...]]) -> None:
    state = folder / ".git/attune-registry"
    for arguments in commands:
        done = attune(folder, *arguments)
        assert done.returncode == 0, done.stderr
    assert state.exists()
    assert not of_somebody_else(state)


def test_what_an_earlier_command_left_to_root_is_given_back(folder: Path) -> None:
    state = folder / ".git/attune-registry"
    assert attune(folder, "rollback", "demo.first", "--to", "HEAD~1").returncode == 0
    for place in (state, *state.rglob("*")):
        os.chown(place, 0, 0)
    attune(folder, "show", "demo.first")
    assert not of_somebody_else(state)


def test_a_file_that_has_another_name_elsewhere_and_what_a_link_leads_to_stay_roots(
    folder: Path, tmp_path_factory
) -> None:
    attune(folder, "validate")
    elsewhere = tmp_path_factory.mktemp("roots") / "file"
    elsewhere.write_text("root's")
    state = folder / ".git/attune-registry"
    (state / "linked").hardlink_to(elsewhere)
    (state / "link").symlink_to(elsewhere)
    attune(folder, "validate")
    assert (elsewhere.stat().st_uid, elsewhere.stat().st_gid) == (0, 0)


def test_what_the_registry_has_not_made_stays_roots(folder: Path) -> None:
    attune(folder, "validate")
    state = folder / ".git/attune-registry"
    (state / "other").mkdir()
    (state / "saved").mkdir()
    moved = [state / "notes.txt", state / "other/journal", state / "saved/notes"]
    for place in moved:
        place.write_text("root's")
    os.mkfifo(state / "journal")
    ours = [state / "write.lock", state / "saved/packs-demo-pack.yaml.1700000000000000000"]
    for place in ours:
        place.write_text("")
    attune(folder, "show", "demo.first")
    assert {place.stat().st_uid for place in (*moved, state / "other", state / "journal")} == {0}
    assert not [place for place in (*ours, state / "saved") if place.stat().st_uid == 0]
