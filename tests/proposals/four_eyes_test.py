"""No way onto a protected branch but by a proposal that somebody else has approved, as it is."""

import json
import subprocess
import time
from typing import Any

import jwt
import pytest

from gitrepo import PACK, Repo
from http_asserts import assert_error
from in_process import Api

FIRST = "/api/v1/workflows/demo.first"
PATH = "packs/demo/workflows/first.yaml"
TASK = {"name": "only", "action": "core.noop", "timeout": 30}
NEW = {
    "ref": "demo.new",
    "pack_ref": "demo",
    "label": "New",
    "version": "1.0.0",
    "definition": {"tasks": [TASK]},
}
DIRECT: dict[str, tuple[str, str, Any]] = {
    "create a workflow": ("POST", "/api/v1/workflows", NEW),
    "create a pack": ("POST", "/api/v1/packs", {"ref": "more", "label": "More", "version": "1.0.0"}),
    "update a workflow": ("PUT", FIRST, {"label": "Changed"}),
    "update a pack": ("PUT", "/api/v1/packs/demo", {"label": "Changed"}),
    "delete a workflow": ("DELETE", FIRST, None),
    "delete a pack": ("DELETE", "/api/v1/packs/empty", None),
    "roll back a workflow": ("POST", f"{FIRST}/rollback", {"to": "HEAD~1"}),
    "roll back a workflow by force": ("POST", f"{FIRST}/rollback", {"to": "HEAD~1", "force": True}),
    "roll back a pack's file": ("POST", "/api/v1/packs/demo/rollback", {"to": "HEAD~1"}),
    "roll back a pack": ("POST", "/api/v1/rollback", {"to": "HEAD~1", "pack_ref": "demo"}),
    "roll back everything": ("POST", "/api/v1/rollback", {"to": "HEAD~1"}),
}


@pytest.fixture
def protected(repo: Repo, api: Api) -> Repo:
    """`repo` with something to roll back to, and a protected branch."""
    repo.write("packs/empty/pack.yaml", PACK.format(ref="empty"))
    repo.write("packs/demo/pack.yaml", PACK.format(ref="demo") + "description: later\n")
    repo.workflow("demo.first", label="Later")
    repo.write("registry/config.yaml", "protect: true\nrequired_approvals: 1\n")
    repo.commit("Protect")
    return repo


def propose(api: Api, who: str = "ann", name: str = "fix", label: str = "Proposed") -> str:
    answer = api.put(f"{FIRST}?proposal={name}", {"label": label}, who=who)
    assert answer.status_code == 200, answer.text
    return str(answer.headers["X-Registry-Revision"])


def approve(api: Api, who: str, name: str = "fix", **headers: str) -> None:
    answer = api.post(f"/api/v1/proposals/{name}/review", {"verdict": "approve"}, who=who, **headers)
    assert answer.status_code == 200, answer.text


def refuse_merge(api: Api, code: str, name: str = "fix", who: str = "ann") -> dict[str, Any]:
    """Nobody gets it merged: neither an editor nor an admin, neither in earnest nor dry."""
    for asking, query in ((who, ""), ("admin", ""), (who, "?dry_run=true")):
        body = assert_error(api.post(f"/api/v1/proposals/{name}/merge{query}", who=asking), 409, code)
    return body


@pytest.mark.parametrize("what", DIRECT)
@pytest.mark.parametrize("who", ["ann", "admin"])
@pytest.mark.parametrize("query", ["", "?dry_run=true"])
def test_no_write_goes_straight_to_a_protected_branch(
    protected: Repo, api: Api, what: str, who: str, query: str
) -> None:
    method, path, body = DIRECT[what]
    head = protected.head()
    refused = assert_error(api.ask(method, path + query, body, who=who), 403)
    if refused["code"] != "BRANCH_PROTECTED":
        pytest.fail(f"refused for another reason: {refused}")
    assert "proposal" in refused["error"]
    assert (protected.head(), protected.status()) == (head, "")


@pytest.mark.parametrize("what", [what for what in DIRECT if "everything" not in what and "force" not in what])
def test_every_write_can_be_proposed_instead(protected: Repo, api: Api, what: str) -> None:
    method, path, body = DIRECT[what]
    head = protected.head()
    answer = api.ask(method, f"{path}?proposal=fix", body, who="ann")
    assert answer.status_code in (200, 201), answer.text
    assert (protected.head(), protected.status()) == (head, "")
    assert protected.git("log", "--format=%an", "main..proposals/fix").split() == ["ann"]
    refuse_merge(api, "APPROVALS_MISSING")
    approve(api, "bob")
    merged = api.post("/api/v1/proposals/fix/merge", who="ann")
    assert merged.status_code == 200, merged.text
    assert protected.git("rev-parse", "HEAD^1").strip() == head
    assert protected.status() == ""
    assert "proposals/fix" not in protected.git("branch")


def test_nobody_approves_their_own_work(protected: Repo, api: Api) -> None:
    propose(api, "ann")
    refused = api.post("/api/v1/proposals/fix/review", {"verdict": "approve"}, who="ann")
    assert_error(refused, 403, "OWN_PROPOSAL")
    refuse_merge(api, "APPROVALS_MISSING")


def test_an_admin_does_not_approve_their_own_work_either(protected: Repo, api: Api) -> None:
    propose(api, "admin")
    refused = api.post("/api/v1/proposals/fix/review", {"verdict": "approve"}, who="admin")
    assert_error(refused, 403, "OWN_PROPOSAL")


@pytest.mark.parametrize(
    "as_git",
    [
        ("Ann Somebody", "ANN@Example.COM", ""),
        ("  ANN ", "elsewhere@example.com", ""),
        ("Else", "else@example.com", "\n\nCo-authored-by: Ann <ann@EXAMPLE.com>"),
        ("Else", "else@example.com", "\n\nco-Authored-BY: ann <x@example.com>\nOther: trailer"),
    ],
)
def test_own_work_is_known_however_it_was_committed(
    protected: Repo, api: Api, as_git: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, email, more = as_git
    propose(api, "bob")
    commit_as(protected, "proposals/fix", name, email, f"Change it{more}")
    for who in ("ann", "bob"):
        refused = api.post("/api/v1/proposals/fix/review", {"verdict": "approve"}, who=who)
        assert_error(refused, 403, "OWN_PROPOSAL")


@pytest.mark.parametrize("name", ["Jane Jr.", "'Jane' Jr", "Jane, Jr:;", "Jane \\"])
def test_own_work_is_known_by_what_git_leaves_of_a_name(protected: Repo, api: Api, name: str) -> None:
    propose(api, "bob")
    api.person(name, "editor", email="jane@example.com")
    commit_as(protected, "proposals/fix", name, "elsewhere@example.com", "Change it", committer="else@example.com")
    assert protected.git("log", "-1", "--format=%an", "proposals/fix").strip() != name
    refused = api.post("/api/v1/proposals/fix/review", {"verdict": "approve"}, who=name)
    assert_error(refused, 403, "OWN_PROPOSAL")


def test_own_work_is_known_in_any_encoding(protected: Repo, api: Api) -> None:
    propose(api, "bob")
    api.person("Jürgen", "editor", email="j@example.com")
    lines = protected.git("cat-file", "commit", "proposals/fix").split("\n")
    by = "Jürgen <elsewhere@example.com> 1800000000 +0000"
    header = [*lines[:2], f"author {by}", f"committer {by}", "encoding ISO-8859-1"]
    file = protected.root.parent / "commit"
    file.write_bytes("\n".join((*header, "", "Change it\r\n\r\nSo.\r\n")).encode("latin-1"))
    made = protected.git("hash-object", "-w", "-t", "commit", str(file)).strip()
    protected.git("update-ref", "refs/heads/proposals/fix", made)
    row = api.get("/api/v1/proposals/fix").json()["data"]
    assert (row["author"], row["subject"]) == ("Jürgen", "Change it")
    refused = api.post("/api/v1/proposals/fix/review", {"verdict": "approve"}, who="Jürgen")
    assert_error(refused, 403, "OWN_PROPOSAL")


def test_the_committer_of_another_ones_work_is_an_author_too(protected: Repo, api: Api) -> None:
    propose(api, "bob")
    commit_as(protected, "proposals/fix", "Else", "else@example.com", "Change it", committer="ann@example.com")
    refused = api.post("/api/v1/proposals/fix/review", {"verdict": "approve"}, who="ann")
    assert_error(refused, 403, "OWN_PROPOSAL")


def test_work_merged_into_a_proposal_counts_as_its_authors(protected: Repo, api: Api) -> None:
    propose(api, "ann", "hers")
    propose(api, "bob", "fix", "Other")
    tree = protected.git("rev-parse", "proposals/hers^{tree}").strip()
    arguments = ("commit-tree", tree, "-p", "proposals/fix", "-p", "proposals/hers", "-m", "Take hers")
    merge = protected.git("-c", "user.name=bob", "-c", "user.email=bob@example.com", *arguments).strip()
    protected.git("update-ref", "refs/heads/proposals/fix", merge)
    refused = api.post("/api/v1/proposals/fix/review", {"verdict": "approve"}, who="ann")
    assert_error(refused, 403, "OWN_PROPOSAL")


@pytest.mark.parametrize("who", ["rea", "ola"])
def test_who_may_not_write_the_pack_does_not_approve(protected: Repo, api: Api, who: str) -> None:
    propose(api, "ann")
    assert_error(api.post("/api/v1/proposals/fix/review", {"verdict": "approve"}, who=who), 403, "FORBIDDEN")
    refuse_merge(api, "APPROVALS_MISSING")


@pytest.mark.parametrize("who", ["rea", "ola"])
def test_who_may_not_write_the_pack_does_not_merge(protected: Repo, api: Api, who: str) -> None:
    propose(api, "ann")
    approve(api, "bob")
    assert_error(api.post("/api/v1/proposals/fix/merge", who=who), 403, "FORBIDDEN")


def test_an_approval_is_void_when_the_proposal_moves(protected: Repo, api: Api) -> None:
    propose(api, "ann")
    approve(api, "bob")
    propose(api, "ann", label="Another")
    refuse_merge(api, "APPROVALS_MISSING")
    row = api.get("/api/v1/proposals").json()["data"][0]
    assert (row["approvals"], row["mergeable"]) == ([], False)


def test_an_approval_is_void_when_git_moves_the_branch(protected: Repo, api: Api) -> None:
    propose(api, "ann")
    approve(api, "bob")
    commit_as(protected, "proposals/fix", "ann", "ann@example.com", "Slip something in")
    refuse_merge(api, "APPROVALS_MISSING")


def test_approvals_do_not_follow_an_amended_commit(protected: Repo, api: Api) -> None:
    head = propose(api, "ann")
    approve(api, "bob")
    amended = protected.git("commit-tree", f"{head}^{{tree}}", "-p", f"{head}^", "-m", "Amended").strip()
    protected.git("update-ref", "refs/heads/proposals/fix", amended)
    # What git does when it is told to by notes.rewriteRef.
    protected.git("notes", "--ref=attune-reviews", "copy", head, amended)
    refuse_merge(api, "APPROVALS_MISSING")


def test_approvals_do_not_go_over_to_another_proposal_of_the_same_commit(protected: Repo, api: Api) -> None:
    head = propose(api, "ann")
    approve(api, "bob")
    protected.git("branch", "proposals/twin", head)
    refuse_merge(api, "APPROVALS_MISSING", "twin")


def test_approvals_do_not_go_over_to_another_base(protected: Repo, api: Api) -> None:
    """The branch served is taken back: the proposal brings more with it then than what was approved."""
    propose(api, "ann")
    approve(api, "admin")
    config = "protect: true\nrequired_approvals: 1\n"
    protected.git("reset", "-q", "--hard", "HEAD~1")
    protected.write("registry/config.yaml", config)
    protected.commit("Protect again")
    refuse_merge(api, "APPROVALS_MISSING", who="admin")


def test_a_note_by_hand_does_not_make_an_author_somebody_else(protected: Repo, api: Api) -> None:
    head = propose(api, "ann")
    approve(api, "bob")
    kept = protected.git("notes", "--ref=attune-reviews", "show", head)
    forged = kept.replace('"bob"', '"ANN"').replace("bob@", "Ann@")
    protected.git("notes", "--ref=attune-reviews", "add", "-f", "-m", forged, head)
    assert api.get("/api/v1/proposals/fix").json()["data"]["reviews"][0]["counts"] is False
    refuse_merge(api, "APPROVALS_MISSING")


def test_an_approval_of_what_was_read_does_not_fall_on_what_came_since(protected: Repo, api: Api) -> None:
    read = propose(api, "ann")
    etag = api.get("/api/v1/proposals/fix", who="bob").headers["ETag"]
    assert etag.startswith(f'"{read}')
    propose(api, "ann", label="Another")
    for seen in (etag, f'"{read}"'):
        answer = api.post("/api/v1/proposals/fix/review", {"verdict": "approve"}, who="bob", If_Match=seen)
        assert_error(answer, 412)
    approve(api, "bob", If_Match=api.get("/api/v1/proposals/fix").headers["ETag"])


def test_two_approvals_are_those_of_two_people(protected: Repo, api: Api) -> None:
    protected.write("registry/config.yaml", "protect: true\nrequired_approvals: 2\n")
    protected.commit("Two")
    propose(api, "ann")
    for _ in range(3):
        approve(api, "bob")
    assert refuse_merge(api, "APPROVALS_MISSING")["details"] == [{"code": "APPROVALS_MISSING", "missing": 1}]
    approve(api, "admin")
    assert api.post("/api/v1/proposals/fix/merge", who="ann").status_code == 200
    assert protected.git("log", "-1", "--format=%(trailers:key=Registry-Approved-By,valueonly)").split() == [
        "bob",
        "admin",
    ]


def test_two_tokens_of_one_person_are_one_voice(protected: Repo, api: Api) -> None:
    protected.write("registry/config.yaml", "protect: true\nrequired_approvals: 2\n")
    protected.commit("Two")
    api.person("bobs-script", "editor", email="BOB@example.com")
    propose(api, "ann")
    approve(api, "bob")
    approve(api, "bobs-script")
    refuse_merge(api, "APPROVALS_MISSING")


def test_a_rejection_blocks_until_its_author_takes_it_back(protected: Repo, api: Api) -> None:
    propose(api, "ann")
    approve(api, "admin")
    rejected = {"verdict": "reject", "comment": "Not on a Friday"}
    assert api.post("/api/v1/proposals/fix/review", rejected, who="bob").status_code == 200
    assert "Not on a Friday" in refuse_merge(api, "REJECTED")["error"]
    approve(api, "bob")
    assert api.post("/api/v1/proposals/fix/merge", who="ann").status_code == 200


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize(
    ("approved", "rejected", "is_rejected"),
    [
        ("2026-03-01T10:00:00Z", "2026-03-01T10:00:01Z", True),
        ("2026-03-01T10:00:01Z", "2026-03-01T10:00:00Z", False),
        ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z", True),
        ("2026-03-01T12:00:00+02:00", "2026-03-01T10:00:01Z", True),
        ("yesterday", "2026-03-01T10:00:00Z", True),
    ],
)
def test_the_newest_word_of_a_reviewer_counts_wherever_notes_were_merged(
    protected: Repo, api: Api, approved: str, rejected: str, is_rejected: bool, is_first: bool
) -> None:
    head = propose(api, "ann")
    approve(api, "bob")
    line = protected.git("notes", "--ref=attune-reviews", "show", head).strip()
    given = json.loads(line)["date"]
    lines = [line.replace(given, approved), line.replace(given, rejected).replace('"approve"', '"reject"')]
    note = "\n".join(lines if is_first else lines[::-1])
    protected.git("notes", "--ref=attune-reviews", "add", "-f", "-m", note, head)
    if is_rejected:
        refuse_merge(api, "REJECTED")
        approve(api, "bob")
    assert api.post("/api/v1/proposals/fix/merge", who="ann").status_code == 200


@pytest.mark.parametrize("date", ["2999-01-01T00:00:00Z", "not a date"])
def test_a_reviewer_whose_clock_was_ahead_can_still_take_it_back(protected: Repo, api: Api, date: str) -> None:
    head = propose(api, "ann")
    assert api.post("/api/v1/proposals/fix/review", {"verdict": "reject"}, who="bob").status_code == 200
    line = protected.git("notes", "--ref=attune-reviews", "show", head).strip()
    note = line.replace(json.loads(line)["date"], date)
    protected.git("notes", "--ref=attune-reviews", "add", "-f", "-m", note, head)
    approve(api, "bob")
    assert api.post("/api/v1/proposals/fix/merge", who="ann").status_code == 200


def test_the_settings_that_count_are_those_of_the_branch_served(protected: Repo, api: Api) -> None:
    propose(api, "bob")
    files = {"registry/config.yaml": "protect: false\nrequired_approvals: 0\n"}
    commit_as(protected, "proposals/fix", "ann", "ann@example.com", "Open the door", files)
    refuse_merge(api, "APPROVALS_MISSING", who="admin")


def test_settings_are_approved_and_merged_by_admins_only(protected: Repo, api: Api) -> None:
    propose(api, "bob")
    files = {"registry/config.yaml": "protect: false\n"}
    commit_as(protected, "proposals/fix", "Else", "else@example.com", "Open the door", files)
    for deed in ("review", "merge"):
        refused = api.post(
            f"/api/v1/proposals/fix/{deed}", {"verdict": "approve"} if deed == "review" else None, who="ann"
        )
        assert_error(refused, 403, "FORBIDDEN")
    approve(api, "admin")
    assert_error(api.post("/api/v1/proposals/fix/merge", who="ann"), 403, "FORBIDDEN")
    assert api.post("/api/v1/proposals/fix/merge").status_code == 200
    assert api.put(FIRST, {"label": "Straight"}, who="ann").status_code == 200


@pytest.mark.parametrize("slip", ["protect: [true\n", "protect: yes please\n", "protect: true\nrules: !!python/x 1\n"])
def test_a_slip_in_the_settings_opens_no_door(protected: Repo, api: Api, slip: str) -> None:
    protected.write("registry/config.yaml", slip)
    protected.commit("Slip")
    assert_error(api.put(FIRST, {"label": "Changed"}), 403, "BRANCH_PROTECTED")


@pytest.mark.parametrize("is_committed", [True, False])
@pytest.mark.parametrize("is_link", [True, False])
def test_a_link_or_a_folder_in_place_of_the_settings_opens_no_door(
    protected: Repo, api: Api, is_link: bool, is_committed: bool
) -> None:
    settings = protected.root / "registry/config.yaml"
    settings.rename(settings.with_name("real.yaml"))
    if is_link:
        settings.symlink_to("real.yaml")
    else:
        protected.write("registry/config.yaml/real.yaml", "protect: true\n")
    if is_committed:
        protected.commit("Obstruct")
    api.registry.rescan()
    assert_error(api.put(FIRST, {"label": "Changed"}), 403, "BRANCH_PROTECTED")
    told = [(found["path"], found["rule"]) for found in api.get("/api/v1/problems").json()["data"]]
    assert ("registry/config.yaml", "not-a-file") in told
    protected.git("rm", "-rqf", "--cached", "registry/config.yaml")
    settings.unlink() if is_link else protected.git("clean", "-fdq", "registry/config.yaml")
    protected.commit("Clear the way")
    api.registry.rescan()
    assert "not-a-file" not in {found["rule"] for found in api.get("/api/v1/problems").json()["data"]}
    assert api.put(FIRST, {"label": "Changed"}).status_code == 200


@pytest.mark.parametrize("edit", ["protect: false\nrequired_approvals: 0\n", "required_approvals: 0\n", "", None])
def test_settings_that_nobody_has_committed_open_no_door(protected: Repo, api: Api, edit: str | None) -> None:
    propose(api, "ann")
    if edit is None:
        (protected.root / "registry/config.yaml").unlink()
    else:
        protected.write("registry/config.yaml", edit)
    api.registry.rescan()
    assert_error(api.put(FIRST, {"label": "Changed"}), 403, "BRANCH_PROTECTED")
    refuse_merge(api, "APPROVALS_MISSING")
    (row,) = api.get("/api/v1/proposals").json()["data"]
    assert (row["required_approvals"], row["mergeable"]) == (1, False)


def test_settings_that_nobody_has_committed_may_close_it(repo: Repo, api: Api) -> None:
    repo.write("registry/config.yaml", "protect: true\nrequired_approvals: 3\n")
    api.registry.rescan()
    assert_error(api.put(FIRST, {"label": "Changed"}), 403, "BRANCH_PROTECTED")
    propose(api, "ann")
    assert api.get("/api/v1/proposals/fix").json()["data"]["required_approvals"] == 3


@pytest.mark.parametrize(
    "slip",
    [
        'required_approvals: "2"\n',
        "required_approvals: 3.0\n",
        "required_approvals: three\n",
        "required_approvals: -1\n",
        "required_approvals: 3\nrules: [\n",
        "required_approvals: 3\nrequired_approvals: 0\n",
        "[required_approvals]\n",
    ],
)
@pytest.mark.parametrize("is_committed", [True, False])
def test_a_slip_in_the_number_of_approvals_opens_no_door(
    protected: Repo, api: Api, slip: str, is_committed: bool
) -> None:
    propose(api, "ann")
    protected.write("registry/config.yaml", f"protect: true\n{slip}")
    if is_committed:
        protected.commit("Ask for more")
    api.registry.rescan()
    for who in ("bob", "admin"):
        approve(api, who)
    body = refuse_merge(api, "APPROVALS_UNKNOWN")
    assert "'required_approvals' in registry/config.yaml" in body["error"]
    (row,) = api.get("/api/v1/proposals").json()["data"]
    assert (row["required_approvals"], row["mergeable"]) == (None, False)
    assert [reason["code"] for reason in row["reasons"]] == ["APPROVALS_UNKNOWN"]
    protected.write("registry/config.yaml", "protect: true\nrequired_approvals: 2\n")
    protected.commit("Mend it")
    assert api.post("/api/v1/proposals/fix/merge").status_code == 200


@pytest.mark.parametrize("now", ["{role: none}", "{role: reader}", "{role: editor, packs: [other]}"])
def test_the_word_of_somebody_who_may_not_say_so_any_more_does_not_count(protected: Repo, api: Api, now: str) -> None:
    propose(api, "ann")
    approve(api, "bob")
    protected.write("registry/access.yaml", f"principals:\n  bob: {now}\n")
    protected.commit("bob is elsewhere now")
    refuse_merge(api, "APPROVALS_MISSING")
    assert api.get("/api/v1/proposals/fix").json()["data"]["reviews"][0]["counts"] is False
    protected.write("registry/access.yaml", "principals:\n  bob: {role: editor}\n")
    protected.commit("bob is back")
    assert api.post("/api/v1/proposals/fix/merge", who="ann").status_code == 200


def test_the_word_of_a_login_that_is_listed_no_more_does_not_count(
    protected: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "not the secret of anybody's platform"
    monkeypatch.setenv("ATTUNE_REGISTRY_JWT_SECRET", secret)
    api = Api(protected.root, "root")
    for name in ("ann", "bob", "admin"):
        claims = {"sub": name, "login": name, "token_type": "access", "exp": int(time.time()) + 600}
        api.login(name, jwt.encode(claims, secret, algorithm="HS256"))
    stay, bob = "principals:\n  admin: {role: admin}\n  ann: {role: editor}\n", "  bob: {role: editor}\n"
    protected.write("registry/access.yaml", stay + bob)
    protected.commit("ann and bob")
    propose(api, "ann")
    approve(api, "bob")
    for rest in ("", "default: reader\n"):
        protected.write("registry/access.yaml", stay + rest)
        protected.commit(f"bob has left {rest}")
        refuse_merge(api, "APPROVALS_MISSING")
        assert api.get("/api/v1/proposals/fix").json()["data"]["reviews"][0]["counts"] is False
    protected.write("registry/access.yaml", stay + bob)
    protected.commit("bob is back")
    assert api.post("/api/v1/proposals/fix/merge", who="ann").status_code == 200
    api.close()


def test_another_name_of_the_branch_served_is_no_proposal(protected: Repo, api: Api) -> None:
    head = protected.head()
    protected.git("symbolic-ref", "refs/heads/proposals/fix", "refs/heads/main")
    for answer in (
        api.put(f"{FIRST}?proposal=fix", {"label": "Changed"}),
        api.put(f"{FIRST}?proposal=fix&dry_run=true", {"label": "Changed"}),
        api.get("/api/v1/proposals/fix"),
        api.post("/api/v1/proposals/fix/review", {"verdict": "approve"}),
        api.post("/api/v1/proposals/fix/merge"),
        api.delete("/api/v1/proposals/fix"),
    ):
        assert_error(answer, 409, "SYMBOLIC_BRANCH")
    assert api.get("/api/v1/proposals").json()["data"] == []
    assert protected.head() == head


def test_the_branch_served_is_no_proposal(protected: Repo, api: Api) -> None:
    protected.git("switch", "-q", "-c", "proposals/main")
    head = protected.head()
    assert_error(api.put(f"{FIRST}?proposal=main", {"label": "Changed"}), 409, "BRANCH_CHECKED_OUT")
    assert_error(api.post("/api/v1/proposals/main/merge"), 409, "BRANCH_CHECKED_OUT")
    assert_error(api.delete("/api/v1/proposals/main"), 409, "BRANCH_CHECKED_OUT")
    assert api.get("/api/v1/proposals").json()["data"] == []
    assert protected.head() == head


def test_a_bare_repository_protects_its_branch_as_well(protected: Repo, tmp_path: Any) -> None:
    subprocess.run(["git", "clone", "-q", "--bare", protected.root, tmp_path / "bare.git"], check=True)
    subprocess.run(["git", "branch", "-q", "-m", "main", "proposals/x"], cwd=tmp_path / "bare.git", check=True)
    bare = Api(tmp_path / "bare.git")
    assert_error(bare.put(FIRST, {"label": "Changed"}), 403, "BRANCH_PROTECTED")
    assert_error(bare.put(f"{FIRST}?proposal=x", {"label": "Changed"}), 409, "BRANCH_CHECKED_OUT")
    bare.close()


@pytest.mark.parametrize(
    "query",
    [
        "proposal=",
        "proposal=../main",
        "proposal=.",
        "proposal=-x",
        "proposal=a.lock",
        "proposal=a..b",
        "proposal=A",
        "proposal=a%00b",
        "proposal=a/../../main",
        "proposal=a&proposal=b",
        "propsal=a",
        "dryrun=true",
        "dry_run=yes",
    ],
)
def test_no_name_and_no_slip_leads_to_the_branch_served(protected: Repo, api: Api, query: str) -> None:
    head = protected.head()
    refs = protected.git("for-each-ref")
    assert_error(api.put(f"{FIRST}?{query}", {"label": "Changed"}), 400)
    assert (protected.head(), protected.git("for-each-ref")) == (head, refs)


def test_a_review_and_a_closing_take_no_parameters_and_say_so(protected: Repo, api: Api) -> None:
    protected.git("branch", "proposals/fix")
    for method, path in (("POST", "/api/v1/proposals/fix/review"), ("DELETE", "/api/v1/proposals/fix")):
        said = assert_error(api.ask(method, f"{path}?dry_run=true", {"verdict": "approve"}), 400, "INVALID_PARAMETER")
        assert said["error"] == "There is no parameter 'dry_run' here; leave it out."
    assert api.get("/api/v1/proposals/fix").json()["data"]["reviews"] == []


def commit_as(
    repo: Repo,
    branch: str,
    name: str,
    email: str,
    message: str,
    files: dict[str, str] | None = None,
    committer: str | None = None,
) -> str:
    """A commit on a branch, made by a person with git in a clone of their own, and pushed."""
    clone = Repo(repo.root.parent / f"clone-{len(list(repo.root.parent.iterdir()))}")
    subprocess.run(["git", "clone", "-q", repo.root, clone.root], check=True)
    clone.git("switch", "-q", branch)
    for path, text in (files or {PATH: (clone.root / PATH).read_text() + "# more\n"}).items():
        clone.write(path, text)
    clone.git("add", "-A")
    env = ["-c", f"author.name={name}", "-c", f"author.email={email}"]
    env += ["-c", f"committer.name={name}", "-c", f"committer.email={committer or email}"]
    done = subprocess.run(
        [
            "env",
            "-u",
            "GIT_AUTHOR_NAME",
            "-u",
            "GIT_AUTHOR_EMAIL",
            "-u",
            "GIT_COMMITTER_NAME",
            "-u",
            "GIT_COMMITTER_EMAIL",
            "git",
            *env,
            "commit",
            "-q",
            "-m",
            message,
        ],
        cwd=clone.root,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    clone.git("push", "-q", "origin", branch)
    return clone.head()
