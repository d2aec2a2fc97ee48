"""The contract's own examples, in order, over real HTTP; and what git has of them afterwards."""

from collections.abc import Callable
from typing import Any

from gitrepo import Repo

BODY: dict[str, Any] = {
    "ref": "slack.incident_workflow",
    "pack_ref": "slack",
    "label": "Incident Response Workflow",
    "description": "Automated incident response with notifications",
    "version": "1.0.0",
    "param_schema": {
        "type": "object",
        "properties": {
            "severity": {"type": "string", "enum": ["low", "medium", "high", "critical"]},
            "channel": {"type": "string"},
        },
        "required": ["severity", "channel"],
    },
    "out_schema": {"type": "object", "properties": {"incident_id": {"type": "string"}}},
    "definition": {
        "tasks": [
            {
                "name": "notify_team",
                "action": "slack.post_message",
                "input": {"channel": "{{ channel }}", "message": "Incident: {{ severity }}"},
            }
        ]
    },
    "tags": ["incident", "approval"],
    "enabled": True,
}
DETAIL_FIELDS = [
    *("id", "ref", "pack", "pack_ref", "label", "description", "version", "param_schema", "out_schema"),
    *("definition", "tags", "enabled", "created", "updated", "git"),
]
SUMMARY_FIELDS = [
    *("id", "ref", "pack_ref", "label", "description", "version", "tags", "enabled", "created", "updated"),
]


def test_the_contracts_examples_give_the_contracts_answers(repo: Repo, start: Callable[..., Any]) -> None:
    server = start(repo.root)
    api = server.client
    assert api.post("/api/v1/packs", json={"ref": "slack", "label": "Slack", "version": "1.0.0"}).status_code == 201

    created = api.post("/api/v1/workflows", json=BODY)
    assert created.status_code == 201
    assert created.json()["message"] == "Workflow created successfully"
    data = created.json()["data"]
    assert list(data) == DETAIL_FIELDS
    assert {key: data[key] for key in BODY} == BODY
    assert created.headers["etag"] == f'"{data["git"]["blob"]}"'

    listed = api.get("/api/v1/workflows?page=1&per_page=20&enabled=true&tags=incident,approval").json()
    assert [list(item) for item in listed["data"]] == [SUMMARY_FIELDS]
    assert listed["meta"] == {"page": 1, "per_page": 20, "total": 1, "total_pages": 1}
    assert api.get("/api/v1/workflows/slack.incident_workflow").json() == {"data": data}
    assert api.get("/api/v1/packs/slack/workflows").json() == listed

    update = {"label": "Updated Incident Response", "version": "1.1.0", "enabled": False}
    updated = api.put("/api/v1/workflows/slack.incident_workflow", json=update)
    assert updated.status_code == 200
    assert updated.json()["message"] == "Workflow updated successfully"
    assert {key: updated.json()["data"][key] for key in BODY} == BODY | update

    deleted = api.delete("/api/v1/workflows/slack.incident_workflow")
    assert deleted.status_code == 200
    assert deleted.json() == {
        "success": True,
        "message": "Workflow 'slack.incident_workflow' deleted successfully",
    }
    assert api.get("/api/v1/workflows/slack.incident_workflow").status_code == 404

    assert repo.git("log", "--format=%s", "-4").splitlines() == [
        "Delete slack.incident_workflow",
        "Update slack.incident_workflow 1.1.0",
        "Create slack.incident_workflow 1.0.0",
        "Create slack 1.0.0",
    ]
    names = repo.git("log", "--format=", "--name-only", "-4").split()
    assert names == [*["packs/slack/workflows/incident_workflow.yaml"] * 3, "packs/slack/pack.yaml"]
    assert repo.status() == ""
    repo.git("fsck", "--strict")


def test_switching_enabled_is_a_one_line_diff(repo: Repo, start: Callable[..., Any]) -> None:
    path = repo.workflow("demo.styled", text=STYLED)
    repo.commit()
    server = start(repo.root)
    answer = server.client.put("/api/v1/workflows/demo.styled", json={"enabled": False})
    assert answer.status_code == 200, answer.text
    diff = repo.git("diff", "-U0", "HEAD~1", "--", path).splitlines()
    assert [line for line in diff if line[:1] in "+-" and line[:3] not in ("+++", "---")] == [
        "-enabled:   true   # until spring",
        "+enabled:   false   # until spring",
    ]


def test_a_put_that_changes_nothing_makes_no_commit(repo: Repo, start: Callable[..., Any]) -> None:
    server = start(repo.root)
    head = repo.head()
    for path in ("/api/v1/workflows/demo.first", "/api/v1/packs/demo"):
        data = server.get(path).json()["data"]
        nulls = {name: None for name in ("description", "dependencies", "param_schema") if not data.get(name, 1)}
        for body in (data, nulls):
            answer = server.client.put(path, json=body)
            assert answer.status_code == 200
            assert answer.json()["data"] == data
    assert repo.head() == head


def test_author_is_the_principal_and_trailers_say_what_was_done(repo: Repo, start: Callable[..., Any]) -> None:
    server = start(repo.root)
    token = server.make_token("Ann Editor", "editor", "--email", "ann@example.com", "--pack", "demo")
    headers = {
        "Authorization": f"Bearer {token}",
        "X-Request-Id": "request-7",
        "X-Commit-Message": "Für später".encode(),
    }
    answer = server.client.put("/api/v1/workflows/demo.first", json={"version": "1.0.1"}, headers=headers)
    assert answer.status_code == 200, answer.text
    assert repo.git("log", "-1", "--format=%an <%ae> %cn%n%s").splitlines() == [
        "Ann Editor <ann@example.com> attune-registry",
        "Für später",
    ]
    assert repo.git("log", "-1", "--format=%(trailers)").split("\n")[:4] == [
        "Registry-Action: update",
        "Registry-Ref: demo.first",
        "Registry-Principal: Ann Editor",
        "Registry-Request: request-7",
    ]


def test_null_clears_and_absent_stays(repo: Repo, start: Callable[..., Any]) -> None:
    server = start(repo.root)
    server.client.post("/api/v1/workflows", json=BODY | {"ref": "demo.full", "pack_ref": "demo"})
    cleared = {"description": None, "param_schema": None, "out_schema": None}
    answer = server.client.put("/api/v1/workflows/demo.full", json=cleared | {"definition": {"tasks": [TASK]}})
    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    assert [data[name] for name in cleared] == [None, None, None]
    assert (data["label"], data["tags"]) == (BODY["label"], BODY["tags"])


def test_keys_of_a_definition_that_the_contract_does_not_list_are_kept(repo: Repo, start: Callable[..., Any]) -> None:
    server = start(repo.root)
    definition = {
        "tasks": [TASK | {"note": {"deep": [1, 2.5, None]}}],
        "conditions": [{"if": "x"}],
        "variables": {},
    }
    body = BODY | {"ref": "demo.more", "pack_ref": "demo", "definition": definition}
    assert server.client.post("/api/v1/workflows", json=body).json()["data"]["definition"] == definition
    assert server.get("/api/v1/workflows/demo.more").json()["data"]["definition"] == definition


TASK = {"name": "only", "action": "core.noop"}
STYLED = """\
# A header

label:    'Styled'   # quoted
version: "1.0.0"
tags: [ a,   b ]
enabled:   true   # until spring
definition:
    tasks:
    # not indented
    - {name: only, action: core.noop}   # flow
"""
