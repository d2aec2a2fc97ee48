"""Proposals in a shallow clone: what cannot be told is said to be cut, and told when git has brought it."""

from pathlib import Path
from typing import Any

import pytest

from gitrepo import Repo
from http_asserts import assert_error
from in_process import Api

OLD = "/api/v1/proposals/old"


@pytest.fixture
def shallow(repo: Repo, tmp_path: Path) -> Repo:
    """A clone of two commits of each branch; that of the proposal parted from the one served before them."""
    repo.git("branch", "proposals/old")
    for number in range(5):
        repo.workflow("demo.first", label=f"Number {number}")
        repo.commit(f"Number {number}")
    repo.git("switch", "-q", "proposals/old")
    for number in range(3):
        repo.workflow("demo.second", label=f"Proposed {number}")
        repo.commit(f"Proposed {number}")
    repo.git("switch", "-q", "main")
    source = f"file://{repo.root}"
    repo.git("clone", "-q", "--depth", "2", "--no-single-branch", source, str(tmp_path / "shallow"))
    made = Repo(tmp_path / "shallow")
    made.git("branch", "-q", "proposals/old", "origin/proposals/old")
    return made


def shown(api: Api) -> list[tuple[str, dict[str, Any]]]:
    """The ETag and the proposal, as it is answered by itself and as a row of the list."""
    alone, listed = (api.get(path) for path in (OLD, "/api/v1/proposals"))
    rows = (alone.json()["data"], *listed.json()["data"])
    return list(zip((alone.headers["ETag"], listed.headers["ETag"]), rows, strict=True))


def test_a_proposal_that_parted_before_the_cut_says_so_until_that_is_here(shallow: Repo) -> None:
    api = Api(shallow.root)
    api.person("bob", "admin")
    before = shown(api)
    for _, row in before:
        assert row["reasons"][0]["code"] == "NO_COMMON_HISTORY"
        assert "the history is cut; 'git fetch --unshallow' brings the rest" in row["reasons"][0]["message"]
    refused = assert_error(api.post(f"{OLD}/review", {"verdict": "approve"}, who="bob"), 409, "NO_COMMON_HISTORY")
    assert "history is cut" in refused["error"]
    shallow.git("fetch", "-q", "--unshallow")
    for (etag, row), (etag_before, _) in zip(shown(api), before, strict=True):
        assert etag != etag_before
        assert [reason["code"] for reason in row["reasons"]] == ["APPROVALS_MISSING"]
        assert (row["ahead"], row["behind"]) == (3, 5)
        assert [item["ref"] for item in row["workflows"]] == ["demo.second"]
    api.close()


def test_what_a_proposal_brings_is_counted_anew_when_the_history_is_deepened(repo: Repo, tmp_path: Path) -> None:
    """libgit2 goes on hiding the parents of commits that it has seen while the clone was shallow."""
    repo.git("branch", "proposals/old")
    for number in range(5):
        repo.commit(f"Number {number}")
    repo.git("switch", "-q", "proposals/old")
    repo.git("merge", "-q", "--no-ff", "-m", "Take what is served", "main~1")
    repo.git("switch", "-q", "main")
    source = f"file://{repo.root}"
    repo.git("clone", "-q", "--depth", "2", "--no-single-branch", source, str(tmp_path / "shallow"))
    made = Repo(tmp_path / "shallow")
    made.git("branch", "-q", "proposals/old", "origin/proposals/old")
    api = Api(made.root)
    for _ in range(10):  # by all threads that read
        api.get(OLD)
    made.git("fetch", "-q", "--unshallow")
    row = api.get(OLD).json()["data"]
    expected = made.git("rev-list", "--left-right", "--count", "proposals/old...HEAD").split()
    assert [str(row[name]) for name in ("ahead", "behind")] == expected
    assert len(row["commits"]) == int(expected[0])
    api.close()
