"""Differences between revisions over HTTP agree with `git diff` and with what the files say."""

import random
from pathlib import Path

import gitlog
from recordings import Recorded

from gitrepo import Repo
from http_asserts import assert_error
from in_process import Api

TEXT = {"Accept": "text/x-diff"}
_TASKS = "definition:\n  tasks:\n    - name: a\n      action: core.noop\n      timeout: 3\n"


def test_any_two_commits_differ_by_what_git_diff_names(api: Api, recorded: Recorded) -> None:
    chance = random.Random(6)
    for _ in range(25):
        old, new = chance.sample(recorded.commits, 2)
        data = api.get(f"/api/v1/diff?from={old}&to={new}").json()["data"]
        assert (data["from"], data["to"]) == (old, new)
        said = {(kind, row["ref"]): row["change"] for kind in ("pack", "workflow") for row in data[f"{kind}s"]}
        assert said == _changes(recorded.repo, old, new)
        for row in data["workflows"]:
            sides = (
                gitlog.content(recorded.repo, _file(recorded.repo, at, row["ref"]), "workflow") for at in (old, new)
            )
            before, after = sides
            if before is None or after is None:
                assert row["problem"], row
                assert row["changes"] == []
            else:
                fields = {change["pointer"].split("/")[1] for change in row["changes"]}
                assert fields == {name for name in {*before, *after} if before.get(name) != after.get(name)}


def test_the_patch_makes_one_commits_files_of_the_others(api: Api, recorded: Recorded, tmp_path: Path) -> None:
    recorded.repo.git("clone", "-q", str(recorded.repo.root), str(tmp_path / "applying"))
    work = Repo(tmp_path / "applying")
    chance = random.Random(7)
    for _ in range(12):
        old, new = chance.sample(recorded.commits, 2)
        patch = api.get(f"/api/v1/diff?from={old}&to={new}", **TEXT)
        assert patch.headers["content-type"].startswith("text/x-diff")
        work.git("checkout", "-q", "-f", "--detach", old)
        work.git("clean", "-qfdx")
        (tmp_path / "patch").write_bytes(patch.content)
        if patch.content:
            work.git("apply", "--index", "--whitespace=nowarn", str(tmp_path / "patch"))
        assert work.git("diff", "--cached", "--name-only", new, "--", "packs") == ""


def test_a_workflow_alone_and_a_pack_alone(repo: Repo) -> None:
    old = repo.head()
    repo.workflow("demo.first", label="Other")
    repo.workflow("other.new")
    repo.commit("Change")
    api = Api(repo.root)
    one = api.get(f"/api/v1/workflows/demo.first/diff?from={old}").json()["data"]
    assert [(row["ref"], row["changes"]) for row in one["workflows"]] == [
        ("demo.first", [{"pointer": "/label", "op": "replace", "old": "first", "new": "Other"}])
    ]
    assert one["to"] == repo.head()
    same = api.get(f"/api/v1/workflows/demo.second/diff?from={old}").json()["data"]
    assert same["workflows"] == []
    pack = api.get(f"/api/v1/diff?from={old}&pack_ref=other").json()["data"]
    assert [row["ref"] for row in pack["workflows"]] == ["other.new"]
    assert [(row["ref"], row["change"]) for row in pack["packs"]] == [("other", "created")]
    text = api.get(f"/api/v1/workflows/demo.first/diff?from={old}", **TEXT).text
    assert "+label: Other\n" in text
    assert "other.new" not in text
    api.close()


def test_moves_are_told_from_changes_and_a_verdict_says_what_it_means(repo: Repo) -> None:
    tasks = [f"    - name: {name}\n      action: core.noop\n      timeout: 3\n" for name in "abc"]
    head = "label: A\nversion: 1.0.0\ndefinition:\n  tasks:\n"
    repo.workflow("demo.first", head + "".join(tasks))
    old = repo.commit("Old")
    repo.workflow("demo.first", head.replace("1.0.0", "1.0.1") + tasks[2] + tasks[0] + tasks[1])
    repo.commit("New")
    api = Api(repo.root)
    row = api.get(f"/api/v1/diff?from={old}").json()["data"]["workflows"][0]
    assert row["changes"] == [
        {"pointer": "/version", "op": "replace", "old": "1.0.0", "new": "1.0.1"},
        {
            "pointer": "/definition/tasks/0",
            "op": "move",
            "old": "/definition/tasks/2",
            "new": "/definition/tasks/0",
        },
    ]
    assert row["verdict"].keys() == {"verdict", "bump_needed", "bump_made", "reasons"}
    assert row["verdict"]["bump_made"] == "patch"
    api.close()


def test_a_file_that_cannot_be_read_is_an_update_with_its_problem(repo: Repo) -> None:
    old = repo.head()
    repo.workflow("demo.first", "label: [\n")
    repo.commit("Break")
    api = Api(repo.root)
    row = api.get(f"/api/v1/diff?from={old}").json()["data"]["workflows"][0]
    assert (row["change"], row["changes"], row["verdict"]) == ("updated", [], None)
    assert row["problem"]
    api.close()


def test_what_is_asked_for_must_be_there(repo: Repo) -> None:
    api = Api(repo.root)
    assert_error(api.get("/api/v1/diff"), 400, "MISSING_PARAMETER")
    assert_error(api.get("/api/v1/diff?from=nowhere"), 404, "REVISION_NOT_FOUND")
    assert_error(api.get("/api/v1/diff?from=HEAD&to=-x"), 400, "REVISION_INVALID")
    assert_error(api.get("/api/v1/workflows/demo.never/diff?from=HEAD"), 404, "WORKFLOW_NOT_FOUND")
    for path in ("/api/v1/diff?from=HEAD", "/api/v1/workflows/demo.first/diff?from=HEAD", "/api/v1/problems"):
        for accept in ("text/html", "x", "application/json;q=abc", "text/x-diff, x", "text/x-diff;q=0"):
            assert_error(api.get(path, Accept=accept), 406)
    assert_error(api.get("/api/v1/diff?from=HEAD", who="admin", Authorization=""), 401)
    api.close()


def test_json_unless_a_patch_is_preferred(repo: Repo) -> None:
    api = Api(repo.root)
    for accept in ("*/*", "application/json", "APPLICATION/JSON", "application/json, text/x-diff;q=0.5", ""):
        assert api.get("/api/v1/diff?from=HEAD", Accept=accept).json()["data"]["workflows"] == []
    assert api.get("/api/v1/diff?from=HEAD", **TEXT).content == b""
    for accept in ("Text/X-Diff", "application/json;q=0.5, text/x-diff", "text/x-diff, */*;q=0.1"):
        answer = api.get("/api/v1/diff?from=HEAD", Accept=accept)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/x-diff")
    etag = api.get("/api/v1/diff?from=HEAD").headers["etag"]
    assert api.get("/api/v1/diff?from=HEAD", If_None_Match=etag).status_code == 304
    api.close()


def _changes(repo: Repo, old: str, new: str) -> dict[tuple[str, str], str]:
    names = repo.git("diff", "--name-only", "--no-renames", old, new, "--", "packs").split()
    places = {place for name in names if (place := gitlog.place_of(name))}
    return {place: change for place in places if (change := _change(repo, place, old, new))}


def _change(repo: Repo, place: tuple[str, str], old: str, new: str) -> str | None:
    before, after = (any(gitlog.place_of(name) == place for name in _names(repo, at)) for at in (old, new))
    return "updated" if before and after else "deleted" if before else "created" if after else None


def _names(repo: Repo, commit: str) -> list[str]:
    return repo.git("ls-tree", "-r", "--name-only", commit, "packs").split()


def _file(repo: Repo, commit: str, ref: str) -> str | None:
    names = [name for name in _names(repo, commit) if gitlog.place_of(name) == ("workflow", ref)]
    if len(names) > 1:
        names.sort(key=lambda name: (_born(repo, commit, name), name))
    return f"{commit}:{names[0]}" if names else None


def _born(repo: Repo, commit: str, name: str) -> int:
    """Which commit of the line was the last to add a file: there it is since then."""
    options = ("--first-parent", "-m", "--no-renames", "--diff-filter=A", "--format=%H")
    added = repo.git("log", *options, commit, "--", name)
    return int(repo.git("rev-list", "--first-parent", "--count", added.split()[0]))
