"""A block scalar that gets another text, where it was empty or stands at the end of a file."""

import pytest
from yaml_edits import patched, put

REST = "version: 1.0.0   # pin\ndefinition:\n  tasks:\n    # first\n    - {name: a,  action: core.x}\n"


@pytest.mark.parametrize(
    ("old", "text", "new"),
    [
        ("|\n", "A description", "|-\n  A description\n"),
        (">-   # todo\n", "A description", ">-   # todo\n  A description\n"),
        ("|\n\n", "A\nB", "|-\n  A\n  B\n\n"),
        ("|+\n", "A", "|-\n  A\n"),
        ("|+\n\n", "A\n", "|\n  A\n"),
        ("|+\n\n\n", "A", "|-\n  A\n"),
        ("|-\n", "A\n", "|\n  A\n"),
        ("|\n", "A\n", "|\n  A\n"),
        ("|4-\n", "  A", "|2-\n    A\n"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_an_empty_block_scalar_is_filled_and_nothing_else(old: str, text: str, new: str, newline: str) -> None:
    before, after = (f"label: X   # shown\ndescription: {said}{REST}".replace("\n", newline) for said in (old, new))
    assert patched(before, put("description", text)) == after


@pytest.mark.parametrize(
    ("old", "text", "new"),
    [
        ("|\n  one\n  two", "one\nthree", "|-\n  one\n  three"),
        ("|-\n  one\n  two", "one\nthree", "|-\n  one\n  three"),
        ("|+\n  one\n  two", "one\nthree", "|-\n  one\n  three"),
        (">\n  one\n  two", "three", ">-\n  three"),
        ("|\n  one\n  two", "one\nthree\n", "|\n  one\n  three\n"),
        ("|", "one\nthree", "|-\n  one\n  three"),
    ],
)
def test_a_block_scalar_that_ends_a_file_without_a_line_end_is_changed_alone(old: str, text: str, new: str) -> None:
    head = "label: X   # shown\ntags: [ a ]\ndescription: "
    assert patched(head + old, put("description", text)) == head + new
