"""A text of several lines leaves the comments and blank lines below it what they are."""

from typing import Any

import pytest
from yaml_edits import Edit, patched, put

HEAD = "label: X   # shown\nversion: 1.0.0   # pin\n"
TAIL = "definition:\n  tasks:\n    # first\n    - {name: a,  action: core.x}\n"
TWO = put("description", "One.\nTwo.\n")

BELOW: list[tuple[str, str, Edit, str]] = [
    (
        "nothing, but a comment below",
        "description:\n  # TODO say what it does\n",
        TWO,
        "description: |\n    One.\n    Two.\n  # TODO say what it does\n",
    ),
    (
        "one line, a comment below a blank line",
        "description: old   # it\n\n  # note\n # more\n# of this file\n",
        TWO,
        "description: |   # it\n    One.\n    Two.\n\n  # note\n # more\n# of this file\n",
    ),
    (
        "one line, spaces below",
        "description: old\n      \n",
        TWO,
        "description: |\n      One.\n      Two.\n      \n",
    ),
    (
        "a comment that is too far to the right",
        'description: ""\n              # note\n',
        TWO,
        'description: "One.\\nTwo.\\n"\n              # note\n',
    ),
    (
        "a value that becomes a mapping",
        "description: old\n   # note\n",
        put("description", {"en": "One.\nTwo.\n", "de": 2}),
        "description:\n  en: |\n    One.\n    Two.\n  de: 2\n   # note\n",
    ),
    (
        "a value that becomes a mapping with such a text at its end",
        "description: old\n    # note\n",
        put("description", {"en": "One.\nTwo.\n"}),
        'description:\n  en: "One.\\nTwo.\\n"\n    # note\n',
    ),
    (
        "a key more above spaces",
        "description: old\n      \n",
        lambda data: data.update(description="new", tags={"a": "One.\nTwo.\n"}),
        'description: new\ntags:\n  a: "One.\\nTwo.\\n"\n      \n',
    ),
]


@pytest.mark.parametrize(("before", "edit", "after"), [case[1:] for case in BELOW], ids=[case[0] for case in BELOW])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_what_stands_below_a_text_stays_and_is_none_of_it(before: str, edit: Edit, after: str, newline: str) -> None:
    whole = patched((HEAD + before + TAIL).replace("\n", newline), edit)
    assert whole == (HEAD + after + TAIL).replace("\n", newline)


def test_a_text_inside_a_task_leaves_the_comments_below_it() -> None:
    before = (
        "tasks:\n  # about a\n  - name: a   # nm\n    input:\n      text:\n        # why\n      other: 1  # o\n"
        "  # about b\n  - name: b\n"
    )

    def edit(data: Any) -> None:
        data["tasks"][0]["input"]["text"] = "x\ny\n"

    assert patched(before, edit) == before.replace("text:\n", "text: |\n          x\n          y\n")


def test_an_item_that_becomes_a_text_leaves_the_comments_below_it() -> None:
    before = "tags:\n  # about a\n  - a\n    # deep\n  - b   # it\n"
    after = before.replace("- a\n", "- |\n      x\n      y\n")
    assert patched(before, put("tags", 0, "x\ny\n")) == after
