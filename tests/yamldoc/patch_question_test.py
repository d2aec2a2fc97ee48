"""A key after a question mark may have no value, and no colon: what stands around it stays."""

import pytest
from yaml_edits import Edit, drop, patched, put

BEFORE = """\
label: X   # shown
m:   # some
  a: 1

  # about q
  ? q   # it
    # more of it

  # about b
  b: 2
? r   # last
# the end
"""
CASES: list[tuple[str, Edit, list[tuple[str, str]]]] = [
    ("a value beside it", put("m", "a", 3), [("a: 1", "a: 3")]),
    ("a field beside it", put("label", "Y z"), [("label: X", "label: Y z")]),
    ("it goes", drop("m", "q"), [("  # about q\n  ? q   # it\n    # more of it\n\n", "")]),
    ("the last goes", drop("r"), [("? r   # last\n", "")]),
    ("a key more after it", put("s", 1), [("# last\n", "# last\ns: 1\n")]),
    (
        "a key goes where the new order has it",
        lambda data: data.update(m={"a": 1, "q": None, "c": 3, "b": 2}),
        [("# more of it\n", "# more of it\n\n  c: 3\n")],
    ),
    ("it gets a value", put("m", "q", 5), [("# it\n", "# it\n  : 5\n")]),
    ("it gets several", put("r", {"a": 1, "b": [2]}), [("# last\n", "# last\n:\n  a: 1\n  b: [2]\n")]),
    ("it gets a list", put("r", [{"a": 1}]), [("# last\n", "# last\n:\n  - a: 1\n")]),
    ("it gets a text of lines", put("r", "a\nb\n"), [("# last\n", "# last\n: |\n  a\n  b\n")]),
    ("all before it go", lambda data: (data.pop("label"), data.pop("m")), [(BEFORE[: BEFORE.index("? r")], "")]),
]


@pytest.mark.parametrize(("edit", "pairs"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_a_key_without_a_colon_is_left_alone(edit: Edit, pairs: list[tuple[str, str]], newline: str) -> None:
    after = BEFORE
    for old, new in pairs:
        assert after.count(old) == 1
        after = after.replace(old, new)
    assert patched(BEFORE.replace("\n", newline), edit) == after.replace("\n", newline)


def test_a_last_key_without_a_colon_needs_no_line_end() -> None:
    assert patched("label: X # l\n? q", put("label", "Y z")) == "label: Y z # l\n? q"
    assert patched("? q", put("q", 1)) == "? q\n: 1"
    assert patched("l:\n- ? q\n  # deep\n- 2 # two\n", put("l", 1, 3)) == "l:\n- ? q\n  # deep\n- 3 # two\n"
    assert patched("l:\n- ? q\n- 2 # two\n", lambda data: data["l"].reverse()) == "l:\n- 2 # two\n- ? q\n"
    assert patched('m: {"a" , b} # m\n', put("m", "b", 3)) == 'm: {"a" , b: 3} # m\n'
    assert patched('m: {"a" , b} # m?\n', put("m", "a", 3)) == 'm: {"a": 3 , b} # m?\n'
    assert patched("? 'q'\n? &k r # r\n", put("q", 3)) == "? 'q'\n: 3\n? &k r # r\n"
