"""JSON that is indented by tabs: what comes gets a line of its own, as it does where spaces indent."""

import json

import pytest
from yaml_edits import Edit, drop, patched, put

DATA = {"tags": ["a", "b"], "tasks": [{"name": "one", "wait": 3}, {"name": "two", "wait": 4}], "last": 1}
NEW = {"name": "new", "run": "x"}


def _indented(data: object, indent: str) -> str:
    return json.dumps(data, indent=indent) + "\n"


@pytest.mark.parametrize(
    "edit",
    [
        lambda data: data["tasks"].insert(0, NEW),
        lambda data: data["tasks"].insert(1, NEW),
        lambda data: data["tasks"].append(NEW),
        lambda data: data["tasks"].reverse(),
        lambda data: data["tags"].append("c"),
        put("tasks", 0, "on_success", "two"),
        drop("tasks", 1),
        drop("tasks", 0, "wait"),
        drop("last"),
    ],
)
def test_tabs_are_as_good_as_spaces(edit: Edit) -> None:
    by_spaces = patched(_indented(DATA, "    "), edit)
    assert patched(_indented(DATA, "\t"), edit) == by_spaces.replace("    ", "\t")


def test_comments_behind_tabs_go_with_what_they_are_about() -> None:
    before = "x: [\n\t# about a\n\ta, # aa\n\t# about b\n\tb # bb\n\t]\n"
    after = "x: [\n\t# about b\n\tb, # bb\n\t# about a\n\ta # aa\n\t]\n"
    assert patched(before, lambda data: data["x"].reverse()) == after
