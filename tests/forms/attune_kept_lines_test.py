"""Edits of flat files by the values that they change: whatever else a file says, oddly or not, keeps its lines."""

from collections.abc import Callable
from typing import Any

import pytest

from gitrepo import Repo
from in_process import Api

_PATH = "packs/fleet/workflows/kept.yaml"
_REF = "/api/v1/workflows/fleet.kept"
_HEAD = "label: Kept\nversion: 1.0.0\n"
_TASK = "tasks:\n  - name: a\n    action: core.noop\n    timeout: 30\n"

Definition = dict[str, Any]


def _assert_edit(
    api: Api, repo: Repo, before: str, edit: Callable[[Definition], object], *changes: tuple[str, str]
) -> None:
    """A PUT of the edited definition makes these changes of text, and reads back as what was sent."""
    repo.write(_PATH, before)
    repo.commit()
    definition = api.get(_REF).json()["data"]["definition"]
    edit(definition)
    answer = api.put(_REF, {"definition": definition})
    assert answer.status_code == 200, answer.text
    wanted = before
    for old, new in changes:
        assert wanted.count(old) == 1, old
        wanted = wanted.replace(old, new)
    assert (repo.root / _PATH).read_text() == wanted
    assert api.get(_REF).json()["data"]["definition"] == definition


def _later(definition: Definition) -> None:
    definition["tasks"][0]["timeout"] = 31


_LATER = ("timeout: 30", "timeout: 31")
_VARIABLES = "# What the tasks share\nvariables:\n  attempts: 3   # agreed\n  # drained first\n  queue: urgent\n"


@pytest.mark.parametrize(
    "said",
    [
        _VARIABLES,
        "vars: {a: 1}   # not served\n" + _VARIABLES,
        "vars:   # none yet\n",
        "vars: {a: 1}   # short\n",
    ],
)
def test_variables_stay_as_a_file_calls_them_when_something_else_changes(api: Api, fleet: Repo, said: str) -> None:
    _assert_edit(api, fleet, _HEAD + said + _TASK, _later, _LATER)


@pytest.mark.parametrize("others", ["", "vars: {a: 1}   # not served\n"])
def test_variables_change_where_those_stand_that_count(api: Api, fleet: Repo, others: str) -> None:
    before = _HEAD + others + _VARIABLES + _TASK

    def edit(definition: Definition) -> None:
        definition["variables"]["attempts"] = 4
        definition["variables"]["seen"] = True

    changes = (("attempts: 3 ", "attempts: 4 "), ("queue: urgent\n", "queue: urgent\n  seen: true\n"))
    _assert_edit(api, fleet, before, edit, *changes)


def test_without_variables_neither_key_is_left(api: Api, fleet: Repo) -> None:
    before = _HEAD + "vars: {a: 1}\nvariables: {b: 2}\n" + _TASK
    change = ("vars: {a: 1}\nvariables: {b: 2}\n", "")
    _assert_edit(api, fleet, before, lambda definition: definition.pop("variables"), change)


def test_what_is_wrong_with_variables_is_told_of_those_that_count(api: Api, fleet: Repo) -> None:
    fleet.write(_PATH, _HEAD + "vars: {a: 1}\nvariables: [b]\n" + _TASK)
    fleet.commit()
    problems = api.get("/api/v1/problems").json()["data"]
    assert [(found["pointer"], found["line"]) for found in problems if found["rule"] == "schema-type"] == [
        ("/variables", 4)
    ]


_TWICE = _HEAD + "vars:\n  - a: 1 # one\n  - a: 3 # again\n  - b: 2\n" + _TASK


def test_a_variable_that_is_there_twice_keeps_both_lines(api: Api, fleet: Repo) -> None:
    _assert_edit(api, fleet, _TWICE, _later, _LATER)


@pytest.mark.parametrize(("name", "change"), [("a", ("a: 3 ", "a: 9 ")), ("b", ("b: 2", "b: 9"))])
def test_of_a_variable_that_is_there_twice_the_last_one_changes(
    api: Api, fleet: Repo, name: str, change: tuple[str, str]
) -> None:
    _assert_edit(api, fleet, _TWICE, lambda definition: definition["variables"].update({name: 9}), change)


def test_a_variable_that_is_there_twice_goes_altogether(api: Api, fleet: Repo) -> None:
    change = ("  - a: 1 # one\n  - a: 3 # again\n", "")
    _assert_edit(api, fleet, _TWICE, lambda definition: definition["variables"].pop("a"), change)


_FAN_IN_MAP = """\
tasks:
  fan: # fan
    type: parallel
    tasks: # sub
      x: # xx
        action: core.noop
        timeout: 3
      # about y
      y: {action: core.noop, timeout: 4} # yy
  z:
    action: core.noop
    timeout: 4
"""
_FAN_IN_LIST = _FAN_IN_MAP.replace("  fan: # fan", "  - name: fan # fan").replace("  z:", "  - name: z")


@pytest.mark.parametrize(("tasks", "was"), [(_FAN_IN_MAP, "  fan: #"), (_FAN_IN_LIST, "- name: fan #")])
def test_a_parallel_group_gets_another_name_and_its_tasks_keep_their_lines(
    api: Api, fleet: Repo, tasks: str, was: str
) -> None:
    def edit(definition: Definition) -> None:
        definition["tasks"][0]["name"] = "fan2"

    _assert_edit(api, fleet, _HEAD + tasks, edit, (was, was.replace("fan", "fan2")))


def test_so_they_do_where_one_of_them_changes_too(api: Api, fleet: Repo) -> None:
    def edit(definition: Definition) -> None:
        definition["tasks"][0]["name"] = "fan2"
        definition["tasks"][0]["tasks"][0]["timeout"] = 5

    changes = (("- name: fan ", "- name: fan2 "), ("timeout: 3", "timeout: 5"))
    _assert_edit(api, fleet, _HEAD + _FAN_IN_LIST, edit, *changes)
