"""A patch does what a careful person would, byte for byte, in the styles that people write."""

from typing import Any

import pytest
from yaml_edits import Edit, drop, patched, put

TASKS = """\
definition:
  tasks:
    # first
    - name: tell
      action: slack.post
      timeout: 30
      # tell ends

    # second
    - name: ask   # why
      action: core.inquiry
      input: {a: 1}
    - name: close
      action: jira.close
      # timeout: 5
    # no more
  # no more of this
"""
FLOW = """\
tags: [
  demo,   # a demo
  # about chat
  chat,   # a chat
]
tasks: [
  {name: tell, action: slack.post},
  {name: ask, action: core.inquiry}
]
"""
JSON = """\
{
  "tasks": [
    {
      "name": "tell",
      "action": "slack.post"
    },
    {
      "name": "ask"
    }
  ]
}
"""
SHARED = """\
defaults: &defaults {retry: 3, timeout: 5}
tasks:
  - name: tell
    <<: *defaults
    text: &text Hi
  - name: ask
    <<: *defaults
    text: *text
"""


def tasks(data: Any) -> list[Any]:
    found: list[Any] = data["definition"]["tasks"] if "definition" in data else data["tasks"]
    return found


def ordered(*order: int) -> Edit:
    def edit(data: Any) -> None:
        tasks(data)[:] = [tasks(data)[at] for at in order]

    return edit


def named(at: int, name: str) -> Edit:
    return lambda data: tasks(data)[at].update(name=name)


CASES: list[tuple[str, str, Edit, list[tuple[str, str]]]] = [
    ("a task renamed", TASKS, named(1, "inquire"), [("name: ask ", "name: inquire ")]),
    (
        "a task renamed beside one removed",
        TASKS,
        lambda data: (tasks(data).pop(0), tasks(data)[0].update(name="inquire")),
        [
            (TASKS[TASKS.index("    # first") : TASKS.index("    # second")], ""),
            ("name: ask ", "name: inquire "),
        ],
    ),
    (
        "a task after one that ends with a comment",
        TASKS,
        lambda data: tasks(data).insert(1, {"name": "wait", "action": "core.wait"}),
        [("      # tell ends\n", "      # tell ends\n    - name: wait\n      action: core.wait\n")],
    ),
    (
        "a task at the end",
        TASKS,
        lambda data: tasks(data).append({"name": "wait"}),
        [("      # timeout: 5\n", "      # timeout: 5\n    - name: wait\n")],
    ),
    (
        "a key after a list that ends with comments",
        TASKS,
        put("definition", "variables", {"a": 1}),
        [("    # no more\n", "    # no more\n  variables:\n    a: 1\n")],
    ),
    (
        "a task removed with all its comments",
        TASKS,
        drop("definition", "tasks", 2),
        [("    - name: close\n      action: jira.close\n      # timeout: 5\n", "")],
    ),
    (
        "tasks moved with all their comments",
        TASKS,
        ordered(1, 0, 2),
        [
            (
                TASKS[TASKS.index("    # first") : TASKS.index("    - name: close")],
                "    # second\n    - name: ask   # why\n      action: core.inquiry\n      input: {a: 1}\n\n"
                "    # first\n    - name: tell\n      action: slack.post\n      timeout: 30\n      # tell ends\n",
            )
        ],
    ),
    (
        "an item in front of lines in brackets",
        FLOW,
        lambda data: (data["tags"].insert(0, "new"), data["tasks"].insert(0, {"name": "wait"})),
        [("  demo", "  new,\n  demo"), ("  {name: tell", "  {name: wait},\n  {name: tell")],
    ),
    (
        "lines in brackets in another order",
        FLOW,
        lambda data: (data["tags"].reverse(), data["tasks"].reverse()),
        [
            (
                "  demo,   # a demo\n  # about chat\n  chat,   # a chat\n",
                "  # about chat\n  chat,   # a chat\n  demo,   # a demo\n",
            ),
            ("slack.post},\n  {name: ask, action: core.inquiry}\n", "slack.post}\n"),
            ("  {name: tell", "  {name: ask, action: core.inquiry},\n  {name: tell"),
        ],
    ),
    (
        "JSON on lines in another order",
        JSON,
        ordered(1, 0),
        [
            (
                '"tell",\n      "action": "slack.post"\n    },\n    {\n      "name": "ask"\n    }\n',
                '"ask"\n    },\n    {\n      "name": "tell",\n      "action": "slack.post"\n    }\n',
            )
        ],
    ),
    ("a key more in JSON on lines", JSON, put("on", True), [("  ]\n", '  ],\n  "on": true\n')]),
    (
        "an item more, moved and changed in one line",
        "tags: [a, b, c]\n",
        put("tags", ["c", "a", "b", "d"]),
        [("a, b, c", "c, a, b, d")],
    ),
    ("an item less and others moved", "tags: [a, b, c]\n", put("tags", ["c", "a"]), [("a, b, c", "c, a")]),
    (
        "tags moved with their comments",
        "tags:\n  - a   # one\n  # two\n  - b\n",
        put("tags", ["b", "a"]),
        [("  - a   # one\n  # two\n  - b\n", "  # two\n  - b\n  - a   # one\n")],
    ),
    (
        "tasks with references in another order",
        SHARED,
        ordered(1, 0),
        [
            (
                SHARED[SHARED.index("  - name: tell") :],
                "  - name: ask\n    <<: *defaults\n    text: Hi\n"
                "  - name: tell\n    <<: *defaults\n    text: &text Hi\n",
            )
        ],
    ),
    (
        "what is written out in a merge stays",
        "a:\n  <<: {x: 1}   # inherited\n  z: 3\n",
        put("a", "z", 4),
        [("z: 3", "z: 4")],
    ),
    (
        "a value beside a key after a question mark",
        "? label   # the label\n: Hello\nenabled: true\n",
        put("enabled", False),
        [("true", "false")],
    ),
    (
        "the value of a key after a question mark",
        "a:\n  ? label\n  : Hello   # said\n  b: 1\n",
        put("a", "label", "Bye"),
        [("Hello", "Bye")],
    ),
    (
        "a key after a question mark less",
        "a:\n  ? label\n  : Hello\n  b: 1\n",
        drop("a", "label"),
        [("  ? label\n  : Hello\n", "")],
    ),
    (
        "a key goes where the new order has it",
        "tasks:\n  tell:\n    a: 1\n    # tell ends\n  close:\n    a: 2\n",
        lambda data: data.update(tasks={"tell": {"a": 1}, "ask": {"a": 3}, "close": {"a": 2}}),
        [("# tell ends\n", "# tell ends\n  ask:\n    a: 3\n")],
    ),
    (
        "a key goes last where the new order is another",
        "task:\n  name: tell\n  action: a.b\n",
        lambda data: data.update(task={"action": "a.b", "input": 1, "name": "tell"}),
        [("action: a.b\n", "action: a.b\n  input: 1\n")],
    ),
    (
        "mappings in braces get another such",
        "properties:\n  a: {type: string}\n",
        put("properties", "b", {"type": "integer"}),
        [("string}\n", "string}\n  b: {type: integer}\n")],
    ),
    (
        "items in braces get another such",
        "tasks:\n  - {name: tell}   # it\n",
        lambda data: data["tasks"].append({"name": "ask", "input": {"a": [1]}}),
        [("# it\n", "# it\n  - {name: ask, input: {a: [1]}}\n")],
    ),
    (
        "a text of lines becomes one line",
        "a: |\n  one\n  two\nb: 1\n",
        put("a", "three"),
        [("|\n  one\n  two\n", "three\n")],
    ),
    ("one line in quotes becomes a text of lines", 'a: "x"\n', put("a", "x\ny\n"), [('"x"\n', "|\n  x\n  y\n")]),
    ("the blank line after the first of a block goes with it", "a: 1\n\nb: 2\n", drop("a"), [("a: 1\n\n", "")]),
    (
        "a list in place of an item with a tab before its comment",
        "a:\n- one\t# c1\n# c2\n- two   # c3\n",
        put("a", 0, [{"x": 1}, [2]]),
        [(" one\t# c1\n", " # c1\n  - x: 1\n  - [2]\n")],
    ),
    (
        "a mapping in place of a text with a tab before its comment",
        "a:\n  - - null \t# c1\n    - two   # c3\n",
        put("a", 0, 0, {"x": 1}),
        [(" null \t# c1\n", " # c1\n      x: 1\n")],
    ),
    (
        "a mapping below a question mark with a tab before its comment",
        "? a\n: one\t# c1\nb: 2   # c2\n",
        put("a", {"x": 1}),
        [(" one\t# c1\n", " # c1\n  x: 1\n")],
    ),
    (
        "a mapping below a question mark with a tab at the end",
        "? a\n: one\t\nb: 2   # c2\n",
        put("a", {"x": 1}),
        [(" one\t\n", "\n  x: 1\n")],
    ),
    (
        "a mapping after a key with a tab before its comment",
        "a: one\t# c1\nb: 2   # c2\n",
        put("a", {"x": 1}),
        [(" one\t# c1\n", "\t# c1\n  x: 1\n")],
    ),
    ("tight braces stay tight", 's: {"a":1,"b":2}\n', put("s", "a", 5), [('"a":1', '"a":5')]),
    ("braces without quotes get none", "--- {label: H, b: 1}\n", put("label", "G"), [("H", "G")]),
]


@pytest.mark.parametrize(("before", "edit", "pairs"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_an_edit_is_made_as_by_hand(before: str, edit: Edit, pairs: list[tuple[str, str]], newline: str) -> None:
    after = before
    for old, new in pairs:
        assert after.count(old) == 1
        after = after.replace(old, new)
    assert patched(before.replace("\n", newline), edit) == after.replace("\n", newline)


def test_line_ends_that_differ_stay_as_they_are() -> None:
    before = "label: H\r\na:\n  b: 1\nc: 2\n"
    after = patched(before, lambda data: (data["a"].update(d=3), data.update(e=4)))
    assert after == "label: H\r\na:\n  b: 1\n  d: 3\nc: 2\ne: 4\n"


def test_a_description_of_several_lines_and_back_leaves_no_trace() -> None:
    before = "label: H   # name\ndescription: One line   # what it does\nversion: 1.0.0\n"
    between = patched(before, put("description", "Two\n\nparagraphs\n"))
    assert between == before.replace("One line   # what it does", "|   # what it does\n  Two\n\n  paragraphs")
    assert patched(between, put("description", "One line")) == before


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        ("a: 1\r\nb: 2\nc: 3\r\n", drop("b"), "a: 1\r\nc: 3\r\n"),
        ("a: 1\nb: 2\r\nc: 3\n", drop("b"), "a: 1\nc: 3\n"),
        ("a: 1\nb: 2\r\nc: 3", drop("c"), "a: 1\nb: 2"),
        ("a: 1\r\nb: 2\n", drop("b"), "a: 1\r\n"),
        ("l:\r\n- 1\n- 2\r\n- 3\n", drop("l", 1), "l:\r\n- 1\n- 3\n"),
        ("m:\r\n  a: 1\r\n  b: 2\nn: 3\r\n", drop("m", "b"), "m:\r\n  a: 1\r\nn: 3\r\n"),
        (
            "m:\r\n  a: 1\r\n  b: 2\nn: 3\r\n",
            lambda data: (data["m"].pop("b"), data.pop("n")),
            "m:\r\n  a: 1\r\n",
        ),
        (
            "m:\n  a: 1\n  b: 2\nn: 3",
            lambda data: (data["m"].pop("b"), data.pop("n"), data.update(o=4)),
            "m:\n  a: 1\no: 4",
        ),
        ("m:\n  a: 1\n  b: 2\nn: 3", lambda data: (data["m"].pop("b"), data.pop("n")), "m:\n  a: 1"),
    ],
)
def test_a_line_goes_with_its_own_line_end(before: str, edit: Edit, after: str) -> None:
    assert patched(before, edit) == after
