"""What a change of a workflow is, and the version that says so."""

from typing import Any

import pytest

from attune_registry.compat.reasons import Reason
from attune_registry.compat.verdict import Judgement, judge
from attune_registry.compat.versions import Bump, bump_made, bump_needed, next_version

OLD: dict[str, Any] = {
    "label": "Deploy",
    "description": "Deploys",
    "version": "1.2.3",
    "tags": ["deploy"],
    "enabled": True,
    "param_schema": {"type": "object", "properties": {"host": {"type": "string"}}},
    "out_schema": {"type": "object", "properties": {"url": {"type": "string"}}},
    "definition": {
        "vars": [],
        "tasks": [{"name": "build", "action": "core.local"}, {"name": "send", "action": "core.http"}],
    },
}
TASKS = OLD["definition"]["tasks"]


def with_tasks(*tasks: dict[str, Any]) -> dict[str, Any]:
    return {**OLD, "definition": {**OLD["definition"], "tasks": list(tasks)}}


def verdict_of(**changes: Any) -> Judgement:
    return judge(OLD, {**OLD, **changes})


def test_nothing_changed_needs_no_bump() -> None:
    assert judge(OLD, dict(OLD)) == Judgement("fix", (), "none", "none")


def test_a_new_version_alone_needs_no_bump() -> None:
    assert verdict_of(version="1.3.0") == Judgement("fix", (), "none", "minor")


def test_a_deleted_workflow_is_breaking_and_has_no_version_to_say_so() -> None:
    found = judge(OLD, None)
    assert (found.verdict, found.bump_needed, found.is_enough) == ("breaking", "none", True)


def test_a_new_workflow_is_a_feature_and_has_no_version_to_bump() -> None:
    found = judge(None, OLD)
    assert (found.verdict, found.bump_needed, found.is_enough) == ("feature", "none", True)


def test_a_disabled_workflow_is_breaking() -> None:
    found = verdict_of(enabled=False)
    assert found.verdict == "breaking"
    assert found.reasons == (Reason("breaking", "/enabled", "workflow disabled"),)
    assert (found.bump_needed, found.is_enough) == ("major", False)


def test_a_workflow_enabled_again_is_a_feature() -> None:
    assert judge({**OLD, "enabled": False}, OLD).verdict == "feature"


def test_enabled_by_default_is_enabled() -> None:
    assert judge(OLD, {name: value for name, value in OLD.items() if name != "enabled"}).reasons == ()


@pytest.mark.parametrize(("field", "value"), [("label", "Ship"), ("description", None), ("tags", [])])
def test_words_about_a_workflow_are_a_fix(field: str, value: Any) -> None:
    found = verdict_of(**{field: value})
    assert (found.verdict, found.bump_needed) == ("fix", "patch")
    assert [reason.pointer for reason in found.reasons] == [f"/{field}"]


def test_a_task_added_is_a_feature() -> None:
    found = judge(OLD, with_tasks(*TASKS, {"name": "tell", "action": "core.echo"}))
    assert found.reasons == (Reason("feature", "/definition/tasks/2", 'task "tell" added'),)


def test_a_task_changed_is_a_fix() -> None:
    found = judge(OLD, with_tasks(TASKS[0], {**TASKS[1], "timeout": 3}))
    assert found.reasons == (Reason("fix", "/definition/tasks/1", 'task "send" changed'),)


def test_a_task_removed_is_a_fix() -> None:
    assert judge(OLD, with_tasks(TASKS[0])).reasons == (Reason("fix", "/definition/tasks/1", 'task "send" removed'),)


def test_tasks_in_another_order_are_a_fix() -> None:
    found = judge(OLD, with_tasks(*reversed(TASKS)))
    assert found.reasons == (Reason("fix", "/definition/tasks", "tasks in another order"),)


def test_the_rest_of_a_definition_is_a_fix() -> None:
    found = verdict_of(definition={**OLD["definition"], "vars": [1]})
    assert found.reasons == (Reason("fix", "/definition/vars", '"vars" of the definition changed'),)


def test_a_definition_that_is_none_is_no_trouble() -> None:
    assert verdict_of(definition=None).verdict == "fix"


def test_the_gravest_reason_comes_first_and_decides() -> None:
    found = verdict_of(
        label="Ship",
        param_schema={"type": "object", "properties": {"host": {"type": "integer"}}},
        out_schema={"type": "object", "properties": {"url": {"type": "string"}, "id": {"type": "integer"}}},
    )
    assert found.verdict == "breaking"
    assert [reason.verdict for reason in found.reasons] == ["breaking", "feature", "fix"]
    assert found.reasons[0] == Reason(
        "breaking", "/param_schema/properties/host/type", "type: string before, integer now"
    )


def test_inputs_and_outputs_look_in_opposite_directions() -> None:
    wide = {"type": "object", "properties": {"host": {"type": ["string", "null"]}}}
    assert verdict_of(param_schema=wide).verdict == "feature"
    assert judge({**OLD, "out_schema": OLD["param_schema"]}, {**OLD, "out_schema": wide}).verdict == "breaking"


@pytest.mark.parametrize(
    ("old", "new", "bump"),
    [
        ("1.2.3", "2.0.0", "major"),
        ("1.2.3", "1.3.0", "minor"),
        ("1.2.3", "1.2.4", "patch"),
        ("1.2.3", "1.2.3", "none"),
        ("1.2.3", "1.2.3+build", "none"),
        ("1.2.3", "1.2.2", "lower"),
        ("2.0.0", "1.9.9", "lower"),
        ("1.2.3", "2.0.0-rc.1", "major"),
        ("2.0.0-rc.1", "2.0.0-rc.2", "patch"),
        ("2.0.0-rc.1", "2.0.0", "patch"),
        ("2.0.0", "2.0.0-rc.1", "lower"),
        ("1.2", "1.3", "minor"),
        ("v1.2.3", "1.2.4", "patch"),
        ("latest", "1.0.0", "major"),
        ("1.0.0", "latest", "none"),
        (1.1, "1.1.1", "patch"),
    ],
)
def test_the_bump_that_was_made(old: object, new: object, bump: str) -> None:
    assert bump_made(old, new) == bump


@pytest.mark.parametrize(
    ("old", "breaking", "feature", "fix"),
    [
        ("1.2.3", "major", "minor", "patch"),
        ("0.2.3", "minor", "patch", "patch"),
        ("2.0.0-rc.1", "patch", "patch", "patch"),
        ("latest", "major", "minor", "patch"),
    ],
)
def test_the_bump_that_is_needed(old: str, breaking: str, feature: str, fix: str) -> None:
    assert (bump_needed("breaking", old), bump_needed("feature", old)) == (breaking, feature)
    assert bump_needed("fix", old) == fix


@pytest.mark.parametrize(
    ("old", "needed", "new"),
    [
        ("1.2.3", "major", "2.0.0"),
        ("1.2.3", "minor", "1.3.0"),
        ("1.2.3", "patch", "1.2.4"),
        ("1.2.3", "none", "1.2.3"),
        ("0.2.3", "minor", "0.3.0"),
        ("2.0.0-rc.1", "patch", "2.0.0-rc.2"),
        ("1.2", "patch", "1.2.1"),
        ("latest", "minor", "1.0.0"),
    ],
)
def test_the_next_version_makes_the_bump(old: str, needed: Bump, new: str) -> None:
    assert next_version(old, needed) == new
    if needed != "none":
        assert bump_made(old, new) in (needed, "major")


def test_a_bump_is_held_against_the_one_needed() -> None:
    narrower = {"type": "object", "properties": {"host": {"type": "string", "maxLength": 5}}}
    assert not verdict_of(param_schema=narrower, version="1.3.0").is_enough
    assert verdict_of(param_schema=narrower, version="2.0.0").is_enough
    assert not verdict_of(label="Ship", version="1.2.2").is_enough
    assert verdict_of(label="Ship", version="3.0.0").is_enough
