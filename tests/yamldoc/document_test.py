"""Bytes to documents: the data, the faults, the places, and nothing that raises."""

import random
import time
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from random_values import Making
from random_yaml import Rendering
from searches import searched

from attune_registry.problems import Position
from attune_registry.yamldoc.document import Document, parse

FAULTY: list[tuple[str, bytes, str, str, Position, bool]] = [
    ("an empty file", b"", "yaml-syntax", "empty", Position(1, 1), False),
    ("only a comment", b"# nothing\n", "yaml-syntax", "empty", Position(1, 1), False),
    ("two documents", b"a: 1\n---\nb: 2\n", "yaml-syntax", "more than one document", Position(2, 1), False),
    ("a duplicate key", b"a:\n  b: 1\n  b: 2\n", "yaml-duplicate-key", "in line 2", Position(3, 3), True),
    ("a duplicate key in braces", b'a: {b: 1, "b": 2}\n', "yaml-duplicate-key", "'b'", Position(1, 11), True),
    (
        "a key again by an alias",
        b"&k a: 1\n*k : 2\n",
        "yaml-duplicate-key",
        "'a' is already there, in line 1",
        Position(2, 6),
        True,
    ),
    (
        "a key by an alias again",
        b"x: &k a\nm: {*k : 1,\n  a: 2}\n",
        "yaml-duplicate-key",
        "'a' is already there, in line 2",
        Position(3, 3),
        True,
    ),
    (
        "a key again by an alias of another text",
        b"x: &k a\na: 1\n*k : 2\n",
        "yaml-duplicate-key",
        "in line 2",
        Position(3, 6),
        True,
    ),
    (
        "a key again by an alias in braces",
        b"x: {&k a: 1,\n *k : 2}\n",
        "yaml-duplicate-key",
        "'a'",
        Position(2, 7),
        True,
    ),
    ("two merges", b"<<: {a: 1}\n<<: {b: 1}\n", "yaml-duplicate-key", "'<<'", Position(2, 1), True),
    ("a number as key", b"a:\n  1: x\n", "yaml-key", "1 is not text", Position(2, 3), False),
    ("a boolean as key", b"true: x\n", "yaml-key", "true is not text", Position(1, 1), False),
    ("nothing as key", b"? \n: x\n", "yaml-key", "missing", Position(1, 2), False),
    ("a list as key", b"? [a]\n: x\n", "yaml-key", "list or a mapping", Position(1, 3), False),
    ("a bare template", b"a: {{ x }}\n", "yaml-key", "list or a mapping", Position(1, 5), False),
    ("a merge of no mapping", b"<<: 3\n", "yaml-key", "<<", Position(1, 5), False),
    ("an unknown tag", b"a: !Ref x\n", "yaml-tag", "!Ref", Position(1, 4), False),
    ("a Python tag", b"a: !!python/object:os.system {}\n", "yaml-tag", "!!python", Position(1, 4), False),
    ("a set", b"a: !!set {x, y}\n", "yaml-tag", "!!set", Position(1, 4), False),
    ("a wrong tag", b"a: !!int x\n", "yaml-tag", "'x' is no int", Position(1, 4), False),
    ("infinity", b"a: .inf\n", "yaml-number", ".inf", Position(1, 4), False),
    ("a huge number", b"a: 99999999999999999999\n", "yaml-number", "64 bits", Position(1, 4), False),
    ("a surprise", b"x: 1\nwhen: on\n", "yaml-surprise", "boolean", Position(2, 7), True),
    ("a surprising key", b"on: x\n", "yaml-surprise", "boolean", Position(1, 1), True),
    ("a tab", b"a:\n\tb: 1\n", "yaml-syntax", "cannot start", Position(2, 1), False),
    ("an unknown alias", b"a: *b\n", "yaml-syntax", "no anchor", Position(1, 4), False),
    ("an anchor twice", b"a: &x 1\nb: &x 2\n", "yaml-syntax", "same name", Position(2, 4), False),
    ("an alias in itself", b"a: &x [*x]\n", "yaml-limit", "contains the alias", Position(1, 4), False),
    ("a bad byte", b"a: x\nb: \xff\n", "yaml-syntax", "0xFF", Position(2, 4), False),
    ("UTF-16", "a: 1".encode("utf-16"), "yaml-syntax", "UTF-16", Position(1, 1), False),
    ("a control character", b"a: \x07\n", "yaml-syntax", "U+0007", Position(1, 4), False),
    ("a NUL", b"a: 1\n\x00", "yaml-syntax", "U+0000", Position(2, 1), False),
    ("half a surrogate pair", b'a: "\\ud800"\n', "yaml-syntax", "escape", Position(1, 7), False),
    ("too many levels", b"[" * 65 + b"]" * 65, "yaml-limit", "64 levels", Position(1, 65), False),
]


@pytest.mark.parametrize(
    ("raw", "rule", "said", "at", "is_loadable"), [case[1:] for case in FAULTY], ids=[case[0] for case in FAULTY]
)
def test_a_fault_is_named_and_placed(raw: bytes, rule: str, said: str, at: Position, is_loadable: bool) -> None:
    document = parse(raw)
    assert [(fault.rule, fault.at) for fault in document.faults] == [(rule, at)]
    assert said in document.faults[0].message
    assert document.loadable is is_loadable
    assert is_loadable or document.data is None


HINTS = [
    (b"a: {{ x }} y\n", "template needs quotes"),
    (b"a:\n\tb: 1\n", "spaces"),
    (b"a:b\nc: 1\n", "space after the colon"),
    (b"a: b: c\n", "quote"),
    (b"a:\n  b: 1\n c: 2\n", "indentation"),
    (b"a: %x\n", "quote"),
    (b'a: "\\q"\n', "backslash"),
    (b"a: {% if x %}\n", "template needs quotes"),
]


@pytest.mark.parametrize(("raw", "hint"), HINTS)
def test_a_syntax_error_comes_with_a_hint(raw: bytes, hint: str) -> None:
    assert hint in parse(raw).faults[0].hint


def _bomb() -> bytes:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]" for at in range(1, 12)]
    return "\n".join(lines).encode()


BOMBS = {
    "aliases": _bomb(),
    "a chain of aliases": b"\n".join(
        [b"a0: &a0 [x]"] + [f"a{at}: &a{at} [*a{at - 1}]".encode() for at in range(1, 90)]
    ),
    "merges": b"\n".join(
        [b"a0: &a0 {x: 1}"] + [f"a{at}: &a{at} {{k{at}: [*a{at - 1}, *a{at - 1}]}}".encode() for at in range(1, 60)]
    ),
    "brackets": b"[" * 100_000,
    "braces": b"{" * 100_000,
    "dashes": b"- " * 100_000,
    "question marks": b"? " * 100_000,
    "steps": b"".join(b" " * at + b"a:\n" for at in range(1400)),
    "list in list in lines": b"".join(b" " * at + b"-\n" for at in range(400)),
    "values": b"[" + b"a," * 400_000 + b"]",
    "items": b"- a\n" * 200_000,
    "size": b"a: " + b"x" * (1 << 20),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_does_not_go_off(name: str) -> None:
    started = time.process_time()
    document = parse(BOMBS[name])
    assert [fault.rule for fault in document.faults] == ["yaml-limit"]
    assert time.process_time() - started < 5


def test_what_is_merged_is_no_key_given_twice() -> None:
    document = parse(b"b: &b {&k a: 1, c: 2}\nm:\n  <<: *b\n  *k : 3\nn: {<<: [*b, *b], a: 4}\n")
    assert document.faults == ()
    assert document.data["m"] == {"a": 3, "c": 2}
    assert document.data["n"] == {"a": 4, "c": 2}


def test_the_data_is_what_json_can_hold() -> None:
    raw = b"""\xef\xbb\xbf%YAML 1.2
---
int: !!int "7"
text: !!str 7
real: !!float 3
map: !!map {a: !!null ~, b: !!bool true}
base: &base {x: 1, y: 2}
one: {<<: *base, y: 3}
two:
  <<: [{x: 5}, *base]
  z: *base
literal: "<<"
"<<": quoted
list: !!seq [0x10, 0o17, .5]
"""
    document = parse(raw.replace(b"\n", b"\r\n"))
    assert [fault.rule for fault in document.faults] == ["yaml-surprise"]
    assert document.data == {
        "int": 7,
        "text": "7",
        "real": 3.0,
        "map": {"a": None, "b": True},
        "base": {"x": 1, "y": 2},
        "one": {"x": 1, "y": 3},
        "two": {"x": 5, "y": 2, "z": {"x": 1, "y": 2}},
        "literal": "<<",
        "<<": "quoted",
        "list": [16, 15, 0.5],
    }


@searched
@given(
    st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
)
def test_no_bytes_make_parsing_raise(raw: bytes) -> None:
    _use(parse(raw))


@searched
@given(st.text("ab:- \n\t#&*!|>'\"%@`{}[],?~<=0123\\", max_size=60))
def test_no_punctuation_makes_parsing_raise(text: str) -> None:
    _use(parse(text.encode()))


@searched
@given(st.integers(0, 2**32), st.integers(1, 8))
def test_no_damage_makes_parsing_raise(seed: int, times: int) -> None:
    dice = random.Random(seed)
    raw = bytearray(Rendering(dice).rendered(Making(dice).document(3)))
    for _ in range(times):
        at = dice.randrange(len(raw))
        raw[at : at + dice.randrange(3)] = dice.choice(
            [b"", b"\n", b" ", b"\t", b": ", b"[", b"}", b"*a", b"&a ", b"\xff"]
        )
    _use(parse(bytes(raw)))


def _use(document: Document) -> None:
    """Everything that a document can be asked, of every place in it."""
    assert document.loadable or document.data is None
    assert document.loadable or document.faults
    document.ignored()
    for pointer, value in _places("", document.data):
        document.position(pointer)
        document.position(pointer, key=True)
        if isinstance(value, str):
            document.position_in(pointer, len(value) // 2)


def _places(pointer: str, value: Any) -> list[tuple[str, Any]]:
    found = [(pointer, value)]
    if isinstance(value, dict):
        for key, part in value.items():
            found += _places(f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}", part)
    elif isinstance(value, list):
        for at, part in enumerate(value):
            found += _places(f"{pointer}/{at}", part)
    return found


@searched
@given(st.integers(0, 2**32))
def test_where_there_is_no_surprise_pyyaml_reads_the_same(seed: int) -> None:
    dice = random.Random(seed)
    raw = Rendering(dice).rendered(Making(dice).document(2))
    document = parse(raw)
    assert document.loadable
    if not document.faults:
        assert yaml.safe_load(raw) == document.data
