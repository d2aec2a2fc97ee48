"""Proposals: written aside, listed, shown, reviewed, merged, closed; made with git or over HTTP."""

import subprocess
from pathlib import Path

import pytest

from gitrepo import Repo
from http_asserts import assert_error
from in_process import Api

FIRST = "/api/v1/workflows/demo.first"
PATH = "packs/demo/workflows/first.yaml"
NEW = {
    "ref": "demo.new",
    "pack_ref": "demo",
    "label": "New",
    "version": "1.0.0",
    "definition": {"tasks": [{"name": "only", "action": "core.noop", "timeout": 30}]},
}


def propose(api: Api, who: str = "ann", name: str = "fix", **fields: object) -> str:
    answer = api.put(f"{FIRST}?proposal={name}", fields or {"label": "Proposed"}, who=who)
    assert answer.status_code == 200, answer.text
    return str(answer.headers["X-Registry-Revision"])


def test_a_proposal_touches_nothing_that_is_served(repo: Repo, api: Api) -> None:
    before = api.get(FIRST)
    index = (repo.root / ".git/index").read_bytes()
    (repo.root / PATH).write_bytes((repo.root / PATH).read_bytes() + b"# by hand\n")
    head = propose(api)
    assert (repo.head(), repo.status()) == (before.headers["X-Registry-Revision"], f" M {PATH}\n")
    assert (repo.root / ".git/index").read_bytes() == index
    assert api.get(f"{FIRST}?at=proposals/fix").json()["data"]["label"] == "Proposed"
    assert api.get(FIRST).json()["data"]["label"] == "first"
    assert repo.git("rev-parse", "proposals/fix").strip() == head


def test_writes_to_a_proposal_see_those_before(repo: Repo, api: Api) -> None:
    created = api.post("/api/v1/workflows?proposal=fix", NEW, who="ann")
    assert created.status_code == 201, created.text
    assert created.json()["proposal"] == "fix"
    assert created.headers["Location"] == "/api/v1/workflows/demo.new"
    assert_error(api.post("/api/v1/workflows?proposal=fix", NEW), 409, "WORKFLOW_EXISTS")
    etag = created.headers["ETag"]
    changed = api.put("/api/v1/workflows/demo.new?proposal=fix", {"label": "Newer"}, If_Match=etag)
    assert changed.status_code == 200, changed.text
    assert_error(api.put("/api/v1/workflows/demo.new?proposal=fix", {"label": "x"}, If_Match=etag), 412)
    assert_error(api.put("/api/v1/workflows/demo.new", {"label": "x"}), 404)
    assert api.delete(f"{FIRST}?proposal=fix").status_code == 200
    assert repo.git("log", "--format=%s", "main..proposals/fix").splitlines() == [
        "Delete demo.first",
        "Update demo.new 1.0.0",
        "Create demo.new 1.0.0",
    ]


@pytest.mark.parametrize("query", ["", "&dry_run=true"])
def test_what_changes_nothing_names_no_proposal_that_is_not_there(repo: Repo, api: Api, query: str) -> None:
    path = f"/api/v1/workflows/demo.second?proposal=other{query}"
    nothing = api.put(path, {"label": "second"})
    assert (nothing.status_code, nothing.json()["proposal"]) == (200, None)
    assert "proposals/other" not in repo.git("branch")
    assert api.put("/api/v1/workflows/demo.second?proposal=other", {"label": "x"}).json()["proposal"] == "other"
    assert api.put(path, {"label": "x"}).json()["proposal"] == "other"


def test_the_list_says_where_each_one_stands(repo: Repo, api: Api) -> None:
    base = repo.head()
    head = propose(api)
    api.post("/api/v1/workflows?proposal=add", NEW, who="bob")
    served = api.put("/api/v1/workflows/demo.second", {"label": "Meanwhile"}).headers["X-Registry-Revision"]
    body = api.get("/api/v1/proposals", who="rea").json()
    assert body["meta"] == {"page": 1, "per_page": 20, "total": 2, "total_pages": 1}
    added, fix = body["data"]
    assert (added["name"], added["author"], added["workflows"]) == (
        "add",
        "bob",
        [{"ref": "demo.new", "change": "created"}],
    )
    assert {name: fix[name] for name in ("name", "author", "head", "base", "ahead", "behind", "problems")} == {
        "name": "fix",
        "author": "ann",
        "head": head,
        "base": base,
        "ahead": 1,
        "behind": 1,
        "problems": 0,
    }
    assert (fix["workflows"], fix["approvals"], fix["mergeable"]) == (
        [{"ref": "demo.first", "change": "updated"}],
        [],
        False,
    )
    assert repo.head() == served
    assert [row["name"] for row in api.get("/api/v1/proposals?per_page=1&page=2").json()["data"]] == ["fix"]


def test_the_details_have_fields_problems_and_reviews(repo: Repo, api: Api) -> None:
    propose(api)
    api.post("/api/v1/proposals/fix/review", {"verdict": "approve", "comment": "Good"}, who="bob")
    answer = api.get("/api/v1/proposals/fix")
    data = answer.json()["data"]
    (row,) = data["workflows"]
    assert row["changes"] == [{"pointer": "/label", "op": "replace", "old": "first", "new": "Proposed"}]
    assert row["verdict"]["verdict"] == "fix"
    (review,) = data["reviews"]
    assert (review["principal"], review["verdict"], review["comment"], review["counts"]) == (
        "bob",
        "approve",
        "Good",
        True,
    )
    assert data["problems"] == []
    assert api.get("/api/v1/proposals/fix", If_None_Match=answer.headers["ETag"]).status_code == 304
    api.post("/api/v1/proposals/fix/review", {"verdict": "reject"}, who="admin")
    assert api.get("/api/v1/proposals/fix", If_None_Match=answer.headers["ETag"]).status_code == 200


def test_a_broken_proposal_shows_its_problems(repo: Repo, api: Api) -> None:
    repo.git("switch", "-q", "-c", "proposals/fix")
    repo.write(PATH, "label: 7\n")
    repo.commit("Break it")
    repo.git("switch", "-q", "main")
    assert api.get("/api/v1/proposals").json()["data"][0]["problems"] > 0
    problems = api.get("/api/v1/proposals/fix").json()["data"]["problems"]
    assert {problem["path"] for problem in problems} == {PATH}
    api.post("/api/v1/proposals/fix/review", {"verdict": "approve"}, who="bob")
    assert_error(api.post("/api/v1/proposals/fix/merge"), 409, "CHECKS_FAILED")


def test_what_people_push_is_a_proposal_like_any_other(repo: Repo, api: Api, tmp_path: Path) -> None:
    subprocess.run(["git", "clone", "-q", repo.root, tmp_path / "clone"], check=True)
    clone = Repo(tmp_path / "clone")
    clone.git("switch", "-q", "-c", "proposals/Team/Fix")
    clone.workflow("demo.first", label="Pushed")
    clone.commit("Push it")
    clone.git("push", "-q", "origin", "proposals/Team/Fix")
    (row,) = api.get("/api/v1/proposals").json()["data"]
    assert (row["name"], row["author"], row["email"]) == ("Team/Fix", "Tess Tester", "tess@example.com")
    assert api.get("/api/v1/proposals/Team/Fix").json()["data"]["head"] == clone.head()
    assert api.put(f"{FIRST}?proposal=Team/Fix", {"version": "1.1.0"}, who="ann").status_code == 200
    assert_error(api.post("/api/v1/proposals/Team/Fix/merge"), 409, "APPROVALS_MISSING")
    reviewed = api.post("/api/v1/proposals/Team/Fix/review", {"verdict": "approve"}, who="bob")
    assert reviewed.status_code == 200, reviewed.text
    assert api.post("/api/v1/proposals/Team/Fix/merge", who="ann").status_code == 200
    clone.git("pull", "-q", "origin", "main")
    assert clone.git("log", "-1", "--format=%s").strip() == "Merge proposals/Team/Fix"


def test_reviews_come_along_with_the_notes(repo: Repo, api: Api, tmp_path: Path) -> None:
    propose(api)
    api.post("/api/v1/proposals/fix/review", {"verdict": "approve", "comment": "Zeile\n二"}, who="bob")
    subprocess.run(["git", "clone", "-q", "--mirror", repo.root, tmp_path / "mirror"], check=True)
    mirror = Api(tmp_path / "mirror")
    assert mirror.get("/api/v1/proposals/fix").content == api.get("/api/v1/proposals/fix").content
    mirror.close()
    assert '"verdict":"approve"' in repo.git("notes", "--ref=attune-reviews", "show", "proposals/fix")
    repo.git("fsck", "--full", "--strict")


def test_other_peoples_notes_do_no_harm(repo: Repo, api: Api) -> None:
    head = propose(api)
    repo.git("notes", "--ref=attune-reviews", "add", "-m", 'LGTM\n{"verdict": "approve"}\n[]', head)
    assert api.get("/api/v1/proposals/fix").json()["data"]["reviews"] == []
    api.post("/api/v1/proposals/fix/review", {"verdict": "approve"}, who="bob")
    assert repo.git("notes", "--ref=attune-reviews", "show", head).startswith("LGTM\n")
    assert api.post("/api/v1/proposals/fix/merge").status_code == 200


def test_a_merge_lists_what_it_brings_and_closes_the_proposal(repo: Repo, api: Api) -> None:
    served = repo.head()
    propose(api)
    head = api.post("/api/v1/workflows?proposal=fix", NEW, who="ann").headers["X-Registry-Revision"]
    api.post("/api/v1/proposals/fix/review", {"verdict": "approve"}, who="bob")
    assert_error(api.post("/api/v1/proposals/fix/merge", If_Match=f'"{served}"'), 412)
    answer = api.post("/api/v1/proposals/fix/merge", who="ann", If_Match=f'"{head}"')
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "data": {
            "workflows": [{"ref": "demo.first", "change": "updated"}, {"ref": "demo.new", "change": "created"}],
            "packs": [],
            "commit": repo.head(),
        },
        "message": "Proposal merged",
    }
    assert repo.git("log", "-1", "--format=%P").split() == [served, head]
    message = repo.git("log", "-1", "--format=%B")
    assert message.startswith(
        "Merge proposals/fix\n\n- demo.first: updated\n- demo.new: created\n\nRegistry-Action: merge"
    )
    assert repo.status() == ""
    assert api.get(FIRST).json()["data"]["label"] == "Proposed"
    assert api.get(f"{FIRST}/history").json()["data"][0]["commit"] == repo.head()
    assert_error(api.get("/api/v1/proposals/fix"), 404, "PROPOSAL_NOT_FOUND")
    assert_error(api.post("/api/v1/proposals/fix/merge"), 404, "PROPOSAL_NOT_FOUND")
    repo.git("fsck", "--full", "--strict")


def test_hooks_are_for_people(repo: Repo, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    # What git is told besides stays.
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "safe.directory")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "*")
    ran = repo.root.parent / "ran"
    for hook in ("reference-transaction", "post-index-change", "pre-commit", "pre-merge-commit", "commit-msg"):
        file = repo.write(f".git/hooks/{hook}", f"#!/bin/sh\necho {hook} >> {ran}\nexit 1\n")
        file.chmod(0o755)
    propose(api)
    propose(api, name="other")
    assert api.post("/api/v1/proposals/fix/review", {"verdict": "approve"}, who="bob").status_code == 200
    assert api.post("/api/v1/proposals/fix/merge", who="ann").status_code == 200
    assert api.delete("/api/v1/proposals/other", who="ann").status_code == 200
    assert api.get("/api/v1/proposals").json()["data"] == []
    assert not ran.exists(), ran.read_text()
    repo.git("update-ref", "refs/heads/mine", "HEAD", check=False)
    assert ran.exists()


def test_what_is_served_already_is_only_closed(repo: Repo, api: Api) -> None:
    propose(api)
    repo.git("merge", "-q", "proposals/fix")
    head = repo.head()
    answer = api.post("/api/v1/proposals/fix/merge", who="ann")
    assert (answer.status_code, answer.json()["data"]["commit"]) == (200, None)
    assert (repo.head(), "proposals/fix" in repo.git("branch")) == (head, False)


def test_its_author_and_admins_close_it(repo: Repo, api: Api) -> None:
    head = propose(api)
    for who in ("bob", "rea", "ola"):
        assert_error(api.delete("/api/v1/proposals/fix", who=who), 403, "FORBIDDEN")
    assert_error(api.delete("/api/v1/proposals/fix", who="ann", If_Match='"other"'), 412)
    repo.git("pack-refs", "--all")
    closed = api.delete("/api/v1/proposals/fix", who="ann")
    assert closed.status_code == 200, closed.text
    assert head in closed.json()["message"]
    assert "proposals/fix" not in repo.git("branch")
    propose(api)
    assert api.delete("/api/v1/proposals/fix").status_code == 200
    assert_error(api.delete("/api/v1/proposals/fix"), 404, "PROPOSAL_NOT_FOUND")


def test_its_author_closes_what_was_merged_with_git(repo: Repo, api: Api) -> None:
    propose(api)
    propose(api, "bob", "other", description="Other")
    for name in ("other", "fix"):
        repo.git("merge", "-q", "--no-ff", "-m", "Take it", f"proposals/{name}", "-X", "ours")
        repo.write("notes.txt", f"After {name}\n")
        repo.commit("More")
    assert_error(api.delete("/api/v1/proposals/fix", who="bob"), 403, "FORBIDDEN")
    assert_error(api.delete("/api/v1/proposals/other", who="ann"), 403, "FORBIDDEN")
    assert api.delete("/api/v1/proposals/fix", who="ann").status_code == 200
    assert api.delete("/api/v1/proposals/other", who="bob").status_code == 200


def test_its_author_closes_what_the_branch_served_was_moved_on_to(repo: Repo, api: Api) -> None:
    propose(api)
    repo.git("merge", "-q", "--ff-only", "proposals/fix")
    assert_error(api.delete("/api/v1/proposals/fix", who="bob"), 403, "FORBIDDEN")
    repo.write("notes.txt", "More\n")
    repo.commit("More")
    assert_error(api.delete("/api/v1/proposals/fix", who="bob"), 403, "FORBIDDEN")
    assert api.delete("/api/v1/proposals/fix", who="ann").status_code == 200


def test_its_author_closes_what_has_a_history_of_its_own(repo: Repo, api: Api) -> None:
    tree = repo.git("rev-parse", "HEAD^{tree}").strip()
    message = "Elsewhere\n\nCo-authored-by: Ann <ann@example.com>"
    repo.git("branch", "proposals/fix", repo.git("commit-tree", tree, "-m", message).strip())
    assert_error(api.delete("/api/v1/proposals/fix", who="bob"), 403, "FORBIDDEN")
    assert api.delete("/api/v1/proposals/fix", who="ann").status_code == 200


def test_a_branch_somebody_has_checked_out_is_left_alone(repo: Repo, api: Api, tmp_path: Path) -> None:
    propose(api)
    repo.git("worktree", "add", "-q", str(tmp_path / "tree"), "proposals/fix")
    for answer in (api.put(f"{FIRST}?proposal=fix", {"label": "x"}), api.delete("/api/v1/proposals/fix")):
        assert f"in a working tree ('{tmp_path / 'tree'}')" in assert_error(answer, 409, "BRANCH_CHECKED_OUT")["error"]


@pytest.mark.parametrize("begin", [("rebase", "-i", "HEAD~1"), ("bisect", "start", "HEAD", "HEAD~1")])
@pytest.mark.parametrize("is_linked", [False, True])
def test_a_branch_somebody_is_rebasing_or_bisecting_is_left_alone(
    repo: Repo, api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begin: tuple[str, ...], is_linked: bool
) -> None:
    for label in ("One", "Two"):
        assert api.put(f"{FIRST}?proposal=fix", {"label": label}).status_code == 200
    monkeypatch.setenv("GIT_SEQUENCE_EDITOR", "sed -i s/^pick/edit/")
    tree = repo
    if is_linked:
        tree = Repo(tmp_path / "tree")
        repo.git("worktree", "add", "-q", str(tree.root), "proposals/fix")
    else:
        repo.git("checkout", "-q", "proposals/fix")
    tip = repo.git("rev-parse", "proposals/fix")
    tree.git(*begin)
    tree.git("checkout", "-q", "--detach", "HEAD")
    for answer in (api.put(f"{FIRST}?proposal=fix", {"label": "x"}), api.delete("/api/v1/proposals/fix")):
        assert f"in a working tree ('{tree.root}')" in assert_error(answer, 409, "BRANCH_CHECKED_OUT")["error"]
    tree.git("rebase" if begin[0] == "rebase" else "bisect", "--abort" if begin[0] == "rebase" else "reset")
    assert repo.git("rev-parse", "proposals/fix") == tip
    tree.git("checkout", "-q", "--detach", "HEAD")
    assert api.delete("/api/v1/proposals/fix").status_code == 200


def test_branches_that_are_rebased_along_with_another_are_left_alone(
    repo: Repo, api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for label in ("One", "Two"):
        assert api.put(f"{FIRST}?proposal=fix", {"label": label}).status_code == 200
    repo.git("branch", "proposals/along", "proposals/fix~1")
    repo.git("branch", "proposals/a\u2028b", "proposals/fix~1")
    tree = Repo(tmp_path / "tree")
    repo.git("worktree", "add", "-q", str(tree.root), "proposals/fix")
    monkeypatch.setenv("GIT_SEQUENCE_EDITOR", "sed -i s/^pick/edit/")
    tree.git("rebase", "-q", "-i", "--update-refs", "HEAD~2")
    assert_error(api.put(f"{FIRST}?proposal=along", {"label": "x"}), 409, "BRANCH_CHECKED_OUT")
    assert_error(api.put(f"{FIRST}?proposal=a%E2%80%A8b", {"label": "x"}), 409, "BRANCH_CHECKED_OUT")


def test_the_main_working_tree_is_named_to_a_server_of_another(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", "-b", "other", str(tmp_path / "tree"))
    repo.git("checkout", "-q", "-b", "proposals/fix")
    api = Api(tmp_path / "tree")
    error = assert_error(api.put(f"{FIRST}?proposal=fix", {"label": "x"}), 409, "BRANCH_CHECKED_OUT")["error"]
    api.close()
    assert f"in a working tree ('{repo.root}')" in error


def test_a_history_of_its_own_is_no_proposal_to_merge(repo: Repo, api: Api) -> None:
    tree = repo.git("rev-parse", "HEAD^{tree}").strip()
    other = repo.git("commit-tree", tree, "-m", "Elsewhere").strip()
    repo.git("branch", "proposals/fix", other)
    (row,) = api.get("/api/v1/proposals").json()["data"]
    assert (row["mergeable"], row["reasons"][0]["code"]) == (False, "NO_COMMON_HISTORY")
    details: dict[str, object] = {"problems": [], "conflicts": [], "reviews": [], "commits": []}
    assert api.get("/api/v1/proposals/fix").json()["data"] == row | details
    assert_error(api.post("/api/v1/proposals/fix/merge"), 409, "NO_COMMON_HISTORY")


def test_a_bare_repository_takes_proposals_and_merges_them(repo: Repo, tmp_path: Path) -> None:
    subprocess.run(["git", "clone", "-q", "--bare", repo.root, tmp_path / "bare.git"], check=True)
    api = Api(tmp_path / "bare.git")
    api.person("ann", "editor")
    propose(api)
    assert api.post("/api/v1/proposals/fix/review", {"verdict": "approve"}).status_code == 200
    assert api.post("/api/v1/proposals/fix/merge", who="ann").status_code == 200
    assert api.get(FIRST).json()["data"]["label"] == "Proposed"
    api.close()


def test_an_empty_repository_has_nothing_to_propose_to(new_repo: object, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path / "empty"], check=True)
    api = Api(tmp_path / "empty")
    pack = {"ref": "more", "label": "More", "version": "1.0.0"}
    assert_error(api.post("/api/v1/packs?proposal=fix", pack), 409, "NOTHING_COMMITTED")
    api.close()


def test_changes_that_are_not_committed_stay_out_of_proposals(repo: Repo, api: Api) -> None:
    repo.write(PATH, (repo.root / PATH).read_text().replace("label: first", "label: by hand"))
    propose(api, version="1.1.0")
    assert api.get(f"{FIRST}?at=proposals/fix").json()["data"]["label"] == "first"


@pytest.mark.parametrize("path", ["/api/v1/proposals/none", "/api/v1/proposals/fi", "/api/v1/proposals/%2e%2e/main"])
def test_an_unknown_proposal_is_not_found(repo: Repo, api: Api, path: str) -> None:
    propose(api)
    refused = assert_error(api.get(path), 404, "PROPOSAL_NOT_FOUND")
    assert ("did you mean fix?" in refused["error"]) == path.endswith("/fi")


def test_methods_and_bodies(repo: Repo, api: Api) -> None:
    propose(api)
    assert api.post("/api/v1/proposals/fix").headers["Allow"] == "DELETE, GET, HEAD, OPTIONS"
    refused = assert_error(api.post("/api/v1/proposals/fix/review", {"verdict": "aprove"}, who="bob"), 400)
    assert refused["details"][0]["hint"] == "did you mean approve?"
    assert_error(api.post("/api/v1/proposals/fix/merge?proposal=other"), 400, "INVALID_PARAMETER")
    assert_error(api.get("/api/v1/proposals?at=HEAD"), 400, "INVALID_PARAMETER")


@pytest.mark.parametrize("name", ["x" * 256, "x" * 270 + "/y/z", "x/" * 120 + "y", "x/" * 520 + "y", "x/" * 2200 + "y"])
def test_a_name_longer_than_a_file_may_have_is_that_of_no_proposal(api: Api, name: str) -> None:
    propose(api)
    assert_error(api.get(f"/api/v1/proposals/{name}"), 404)
    assert_error(api.get(f"/api/v1/proposals/{name}/diff"), 404)


@pytest.mark.parametrize("name", ["x" * 210, "/".join(["x" * 190] * 5)])
def test_a_proposal_with_a_long_name_is_read_as_others_are(repo: Repo, api: Api, name: str) -> None:
    repo.git("branch", f"proposals/{name}")
    propose(api, name=name)
    assert [row["name"] for row in api.get("/api/v1/proposals").json()["data"]] == [name]
    assert api.get(f"{FIRST}?at=proposals/{name}").json()["data"]["label"] == "Proposed"
    assert api.get(f"/api/v1/diff?from=HEAD&to=refs/heads/proposals/{name}~0").status_code == 200
