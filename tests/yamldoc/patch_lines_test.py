"""An edit of a workflow changes just the lines of the values that change."""

import pytest
from yaml_edits import Edit, changed_lines, drop, patched, put

WORKFLOW = """\
# Who to ask: the on-call team.
label: Incident   # shown in lists
description: >
  Tells the team
  and opens a ticket.
version: "1.0.0"
tags: [incident, 'approval']

enabled: true
definition:
  tasks:
    # First of all.
    - name: tell
      action: slack.post_message
      input:
        channel: '#ops'   # not #general
        text: |
          Incident!

          {{ severity }}
      on_success: ticket

    # Then the ticket.
    - name: ticket
      action: jira.create
      timeout: 0x10
      retry: {count: 3, delay: 10}
    - name: close
      action: jira.close
"""


LINES: list[tuple[str, Edit, list[str], list[str]]] = [
    ("switching a flag", put("enabled", False), ["enabled: true"], ["enabled: false"]),
    (
        "a plain text keeps its comment",
        put("label", "Fire"),
        ["label: Incident   # shown in lists"],
        ["label: Fire   # shown in lists"],
    ),
    ("double quotes stay", put("version", "1.1.0"), ['version: "1.0.0"'], ['version: "1.1.0"']),
    (
        "single quotes stay, and the comment",
        put("definition", "tasks", 0, "input", "channel", "#it's"),
        ["        channel: '#ops'   # not #general"],
        ["        channel: '#it''s'   # not #general"],
    ),
    (
        "a line of a block scalar",
        put("definition", "tasks", 0, "input", "text", "Incident!\n\n{{ level }}\n"),
        ["          {{ severity }}"],
        ["          {{ level }}"],
    ),
    (
        "a block scalar that loses its last line end",
        put("definition", "tasks", 0, "input", "text", "Incident!\n\n{{ severity }}"),
        ["        text: |"],
        ["        text: |-"],
    ),
    (
        "a folded scalar stays folded",
        put("description", "Tells everybody\n"),
        ["  Tells the team", "  and opens a ticket."],
        ["  Tells everybody"],
    ),
    (
        "a tag more",
        lambda d: d["tags"].append("x"),
        ["tags: [incident, 'approval']"],
        ["tags: [incident, 'approval', x]"],
    ),
    ("a tag less", drop("tags", 0), ["tags: [incident, 'approval']"], ["tags: ['approval']"]),
    ("another tag", put("tags", 1, "y z"), ["tags: [incident, 'approval']"], ["tags: [incident, 'y z']"]),
    (
        "a number that was hexadecimal",
        put("definition", "tasks", 1, "timeout", 17),
        ["      timeout: 0x10"],
        ["      timeout: 17"],
    ),
    (
        "one value in braces",
        put("definition", "tasks", 1, "retry", "count", 4),
        ["      retry: {count: 3, delay: 10}"],
        ["      retry: {count: 4, delay: 10}"],
    ),
    (
        "a key less in braces",
        drop("definition", "tasks", 1, "retry", "count"),
        ["      retry: {count: 3, delay: 10}"],
        ["      retry: {delay: 10}"],
    ),
    (
        "a key more in braces",
        put("definition", "tasks", 1, "retry", "backoff", "linear: yes"),
        ["      retry: {count: 3, delay: 10}"],
        ['      retry: {count: 3, delay: 10, backoff: "linear: yes"}'],
    ),
    ("a field of a task less", drop("definition", "tasks", 0, "on_success"), ["      on_success: ticket"], []),
    ("a field of a task more", put("definition", "tasks", 2, "timeout", 30), [], ["      timeout: 30"]),
    (
        "a task less, with the comment above it",
        drop("definition", "tasks", 1),
        [
            "    # Then the ticket.",
            "    - name: ticket",
            "      action: jira.create",
            "      timeout: 0x10",
            "      retry: {count: 3, delay: 10}",
        ],
        [],
    ),
    (
        "a task more, in between",
        lambda d: d["definition"]["tasks"].insert(2, {"name": "wait", "action": "core.inquiry", "input": {"a": [1]}}),
        [],
        ["    - name: wait", "      action: core.inquiry", "      input:", "        a: [1]"],
    ),
    (
        "a task more, in front",
        lambda d: d["definition"]["tasks"].insert(0, {"name": "wait"}),
        [],
        ["    - name: wait"],
    ),
    (
        "a field at its place in the contract's order",
        put("out_schema", {"type": "object"}),
        [],
        ["out_schema:", "  type: object"],
    ),
    (
        "a value that becomes a mapping keeps its comment",
        put("label", {"a": {"b": "c\nd\n"}}),
        ["label: Incident   # shown in lists"],
        ["label:   # shown in lists", "  a:", "    b: |", "      c", "      d"],
    ),
    (
        "a mapping that becomes a value",
        put("definition", "tasks", 0, "input", None),
        [
            "      input:",
            "        channel: '#ops'   # not #general",
            "        text: |",
            "          Incident!",
            "",
            "          {{ severity }}",
        ],
        ["      input: null"],
    ),
]


@pytest.mark.parametrize(("edit", "gone", "come"), [case[1:] for case in LINES], ids=[case[0] for case in LINES])
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("start", ["", "\ufeff", "---\n"], ids=["bare", "bom", "dashes"])
def test_an_edit_changes_just_its_lines(edit: Edit, gone: list[str], come: list[str], newline: str, start: str) -> None:
    before = (start + WORKFLOW).replace("\n", newline)
    after = patched(before, edit)
    assert changed_lines(before, after) == (gone, come)
    assert after.count("\r\n") == (after.count("\n") if newline == "\r\n" else 0)
