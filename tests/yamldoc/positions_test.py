"""Where values, keys, characters and comments stand in the text."""

import pytest

from attune_registry.yamldoc.document import Document, parse

TEXT = """\
a: 1
b:
    - x
    - y: &z
        k: deep
    - *z
"q": {c: [1, 2], 'd': *z}
m:
  <<: *z
  n: 1
l: [*z, *z, 5]
i: [&y 1, *y, *y, *y]
"""


@pytest.mark.parametrize(
    ("pointer", "value", "key"),
    [
        ("", (1, 1), (1, 1)),
        ("/a", (1, 4), (1, 1)),
        ("/b/0", (3, 7), (3, 7)),
        ("/b/1/y", (4, 10), (4, 7)),
        ("/b/1/y/k", (5, 12), (5, 9)),
        ("/b/2", (6, 7), (6, 7)),
        ("/q/c/1", (7, 14), (7, 14)),
        ("/q/d", (7, 23), (7, 18)),
        ("/m/k", (5, 12), (5, 9)),
        ("/m/n", (10, 6), (10, 3)),
        ("/l/1", (11, 9), (11, 9)),
        ("/l/2", (11, 13), (11, 13)),
        ("/i/0", (12, 5), (12, 5)),
        ("/i/1", (12, 11), (12, 11)),
        ("/i/3", (12, 19), (12, 19)),
        ("/b/9", (3, 5), (2, 1)),
        ("/a/nothing/here", (1, 4), (1, 1)),
    ],
)
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_a_pointer_has_a_position(pointer: str, value: tuple[int, int], key: tuple[int, int], start: str) -> None:
    document = parse((start + TEXT).encode())
    assert document.position(pointer) == value
    assert document.position(pointer, key=True) == key


SCALARS = [
    "v: plain text of one line # c\n",
    "v: 'it''s ''quoted'' once'\n",
    'v: "tab\\there \\u00e9 \\"x\\" and \\U0001f600 end"\n',
    "v: |\n  first\n\n   second deeper\n  third\n",
    "v:   |2-\n    lead\n  back\n",
    "v: &anchor |+ # c\n      wide\n      lines\n\n",
    "- - v: |\n      in lists\n      too\n",
]


@pytest.mark.parametrize("text", SCALARS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_character_of_a_text_has_its_position(text: str, newline: str) -> None:
    document = parse(text.replace("\n", newline).encode())
    pointer = "/v" if isinstance(document.data, dict) else "/0/0/v"
    value = document.data["v"] if isinstance(document.data, dict) else document.data[0][0]["v"]
    for offset, char in enumerate(value):
        if char.isalpha() and ord(char) < 128:
            assert _at(document, pointer, offset) == char


FOLDED = [
    "v: >-\n  one two\n  three\n\n  four\n",
    "v: one two\n  three\n\n  four # c\n",
    "v: 'one two\n  three\n\n  four'\n",
    'v: "one two\n  three\\\n  x\n\n  four"\n',
]


@pytest.mark.parametrize("text", FOLDED)
def test_a_character_of_a_folded_text_has_at_least_its_line(text: str) -> None:
    document = parse(text.encode())
    for word in ("one", "two", "three", "four"):
        assert _at(document, "/v", document.data["v"].index(word)) == word[0]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_comes_right_after_a_continued_line_is_in_the_next(newline: str) -> None:
    raw = r'''v: "\
  a b\
    \
  c\
  \x64 \
  \ e"'''
    document = parse(raw.replace("\n", newline).encode())
    assert document.data == {"v": "a bcd  e"}
    places = [document.position_in("/v", document.data["v"].index(char)) for char in "abcde"]
    assert places == [(2, 3), (2, 5), (4, 3), (5, 3), (6, 5)]


def _at(document: Document, pointer: str, offset: int) -> str:
    line, column = document.position_in(pointer, offset)
    return document.text.split("\n")[line - 1][column - 1]


def test_an_offset_beyond_the_text_stays_in_it() -> None:
    document = parse(b"v: abc\nw: [1]\n")
    assert document.position_in("/v", 99) == (1, 7)
    assert document.position_in("/v", -1) == (1, 4)
    assert document.position_in("/w", 3) == (2, 4)


def test_a_comment_says_what_to_ignore_and_a_text_does_not() -> None:
    raw = b"""\
# registry: ignore[one]
a: 1 # registry: ignore[two, three-four]
b: "# registry: ignore[no]"
c: |  # registry: ignore[five]
  # registry: ignore[no]
e: [1,  # because: registry: ignore[six]
  2]
"""
    assert parse(raw).ignored() == (
        (1, frozenset({"one"})),
        (2, frozenset({"two", "three-four"})),
        (4, frozenset({"five"})),
        (6, frozenset({"six"})),
    )
