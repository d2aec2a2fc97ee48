import json
import shlex

import pytest
import yaml
from commands import attune, attune_with_no_room, commit, git, write

from attune_registry.starter import packaged_schema


def test_a_new_registry_is_a_clean_repository_with_one_commit(tmp_path):
    done = attune(tmp_path, "init", "flows")
    assert (done.returncode, done.stderr) == (0, b"")
    folder = tmp_path / "flows"
    assert git(folder, "log", "--format=%s %an %ae") == (
        "Create the registry attune-registry registry@attune-registry.invalid"
    )
    assert git(folder, "status", "--porcelain", "--branch") == "## main"
    assert b"attune-registry serve --repo flows" in done.stdout


def test_whoever_git_knows_is_the_author(tmp_path):
    write(tmp_path, ".gitconfig", "[user]\nname = Jane\nemail = jane@example.com\n")
    attune(tmp_path, "init", "flows")
    assert git(tmp_path / "flows", "log", "--format=%an %ae %cn") == "Jane jane@example.com Jane"


def test_the_schemas_are_the_packaged_ones_and_the_editor_is_told_of_them(tmp_path):
    attune(tmp_path, "init", ".")
    settings = json.loads((tmp_path / ".vscode/settings.json").read_text())["yaml.schemas"]
    for path, globs in settings.items():
        schema = path.removeprefix("./")
        assert (tmp_path / schema).read_bytes() == packaged_schema(schema)
        assert any(glob.endswith(".yaml") for glob in globs)


def test_pipelines_check_what_a_pull_request_changes(tmp_path):
    attune(tmp_path, "init", ".")
    for path in (".github/workflows/registry.yml", ".gitlab-ci.yml", ".pre-commit-config.yaml"):
        text = (tmp_path / path).read_text()
        assert yaml.safe_load(text)
        assert "@VERSION@" not in text
        assert "attune-registry validate" in text
    for path in (".github/workflows/registry.yml", ".gitlab-ci.yml"):
        text = (tmp_path / path).read_text()
        assert "validate --changed" in text
        assert "attune-registry compat" in text


def test_a_new_registry_passes_its_own_checks(tmp_path):
    attune(tmp_path, "init", ".")
    done = attune(tmp_path, "validate", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["problems"] == []


def test_a_registry_is_not_made_twice(tmp_path):
    attune(tmp_path, "init", "flows")
    before = git(tmp_path / "flows", "rev-parse", "HEAD")
    done = attune(tmp_path, "init", "flows")
    assert done.returncode == 1
    assert b"There is a registry in 'flows' already" in done.stderr
    assert git(tmp_path / "flows", "rev-parse", "HEAD") == before


@pytest.mark.parametrize("name", ["my dir é", "it's", "two\nlines", "-flows", "$HOME"])
def test_the_commands_that_come_next_work_wherever_it_is(tmp_path, name):
    said = attune(tmp_path, "init", "--", name).stdout.decode().partition("Next:\n")[2]
    assert said.count("attune-registry") == 4
    for command in said.partition("  attune-registry serve")[0].split("  attune-registry ")[1:]:
        done = attune(tmp_path, *shlex.split(command))
        assert done.returncode == 0, done.stderr
    folder = tmp_path / name
    assert (folder / "packs/my_pack/workflows/hello.yaml").exists()
    assert (folder / ".git/attune-registry/tokens.json").exists()


def test_files_that_are_there_already_are_left_alone(tmp_path):
    git(tmp_path, "init", "-q", "-b", "trunk")
    write(tmp_path, "README.md", "mine\n")
    commit(tmp_path, "Begin")
    write(tmp_path, "notes.txt", "not committed\n")
    write(tmp_path, "staged.txt", "staged\n")
    git(tmp_path, "add", "staged.txt")
    done = attune(tmp_path, "init", ".")
    assert done.returncode == 0
    assert b"Left as it was: README.md" in done.stdout
    assert (tmp_path / "README.md").read_text() == "mine\n"
    assert git(tmp_path, "status", "--porcelain") == "A  staged.txt\n?? notes.txt"
    assert git(tmp_path, "symbolic-ref", "--short", "HEAD") == "trunk"


def test_a_repository_in_the_middle_of_a_merge_is_left_alone(tmp_path):
    git(tmp_path, "init", "-q", "-b", "main")
    first = commit(tmp_path, "Begin")
    write(tmp_path / ".git", "MERGE_HEAD", first + "\n")
    done = attune(tmp_path, "init", ".")
    assert done.returncode == 1
    assert b"A merge is going on" in done.stderr
    assert not (tmp_path / "registry").exists()


def test_a_bare_repository_and_a_file_are_refused_with_what_to_do(tmp_path):
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    assert b"clone it" in attune(tmp_path, "init", "bare.git").stderr
    write(tmp_path, "file", "")
    done = attune(tmp_path, "init", "file")
    assert (done.returncode, done.stderr) == (1, b"Error: 'file' is a file; name a directory.\n")


def test_a_git_set_to_other_formats_makes_one_that_can_be_served(tmp_path):
    write(tmp_path, ".gitconfig", "[init]\ndefaultObjectFormat = sha256\ndefaultRefFormat = reftable\n")
    attune(tmp_path, "init", "flows", GIT_DEFAULT_HASH="sha256")
    assert len(git(tmp_path / "flows", "rev-parse", "HEAD")) == 40


@pytest.mark.parametrize("is_begun", [True, False])
def test_a_first_commit_that_fails_leaves_nothing_behind_and_the_next_try_succeeds(tmp_path, is_begun):
    git(tmp_path, "init", "-q", "flows", "-b", "trunk")
    folder = tmp_path / "flows"
    write(folder, "README.md", "mine\n")
    if is_begun:
        commit(folder)
    (folder / "README.md").unlink()
    write(folder, "registry/notes.txt", "mine\n")
    signing = {"KEY_0": "commit.gpgsign", "VALUE_0": "true", "KEY_1": "gpg.program", "VALUE_1": "false"}
    extra = {f"GIT_CONFIG_{name}": value for name, value in signing.items()}
    done = attune(tmp_path, "init", "flows", GIT_CONFIG_COUNT="2", **extra)
    assert (done.returncode, b"gpg failed to sign" in done.stderr) == (2, True)
    status = git(folder, "status", "--porcelain", "--untracked-files=all").split("\n")
    assert status == (["D README.md", "?? registry/notes.txt"] if is_begun else ["?? registry/notes.txt"])
    assert sorted(found.name for found in folder.iterdir()) == [".git", "registry"]
    assert attune(tmp_path, "init", "flows").returncode == 0
    assert git(folder, "status", "--porcelain") == "?? registry/notes.txt"


def test_a_registry_whose_files_are_only_deleted_is_not_made_anew(tmp_path):
    attune(tmp_path, "init", ".")
    git(tmp_path, "rm", "-rq", "registry")
    done = attune(tmp_path, "init", ".")
    assert (done.returncode, b"'git restore --source=HEAD --staged --worktree registry'" in done.stderr) == (1, True)
    assert not (tmp_path / "registry").exists()
    git(tmp_path, "restore", "--source=HEAD", "--staged", "--worktree", "registry")
    assert git(tmp_path, "status", "--porcelain") == ""
    git(tmp_path, "rm", "-rq", "registry")
    commit(tmp_path)
    assert attune(tmp_path, "init", ".").returncode == 0


def test_nothing_is_written_behind_a_link(tmp_path):
    (tmp_path / "other").mkdir()
    git(tmp_path, "init", "-q", "flows")
    (tmp_path / "flows/.vscode").symlink_to("../other")
    done = attune(tmp_path, "init", "flows")
    assert (done.returncode, b"Left as it was: .vscode/settings.json (behind a link)" in done.stdout) == (0, True)
    assert list((tmp_path / "other").iterdir()) == []


@pytest.mark.parametrize("folder", ["packs", "registry", "registry/schemas"])
def test_a_registry_is_not_made_behind_a_link(tmp_path, folder):
    (tmp_path / "other").mkdir()
    link = tmp_path / "flows" / folder
    link.parent.mkdir(parents=True)
    link.symlink_to(tmp_path / "other")
    done = attune(tmp_path, "init", "flows")
    assert (done.returncode, b"is a link, and a registry follows none" in done.stderr) == (1, True)
    assert list((tmp_path / "other").iterdir()) == []


def test_no_pipeline_needs_to_be_told_the_name_of_the_branch(tmp_path):
    attune(tmp_path, "init", ".")
    pipeline = yaml.safe_load((tmp_path / ".github/workflows/registry.yml").read_text())
    assert pipeline[True]["push"] is None  # GitHub's "on" is YAML 1.1's true
    assert "github.event.repository.default_branch" in pipeline["jobs"]["check"]["if"]


def test_where_there_is_no_room_nothing_of_a_registry_is_left(tmp_path):
    git(tmp_path, "init", "-q", "flows")
    done = attune_with_no_room(tmp_path, "init", "flows", size=2000)
    assert (done.returncode, b"flows/" in done.stderr) == (2, True)
    assert [found.name for found in (tmp_path / "flows").iterdir()] == [".git"]
