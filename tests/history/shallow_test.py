"""Shallow clones say that what they have is not all, and have the rest as soon as git has brought it."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from attune_registry.changes import Cursor, end_of
from attune_registry.git.repository import Repository
from attune_registry.line import Line, follow
from gitrepo import Repo
from http_asserts import assert_error
from in_process import Api
from serving import COMMAND

HISTORY = "/api/v1/workflows/demo.first/history"
BEFORE_THE_CUT = "2023-11-14T22:30:00Z"


@pytest.fixture
def whole(repo: Repo) -> Repo:
    """A registry with six commits, ten minutes apart."""
    for number in range(1, 6):
        repo.workflow("demo.first", label=f"Number {number}")
        repo.commit(f"Number {number}", date=1_700_000_000 + 600 * number)
    return repo


@pytest.fixture
def shallow(whole: Repo, tmp_path: Path) -> Repo:
    """A clone with the last two of them."""
    whole.git("clone", "-q", "--depth", "2", f"file://{whole.root}", str(tmp_path / "shallow"))
    return Repo(tmp_path / "shallow")


@pytest.mark.alone
def test_a_reader_goes_on_where_it_was_on_the_deepened_line(shallow: Repo) -> None:
    repository = Repository.open(shallow.root)
    cut = follow(repository, Line(), shallow.head()).line
    shallow.git("fetch", "-q", "--unshallow")
    line = follow(repository, Line(), shallow.head()).line
    # The first commit of the cut line has all three files; it has one, and five rows came before it, on the whole one.
    assert (cut.row_count(), line.row_count()) == (4, 8)
    rows = {row: cursor.row for row in range(5) if (cursor := Cursor(row, cut).on(line))}
    # Who had only a part of that first commit has not had what came before it.
    assert rows == {0: 0, 1: 0, 2: 0, 3: 7, 4: 8}
    assert end_of(line).on(line) == end_of(line)


@pytest.fixture
def following(shallow: Repo) -> Iterator["subprocess.Popen[str]"]:
    """`changes --follow` in the shallow clone."""
    command = [*COMMAND, "changes", "--follow", "--json", "--repo", str(shallow.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def test_changes_follow_tells_nothing_twice_either(shallow: Repo, following: "subprocess.Popen[str]") -> None:
    lines = (json.loads(line)["commit"] for line in following.stdout or ())
    first, last = shallow.git("rev-list", "--reverse", "HEAD").split()
    told = [next(lines)]
    while told[-1] != last:
        told.append(next(lines))
    assert set(told) == {first, last}
    shallow.git("fetch", "-q", "--unshallow")
    shallow.workflow("demo.first", label="Later")
    later = shallow.commit("Later")
    assert next(lines) == later


def said(repo: Repo, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [*COMMAND, *arguments, "--repo", str(repo.root)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_the_command_line_says_that_the_history_is_cut(whole: Repo, shallow: Repo) -> None:
    for repo, is_cut in ((whole, False), (shallow, True)):
        for arguments in (("history",), ("history", "demo.first"), ("changes",)):
            assert ("is cut" in said(repo, *arguments).stderr) is is_cut
        meta = json.loads(said(repo, "history", "--json").stdout)["meta"]
        assert meta["cut"] is is_cut
    gone = said(shallow, "history", "demo.gone")
    assert gone.returncode == 2
    assert "'git fetch --unshallow'" in gone.stderr


def test_what_is_before_the_cut_is_not_said_not_to_be(whole: Repo, shallow: Repo) -> None:
    api = Api(shallow.root)
    old = whole.git("rev-parse", "HEAD~4").strip()
    for revision in (BEFORE_THE_CUT, "HEAD~4", old):
        error = assert_error(api.get(f"/api/v1/workflows?at={revision}"), 404, "REVISION_NOT_FOUND")
        assert "history is cut" in error["error"]
        assert "'git fetch --unshallow' brings the rest" in error["error"]
    assert "history is cut" in assert_error(api.get(f"/api/v1/changes?since={old}"), 404)["error"]
    shallow.git("fetch", "-q", "--unshallow")
    assert api.get(f"/api/v1/workflows?at={BEFORE_THE_CUT}").status_code == 200
    api.close()
    full = Api(whole.root)
    error = assert_error(full.get("/api/v1/workflows?at=2001-01-01T00:00:00Z"), 404, "REVISION_NOT_FOUND")
    assert error["error"] == "Nothing had been committed here by 2001-01-01T00:00:00Z."
    full.close()
