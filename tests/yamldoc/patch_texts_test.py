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


@pytest.mark.parametrize("text", ["x: |\n\n  one\n  two\nlast: 1\n", "x: |-\n\n\n  one\n   two\nlast: 1\n"])
def test_a_text_that_starts_with_an_empty_line_keeps_its_header(text: str) -> None:
    after = patched(text, lambda data: data.update(x=data["x"].replace("two", "two\nthree")))
    assert after == text.replace("two\n", "two\n  three\n")


@pytest.mark.parametrize("text", ["\n\none\ntwo\n", "\n  one\ntwo\n", "\n\tone\n", "\n \none\n", "\n>\n"])
@pytest.mark.parametrize("header", ["|", ">", "|2", ">2"])
def test_whatever_an_empty_line_is_followed_by_reads_back(text: str, header: str) -> None:
    patched(f"x: {header}\n  old\nlast: 1\n", put("x", text))
    patched("x: 1\nlast: 1\n", put("x", text))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one\ntwo\nthree\nfour\n", "  one\n  two\r\n  three\n  four\n"),
        ("zero\none\ntwo\nthree\n", "  zero\r\n  one\n  two\r\n  three\n"),
        ("one\nthree\n", "  one\n  three\n"),
        ("one\ntwo\nother\n", "  one\n  two\r\n  other\n"),
    ],
)
def test_lines_of_a_text_that_stay_end_as_they_did(text: str, lines: str) -> None:
    before = "k: 1\r\nx: |\r\n  one\n  two\r\n  three\nlast: 1\r\n"
    after = patched(before, put("x", text))
    assert after == f"k: 1\r\nx: |\r\n{lines}last: 1\r\n"
