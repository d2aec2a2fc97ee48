"""What goes from brackets and braces over several lines leaves the others, and their comments, where they are."""

import pytest
from yaml_edits import drop, patched

SEVERAL = "x: [aa,   # c1\n  bb, cc,   # c2\n  dd]   # c3\n"
FIRST = "x: [aa   # c1\n  , bb\n  , cc   # c2\n  , dd ]   # c3\n"
ALONE = "x: [aa   # c1\n    ,\n    bb, # c2\n    cc\n    # c3\n    , dd   # c4\n  ]\n"
CASES = [
    ("the first of its line", SEVERAL, [1], [("bb, ", "")]),
    ("the last of its line", SEVERAL, [2], [(", cc", "")]),
    ("the first of all", SEVERAL, [0], [("aa,", "")]),
    ("the last of all", SEVERAL, [3], [("dd", "")]),
    ("a whole line of them", SEVERAL, [1, 2], [("  bb, cc,   # c2\n", "")]),
    ("two that are apart", SEVERAL, [0, 2], [("aa,", ""), (", cc", "")]),
    ("one behind a comma", FIRST, [1], [("  , bb\n", "")]),
    ("one with a comment behind a comma", FIRST, [2], [("  , cc   # c2\n", "")]),
    ("the first before commas", FIRST, [0], [("[aa ", "[ "), (", bb", "bb")]),
    ("the last behind a comma", FIRST, [3], [(", dd", "")]),
    ("three behind commas", FIRST, [0, 2, 3], [("[aa ", "[ "), (", bb\n  , cc   # c2\n  , dd", "bb")]),
    ("one before a comma in another line", ALONE, [0], [("aa ", " "), (",\n    bb", "\n    bb")]),
    ("one with a comma behind its comment", ALONE, [2], [("    cc\n", ""), ("    , dd", "    dd")]),
]
NAMES = {"aa": "a", "bb": "b", "cc": "c", "dd": "d"}


def in_braces(text: str) -> str:
    for value, key in NAMES.items():
        text = text.replace(value, f"{key}: {value}")
    return text.replace("[", "{").replace("]", "}")


@pytest.mark.parametrize(("before", "gone", "pairs"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("is_list", [True, False], ids=["brackets", "braces"])
def test_one_that_goes_takes_one_comma_along(
    before: str, gone: list[int], pairs: list[tuple[str, str]], newline: str, is_list: bool
) -> None:
    after = before
    for old, new in pairs:
        assert after.count(old) == 1
        after = after.replace(old, new)
    shaped = str if is_list else in_braces
    keys = [at if is_list else "abcd"[at] for at in reversed(gone)]
    got = patched(shaped(before).replace("\n", newline), lambda data: [drop("x", key)(data) for key in keys])
    assert got == shaped(after).replace("\n", newline)
