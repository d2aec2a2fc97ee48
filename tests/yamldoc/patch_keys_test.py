"""Keys that are written in rare ways cost nothing around them its comments: a question mark above, an alias."""

import time

import pytest
from yaml_edits import Edit, drop, patched, put

from attune_registry.yamldoc.document import parse

QUESTION = """\
# head
a: 1   # ca
{key}
: 2   # c2
# about c
c: 'x' # cc
"""
KEYS = {
    "a comment": "? b\n# why",
    "a comment and another": "? b   # it\n  # why",
    "a blank line": "? b\n",
    "the key below": "?\n  b",
    "the key below comments": "? # why\n\n# so\n  &k b   # it\n\n # more",
    "a text of lines": "? |-\n  b\n# why",
}
EDITS: dict[str, tuple[Edit, list[tuple[str, str]]]] = {
    "beside it": (put("a", 5), [("a: 1", "a: 5")]),
    "below it": (put("c", "it's"), [("'x'", "'it''s'")]),
    "its value": (put("b", [{"d": 3}]), [(": 2   # c2", ":   # c2\n  - d: 3")]),
    "a key more": (put("d", 4), [("# cc\n", "# cc\nd: 4\n")]),
    "the last goes": (drop("c"), [("# about c\nc: 'x' # cc\n", "")]),
}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_what_stands_between_a_question_mark_and_its_colon_matters_to_nothing_else(
    key: str, name: str, newline: str
) -> None:
    edit, pairs = EDITS[name]
    before = QUESTION.format(key=KEYS[key])
    after = before
    for old, new in pairs:
        assert after.count(old) == 1
        after = after.replace(old, new)
    assert patched(before.replace("\n", newline), edit) == after.replace("\n", newline)


def test_a_key_after_a_question_mark_goes_with_all_that_stands_before_its_colon() -> None:
    for key in KEYS.values():
        assert patched(QUESTION.format(key=key), drop("b")) == "# head\na: 1   # ca\n# about c\nc: 'x' # cc\n"


ALIAS = "a: &x k   # ca\n*x : 1   # ck\nm: {*x : 'y',   # cm\n  z: 2}   # cz\n? *x2\n# why\n: {}\n"


@pytest.mark.parametrize(
    ("edit", "old", "new"),
    [
        (put("m", "z", 3), "z: 2", "z: 3"),
        (put("m", "k", "w"), "'y'", "'w'"),
        (put("k", 2), "*x : 1", "*x : 2"),
        (drop("k"), "*x : 1   # ck\n", ""),
        (put("l", 5), "{}", "5"),
        (put("l", {"a": 1}), ": {}", ":\n  a: 1"),
        (put("a", "new"), "&x k   # ca\n*x : 1   # ck\nm: {*x :", "&x new   # ca\nk : 1   # ck\nm: {k :"),
        (drop("a"), "a: &x k   # ca\n*x : 1   # ck\nm: {*x :", "k : 1   # ck\nm: {k :"),
    ],
)
def test_a_key_that_is_an_alias_stays_one_while_it_can(edit: Edit, old: str, new: str) -> None:
    before = "o: &x2 l\n" + ALIAS
    assert patched(before, edit) == before.replace(old, new)


def test_an_alias_of_a_merge_key_is_seen_through() -> None:
    before = "a: &m <<\n*m : {b: 1}\n"
    assert patched(before, put("<<", 3)) == 'b: 1\na: "<<"\n"<<": 3\n'
    assert patched("a: &x k\n? *x\nb: 2 # c\n", put("b", 3)) == "a: &x k\n? *x\nb: 3 # c\n"


def test_a_comment_of_many_signs_takes_no_time() -> None:
    signs = "# " * 40
    started = time.process_time()
    before = f"? q\n{signs}\n:\na: 1   # c\n"
    assert patched(before, put("a", 2)) == before.replace("1", "2")
    parse(f"b: &v 1\na: &k x {signs}\nc: 1\n*k : *v\n".encode()).position("/x")
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("x: !!int 30  # i\n", 31, "x: !!int 31  # i\n"),
        ("x: &a !!int 30  # i\n", 31, "x: &a !!int 31  # i\n"),
        ("x: !!str 5 # s\n", "6", 'x: !!str "6" # s\n'),
        ("x: !!str 'a'\n", "b", "x: !!str 'b'\n"),
        ("x: !!float 1\n", 2.5, "x: !!float 2.5\n"),
        ("x: !!bool true\n", False, "x: !!bool false\n"),
        ("x: !!int 30  # i\n", True, "x: true  # i\n"),
        ("x: !!int 30  # i\n", "31", 'x: "31"  # i\n'),
        ("x: !!str\n", "b", "x: b\n"),
    ],
)
def test_a_tag_stays_at_a_value_of_its_type(before: str, value: object, after: str) -> None:
    assert patched(before, put("x", value)) == after


def test_so_it_does_in_brackets_and_braces() -> None:
    before = "x: {a: !!int 30, b: [!!str 5]} # c\n"
    after = patched(before, lambda data: data["x"].update(a=31, b=["6"]))
    assert after == before.replace("30", "31").replace("5", '"6"')
