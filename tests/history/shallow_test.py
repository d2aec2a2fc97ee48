"""Shallow clones say that what they have is not all, and have the rest as soon as git has brought it."""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from attune_registry.changes import Cursor, end_of
from attune_registry.git.repository import Repository
from attune_registry.line import Line, follow
from attune_registry.registry import Registry
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


def seen(api: Api) -> dict[str, Any]:
    """What a registry says that depends on how much of the history is there."""
    detail = api.get("/api/v1/workflows/demo.first").json()["data"]
    past = api.get("/api/v1/workflows/demo.first?at=HEAD~1").json()["data"]
    return {
        "created": (detail["created"], past["created"]),
        "history": api.get(HISTORY).json(),
        "feed": api.get("/api/v1/changes").json(),
        "past": api.get("/api/v1/history?at=HEAD~1").json(),
    }


@pytest.mark.alone
def test_what_is_missing_is_there_when_git_has_brought_it_and_nothing_else_has_moved(
    whole: Repo, shallow: Repo
) -> None:
    api, full = Api(shallow.root), Api(whole.root)
    before = seen(api)
    assert [before[name]["meta"]["cut"] for name in ("history", "feed", "past")] == [True, True, True]
    assert before["history"]["meta"]["total"] == 2
    for step in (("fetch", "-q", "--deepen", "1"), ("fetch", "-q", "--unshallow")):
        shallow.git(*step)
        after = seen(api)
        assert after["history"]["meta"]["total"] > before["history"]["meta"]["total"]
        before = after
    assert after == seen(full)
    assert after["history"]["meta"]["cut"] is False
    api.close()
    full.close()


@pytest.mark.alone
def test_who_has_what_a_list_said_before_it_was_whole_is_told_what_it_says_now(shallow: Repo) -> None:
    api = Api(shallow.root)
    before = {path: api.get(path).headers["etag"] for path in ("/api/v1/workflows", "/api/v1/problems")}
    assert api.ask("GET", "/api/v1/workflows", if_none_match=before["/api/v1/workflows"]).status_code == 304
    shallow.git("fetch", "-q", "--unshallow")
    for path, etag in before.items():
        assert api.ask("GET", path, if_none_match=etag).status_code == 200
    api.close()


def bring(whole: Repo, shallow: Repo, *objects: str, options: tuple[str, ...] = ()) -> None:
    """Put some objects into the clone, and none that they refer to: git has got so far with a fetch."""
    packing = ["git", "pack-objects", *options, "--stdout", "-q"]
    pack = subprocess.run(packing, cwd=whole.root, input="\n".join(objects).encode(), capture_output=True, check=True)
    subprocess.run(["git", "unpack-objects", "-q"], cwd=shallow.root, input=pack.stdout, check=True)


@pytest.mark.alone
def test_who_looks_while_git_is_bringing_it_sees_what_was_there_before(whole: Repo, shallow: Repo) -> None:
    api, full = Api(shallow.root), Api(whole.root)
    before = seen(api)
    for commit in ("HEAD~2", "HEAD~3"):
        bring(whole, shallow, commit, f"^{commit}~1", options=("--revs",))
        api.registry.rescan()
        assert seen(api) == before
        assert Registry.open(shallow.root).snapshot.line.row_count() == before["feed"]["meta"]["total"]
    shallow.git("fetch", "-q", "--unshallow")
    assert seen(api) == seen(full)
    api.close()
    full.close()


@pytest.mark.alone
def test_a_commit_that_git_is_bringing_is_not_said_to_hold_less_than_it_does(whole: Repo, shallow: Repo) -> None:
    api, full = Api(shallow.root), Api(whole.root)
    ids = [whole.git("rev-parse", f"HEAD~3{path}").strip() for path in ("", "^{tree}", ":packs", ":packs/demo")]
    questions = [f"/api/v1/workflows?at={ids[0]}", f"/api/v1/diff?from={ids[0]}&to=HEAD"]
    for id in ids:
        bring(whole, shallow, id)
        for question in questions:
            assert_error(api.get(question), 503, "OBJECTS_MISSING")
    folder = whole.git("rev-parse", "HEAD~3:packs/demo/workflows").strip()
    bring(whole, shallow, folder)
    # All folders are there, one file is not: that one has no content, and gets it when git has brought it.
    assert api.get(questions[0]).json()["meta"]["total"] == 1
    bring(whole, shallow, whole.git("rev-parse", "HEAD~3:packs/demo/workflows/first.yaml").strip())
    answers = (one.get(questions[0]).json()["data"] for one in (api, full))
    here, there = ([(row["ref"], row["label"]) for row in rows] for rows in answers)
    assert here == there
    api.close()
    full.close()


@pytest.mark.alone
def test_another_working_tree_of_the_clone_has_it_too(shallow: Repo, tmp_path: Path) -> None:
    shallow.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "linked"))
    api = Api(tmp_path / "linked")
    assert api.get(HISTORY).json()["meta"]["cut"] is True
    # What has not changed for so long is not looked at anew.
    time.sleep(0.05)
    assert api.get(HISTORY).json()["meta"]["total"] == 2
    shallow.git("fetch", "-q", "--unshallow")
    meta = api.get(HISTORY).json()["meta"]
    assert (meta["cut"], meta["total"]) == (False, 6)
    api.close()


@pytest.mark.alone
def test_a_full_clone_that_becomes_shallow_answers_with_what_git_has_left_of_it(whole: Repo, tmp_path: Path) -> None:
    whole.git("clone", "-q", f"file://{whole.root}", str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    api = Api(clone.root)
    assert api.get(HISTORY).json()["meta"]["total"] == 6
    clone.git("fetch", "-q", "--depth", "2")
    assert api.get(HISTORY).json()["meta"]["total"] == 6
    clone.git("reflog", "expire", "--expire=now", "--all")
    clone.git("gc", "-q", "--prune=now")
    clone.workflow("demo.first", label="Later")
    clone.commit("Later")
    meta = api.get(HISTORY).json()["meta"]
    assert (meta["total"], meta["cut"]) == (3, True)
    clone.git("fetch", "-q", "--unshallow")
    meta = api.get(HISTORY).json()["meta"]
    assert (meta["total"], meta["cut"]) == (7, False)
    api.close()


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


@pytest.mark.alone
def test_a_place_in_the_middle_of_what_was_the_first_commit_leads_to_what_came_before_it(shallow: Repo) -> None:
    api = Api(shallow.root)
    page = api.get("/api/v1/changes?per_page=2").json()
    boundary = shallow.git("rev-parse", "HEAD~1").strip()
    assert page["meta"]["next_since"] == f"{boundary}:2"
    shallow.git("fetch", "-q", "--unshallow")
    rest = api.get(f"/api/v1/changes?since={page['meta']['next_since']}").json()
    assert len(rest["data"]) == 8
    api.close()


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
