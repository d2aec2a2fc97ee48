"""Items put into another order keep their comments and their texts, wherever they end up."""

from typing import Any

import pytest
from yaml_edits import Edit, patched

AT_THE_END = """\
tasks:
  # about a
  - name: a   # keep
    action: core.x
  # about b
  - name: b   # keep
    script: |
      one
      two"""
KEPT = """\
tasks:
  # about a
  - name: a   # keep
    script: |+
      x


  # about b
  - name: b   # keep
    action: core.x


  # about c
  - name: c

after: 1
"""
SPACES = """\
tasks:
  - name: a
    script: |
      x
  - name: b   # keep
          \n\
  - name: c
          \n\
after: 1
"""
DETACHED = """\
tasks:
  # all of them

  - name: a   # keep

  # about b

  - name: b

  # about c

  - name: c   # keep

  # about d

  # d
  - name: d
after: 1
"""


def ordered(names: str) -> Edit:
    def edit(data: Any) -> None:
        named = {task["name"]: task for task in data["tasks"]}
        data["tasks"] = [named.get(name, {"name": name}) for name in names]

    return edit


CASES = [
    (
        "a text that ends the file moves up",
        AT_THE_END,
        "ba",
        "tasks:\n  # about b\n  - name: b   # keep\n    script: |-\n      one\n      two\n"
        "  # about a\n  - name: a   # keep\n    action: core.x",
    ),
    (
        "a text that ends the file moves up, and a new task comes last",
        AT_THE_END,
        "bae",
        "tasks:\n  # about b\n  - name: b   # keep\n    script: |-\n      one\n      two\n"
        "  # about a\n  - name: a   # keep\n    action: core.x\n  - name: e",
    ),
    (
        "a text that keeps its blank lines moves down",
        KEPT,
        "bac",
        "tasks:\n  # about b\n  - name: b   # keep\n    action: core.x\n"
        "  # about a\n  - name: a   # keep\n    script: |+\n      x\n\n\n  # about c\n  - name: c\n\nafter: 1\n",
    ),
    (
        "a text that keeps its blank lines moves to the end",
        KEPT,
        "bca",
        "tasks:\n  # about b\n  - name: b   # keep\n    action: core.x\n"
        "  # about c\n  - name: c\n\n\n"
        "  # about a\n  - name: a   # keep\n    script: |+\n      x\n\n\nafter: 1\n",
    ),
    (
        "a text moves to where there are spaces below",
        SPACES,
        "bac",
        "tasks:\n  - name: b   # keep\n  - name: a\n    script: |\n      x\n\n  - name: c\n          \nafter: 1\n",
    ),
    (
        "a text moves to the end, where there are spaces below",
        SPACES,
        "bca",
        "tasks:\n  - name: b   # keep\n  - name: c\n          \n  - name: a\n    script: |\n      x\n\nafter: 1\n",
    ),
    (
        "the task in the middle goes",
        DETACHED,
        "cad",
        "tasks:\n  # all of them\n\n  - name: c   # keep\n\n  # about b\n\n  # about c\n\n  - name: a   # keep\n\n"
        "  # about d\n\n  # d\n  - name: d\nafter: 1\n",
    ),
    (
        "the first task goes",
        DETACHED,
        "cbd",
        "tasks:\n  # all of them\n\n  # about b\n\n  - name: c   # keep\n\n  # about c\n\n  - name: b\n\n"
        "  # about d\n\n  # d\n  - name: d\nafter: 1\n",
    ),
    (
        "the last tasks go",
        DETACHED,
        "ba",
        "tasks:\n  # all of them\n\n  - name: b\n\n  # about b\n\n  - name: a   # keep\n\n  # about c\n\n  # about d\n"
        "after: 1\n",
    ),
    (
        "the last task goes and one comes",
        DETACHED,
        "bace",
        "tasks:\n  # all of them\n\n  - name: b\n\n  # about b\n\n  - name: a   # keep\n\n  # about c\n\n"
        "  - name: c   # keep\n\n  - name: e\n\n  # about d\nafter: 1\n",
    ),
]


@pytest.mark.parametrize(("before", "names", "after"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_an_order_is_made_as_by_hand(before: str, names: str, after: str, newline: str) -> None:
    assert patched(before.replace("\n", newline), ordered(names)) == after.replace("\n", newline)


def test_a_task_between_a_text_and_spaces_goes_alone() -> None:
    after = patched(SPACES, ordered("ac"))
    assert after == SPACES.replace("  - name: b   # keep\n          \n", "")


def test_lines_in_brackets_keep_the_comments_between_them() -> None:
    before = "tasks: [\n  {name: a},\n\n  # about b\n\n  {name: b},\n\n  # about c\n\n  {name: c}\n]\n"
    after = "tasks: [\n  {name: c},\n\n  # about b\n\n  # about c\n\n  {name: a}\n]\n"
    assert patched(before, ordered("ca")) == after


BEHIND = "{lead}- a # c1\n\n  # above b\n  # more\n  - b # c2\n\n  # alone\n\n  - q: |\n      t\n    # c3\n{end}"


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (
            ["b", "a", {"q": "t\n"}],
            "# above b\n  # more\n  - b # c2\n\n  - a # c1\n\n  # alone\n\n  - q: |\n      t\n    # c3\n",
        ),
        (
            [{"q": "t\n"}, "b", "a"],
            "- q: |\n      t\n    # c3\n\n  # above b\n  # more\n  - b # c2\n\n  # alone\n\n  - a # c1\n",
        ),
        ([{"q": "t\n"}, "a"], "- q: |\n      t\n    # c3\n\n  # alone\n\n  - a # c1\n"),
        ([{"q": "t\n"}, "b"], "- q: |\n      t\n    # c3\n\n  # alone\n\n  # above b\n  # more\n  - b # c2\n"),
        (["m", "b", "a"], "- m\n\n  # above b\n  # more\n  - b # c2\n\n  - a # c1\n\n  # alone\n"),
    ],
)
@pytest.mark.parametrize(("lead", "end"), [("x:\n- ", "- z # cz\n"), ("? x\n: ", "y: 1 # cy\n")], ids=["dash", "colon"])
def test_a_list_behind_a_dash_or_a_colon_keeps_its_comments_too(lead: str, end: str, new: list[Any], said: str) -> None:
    def edit(data: Any) -> None:
        if lead.startswith("?"):
            data["x"] = new
        else:
            data["x"][0] = new

    assert patched(BEHIND.format(lead=lead, end=end), edit) == f"{lead}{said}{end}"
