"""`attune-registry proposals`, in the local repository, without a server."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from attune_registry.cli.main import main
from gitrepo import Repo
from in_process import Api

FIRST = "/api/v1/workflows/demo.first"


def attune(repo: Repo, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--repo", str(repo.root)])


@pytest.fixture
def proposed(repo: Repo, api: Api) -> str:
    """The head of a proposal by ann."""
    repo.write("registry/config.yaml", "protect: true\n")
    repo.commit("Protect")
    answer = api.put(f"{FIRST}?proposal=fix", {"label": "Proposed"}, who="ann")
    return str(answer.headers["X-Registry-Revision"])


def test_they_are_listed_and_shown(repo: Repo, api: Api, proposed: str) -> None:
    listed = attune(repo, "proposals")
    assert listed.stdout == "fix\tann\t1\t0\tdemo.first updated\t0\tno\n"
    assert read(attune(repo, "proposals", "list", "--json")) == api.get("/api/v1/proposals").json()["data"]
    assert read(attune(repo, "proposals", "show", "fix", "--json")) == api.get("/api/v1/proposals/fix").json()["data"]
    shown = attune(repo, "proposals", "show", "fix").stdout
    assert "~ /label" in shown
    assert "It needs an approval more" in shown
    assert attune(repo, "proposals", "show", "none").exit_code == 2


def test_a_history_of_its_own_is_shown_with_what_is_in_its_way(repo: Repo) -> None:
    tree = repo.git("rev-parse", "HEAD^{tree}").strip()
    repo.git("branch", "proposals/fix", repo.git("commit-tree", tree, "-m", "Elsewhere").strip())
    shown = attune(repo, "proposals", "show", "fix")
    assert shown.exit_code == 0, shown.output
    assert "no history in common" in shown.stdout
    assert attune(repo, "proposals").stdout == "fix\t\t\t\t\t0\tno\n"


def test_the_problems_that_it_would_bring_are_named(repo: Repo, proposed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("checkout", "-q", "proposals/fix")
    path = repo.workflow("demo.first", "label: First\nversion: 1.0.0\ndefinition:\n  tasks: [1]\nlabl: x\n")
    with monkeypatch.context() as patch:
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "ann")
            patch.setenv(f"GIT_{role}_EMAIL", "ann@example.com")
        repo.commit("Break it")
    repo.git("checkout", "-q", "main")
    for arguments in (("show", "fix"), ("review", "fix", "--reject")):
        said = attune(repo, "proposals", *arguments).stdout
        assert "Merged, it would have 2 problems; see details.\n" in said
        assert f"    {path}:4:11: " in said
        assert f"    {path}:5:1: " in said


def test_a_person_reviews_and_merges(repo: Repo, api: Api, proposed: str) -> None:
    assert attune(repo, "proposals", "review", "fix").exit_code == 2
    refused = attune(repo, "proposals", "merge", "fix")
    assert (refused.exit_code, "needs an approval" in refused.stderr) == (1, True)
    reviewed = attune(repo, "proposals", "review", "fix", "--approve", "--comment", "Fine")
    assert "Approved by Tess Tester (1 asked for)." in reviewed.stdout
    assert api.get("/api/v1/proposals/fix").json()["data"]["approvals"] == ["Tess Tester"]
    dry = attune(repo, "proposals", "merge", "fix", "--dry-run")
    assert dry.stdout == repo.git("diff", "HEAD", proposed)
    merged = attune(repo, "proposals", "merge", "fix", "-m", "Take it")
    assert merged.stdout == f"{repo.head()[:10]} Merge proposals/fix\n"
    assert repo.git("log", "-1", "--format=%P %s").split()[1:] == [proposed, "Take", "it"]
    assert (repo.status(), attune(repo, "proposals", "list").stdout) == ("", "")


def test_nobody_reviews_their_own_work_here_either(repo: Repo, proposed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Someone")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "Ann@example.com")
    refused = attune(repo, "proposals", "review", "fix", "--approve")
    assert (refused.exit_code, "your own work" in refused.stderr) == (1, True)


def test_one_is_closed(repo: Repo, proposed: str) -> None:
    assert proposed in attune(repo, "proposals", "close", "fix").stdout
    assert "proposals/fix" not in repo.git("branch")


def test_who_git_does_not_know_writes_nothing(repo: Repo, proposed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GIT_AUTHOR_NAME")
    refused = attune(repo, "proposals", "close", "fix")
    assert (refused.exit_code, "Tell git who you are" in refused.stderr) == (2, True)


def read(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["data"]
