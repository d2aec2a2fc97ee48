"""Rules between workflows that are graded error: they keep writes out that bring such an error, and nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest

from gitrepo import Repo
from http_asserts import assert_error
from in_process import Api

URL = "/api/v1/workflows"
RULES = "rules: {action-input-missing: error, action-disabled: error, pack-dependency: error}\n"
INPUTS = {"type": "object", "required": ["host"], "properties": {"host": {"type": "string"}}}


def body(name: str, *actions: str, **more: Any) -> dict[str, Any]:
    tasks = [{"name": f"task_{at}", "action": action, "timeout": 5} for at, action in enumerate(actions)]
    return {
        "ref": f"demo.{name}",
        "pack_ref": "demo",
        "label": name,
        "version": "1.0.0",
        "definition": {"tasks": tasks},
        **more,
    }


@pytest.fixture
def api(repo: Repo) -> Iterator[Api]:
    """A registry where such rules are errors, with a workflow that wants an input."""
    repo.write("registry/config.yaml", RULES)
    repo.write("packs/demo/pack.yaml", "label: Demo\nversion: 1.0.0\ndependencies: [core]\n")
    repo.commit()
    made = Api(repo.root)
    assert made.post(URL, body("called", "core.noop", param_schema=INPUTS)).status_code == 201
    yield made
    made.close()


def is_valid(api: Api, sent: dict[str, Any]) -> bool:
    found = api.post(f"{URL}/validate?ref={sent['ref']}", sent).json()["data"]
    return bool(found["valid"])


@pytest.mark.parametrize(
    ("action", "rule"), [("demo.called", "action-input-missing"), ("zz.anything", "pack-dependency")]
)
def test_a_write_that_brings_one_is_refused_and_valid_says_so_before(
    api: Api, repo: Repo, action: str, rule: str
) -> None:
    before = repo.head()
    for query in ("?dry_run=true", "", "?proposal=some", "?proposal=some&dry_run=true"):
        (detail,) = assert_error(api.post(f"{URL}{query}", body("fresh", action)), 400)["details"]
        assert (detail["rule"], detail["pointer"].split("/")[:3]) == (rule, ["", "definition", "tasks"])
    assert not is_valid(api, body("fresh", action))
    assert repo.head() == before
    assert api.post(URL, body("fresh", "core.noop")).status_code == 201
    changed = {"definition": body("fresh", "core.noop", action)["definition"]}
    assert_error(api.put(f"{URL}/demo.fresh?dry_run=true", changed), 400)
    assert_error(api.put(f"{URL}/demo.fresh", changed), 400)
    assert not is_valid(api, {**body("fresh"), **changed})


def test_what_another_file_made_wrong_stays_served_and_does_not_keep_a_write_out(api: Api) -> None:
    assert api.post(URL, body("late", "core.noop")).status_code == 201
    assert api.post(URL, body("caller", "demo.late")).status_code == 201
    assert is_valid(api, body("late", "core.noop", enabled=False))
    assert api.put(f"{URL}/demo.late", {"enabled": False}).status_code == 200
    served = api.get(f"{URL}/demo.caller")
    assert served.status_code == 200
    problems = api.get("/api/v1/problems").json()["data"]
    assert [problem["rule"] for problem in problems if problem["severity"] == "error"] == ["action-disabled"]
    moved = {"definition": body("caller", "core.noop", "demo.late")["definition"]}
    assert is_valid(api, {**body("caller"), **moved})
    assert api.put(f"{URL}/demo.caller", moved).status_code == 200
    again = {"definition": body("caller", "demo.late", "demo.late")["definition"]}
    assert not is_valid(api, {**body("caller"), **again})
    assert_error(api.put(f"{URL}/demo.caller", again), 400)


def test_a_comment_waves_it_off(api: Api, repo: Repo) -> None:
    text = "label: x\nversion: 1.0.0\ndefinition:\n  tasks:\n    - name: a\n      timeout: 5\n      action: demo.called"
    repo.write("packs/demo/workflows/waved.yaml", f"{text}  # registry: ignore[action-input-missing]\n")
    repo.commit()
    assert api.put(f"{URL}/demo.waved", {"label": "Other"}).status_code == 200


def test_nothing_is_imagined_where_none_is_an_error(api: Api, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("registry/config.yaml", "rules: {timeout-missing: error}\n")
    repo.commit()
    monkeypatch.setattr("attune_registry.writing.plans.Desk.imagine", None)
    assert api.post(URL, body("caller", "demo.called")).status_code == 201
