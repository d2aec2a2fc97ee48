from typing import Any

import orjson
import pytest
from example_files import PLAIN, check_text

from attune_registry.checks.contract import Contract
from attune_registry.checks.references import (
    Called,
    Target,
    check_calls,
    check_circle,
    check_dependencies,
    circles,
    grade,
    packs_needed,
)
from attune_registry.problems import Position
from attune_registry.yamldoc.document import parse

_PARAMS = {
    "type": "object",
    "properties": {
        "channel": {"type": "string"},
        "severity": {"type": "string", "enum": ["low", "high"], "default": "low"},
        "hosts": {"type": "array", "items": {"$ref": "#/$defs/host"}},
    },
    "required": ["channel", "severity"],
    "$defs": {"host": {"type": "string", "pattern": "^[a-z.]+$"}},
}
_WORKFLOWS = {
    "slack.incident": Target(True, _PARAMS),
    "slack.old": Target(False, None),
    "slack.free": Target(True, None),
}


def _call(action: str, **inputs: Any) -> Called:
    return Called(action, "/definition/tasks/0", 7, 15, orjson.dumps(inputs))


def _check(call: Called) -> list[tuple[str, str, str]]:
    found = check_calls([call], _WORKFLOWS.get, lambda pack: [ref for ref in _WORKFLOWS if ref.startswith(pack + ".")])
    return [(finding.rule, finding.pointer, finding.hint) for finding in found]


def test_a_call_that_fits_is_no_matter() -> None:
    assert _check(_call("slack.incident", channel=["#ops"], hosts=[["a.example"]])) == []
    assert _check(_call("slack.free", anything=[1])) == []
    assert _check(_call("core.http", url=["https://example.com"])) == []


def test_a_template_may_be_anything() -> None:
    assert _check(_call("slack.incident", channel=[], hosts=[])) == []


def test_a_disabled_workflow_is_called() -> None:
    assert [rule for rule, _, _ in _check(_call("slack.old"))] == ["action-disabled"]


def test_a_required_input_is_missing_and_one_with_a_default_is_not() -> None:
    assert _check(_call("slack.incident")) == [
        ("action-input-missing", "/definition/tasks/0", "give it in input: channel: ...")
    ]


def test_an_input_is_misspelt() -> None:
    found = _check(_call("slack.incident", channel=["#ops"], severty=["low"]))
    assert found == [("action-input-unknown", "/definition/tasks/0/input/severty", "did you mean severity?")]


@pytest.mark.parametrize(
    ("inputs", "pointer"),
    [
        ({"channel": [7]}, "/definition/tasks/0/input/channel"),
        ({"channel": ["#ops"], "severity": ["medium"]}, "/definition/tasks/0/input/severity"),
        ({"channel": ["#ops"], "hosts": [["a.example", "B"]]}, "/definition/tasks/0/input/hosts/1"),
    ],
)
def test_a_literal_does_not_fit(inputs: dict[str, Any], pointer: str) -> None:
    assert [(rule, at) for rule, at, _ in _check(_call("slack.incident", **inputs))] == [("action-input-type", pointer)]


def _check_with(schema: dict[str, Any], **inputs: Any) -> list[tuple[str, str]]:
    found = check_calls([_call("x.y", **inputs)], lambda _: Target(True, schema), lambda _: [])
    return [(finding.rule, finding.pointer.removeprefix("/definition/tasks/0")) for finding in found]


_ANY: dict[str, Any] = {"id": {}, "name": {}, "mode": {}, "x": {"type": "integer"}}
_EITHER: dict[str, Any] = {"properties": _ANY, "oneOf": [{"required": ["id"]}, {"required": ["name"]}]}
_IF: dict[str, Any] = {
    "properties": _ANY,
    "if": {"properties": {"mode": {"const": "a"}}},
    "then": {"required": ["x"], "properties": {"id": {"type": "string"}}},
}


@pytest.mark.parametrize(
    ("schema", "inputs"),
    [
        (_EITHER, {}),
        (_EITHER, {"id": [1], "name": ["n"]}),
        ({"properties": _ANY, "minProperties": 1}, {}),
        (_IF, {"mode": ["a"]}),
        (_IF, {}),
        ({"properties": _ANY, "dependentRequired": {"id": ["name"]}}, {"id": [1]}),
        ({"type": "object", "properties": _ANY | {"mode": {"default": 1}}, "minProperties": 2}, {}),
    ],
)
def test_literals_that_do_not_go_together_are_told_of_the_task(schema: dict[str, Any], inputs: dict[str, Any]) -> None:
    assert _check_with(schema, **inputs) == [("action-input-type", "")]


@pytest.mark.parametrize(
    ("schema", "inputs"),
    [
        # A template may give what is asked for, or may be what makes a condition hold or fail.
        (_EITHER, {"id": []}),
        ({"properties": _ANY, "dependentRequired": {"id": ["name"]}}, {"id": [1], "mode": []}),
        (_IF, {"mode": [], "id": [7]}),
        # A default may be filled in, or not.
        (_EITHER | {"properties": _ANY | {"id": {"default": 1}}}, {}),
        (_EITHER | {"properties": _ANY | {"id": {"default": 1}}}, {"name": ["n"]}),
        (_EITHER | {"properties": _ANY | {"id": {"default": "{{ config.id }}"}}}, {}),
        (_IF | {"properties": _ANY | {"mode": {"default": "b"}}}, {"id": [7]}),
        ({"properties": {"a": {"default": 1}}, "minProperties": 1}, {}),
        # Where defaults are only in branches or behind references, nobody knows whether they are.
        ({"oneOf": [{"properties": {"a": {"default": 1}}, "required": ["a"]}]}, {}),
        (_EITHER | {"properties": _ANY | {"id": {"$ref": "#/$defs/id"}}, "$defs": {"id": {"default": 1}}}, {}),
        (_IF, {"mode": ["b"]}),
        (_EITHER, {"id": [1]}),
    ],
)
def test_what_may_fit_is_not_told(schema: dict[str, Any], inputs: dict[str, Any]) -> None:
    assert _check_with(schema, **inputs) == []


def test_of_inputs_of_which_one_is_wrong_it_is_not_told_that_they_do_not_go_together() -> None:
    assert _check_with(_EITHER, x=["1"]) == [("action-input-type", "/input/x")]
    assert _check_with(_EITHER, nmae=["n"]) == [("action-input-unknown", "/input/nmae")]
    assert _check_with(_EITHER | {"required": ["x"]}) == [("action-input-missing", "")]


def test_a_literal_has_the_format_that_is_asked_for() -> None:
    schema = {"properties": {"to": {"type": "string", "format": "email"}, "kind": {"format": "of-our-own"}}}
    assert _check_with(schema, to=["nope"], kind=["x"]) == [("action-input-type", "/input/to")]
    assert _check_with(schema, to=["ana@example.com"], kind=["x"]) == []
    assert _check_with(schema, to=[]) == []


def test_a_slip_of_a_letter_in_the_name_of_a_workflow() -> None:
    assert _check(_call("slack.incidnet")) == [
        ("action-unknown", "/definition/tasks/0/action", "did you mean slack.incident?")
    ]
    assert _check(_call("slack.post_message")) == []


def test_a_name_that_differs_by_capitals_alone_is_told_however_short_it_is() -> None:
    call = _call("b.Two")
    (finding,) = check_calls([call], lambda _: None, lambda _: ["b.one", "b.two"])
    assert (finding.rule, finding.hint) == ("action-unknown", "did you mean b.two?")
    assert list(check_calls([_call("b.three")], lambda _: None, lambda _: ["b.one", "b.two"])) == []


def test_a_schema_that_is_none_does_not_stop_the_check() -> None:
    broken = Target(True, {"properties": {"a": {"type": "strin"}}, "required": "a", "allOf": [7]})
    assert list(check_calls([_call("x.y", a=[1])], lambda _: broken, lambda _: [])) == []


def test_a_pack_that_is_used_is_a_dependency_where_any_is_listed() -> None:
    calls = [_call("core.http"), _call("jira.create"), _call("jira.close"), _call("slack.incident")]
    found = list(check_dependencies("slack", calls, ["core"]))
    assert [(finding.rule, finding.at) for finding in found] == [("pack-dependency", (7, 15))]
    assert list(check_dependencies("slack", calls, [])) == []
    assert list(check_dependencies("slack", calls, ["core", "jira"])) == []


@pytest.mark.parametrize(
    ("said", "refs"),
    [
        (["core", "slack"], ("core", "slack")),
        (["core>=1.0.0", "slack@2.1.0", "my-pack ~> 2"], ("core", "slack", "my-pack")),
        ({"attune_version": ">=0.1.0", "packs": ["slack@2.1.0"]}, ("slack",)),
        ({"attune_version": ">=0.1.0"}, ()),
        ([], ()),
        (None, ()),
    ],
)
def test_the_packs_that_a_pack_needs_are_known_in_whichever_form_it_says_them(said: Any, refs: tuple[str, ...]) -> None:
    assert packs_needed(said) == refs


def test_workflows_that_call_each_other_are_in_a_circle() -> None:
    calls = {"a.x": ["a.y", "core.http"], "a.y": ["a.z"], "a.z": ["a.x"], "a.self": ["a.self"], "a.out": ["a.x"]}
    found = circles(calls)
    assert found == {
        "a.x": ("a.x", "a.y", "a.z"),
        "a.y": ("a.x", "a.y", "a.z"),
        "a.z": ("a.x", "a.y", "a.z"),
        "a.self": ("a.self",),
    }
    (finding,) = check_circle("a.x", [_call("core.http"), _call("a.y")], found["a.x"])
    assert (finding.rule, finding.at) == ("action-cycle", (7, 15))


def test_findings_are_graded_and_waved_off() -> None:
    findings = list(check_calls([_call("slack.old")], _WORKFLOWS.get, lambda _: []))
    (problem,) = grade(findings, PLAIN, ())
    assert (problem.severity, problem.line, problem.column) == ("warning", 7, 15)
    assert grade(findings, PLAIN, [(7, "action-disabled")]) == ()
    assert grade(findings, PLAIN, [(0, "action-disabled")]) == ()
    assert len(grade(findings, PLAIN, [(8, "action-disabled")])) == 1
    off = Contract.load(b"rules: {action-disabled: off}", None, None)[0]
    assert grade(findings, off, ()) == ()


def test_a_checked_file_says_what_it_calls_and_what_it_waves_off() -> None:
    checked = check_text(
        "# registry: ignore[action-cycle]\n"
        "label: Calls\nversion: 1.0.0\ndefinition:\n  tasks:\n"
        "    - name: call\n"
        "      action: slack.incident   # registry: ignore[action-disabled]\n"
        "      input: {channel: '#ops', severity: '{{ s }}', hosts: [a, '{{ h }}'], deep: {a: {b: 1}}}\n"
    )
    assert checked.calls == (
        (
            *("slack.incident", "/definition/tasks/0", 7, 15),
            b'{"channel":["#ops"],"severity":[],"hosts":[],"deep":[{"a":{"b":1}}]}',
        ),
    )
    assert checked.waived == ((0, "action-cycle"), (7, "action-disabled"))


def test_what_is_wrong_with_an_input_is_said_where_the_input_stands() -> None:
    text = (
        "label: Calls\nversion: 1.0.0\ndefinition:\n"
        "  variables: {all: &all {severty: 1}}\n"
        "  tasks:\n"
        "    - name: call\n"
        "      action: slack.incident\n"
        "      input:\n"
        "        channel: 7\n"
        "        severty: low\n"
        "        hosts:\n"
        "          - a\n"
        "          - 'B 1'\n"
        "    - name: merged\n"
        "      action: slack.incident\n"
        "      input: {channel: x, <<: *all}\n"
        "    - name: shared\n"
        "      action: slack.incident\n"
        "      input: *all\n"
    )
    calls = [Called(*call) for call in check_text(text).calls]
    document = parse(text.encode())

    def where(call: str, part: str, key: bool) -> Position | None:
        return document.position_below(f"{call}/input", part, key)

    found = check_calls(calls, _WORKFLOWS.get, lambda pack: [], where)
    assert [(finding.rule, finding.at) for finding in found] == [
        ("action-input-unknown", (10, 9)),
        ("action-input-type", (9, 18)),
        ("action-input-type", (13, 13)),
        ("action-input-unknown", (4, 26)),
        ("action-input-missing", (18, 15)),
        ("action-input-unknown", (4, 26)),
    ]
