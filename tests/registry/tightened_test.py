"""A contract that is tightened finds fault with files, and takes none of them out of service."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from attune_registry.checks.contract import packaged_schema
from gitrepo import WORKFLOW, Repo
from http_asserts import assert_error
from in_process import Api
from waiting import wait_until

pytestmark = pytest.mark.alone

SCHEMA = "registry/schemas/workflow.schema.json"
PACK_SCHEMA = "registry/schemas/pack.schema.json"
CONFIG = "registry/config.yaml"
FIRST = "/api/v1/workflows/demo.first"
DESCRIBED = WORKFLOW.replace("version:", "description: Said\nversion:")


def requiring(*names: str, kind: str = "workflow") -> str:
    schema = json.loads(packaged_schema(kind))
    return json.dumps({**schema, "required": [*schema["required"], *names]})


@pytest.fixture
def api(repo: Repo) -> Iterator[Api]:
    running = Api(repo.root)
    yield running
    running.close()


def served(api: Api, at: str = "") -> dict[str, Any]:
    return api.get(f"{FIRST}?at={at}" if at else FIRST).json()["data"]


def refs(api: Api) -> list[str]:
    return [one["ref"] for one in api.get("/api/v1/workflows").json()["data"]]


def answers(api: Api) -> dict[str, bytes]:
    paths = ["/api/v1/workflows", "/api/v1/packs", "/api/v1/problems", FIRST, "/api/v1/packs/demo"]
    return {path: api.get(path).content for path in paths}


def assert_clone_agrees(repo: Repo, api: Api) -> None:
    """A registry that has seen nothing of what went before says the same."""
    root = repo.root.parent / f"clone-{repo.head()}"
    subprocess.run(["git", "clone", "-q", repo.root, root], check=True)
    other = Api(root)
    assert answers(other) == answers(api)
    other.close()


def errors_of_validate(root: Path) -> set[tuple[str, str, str]]:
    command = (Path(sys.executable).with_name("attune-registry"), "validate", "--repo", root, "--format", "json")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return {told(found) for found in json.loads(done.stdout)["problems"] if found["severity"] == "error"}


def told(problem: dict[str, Any]) -> tuple[str, str, str]:
    return problem["path"], problem["rule"], problem["message"]


def test_a_tightened_schema_leaves_workflows_and_packs_in_service(repo: Repo, api: Api) -> None:
    before = repo.head()
    was, content = served(api), api.get("/api/v1/packs/demo").json()["data"]
    repo.write(SCHEMA, requiring("description"))
    repo.write(PACK_SCHEMA, requiring("description", kind="pack"))
    repo.commit("Ask for descriptions")
    assert refs(api) == ["demo.first", "demo.second"]
    now = served(api)
    assert now.pop("stale") is True
    assert [problem["rule"] for problem in now.pop("problems")] == ["schema-required"]
    assert now == was
    pack = api.get("/api/v1/packs/demo").json()["data"]
    assert (pack["stale"], pack["label"]) == (True, content["label"])
    assert "stale" not in served(api, at=before)
    assert_clone_agrees(repo, api)
    problems = api.get("/api/v1/problems").json()["data"]
    assert {told(found) for found in problems if found["severity"] == "error"} == errors_of_validate(repo.root)
    assert api.get(f"{FIRST}?at={repo.head()}").json() == api.get(FIRST).json()


def test_what_a_schema_asks_for_now_can_be_written_over_http(repo: Repo, api: Api) -> None:
    repo.write(SCHEMA, requiring("description"))
    repo.commit("Ask for descriptions")
    refused = assert_error(api.put(FIRST, {"label": "Other"}), 400, "VALIDATION_FAILED")
    assert [detail["rule"] for detail in refused["details"]] == ["schema-required"]
    mended = api.put(FIRST, {"description": "Said"}).json()["data"]
    assert ("stale" in mended, mended["description"]) == (False, "Said")
    assert api.delete("/api/v1/workflows/demo.second").status_code in (200, 204)
    assert_clone_agrees(repo, api)


NEW = {
    "ref": "demo.new",
    "pack_ref": "demo",
    "label": "New",
    "version": "1.0.0",
    "definition": {"tasks": [{"name": "only", "action": "core.noop"}]},
}
NEW_PACK = {"ref": "other", "label": "Other", "version": "1.0.0"}


def tighten(repo: Repo, **rules: Any) -> str:
    for kind, path in (("workflow", SCHEMA), ("pack", PACK_SCHEMA)):
        schema = json.loads(packaged_schema(kind))
        required = [*schema["required"], *rules.get("required", ())]
        repo.write(path, json.dumps({**schema, **rules, "required": required}))
    return repo.commit("Tighten")


@pytest.mark.parametrize(
    "rules",
    [
        {"required": ["description"]},
        {"if": {"required": ["label"]}, "then": {"required": ["description"]}},
        {"required": ["tags", "description"]},
    ],
)
def test_nothing_is_created_that_lacks_what_the_schema_asks_for(repo: Repo, api: Api, rules: dict[str, Any]) -> None:
    before = tighten(repo, **rules)
    for path, body in (("workflows", NEW), ("packs", NEW_PACK)):
        for query in ("", "?proposal=mine"):
            refused = assert_error(api.post(f"/api/v1/{path}{query}", body), 400, "VALIDATION_FAILED")
            said = [(detail["rule"], detail["message"]) for detail in refused["details"]]
            assert ("schema-required", '"description" is missing') in said
    assert (repo.head(), repo.git("branch", "--format=%(refname:short)").split()) == (before, ["main"])
    judged = api.post("/api/v1/workflows/validate", NEW).json()["data"]
    assert judged["valid"] is False
    assert '"description" is missing' in [problem["message"] for problem in judged["problems"]]
    for path, body in (("workflows", NEW), ("packs", NEW_PACK)):
        assert api.post(f"/api/v1/{path}", {**body, "description": "Said", "tags": ["new"]}).status_code == 201
    assert_clone_agrees(repo, api)


def test_what_is_missing_of_a_body_is_said_once_and_all_of_it(repo: Repo, api: Api) -> None:
    tighten(repo, required=["description", "ref", "pack_ref"])
    refused = assert_error(api.post("/api/v1/workflows", {"version": "1.0.0"}), 400, "VALIDATION_FAILED")
    said = [(detail["rule"], detail["pointer"], detail["message"]) for detail in refused["details"]]
    assert said == [
        *(("required", f"/{name}", f"'{name}' is missing.") for name in ("ref", "pack_ref", "label", "definition")),
        ("schema-required", "", '"description" is missing'),
    ]


def test_a_new_file_says_what_it_is_where_the_schema_asks_for_that(repo: Repo, api: Api) -> None:
    tighten(repo, required=["ref"])
    assert api.post("/api/v1/workflows/validate", NEW).json()["data"]["valid"] is True
    assert api.post("/api/v1/workflows", NEW).status_code == 201
    assert api.post("/api/v1/packs", NEW_PACK).status_code == 201
    assert repo.git("show", "HEAD~1:packs/demo/workflows/new.yaml").startswith("ref: demo.new\nlabel: New\n")
    assert repo.git("show", "HEAD:packs/other/pack.yaml").startswith("ref: other\nlabel: Other\n")
    assert api.put("/api/v1/workflows/demo.new", {"label": "Newer"}).json()["data"]["label"] == "Newer"
    assert_clone_agrees(repo, api)


def test_an_edit_of_the_schema_that_is_not_committed_leaves_them_in_service_too(repo: Repo, api: Api) -> None:
    was = served(api)
    repo.write(SCHEMA, requiring("description"))
    wait_until(lambda: served(api).get("stale"))
    assert refs(api) == ["demo.first", "demo.second"]
    assert served(api)["git"] == was["git"]
    (repo.root / SCHEMA).unlink()
    wait_until(lambda: "stale" not in served(api))
    assert served(api) == was


def test_a_rule_raised_to_error_or_a_filter_taken_away_leaves_them_in_service(repo: Repo, api: Api) -> None:
    repo.write(CONFIG, "templates: {filters: [ours]}\n")
    with_filter = WORKFLOW.format(label="Filtered").replace("timeout: 30\n", "input: {text: '{{ x | ours }}'}\n", 1)
    repo.workflow("demo.first", with_filter)
    repo.commit("A filter of our own")
    assert "stale" not in served(api)
    for config in ("rules: {timeout-missing: error}\ntemplates: {filters: [ours]}\n", "protect: false\n", "[\n"):
        repo.write(CONFIG, config)
        repo.commit("Other settings")
        assert (served(api)["label"], served(api)["stale"]) == ("Filtered", True)
        assert_clone_agrees(repo, api)


def test_of_a_file_broken_later_what_was_valid_in_its_time_is_served(repo: Repo, api: Api) -> None:
    repo.workflow("demo.first", DESCRIBED.format(label="Described"))
    repo.commit("Describe")
    repo.workflow("demo.first", WORKFLOW.format(label="Plain"))
    repo.commit("Do not")
    repo.write(SCHEMA, requiring("description"))
    repo.commit("Ask for descriptions")
    repo.write("packs/demo/workflows/first.yaml", "label: [\n")
    repo.commit("Break it")
    assert (served(api)["label"], served(api)["stale"]) == ("Plain", True)
    assert_clone_agrees(repo, api)


def test_a_file_that_was_never_valid_in_its_time_is_not_served(repo: Repo, api: Api) -> None:
    repo.write(SCHEMA, requiring("description"))
    repo.workflow("demo.third")
    repo.commit("Ask for descriptions, and give none")
    assert refs(api) == ["demo.first", "demo.second"]
    repo.workflow("demo.fourth")
    repo.commit("Too late")
    repo.workflow("demo.fifth")
    wait_until(lambda: "packs/demo/workflows/fifth.yaml" in api.registry.snapshot.others)
    assert refs(api) == ["demo.first", "demo.second"]
    (repo.root / "packs/demo/workflows/fifth.yaml").unlink()
    wait_until(lambda: not api.registry.snapshot.edits)
    assert_clone_agrees(repo, api)


def test_a_file_put_back_after_it_was_deleted_is_judged_anew(repo: Repo, api: Api) -> None:
    text = (repo.root / "packs/demo/workflows/first.yaml").read_text()
    (repo.root / "packs/demo/workflows/first.yaml").unlink()
    repo.commit("Delete")
    repo.write(SCHEMA, requiring("description"))
    repo.commit("Ask for descriptions")
    repo.workflow("demo.first", text)
    repo.commit("Put it back")
    assert refs(api) == ["demo.second"]
    assert_clone_agrees(repo, api)


def test_contracts_that_came_and_went_on_the_way_count_and_those_of_another_branch_do_not(repo: Repo, api: Api) -> None:
    repo.write(SCHEMA, requiring("description"))
    repo.workflow("demo.third")
    strict = repo.commit("Ask for descriptions, and give none")
    assert refs(api) == ["demo.first", "demo.second"]
    # Both come between two requests: of the contract as it is, nothing has changed.
    (repo.root / SCHEMA).unlink()
    repo.commit("Ask for none")
    repo.write(SCHEMA, requiring("description"))
    repo.commit("Ask for descriptions again")
    assert refs(api) == ["demo.first", "demo.second", "demo.third"]
    assert_clone_agrees(repo, api)
    repo.git("reset", "-q", "--hard", strict)
    assert refs(api) == ["demo.first", "demo.second"]
    assert_clone_agrees(repo, api)


def test_a_proposal_that_tightens_a_schema_is_judged_by_what_breaks_it(repo: Repo, api: Api) -> None:
    repo.git("checkout", "-q", "-b", "proposals/strict")
    repo.write(SCHEMA, requiring("description"))
    repo.workflow("demo.first", DESCRIBED.format(label="first"))
    repo.commit("Ask for descriptions")
    repo.git("checkout", "-q", "main")
    api.post("/api/v1/proposals/strict/review", {"verdict": "approve"})
    refused = assert_error(api.post("/api/v1/proposals/strict/merge"), 409, "CHECKS_FAILED")
    assert "packs/demo/workflows/second.yaml" in json.dumps(refused)
    repo.git("checkout", "-q", "proposals/strict")
    repo.workflow("demo.second", DESCRIBED.format(label="second"))
    repo.commit("Describe both")
    repo.git("checkout", "-q", "main")
    api.post("/api/v1/proposals/strict/review", {"verdict": "approve"})
    merged = api.post("/api/v1/proposals/strict/merge")
    assert merged.status_code == 200, merged.text
    assert "stale" not in served(api)
    assert_clone_agrees(repo, api)
