"""Each rule: break a good file its way and it fires at that line; mend the file and it stops."""

from typing import NamedTuple

import pytest
from example_files import check_text

from attune_registry.checks.rules import REFERENCE_RULES, RULES

GOOD = """\
ref: examples.good
label: Good
description: Fetches and stores
version: 1.0.0
tags: [data]
param_schema:
  type: object
  properties:
    url: {type: string, pattern: "^https://", examples: ["https://a"]}
    table: {type: string, enum: [results, archive], default: results}
  required: [url]
out_schema:
  type: object
  properties:
    count: {$ref: "#/$defs/count"}
  $defs:
    count: {type: integer}
definition:
  variables:
    answer: "yes"
    size: 10
  tasks:
    - name: fetch
      action: core.http
      input:
        url: "{{ workflow.param.url }}"
        user: "{{ answer }}"
        size: "{{ size | int }}"
      retry: {count: 3, delay: 10}
      timeout: 60
      on_success: store
      on_failure: notify
    - name: store
      action: database.insert
      timeout: 60
      input:
        table: "{{ table }}"
        data: "{{ fetch.output.body }}"
        known: "{{ fetch is defined }}"
    - name: notify
      action: slack.post_message
      timeout: 30
      input:
        text: |
          It failed.
          {{ error.message }}
"""

PACK = """\
ref: examples
label: Examples
version: 1.0.0
dependencies: [core]
"""


class Mutation(NamedTuple):
    """`old` becomes `new`, and the rule fires in the line that holds `at` (by default `new`)."""

    rule: str
    old: str
    new: str
    at: str = ""
    text: str = GOOD
    ref: str = "examples.good"


_EXTRA = "    - {name: extra, action: core.noop, timeout: 5}\n"
_ISLAND = """\
    - {name: extra, action: core.noop, timeout: 5, on_success: more, on_failure: more}
    - {name: more, action: core.noop, timeout: 5, on_failure: extra}
"""
_LOOP = "      timeout: 30\n      on_success: notify"

MUTATIONS = (
    Mutation("yaml-syntax", "label: Good", "label: Good: better"),
    Mutation("yaml-limit", "tags: [data]", "tags: " + "[" * 80 + "]" * 80),
    Mutation("yaml-tag", "label: Good", "label: !name Good"),
    Mutation("yaml-key", "    size: 10", "    10: size"),
    Mutation("yaml-number", "    size: 10", "    size: .inf"),
    Mutation("yaml-duplicate-key", "      timeout: 30\n", "      timeout: 30\n      timeout: 31\n", "timeout: 31"),
    Mutation("yaml-surprise", 'answer: "yes"', "answer: yes"),
    Mutation("schema-required", "      action: database.insert\n", "", "- name: store"),
    Mutation("schema-type", "timeout: 30", 'timeout: "30"'),
    Mutation("schema-value", "timeout: 30", "timeout: -30"),
    Mutation("unknown-field", "on_failure: notify", "on_failed: notify"),
    Mutation("version-format", "version: 1.0.0", 'version: "1.0"'),
    Mutation("action-format", "action: database.insert", "action: insert"),
    Mutation("task-name-duplicate", "- name: notify", "- name: store", "action: slack"),
    Mutation("ref-path-mismatch", "ref: examples.good", "ref: examples.better"),
    Mutation("ref-path-mismatch", "ref: examples", "ref: exampels", text=PACK, ref="examples"),
    Mutation("pack-field-typo", "dependencies: [core]", "dependancies: [core]", text=PACK, ref="examples"),
    Mutation("ignore-comment", "tags: [data]", "tags: [data]  # registry: ignore[everything]"),
    Mutation("unknown-task", "on_success: store", "on_success: stor"),
    Mutation("unreachable-task", "    - name: notify", _ISLAND + "    - name: notify", "name: extra,"),
    Mutation("endless-loop", "      timeout: 30", _LOOP, "on_success: notify"),
    Mutation("several-starts", "    - name: notify", _EXTRA + "    - name: notify", "name: extra"),
    Mutation("template-syntax", "{{ error.message }}", "{{ error.message }"),
    Mutation("template-filter", "size | int", "size | integer"),
    Mutation("template-test", "is defined", "is define"),
    Mutation("task-output-unknown", "fetch.output", "fecth.output"),
    Mutation("task-output-early", 'user: "{{ answer }}"', 'user: "{{ store.output }}{{ answer }}"'),
    Mutation("parameter-undeclared", "workflow.param.url", "workflow.param.uri"),
    Mutation("parameter-unused", '"{{ table }}"', "results", "table: {type"),
    Mutation("variable-undeclared", "{{ answer }}", "{{ anwser }}"),
    Mutation("schema-invalid", "url: {type: string,", "url: {type: strin,"),
    Mutation("schema-regex", "^https://", "^(https://"),
    Mutation("schema-reference", "#/$defs/count", "https://example.com/count.json"),
    Mutation("schema-reference", "#/$defs/count", "#/$defs/counts"),
    Mutation("schema-limit", "#/$defs/count", "#/properties/count"),
    Mutation("schema-required-property", "required: [url]", "required: [uri]"),
    Mutation("schema-keyword-typo", "properties:\n    count", "propertes:\n    count", "propertes"),
    Mutation("schema-default", "default: results", "default: result"),
    Mutation("schema-example", '["https://a"]', '["http://a"]'),
    Mutation("task-snake-case", "- name: notify", "- name: Notify"),
    Mutation("on-failure-missing", "      on_failure: notify\n", "", "- name: fetch"),
    Mutation("timeout-missing", "      timeout: 30\n", "", "- name: notify"),
    Mutation("timeout-bounds", "timeout: 30", "timeout: 0"),
    Mutation("retry-bounds", "count: 3", "count: 300"),
    Mutation("task-type", "timeout: 30", "timeout: 30\n      type: acton", "type: acton"),
    Mutation("iteration-bounds", "timeout: 30", "timeout: 30\n      batch_size: 0", "batch_size"),
    Mutation("secret-literal", "{{ answer }}", "AKIAJ4ZQX2M7RT9WBC3E"),
    Mutation("secret-literal", "tags: [data]", "tags: [data, AKIAJ4ZQX2M7RT9WBC3E]"),
    Mutation("secret-literal", "[core]", "[core]\ntags: [AKIAJ4ZQX2M7RT9WBC3E]", "AKIA", PACK, "examples"),
)  # fmt: skip

# The whole of the file is what breaks these: there is no line to change.
WHOLE = {
    "no-tasks": (GOOD[: GOOD.index("  tasks:")] + "  tasks: []\n", "tasks: []"),
    "no-start": (GOOD + "      on_failure: fetch\n      on_success: store\n", "- name: fetch"),
    "param-schema-missing": (
        "ref: examples.good\n" + GOOD[GOOD.index("label:") : GOOD.index("param_schema")]
        + GOOD[GOOD.index("definition:") :].replace("{{ table }}", "results"),
        "workflow.param.url",
    ),
}  # fmt: skip

# Found by looking at several files, at names of files, or at those of registry/.
ELSEWHERE = REFERENCE_RULES | {
    *("ref-duplicate", "ref-collision", "file-name", "file-missing", "not-a-file", "pack-missing", "ref-snake-case"),
    *("workflow-file", "layout-key"),
    *("settings-unknown", "settings-value", "schema-file", "access-invalid"),
}


def _lines(text: str, rule: str, ref: str = "examples.good") -> list[int]:
    return [problem.line for problem in check_text(text, ref).problems if problem.rule == rule]


def test_the_good_files_have_no_problem_at_all() -> None:
    assert check_text(GOOD).problems == ()
    assert check_text(PACK, "examples").problems == ()


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: f"{mutation.rule}-{mutation.new[:12]!r}")
def test_a_rule_fires_where_a_good_file_is_broken_and_stops_when_it_is_mended(mutation: Mutation) -> None:
    assert mutation.text.count(mutation.old) >= 1
    broken = mutation.text.replace(mutation.old, mutation.new, 1)
    # A change that takes something out is told where the rest of it stands.
    mark = mutation.at or mutation.new
    line = broken[: broken.index(mark)].count("\n") + 1
    wanted = line - 1 if mutation.rule == "task-name-duplicate" else line
    assert wanted in _lines(broken, mutation.rule, mutation.ref)
    assert _lines(mutation.text, mutation.rule, mutation.ref) == []


@pytest.mark.parametrize("rule", WHOLE)
def test_a_rule_fires_for_the_shape_of_a_whole_file(rule: str) -> None:
    text, mark = WHOLE[rule]
    assert _lines(text, rule) == [text[: text.index(mark)].count("\n") + 1]
    assert _lines(GOOD, rule) == []


def test_the_hint_for_a_task_says_what_a_template_can_name() -> None:
    for name, hint in (
        ("notify-team", "call it notify_team: a template can then name it"),
        ("tâche", "call it tache"),
        ("NotifyTeam", "call it notify_team"),
    ):
        (problem,) = check_text(GOOD.replace("notify", name)).problems
        assert (problem.rule, problem.hint) == ("task-snake-case", hint)


def test_a_name_that_is_not_in_snake_case_is_told_by_the_path_alone() -> None:
    text = GOOD.partition("\n")[2]
    assert _lines(text, "ref-snake-case", "examples.Not-Snake") == [1]
    assert _lines(text, "ref-snake-case", "examples.is_snake") == []


def test_every_rule_has_its_mutation() -> None:
    assert {mutation.rule for mutation in MUTATIONS} | set(WHOLE) | ELSEWHERE == set(RULES)
