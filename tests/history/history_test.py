"""Histories agree with what git itself says of a repository that only git commands made."""

import random
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gitlog
import pytest
from recordings import Recorded

from attune_registry.git.commits import read_commit
from gitrepo import Repo
from http_asserts import assert_error
from in_process import Api


def everything(api: Api, path: str, per_page: int = 100) -> list[dict[str, Any]]:
    """All entries of a history, from all of its pages."""
    found: list[dict[str, Any]] = []
    number = 1
    while True:
        page = api.get(f"{path}?per_page={per_page}&page={number}").json()
        found += page["data"]
        assert page["meta"]["total_pages"] == -(-page["meta"]["total"] // per_page)
        if number >= page["meta"]["total_pages"]:
            assert len(found) == page["meta"]["total"]
            return found
        number += 1


def test_the_registrys_history_is_that_of_git_log(api: Api, recorded: Recorded) -> None:
    rows = gitlog.rows(recorded.repo)
    assert {row.change for row in rows} == {"created", "updated", "deleted", "restored"}
    said = [
        (entry["commit"], entry["date"], entry["kind"], entry["ref"], entry["change"])
        for entry in everything(api, "/api/v1/history")
    ]
    assert said == [row[:5] for row in reversed(rows)]
    assert [entry["commit"] for entry in everything(api, "/api/v1/history", 7)] == [row[0] for row in said]


def test_each_history_is_its_part_of_it(api: Api, recorded: Recorded) -> None:
    by_ref: dict[tuple[str, str], list[str]] = defaultdict(list)
    by_pack: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in reversed(gitlog.rows(recorded.repo)):
        by_ref[row.kind, row.ref].append(row.commit)
        by_pack[row.ref.partition(".")[0]].append((row.commit, row.ref))
    for (kind, ref), commits in by_ref.items():
        if kind == "workflow":
            assert [entry["commit"] for entry in everything(api, f"/api/v1/workflows/{ref}/history", 9)] == commits
    for pack, expected in by_pack.items():
        said = everything(api, f"/api/v1/packs/{pack}/history", 13)
        assert [(entry["commit"], entry["ref"]) for entry in said] == expected


def test_versions_and_fields_are_those_of_git_show(api: Api, recorded: Recorded) -> None:
    rows = gitlog.rows(recorded.repo)
    entries = everything(api, "/api/v1/history")[::-1]
    unreadable = 0
    for row, entry in random.Random(3).sample(list(zip(rows, entries, strict=True)), 150):
        old, new = (gitlog.content(recorded.repo, file, row.kind) for file in (row.old, row.new))
        assert entry["version_before"] == (old or {}).get("version"), row
        assert entry["version_after"] == (new or {}).get("version"), row
        if old is None or new is None:
            unreadable += 1
            assert entry["fields"] is None, row
        else:
            names = [name for name in gitlog.FIELDS[row.kind] if old.get(name) != new.get(name)]
            assert sorted(entry["fields"]) == sorted(names), row
    assert unreadable


def test_created_and_updated_are_the_first_and_last_commit_on_the_first_parent_line(
    api: Api, recorded: Recorded
) -> None:
    for commit in random.Random(5).sample(recorded.commits, 12):
        rows = gitlog.rows(recorded.repo, commit)
        for entry in api.get(f"/api/v1/workflows?per_page=100&at={commit}").json()["data"]:
            detail = api.get(f"/api/v1/workflows/{entry['ref']}?at={commit}").json()["data"]
            path = detail["git"]["path"]
            dates = _dates(recorded.repo, commit, path)
            assert (entry["created"], entry["updated"]) == (dates[-1], dates[0]), (commit, path)
            assert detail["git"]["commit"] in {row.commit for row in rows}


def test_a_page_of_the_past_is_that_of_the_commit(api: Api, recorded: Recorded) -> None:
    commit = recorded.commits[150]
    rows = gitlog.rows(recorded.repo, commit)
    page = api.get(f"/api/v1/history?at={commit}&per_page=5").json()
    assert page["meta"]["total"] == len(rows)
    assert [entry["commit"] for entry in page["data"]] == [row.commit for row in rows[:-6:-1]]


def test_an_entry_says_who_and_why(repo: Repo) -> None:
    repo.workflow("demo.first", label="Renamed")
    message = "Rename it\nfor good\n\nBecause of this.\n\nAnd that.\n\nRegistry-Action: update\nReviewed-by: Bo <b@x>\n"
    commit = repo.commit(message, date=1_700_000_100)
    api = Api(repo.root)
    newest, oldest = api.get("/api/v1/workflows/demo.first/history").json()["data"]
    assert newest == {
        "commit": commit,
        "date": "2023-11-14T22:15:00Z",
        "author": "Tess Tester",
        "email": "tess@example.com",
        "subject": "Rename it for good",
        "body": "Because of this.\n\nAnd that.",
        "trailers": {"Registry-Action": "update", "Reviewed-by": "Bo <b@x>"},
        "kind": "workflow",
        "ref": "demo.first",
        "change": "updated",
        "version_before": "1.0.0",
        "version_after": "1.0.0",
        "fields": ["label"],
    }
    assert oldest["change"] == "created"
    assert oldest["version_before"] is None
    api.close()


def test_a_deleted_workflow_keeps_its_history_and_a_restored_one_goes_on_with_it(repo: Repo) -> None:
    api = Api(repo.root)
    repo.git("rm", "-q", "packs/demo/workflows/first.yaml")
    repo.commit("Delete")
    assert_error(api.get("/api/v1/workflows/demo.first"), 404)
    history = api.get("/api/v1/workflows/demo.first/history").json()
    assert [entry["change"] for entry in history["data"]] == ["deleted", "created"]
    repo.git("revert", "--no-edit", "HEAD")
    history = api.get("/api/v1/workflows/demo.first/history").json()
    assert [entry["change"] for entry in history["data"]] == ["restored", "deleted", "created"]
    api.close()


def test_a_ref_that_no_commit_ever_touched_has_no_history(repo: Repo) -> None:
    api = Api(repo.root)
    assert_error(api.get("/api/v1/workflows/demo.never/history"), 404, "WORKFLOW_NOT_FOUND")
    assert_error(api.get("/api/v1/packs/never/history"), 404, "PACK_NOT_FOUND")
    assert_error(api.get("/api/v1/workflows/demo.first/history?page=0"), 400, "INVALID_PARAMETER")
    api.close()


def test_a_rename_is_a_deletion_and_a_creation(repo: Repo) -> None:
    repo.git("mv", "packs/demo/workflows/first.yaml", "packs/demo/workflows/moved.yaml")
    repo.commit("Rename")
    api = Api(repo.root)
    newest = api.get("/api/v1/packs/demo/history?per_page=2").json()["data"]
    assert {(entry["ref"], entry["change"]) for entry in newest} == {
        ("demo.first", "deleted"),
        ("demo.moved", "created"),
    }
    api.close()


def test_a_shallow_clone_says_that_its_history_is_cut_until_it_is_deepened(recorded: Recorded, tmp_path: Path) -> None:
    source = f"file://{recorded.repo.root}"
    recorded.repo.git("clone", "-q", "--depth", "40", source, str(tmp_path / "shallow"))
    api = Api(tmp_path / "shallow")
    page = api.get("/api/v1/history").json()
    assert page["meta"]["cut"] is True
    whole = [row for row in reversed(gitlog.rows(recorded.repo)) if row.commit in recorded.commits[-40:]]
    assert [entry["commit"] for entry in page["data"]] == [row.commit for row in whole[:20]]
    Repo(tmp_path / "shallow").git("fetch", "-q", "--unshallow")
    Repo(tmp_path / "shallow").git("commit", "-q", "--allow-empty", "-m", "Move the branch")
    page = api.get("/api/v1/history").json()
    assert page["meta"]["cut"] is False
    assert page["meta"]["total"] == len(gitlog.rows(recorded.repo))
    api.close()


@pytest.mark.parametrize(
    ("encoding", "author", "subject"),
    [
        ("latin1", "Jörg", "Grüße"),
        ("nonsense", "J\ufffdrg", "Gr\ufffd\ufffde"),
        ("idna", "J\ufffdrg", "Gr\ufffd\ufffde"),
    ],
)
def test_an_author_or_message_that_is_no_utf_8_is_shown_all_the_same(
    repo: Repo, encoding: str, author: str, subject: str
) -> None:
    tree = repo.git("rev-parse", "HEAD^{tree}").strip()
    parent = repo.head()
    file = repo.root.parent / "commit"
    file.write_bytes(
        f"tree {tree}\nparent {parent}\n".encode()
        + b"author J\xf6rg <j@x> 1600000000 +0000\ncommitter C <c@x> 1800000000 +0000\nencoding %b\n\nGr\xfc\xdfe\n"
        % encoding.encode()
    )
    repo.git("rm", "-q", "packs/demo/workflows/first.yaml")
    tree_now = repo.git("write-tree").strip()
    file.write_bytes(file.read_bytes().replace(tree.encode(), tree_now.encode()))
    made = repo.git("hash-object", "-w", "-t", "commit", str(file)).strip()
    repo.git("reset", "-q", "--hard", made)
    api = Api(repo.root)
    entry = api.get("/api/v1/workflows/demo.first/history").json()["data"][0]
    assert entry["subject"] == subject
    assert entry["author"] == author
    api.close()


@pytest.mark.parametrize("again", [False, True])
def test_no_git_log_is_run_and_a_page_of_it_opens_only_its_own_commits(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    for number in range(30):
        repo.workflow("demo.first", label=f"L{number}")
        repo.commit(f"Number {number}")
    api = Api(repo.root)
    opened: list[str] = []
    read: Callable[..., Any] = read_commit

    def counting(repository: object, commit: str) -> Any:
        opened.append(commit)
        return read(repository, commit)

    def no_process(*arguments: object, **more: object) -> None:
        raise AssertionError(f"git was started: {arguments}")

    monkeypatch.setattr("attune_registry.history.read_commit", counting)
    monkeypatch.setattr("attune_registry.git.process.start", no_process)
    for _ in range(1 + again):
        page = api.get("/api/v1/workflows/demo.first/history?per_page=4&page=2").json()["data"]
    assert opened == [entry["commit"] for entry in page]
    api.close()


def _dates(repo: Repo, commit: str, path: str) -> list[str]:
    log = repo.git("log", "--first-parent", "-m", "--format=%ct", commit, "--", path).split()
    return [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(date))) for date in log]


@pytest.mark.parametrize("date", [67768036191676900, 2**62, 253402300800])
def test_a_date_that_no_calendar_reaches_takes_nothing_down(repo: Repo, date: int) -> None:
    repo.workflow("demo.first", label="Far")
    commit = repo.commit(date=date)
    api = Api(repo.root)
    shown = repo.git("log", "-1", "--date=format-local:%Y-%m-%dT%H:%M:%SZ", "--format=%cd", commit).strip()
    assert api.get("/api/v1/workflows/demo.first").json()["data"]["updated"] == shown
    assert api.get("/api/v1/workflows?sort=-updated").json()["data"][0]["ref"] == "demo.first"
    assert api.get("/api/v1/history").json()["data"][0]["date"] == shown
    assert api.get("/api/v1/changes").json()["data"][-1]["date"] == shown
    assert api.get("/api/v1/workflows/demo.first?at=HEAD~1").json()["data"]["label"] != "Far"
    assert api.put("/api/v1/workflows/demo.first", {"label": "Near"}).status_code == 200
    api.close()
