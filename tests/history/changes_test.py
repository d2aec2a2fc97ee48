"""The feed of changes: everything that happened, in order, once, however it is read."""

from typing import Any

import gitlog
import pytest
from recordings import Recorded

from gitrepo import Repo
from http_asserts import assert_error
from in_process import Api


def consume(api: Api, per_page: int, since: str | None = None, at: str = "HEAD") -> list[dict[str, Any]]:
    """All rows, as a consumer gets them that goes on with `next_since`."""
    rows: list[dict[str, Any]] = []
    while True:
        query = f"?per_page={per_page}&at={at}" + (f"&since={since}" if since else "")
        page = api.get(f"/api/v1/changes{query}").json()
        assert len(page["data"]) <= per_page
        rows += page["data"]
        since = page["meta"]["next_since"]
        if not page["meta"]["more"]:
            assert page["meta"]["total"] == len(page["data"])
            return rows


@pytest.mark.parametrize("per_page", [1, 2, 7, 1000])
def test_pages_of_any_size_come_to_what_git_log_says(api: Api, recorded: Recorded, per_page: int) -> None:
    expected = [
        {"commit": row.commit, "date": row.date, "kind": row.kind, "ref": row.ref, "change": row.change}
        for row in gitlog.rows(recorded.repo)
    ]
    assert consume(api, per_page) == expected
    assert sum(row["change"] == "restored" for row in expected) > 3


def test_since_a_commit_comes_what_came_after_it(api: Api, recorded: Recorded) -> None:
    rows = gitlog.rows(recorded.repo)
    for number in (0, 40, 200, 298, 299):
        later = set(recorded.commits[number + 1 :])
        said = consume(api, 5, since=recorded.commits[number])
        assert [(row["commit"], row["ref"]) for row in said] == [
            (row.commit, row.ref) for row in rows if row.commit in later
        ]


def test_the_feed_adds_up_to_what_is_there(api: Api, recorded: Recorded) -> None:
    for number in (10, 150, 299):
        there: set[tuple[str, str]] = set()
        for row in consume(api, 50, at=recorded.commits[number]):
            thing = (row["kind"], row["ref"])
            assert (thing in there) == (row["change"] in ("updated", "deleted")), row
            (there.discard if row["change"] == "deleted" else there.add)(thing)
        names = recorded.repo.git("ls-tree", "-r", "--name-only", recorded.commits[number], "packs").split()
        assert there == {gitlog.place_of(name) for name in names}


@pytest.mark.alone
def test_the_end_of_the_feed_is_the_newest_commit_even_if_that_says_nothing(repo: Repo) -> None:
    api = Api(repo.root)
    repo.write("README.md", "Text\n")
    newest = repo.commit("Nothing for the registry")
    meta = api.get("/api/v1/changes").json()["meta"]
    assert (meta["next_since"], meta["more"]) == (newest, False)
    assert api.get(f"/api/v1/changes?since={newest}").json()["data"] == []
    api.close()


def test_a_repository_without_a_commit_has_an_empty_feed(new_repo: Any) -> None:
    api = Api(new_repo("empty").root)
    assert api.get("/api/v1/changes").json() == {
        "data": [],
        "meta": {"per_page": 100, "total": 0, "next_since": None, "more": False, "cut": False},
    }
    assert api.get("/api/v1/history").json()["data"] == []
    api.close()


def test_a_commit_that_is_not_on_the_line_is_a_conflict(repo: Repo) -> None:
    api = Api(repo.root)
    repo.workflow("demo.gone")
    rewritten = repo.commit("Rewritten later")
    repo.git("reset", "-q", "--hard", "HEAD~1")
    repo.git("switch", "-q", "-c", "topic")
    repo.workflow("demo.topic")
    merged = repo.commit("On a branch")
    repo.git("switch", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge", "topic")
    for commit in (rewritten, merged):
        error = assert_error(api.get(f"/api/v1/changes?since={commit}"), 409, "HISTORY_MOVED")
        assert "start over" in error["error"]
        assert_error(api.get(f"/api/v1/events?since={commit}"), 409, "HISTORY_MOVED")
    api.close()


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("since=nowhere", 404, "REVISION_NOT_FOUND"),
        ("since=" + "e" * 40, 404, "REVISION_NOT_FOUND"),
        ("since=--all", 400, "REVISION_INVALID"),
        ("since=HEAD:x", 400, "REVISION_INVALID"),
        ("since={head}:-1", 400, "REVISION_INVALID"),
        ("since={head}:x", 400, "REVISION_INVALID"),
        (f"since={{head}}:{'1' * 5000}", 400, "REVISION_INVALID"),
        ("since={head}:", 400, "REVISION_INVALID"),
        ("per_page=0", 400, "INVALID_PARAMETER"),
        ("page=2", 400, "INVALID_PARAMETER"),
    ],
)
def test_what_cannot_be_answered_is_refused(repo: Repo, query: str, status: int, code: str) -> None:
    api = Api(repo.root)
    assert_error(api.get(f"/api/v1/changes?{query.format(head=repo.head())}"), status, code)
    api.close()
