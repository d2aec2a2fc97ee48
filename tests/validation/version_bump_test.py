"""`require_version_bump`: versions that say less than a change means are refused, over HTTP."""

import pytest

from gitrepo import Repo
from http_asserts import assert_error
from in_process import Api

URL = "/api/v1/workflows/demo.deploy"
TASKS = {"tasks": [{"name": "only", "action": "core.noop", "timeout": 30}]}
PARAMETERS = {"type": "object", "properties": {"host": {"type": "string"}, "port": {"type": "integer"}}}
FEWER = {"type": "object", "properties": {"host": {"type": "string"}}}
MORE = {"type": "object", "properties": {**PARAMETERS["properties"], "user": {"type": "string"}}}
BODY = {"ref": "demo.deploy", "pack_ref": "demo", "label": "Deploy", "version": "1.4.0", "definition": TASKS}


@pytest.fixture
def api(repo: Repo):
    """A registry that requires versions to rise."""
    repo.write("registry/config.yaml", "require_version_bump: true\nrequired_approvals: 0\n")
    repo.commit()
    asked = Api(repo.root)
    assert asked.post("/api/v1/workflows", {**BODY, "param_schema": PARAMETERS}).status_code == 201
    yield asked
    asked.close()


def refused(answer, needed):
    """The details of a refusal: which version is needed, and why."""
    (detail,) = assert_error(answer, 409, "VERSION_BUMP_NEEDED")["details"]
    assert (detail["ref"], detail["pointer"], detail["version_needed"]) == ("demo.deploy", "/version", needed)
    assert all(reason.keys() == {"verdict", "pointer", "message"} for reason in detail["reasons"])
    return detail


@pytest.mark.parametrize(
    ("fields", "needed", "verdict", "bump"),
    [
        ({"param_schema": FEWER}, "2.0.0", "breaking", "major"),
        ({"param_schema": FEWER, "version": "1.5.0"}, "2.0.0", "breaking", "major"),
        ({"enabled": False}, "2.0.0", "breaking", "major"),
        ({"param_schema": MORE, "version": "1.4.1"}, "1.5.0", "feature", "minor"),
        ({"label": "Other"}, "1.4.1", "fix", "patch"),
        ({"version": "1.3.0"}, "1.4.0", "fix", "none"),
    ],
)
def test_a_put_with_too_low_a_version_is_refused_and_says_which_one_is_needed(api, repo, fields, needed, verdict, bump):
    before = repo.head()
    for path in (URL, f"{URL}?dry_run=true"):
        detail = refused(api.put(path, fields), needed)
        assert (detail["verdict"], detail["bump_needed"]) == (verdict, bump)
    assert repo.head() == before
    assert api.put(URL, {**fields, "version": needed}).status_code == 200


def test_the_reasons_are_those_of_the_diff(api, repo):
    detail = refused(api.put(URL, {"param_schema": FEWER}), "2.0.0")
    assert api.put(URL, {"param_schema": FEWER, "version": "2.0.0"}).status_code == 200
    (row,) = api.get("/api/v1/diff?from=HEAD~1").json()["data"]["workflows"]
    assert row["verdict"]["reasons"] == detail["reasons"]
    assert (row["verdict"]["verdict"], row["verdict"]["bump_made"]) == ("breaking", "major")


def test_what_changes_nothing_needs_no_version(api):
    assert api.put(URL, {"label": "Deploy"}).status_code == 200


def test_creating_and_deleting_need_none(api):
    assert api.delete(URL).status_code == 200
    assert api.post("/api/v1/workflows", BODY).status_code == 201


def test_without_the_setting_nothing_is_refused(api, repo):
    repo.write("registry/config.yaml", "require_version_bump: false\n")
    repo.commit()
    assert api.put(URL, {"param_schema": FEWER}).status_code == 200


def test_a_rollback_takes_a_version_back_and_needs_an_admin_to_force_it(api, repo):
    before = repo.head()
    assert api.put(URL, {"label": "Other", "version": "1.4.1"}).status_code == 200
    refused(api.post(f"{URL}/rollback", {"to": before}), "1.4.2")
    assert_error(api.post("/api/v1/rollback", {"to": before, "pack_ref": "demo"}), 409, "VERSION_BUMP_NEEDED")
    assert api.post(f"{URL}/rollback", {"to": before, "force": True}).status_code == 200


def test_a_rollback_that_brings_back_what_was_deleted_needs_no_version(api, repo):
    before = repo.head()
    assert api.delete(URL).status_code == 200
    assert api.post(f"{URL}/rollback", {"to": before}).status_code == 200


def test_a_proposal_is_held_against_it_when_it_is_merged(api):
    for label in ("Other", "Yet another"):
        assert api.put(f"{URL}?proposal=wording", {"label": label}).status_code == 200
    said = api.get("/api/v1/proposals/wording").json()["data"]
    assert (said["mergeable"], [reason["code"] for reason in said["reasons"]]) == (False, ["VERSION_BUMP_NEEDED"])
    refused(api.post("/api/v1/proposals/wording/merge"), "1.4.1")
    assert api.put(f"{URL}?proposal=wording", {"version": "1.4.1"}).status_code == 200
    assert api.post("/api/v1/proposals/wording/merge").status_code == 200


def test_of_a_broken_file_the_revision_that_is_served_counts(api, repo):
    path = repo.root / "packs/demo/workflows/deploy.yaml"
    good, before = path.read_text(), repo.head()
    path.write_text(good.replace("label:", "labl:"))
    repo.commit("Break it")
    assert api.post(f"{URL}/rollback", {"to": before}).status_code == 200, "for callers nothing has changed"
