import json
import subprocess

import pytest
from click.testing import CliRunner

from attune_registry.access.tokens import token_store
from attune_registry.cli.token import token


@pytest.fixture
def repo(tmp_path):
    folder = tmp_path / "registry"
    subprocess.run(("git", "init", "-q", "-b", "main", folder), check=True)
    return folder


@pytest.fixture
def store(repo):
    return token_store(repo / ".git" / "attune-registry")


def run(*arguments):
    return CliRunner().invoke(token, [str(argument) for argument in arguments])


def test_a_new_token_stands_alone_on_standard_output_and_works(repo, store):
    result = run("create", "jane", "--role", "editor", "--pack", "slack", "--pack", "data_*", "--repo", repo)
    assert result.exit_code == 0
    secret = result.stdout.removesuffix("\n")
    assert len(secret) == 47
    assert secret not in result.stderr
    assert "not shown again" in result.stderr
    assert store.find(secret).packs == ("slack", "data_*")


def test_the_current_directory_is_the_repository_also_below_its_root(repo, store, monkeypatch):
    (repo / "packs").mkdir()
    monkeypatch.chdir(repo / "packs")
    result = run("create", "jane", "--role", "reader", "--email", "jane@example.com")
    assert store.find(result.stdout.strip()).email == "jane@example.com"


def test_all_worktrees_share_their_tokens(repo, store, tmp_path):
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    subprocess.run(("git", "-C", repo, *identity, "commit", "-q", "--allow-empty", "-m", "x"), check=True)
    subprocess.run(("git", "-C", repo, "worktree", "add", "-q", tmp_path / "tree"), check=True, capture_output=True)
    result = run("create", "jane", "--role", "reader", "--repo", tmp_path / "tree")
    assert store.find(result.stdout.strip())


def test_the_list_is_one_line_each_when_piped_and_json_when_asked(repo, store):
    store.create("jane", "editor", ["slack", "core"], "jane@example.com")
    secret = store.create("ci [bold]", "admin")
    piped = run("list", "--repo", repo)
    assert [line.split("\t")[:4] for line in piped.stdout.splitlines()] == [
        ["ci [bold]", store.find(secret).email, "admin", "*"],
        ["jane", "jane@example.com", "editor", "slack, core"],
    ]
    entries = json.loads(run("list", "--json", "--repo", repo).stdout)
    assert [entry["name"] for entry in entries] == ["ci [bold]", "jane"]
    assert set(entries[0]) == {"name", "email", "role", "packs", "created"}


def test_a_terminal_gets_a_table_in_which_names_are_not_markup(repo, store, monkeypatch):
    store.create("ci [bold]", "admin")
    monkeypatch.setattr("attune_registry.cli.token._is_terminal", lambda: True)
    shown = run("list", "--repo", repo).stdout
    assert "NAME" in shown
    assert "ci [bold]" in shown


def test_revoking_says_so_on_standard_error_and_counts(repo, store):
    secret = store.create("jane", "reader")
    result = run("revoke", "jane", "--repo", repo)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "jane" in result.stderr
    assert store.find(secret) is None


def test_a_no_is_one_sentence_and_exit_code_1(repo, store):
    store.create("jane", "reader")
    for arguments in (("create", "jane", "--role", "admin"), ("revoke", "john")):
        result = run(*arguments, "--repo", repo)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith("Error: ")
        assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "a\nb", "--role", "reader"),
        ("create", "jane", "--role", "root"),
        ("create", "jane"),
        ("create", "jane", "--role", "editor", "--pack", "a/b"),
        ("create", "jane", "--role", "editor", "--pack", "[a"),
        ("create", "jane", "--role", "editor", "--email", "nobody"),
    ],
)
def test_a_bad_request_is_exit_code_2_and_makes_nothing(repo, store, arguments):
    result = run(*arguments, "--repo", repo)
    assert (result.exit_code, result.stdout) == (2, "")
    assert store.list() == ()


@pytest.mark.parametrize("arguments", [("create", "jane", "--role", "reader"), ("list",), ("revoke", "jane")])
def test_outside_a_repository_is_a_sentence_and_exit_code_2(tmp_path, arguments):
    for folder in (tmp_path, tmp_path / "missing"):
        result = run(*arguments, "--repo", folder)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "Error: " in result.stderr
        assert "Traceback" not in result.stderr
        assert list(tmp_path.iterdir()) == []


def test_a_broken_tokens_file_is_a_sentence_and_exit_code_2(repo, store):
    store.create("jane", "reader")
    (repo / ".git" / "attune-registry" / "tokens.json").write_text("{")
    for arguments in (("list",), ("revoke", "jane"), ("create", "john", "--role", "reader")):
        result = run(*arguments, "--repo", repo)
        assert result.exit_code == 2
        assert "broken" in result.stderr
