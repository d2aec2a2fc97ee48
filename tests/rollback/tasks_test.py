"""Rollbacks of workflows in two files: the second file is the one that the action named then."""

import pytest

from gitrepo import Repo
from http_asserts import assert_error
from in_process import Api

FOLDER = "packs/demo/actions"
BLUE = "/api/v1/workflows/demo.blue"


def write(repo: Repo, name: str, named: str) -> None:
    repo.write(f"{FOLDER}/{name}.yaml", f"label: {name}\nworkflow_file: workflows/{named}.workflow.yaml\n")


def write_tasks(repo: Repo, name: str, message: str) -> None:
    said = f"  - {{name: one, action: core.echo, input: {{message: {message}}}, timeout: 5}}"
    repo.write(f"{FOLDER}/workflows/{name}.workflow.yaml", f"# By hand.\ntasks:\n{said}\n")


@pytest.fixture
def begun(repo: Repo) -> str:
    """A commit with a workflow whose tasks are in a file of another name."""
    write(repo, "blue", "deploy")
    write_tasks(repo, "deploy", "hi")
    return repo.commit("A workflow in two files")


def assert_as(repo: Repo, commit: str, *but: str) -> None:
    """All is as it was, but for some files."""
    assert repo.git("diff", "--name-only", commit, "HEAD").split() == list(but)
    assert repo.status() == ""


@pytest.mark.alone
def test_a_deleted_workflow_comes_back_with_the_tasks_that_its_action_names(repo: Repo, api: Api, begun: str) -> None:
    assert api.delete(BLUE).status_code == 200
    answer = api.post(f"{BLUE}/rollback", {"to": begun})
    assert answer.status_code == 200, answer.text
    assert_as(repo, begun)
    assert api.get(f"{BLUE}/history").json()["data"][0]["change"] == "restored"


@pytest.mark.alone
def test_where_the_tasks_were_renamed_the_old_name_comes_back_and_the_new_one_goes(
    repo: Repo, api: Api, begun: str
) -> None:
    write(repo, "blue", "other")
    repo.git("mv", f"{FOLDER}/workflows/deploy.workflow.yaml", f"{FOLDER}/workflows/other.workflow.yaml")
    repo.commit("Rename the tasks")
    assert api.post(f"{BLUE}/rollback", {"to": begun}).status_code == 200
    assert_as(repo, begun)


@pytest.mark.alone
def test_tasks_that_are_another_actions_too_stay_where_the_workflow_had_others(
    repo: Repo, api: Api, begun: str
) -> None:
    write(repo, "blue", "blue")
    write(repo, "green", "blue")
    write_tasks(repo, "blue", "shared")
    repo.commit("Share")
    assert api.post(f"{BLUE}/rollback", {"to": begun}).status_code == 200
    assert_as(repo, begun, f"{FOLDER}/green.yaml", f"{FOLDER}/workflows/blue.workflow.yaml")
    assert api.get("/api/v1/workflows/demo.green").status_code == 200


@pytest.mark.alone
def test_tasks_of_others_that_are_named_like_the_workflow_stay_as_they_are(repo: Repo, api: Api) -> None:
    write(repo, "blue", "deploy")
    write(repo, "green", "blue")
    write_tasks(repo, "deploy", "hi")
    write_tasks(repo, "blue", "green's")
    begun = repo.commit("Names across")
    write_tasks(repo, "deploy", "ho")
    write_tasks(repo, "blue", "still green's")
    repo.commit("Change both")
    assert api.post(f"{BLUE}/rollback", {"to": begun}).status_code == 200
    assert_as(repo, begun, f"{FOLDER}/workflows/blue.workflow.yaml")


@pytest.mark.alone
def test_tasks_with_uncommitted_edits_keep_the_workflow_from_going_back(repo: Repo, api: Api, begun: str) -> None:
    write(repo, "blue", "other")
    write_tasks(repo, "other", "ho")
    repo.commit("Other tasks")
    write_tasks(repo, "deploy", "by hand")
    api.registry.note({f"{FOLDER}/workflows/deploy.workflow.yaml"})
    assert api.post(f"{BLUE}/rollback", {"to": begun}).json()["code"] == "UNCOMMITTED_EDITS"


def write_plain(repo: Repo, name: str, entry: str) -> None:
    repo.write(f"{FOLDER}/{name}.yaml", f"label: {name}\nrunner_type: python\nentry_point: {entry}\n")


@pytest.mark.alone
def test_an_action_of_the_workflows_name_that_is_none_stays_as_it_is(repo: Repo, api: Api) -> None:
    write_plain(repo, "first", "one.py")
    begun = repo.commit("An action of the same name")
    repo.workflow("demo.first", label="Other")
    write_plain(repo, "first", "two.py")
    repo.commit("Change both")
    write_plain(repo, "first", "three.py")
    api.registry.note({f"{FOLDER}/first.yaml"})
    answer = api.post("/api/v1/workflows/demo.first/rollback", {"to": begun})
    assert answer.status_code == 200, answer.text
    assert repo.git("diff", "--name-only", "HEAD~1", "HEAD").split() == ["packs/demo/workflows/first.yaml"]
    assert "three.py" in (repo.root / FOLDER / "first.yaml").read_text()


@pytest.mark.alone
def test_an_action_that_never_was_a_workflow_is_not_found(repo: Repo, api: Api) -> None:
    before = repo.head()
    write_plain(repo, "blue", "blue.py")
    now = repo.commit("An action")
    assert_error(api.post(f"{BLUE}/rollback", {"to": before}), 404, "WORKFLOW_NOT_FOUND")
    assert repo.head() == now


@pytest.mark.alone
def test_an_action_that_was_a_workflow_then_or_is_one_now_goes_back(repo: Repo, api: Api, begun: str) -> None:
    repo.git("rm", "-q", f"{FOLDER}/workflows/deploy.workflow.yaml")
    write_plain(repo, "blue", "blue.py")
    plain = repo.commit("No workflow any more")
    assert api.post(f"{BLUE}/rollback", {"to": begun}).status_code == 200
    assert_as(repo, begun)
    assert api.post(f"{BLUE}/rollback", {"to": plain}).status_code == 200
    assert_as(repo, plain)


@pytest.mark.alone
def test_rollbacks_and_proposals_list_the_workflows_and_not_the_files_of_their_tasks(
    repo: Repo, api: Api, begun: str
) -> None:
    write(repo, "green", "deploy")
    both = repo.commit("Share")
    write_tasks(repo, "deploy", "ho")
    repo.commit("Other tasks")
    both_changed = [{"ref": "demo.blue", "change": "updated"}, {"ref": "demo.green", "change": "updated"}]
    asked = api.post("/api/v1/rollback?proposal=back", {"to": both, "pack_ref": "demo"})
    assert asked.json()["data"]["workflows"] == both_changed
    shown = api.get("/api/v1/proposals/back").json()["data"]["workflows"]
    assert [{"ref": row["ref"], "change": row["change"]} for row in shown] == both_changed
    assert api.post("/api/v1/proposals/back/review", {"verdict": "approve"}, who="ann").status_code == 200
    merged = api.post("/api/v1/proposals/back/merge")
    assert merged.status_code == 200, merged.text
    assert merged.json()["data"]["workflows"] == both_changed
    body = repo.git("log", "-1", "--format=%b")
    assert "- demo.blue: updated\n- demo.green: updated\n" in body
    assert "deploy" not in body


@pytest.mark.alone
def test_the_message_names_a_workflow_once_and_an_action_that_is_none(repo: Repo, api: Api, begun: str) -> None:
    repo.write(f"{FOLDER}/plain.yaml", "label: plain\nrunner_type: python\nentry_point: now.py\n")
    write(repo, "blue", "other")
    write_tasks(repo, "other", "ho")
    repo.commit("Other tasks")
    assert api.post("/api/v1/rollback", {"to": begun, "pack_ref": "demo"}).status_code == 200
    body = repo.git("log", "-1", "--format=%b")
    assert body.startswith(f"- demo.blue: updated\n- {FOLDER}/plain.yaml\n\n")
