"""This repository's own packs: the contract's workflows are among them, and the checks find nothing wrong."""

from pathlib import Path
from typing import Any

import pytest

from attune_registry import layout
from attune_registry.checks import engine
from attune_registry.problems import Problem
from attune_registry.yamldoc import document

ROOT = Path(__file__).parent.parent
PATHS = sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "packs").rglob("*") if p.is_file())
PLACES = {path: layout.place_of(path) for path in PATHS}

SEVERITY = {"type": "string", "enum": ["low", "medium", "high", "critical"]}

# What the HTTP contract shows, under the refs these have here.
GET_EXAMPLE = {
    "label": "Incident Response Workflow",
    "description": "Automated incident response with notifications and approvals",
    "version": "1.0.0",
    "param_schema": {
        "type": "object",
        "properties": {"severity": SEVERITY, "channel": {"type": "string"}},
        "required": ["severity", "channel"],
    },
    "out_schema": {
        "type": "object",
        "properties": {"incident_id": {"type": "string"}, "resolved": {"type": "boolean"}},
    },
    "tags": ["incident", "approval", "slack"],
    "enabled": True,
}
DEFINITIONS: dict[str, dict[str, Any]] = {
    "slack.incident_response": {
        "tasks": [
            {
                "name": "notify_team",
                "action": "slack.post_message",
                "input": {"channel": "{{ channel }}", "message": "Incident detected: {{ severity }}"},
            },
            {
                "name": "create_ticket",
                "action": "jira.create_issue",
                "input": {
                    "project": "INC",
                    "summary": "Incident: {{ severity }}",
                    "description": "Auto-generated incident",
                },
            },
            {
                "name": "await_approval",
                "action": "core.inquiry",
                "input": {"timeout": 3600, "approvers": ["oncall@company.com"]},
            },
        ]
    },
    "slack.incident_alert": {
        "tasks": [
            {
                "name": "notify_team",
                "action": "slack.post_message",
                "input": {"channel": "{{ channel }}", "message": "Incident: {{ severity }}"},
            }
        ]
    },
    "data.fetch_process_store": {
        "tasks": [
            {
                "name": "fetch_data",
                "action": "core.http",
                "input": {"url": "{{ workflow.param.api_url }}", "method": "GET"},
                "on_success": "process_data",
                "on_failure": "notify_error",
            },
            {
                "name": "process_data",
                "action": "core.transform",
                "input": {"data": "{{ fetch_data.output.body }}"},
                "on_success": "store_result",
            },
            {
                "name": "store_result",
                "action": "database.insert",
                "input": {"table": "results", "data": "{{ process_data.output }}"},
            },
            {
                "name": "notify_error",
                "action": "slack.post_message",
                "input": {"channel": "#errors", "message": "Workflow failed: {{ error.message }}"},
            },
        ],
        "variables": {"max_retries": 3, "timeout": 300},
    },
    "core.approval": {
        "tasks": [
            {
                "name": "request_approval",
                "action": "core.inquiry",
                "input": {"approvers": ["manager@company.com"], "timeout": 3600},
                "on_success": "execute_action",
                "on_failure": "notify_rejection",
            },
            {"name": "execute_action", "action": "aws.deploy"},
            {"name": "notify_rejection", "action": "email.send"},
        ]
    },
    "database.data_pipeline": {
        "tasks": [
            {"name": "extract", "action": "database.query"},
            {"name": "transform", "action": "core.transform", "input": {"data": "{{ extract.output }}"}},
            {"name": "load", "action": "s3.upload", "input": {"data": "{{ transform.output }}"}},
        ]
    },
    "pagerduty.incident_response": {
        "tasks": [
            {"name": "create_incident", "action": "pagerduty.create_incident"},
            {"name": "notify_team", "action": "slack.post_message"},
            {"name": "create_ticket", "action": "jira.create_issue"},
        ]
    },
}


def read(path: str) -> document.Document:
    return document.parse((ROOT / path).read_bytes())


def raw(path: str) -> bytes | None:
    return (ROOT / path).read_bytes() if (ROOT / path).exists() else None


CONTRACT, CONTRACT_PROBLEMS = engine.Contract.load(
    raw(layout.CONFIG_PATH), raw(layout.WORKFLOW_SCHEMA_PATH), raw(layout.PACK_SCHEMA_PATH)
)


def problems_of(path: str) -> tuple[Problem, ...]:
    place = PLACES[path]
    assert place is not None
    check = engine.check_workflow if place.kind == "workflow" else engine.check_pack
    return check(read(path), place.ref, CONTRACT).problems


def test_there_are_four_packs_and_ten_workflows_at_least() -> None:
    kinds = [place.kind for place in PLACES.values() if place]
    assert kinds.count("pack") >= 4
    assert kinds.count("workflow") >= 10


def test_every_file_under_packs_is_a_pack_or_a_workflow() -> None:
    assert [path for path, place in PLACES.items() if place is None] == []


def test_every_workflow_is_in_a_pack_that_has_its_own_file() -> None:
    workflows = [place.ref for place in PLACES.values() if place and place.kind == "workflow"]
    assert {layout.pack_path(layout.pack_of(ref)) for ref in workflows} <= set(PATHS)


@pytest.mark.parametrize("ref", sorted(DEFINITIONS))
def test_the_contracts_definitions_are_here_as_it_writes_them(ref: str) -> None:
    assert read(layout.workflow_path(ref)).data["definition"] == DEFINITIONS[ref]


def test_the_contracts_incident_workflow_is_here_with_all_its_fields() -> None:
    data = read(layout.workflow_path("slack.incident_response")).data
    assert data == GET_EXAMPLE | {"definition": DEFINITIONS["slack.incident_response"]}


def test_our_own_settings_and_schemas_have_no_problems() -> None:
    assert CONTRACT_PROBLEMS == {}


@pytest.mark.parametrize("path", PATHS)
def test_no_sample_has_an_error_or_a_warning(path: str) -> None:
    assert [p for p in problems_of(path) if p.severity != "advice"] == []


@pytest.mark.parametrize("path", [p for p in PATHS if (q := PLACES[p]) and q.ref not in DEFINITIONS])
def test_our_own_samples_follow_every_advice(path: str) -> None:
    assert problems_of(path) == ()
