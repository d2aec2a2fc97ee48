"""What is read rapidly is what the parser would have read, or is left to it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random

from attune_registry.yamldoc.document import parse_slowly
from attune_registry.yamldoc.rapid import read_rapidly

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "tests" / "examples", ROOT / "packs", ROOT / "tests" / "stackstorm", ROOT / "tests" / "forms")
ROUNDS = 200 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 1
# What makes YAML of text, or something else of YAML.
SPICES = (
    *(
        " ",
        "  ",
        "    ",
        "\n",
        "\n\n",
        "\n  ",
        "\n    ",
        "\n      ",
        ": ",
        ":",
        "- ",
        "-",
        " #",
        "#",
        "# x\n",
        "'",
        '"',
    ),
    *("|", ">", "|-", ">-", "|+", "|2", "[", "]", "{", "}", ", ", ",", "&a ", "*a", "!!str ", "!x ", "<<: ", "? "),
    *("---", "...", "%", "@", "`", "~", "null", "true", "yes", "on", "0", "012", "1:30", "1_000", "0x1F", "1e3", ".5"),
    *(".inf", "2024-01-01", "=", "<<", "\t", "\r", "\r\n", "\x00", "\x85", "\xa0", "\u2028", "\ufeff", "é", "日", "\\"),
    *('"a"', "'b'", "''", '""', "\\n", '\\"', "key: ", "key: value\n", "- item\n", "key:\n", "{a: b}", "[a, b]"),
    *("{{ a.b }}", '"{{ a }}"', "a b", "a\n  b", "|\n  a\n", ">-\n  a\n\n  b\n", "  - name: x\n", "action: core.x\n"),
)


def texts() -> list[str]:
    files = sorted(file for folder in FOLDERS for file in folder.rglob("*.y*ml"))
    found = (file.read_bytes() for file in files)
    return [raw.decode() for raw in found if raw.isascii() or _is_unicode(raw)]


def _is_unicode(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def spoilt(text: str, dice: Random) -> str:
    """The text with a few things put in, taken out, doubled or moved."""
    lines = text.split("\n")
    start = dice.randrange(len(lines))
    lines = lines[start : start + dice.randint(1, 14)] if dice.random() < 0.5 else lines
    for _ in range(dice.randint(0, 3)):
        at = dice.randrange(len(lines))
        match dice.randrange(7):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, dice.choice(lines))
            case 2:
                lines[at] = " " * dice.randint(1, 4) + lines[at]
            case 3:
                lines[at] = lines[at].removeprefix(" " * dice.randint(1, 4))
            case 4:
                lines.insert(at, dice.choice(SPICES))
            case _:
                where = dice.randint(0, len(lines[at]))
                lines[at] = lines[at][:where] + dice.choice(SPICES) + lines[at][where + dice.choice((0, 0, 1, 2)) :]
        lines = lines or [""]
    return "\n".join(lines)


def made_up(dice: Random) -> str:
    """A text of nothing but spices."""
    return "".join(dice.choice(SPICES) for _ in range(dice.randint(1, 12)))


def difference(text: str) -> str | None:
    """What is read rapidly otherwise than slowly, if anything is."""
    rapid = read_rapidly(text)
    if rapid is None:
        return None
    slow = parse_slowly(text)
    if slow.faults or not slow.loadable:
        return f"rapidly it is fine, and slowly {slow.faults}"
    if json.dumps(rapid.data) != json.dumps(slow.data):
        return f"{rapid.data} and {slow.data}"
    for pointer, mapping in mappings(rapid.data):
        known = rapid.marks.get(id(mapping))
        if known and known != slow.position(f"{pointer}/action"):
            return f"{pointer}/action is at {known} and at {slow.position(pointer + '/action')}"
    return None


def mappings(value: object, pointer: str = "") -> Iterator[tuple[str, dict[str, object]]]:
    if isinstance(value, dict):
        yield pointer, value
        for key, item in value.items():
            yield from mappings(item, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from mappings(item, f"{pointer}/{index}")


def test_nothing_is_read_rapidly_that_the_parser_would_read_otherwise() -> None:
    samples = texts()
    dice = Random("rapid")
    answered = 0
    for text in samples:
        for candidate in (
            text,
            *(spoilt(text, dice) for _ in range(ROUNDS * 3)),
            *(made_up(dice) for _ in range(ROUNDS)),
        ):
            assert difference(candidate) is None, candidate
            answered += read_rapidly(candidate) is not None
    # A reader that always stepped aside would prove nothing.
    assert answered > len(samples)


def test_what_most_people_write_is_read_rapidly() -> None:
    text = """---
# A comment.
label: Ship an order   # another
description: Takes an order
  and ships it
version: "1.0.0"
tags: [orders, "shipping"]
param_schema:
  type: object
  properties: {order: {type: string}, "count": {type: integer, enum: [1, 2]}}
definition:
  tasks:
  - name: 'ship'
    action: core.http
    input:
      text: |-
        First {{ parameters.order }}

        second: "line"
      folded: >
        one
        two

        three
      long: "in two
        rows"
      nothing:
    timeout: 30
  -
    name: wait
    action: "core.wait"
"""
    plain = read_rapidly(text)
    assert plain
    assert difference(text) is None
    assert [(at.line, at.column) for at in plain.marks.values()] == [(14, 13), (31, 13)]


def test_what_is_out_of_the_ordinary_is_left_to_the_parser() -> None:
    rows = [
        "a: &x 1",
        "a: *x",
        "a: !!str 1",
        "<<: {b: 1}",
        "a: 012",
        "on: push",
        "a: 1\na: 2",
        "a:\tb",
        "? a",
        "- a",
        "a",
        "",
    ]
    assert [row for row in rows if read_rapidly(row) is not None] == []


def test_collections_are_never_shared_between_texts() -> None:
    for row in ("a: [b, c]", "a: {b: c}", "a: [[b], {c: d}]", "a: {b: {c: d}}"):
        first, second = read_rapidly(row), read_rapidly(row)
        assert first
        assert second
        assert not inner(first.data) & inner(second.data)


def inner(value: object) -> set[int]:
    """The identities of all collections within."""
    if not isinstance(value, (dict, list)):
        return set()
    parts = value.values() if isinstance(value, dict) else value
    return {id(value)}.union(*(inner(part) for part in parts))
