"""A value in a line below its key or dash becomes another one among the comments that stand around it."""

from typing import Any

import pytest
from yaml_edits import patched

LINES = "l1\nl2\n"
ITEMS = [1, {"x": 2}]
CASES: list[tuple[str, str, Any, str]] = [
    ("a text below a comment", "a:\n  # why\n  one   # c1\n", LINES, "a:\n  # why\n  |   # c1\n  l1\n  l2\n"),
    ("its list", "a:   # c0\n  # why\n  one   # c1\n", ITEMS, "a:   # c0\n  # why\n  # c1\n  - 1\n  - x: 2\n"),
    ("its mapping", "a:\n\n  # why\n  'one\n  two'\n", {"y z": {"z": 1}}, "a:\n\n  # why\n  y z:\n    z: 1\n"),
    ("brackets below a comment", "a:\n  # why\n  [1,\n  2]   # c1\n", LINES, "a:\n  # why\n  |   # c1\n  l1\n  l2\n"),
    ("only a comment behind it", "a:\n  one   # c1\n", LINES, "a:\n  |   # c1\n  l1\n  l2\n"),
    ("only a comment behind the key", "a:   # c0\n  one\n", LINES, "a: |   # c0\n  l1\n  l2\n"),
    ("no comment", "a:\n  one\n", LINES, "a: |\n  l1\n  l2\n"),
    (
        "a block scalar below",
        "a:\n  # why\n  |   # c1\n  l0\n  l2\n\n",
        LINES,
        "a:\n  # why\n  |   # c1\n  l1\n  l2\n\n",
    ),
    ("one line for it", "a:\n  # why\n  |   # c1\n  l0\n  l2\n\n", 5, "a:\n  # why\n  5   # c1\n\n"),
    ("its list", "a:\n  # why\n  |\n  l0\n  l2\n\n", ITEMS, "a:\n  # why\n  - 1\n  - x: 2\n\n"),
    ("an anchor above", "a: &n   # c0\n  one   # c1\n", LINES, "a: &n   # c0\n  |   # c1\n  l1\n  l2\n"),
    ("an anchor below", "a:\n  # why\n  &n one   # c1\n", ITEMS, "a:\n  # why\n  &n   # c1\n  - 1\n  - x: 2\n"),
    ("a text that ends with a blank of another kind", "a: &n   # c0\n- 1\n", "x\xa0", "a: &n x\xa0   # c0\n"),
    ("the same below", "a:\n  # why\n  !!str &n 1\n", "x\xa0", "a:\n  # why\n  !!str &n x\xa0\n"),
    ("a tag of another type", "a:\n  # why\n  !!str &n 1\n", 5, "a:\n  # why\n  &n 5\n"),
    ("a tag above", "a: !!str   # c0\n  one   # c1\n", LINES, "a:   # c0\n  |   # c1\n  l1\n  l2\n"),
    ("a line for it", "a: !!str   # c0\n  # why\n  one   # c1\n", 5, "a:   # c0\n  # why\n  5   # c1\n"),
    ("an anchor and a tag", "a: !!str &n   # c0\n  one\n", ITEMS, "a: &n   # c0\n  - 1\n  - x: 2\n"),
    ("an item below its dash", "a:\n-\n  # why\n  one   # c1\n", [{"x": 1}], "a:\n-\n  # why\n  # c1\n  x: 1\n"),
    ("an item with a tag", "a:\n- !!str\t# c0\n  one   # c1\n", [{"x": 1}], "a:\n- # c0\n  # c1\n  x: 1\n"),
]


@pytest.mark.parametrize(("before", "new", "after"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("end", ["b: 2   # cb\n", "# end\n"])
def test_the_comments_around_it_stay(before: str, new: Any, after: str, end: str, newline: str) -> None:
    old = f"# head\n{before}{end}".replace("\n", newline)
    assert patched(old, lambda data: data.update(a=new)) == f"# head\n{after}{end}".replace("\n", newline)
