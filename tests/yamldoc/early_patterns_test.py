"""Early releases of Python 3.11 go wrong where `(...)*+` matched half of a repetition: what reads fast avoids it."""

import re
from pathlib import Path

import attune_registry
from attune_registry.yamldoc import rapid
from attune_registry.yamldoc.document import parse

TEXT = "a: { type: string }\nb: [ x , y ]\nc: 'it''s' # so\nd: one  two \n"
MEANT = {"a": {"type": "string"}, "b": ["x", "y"], "c": "it's", "d": "one  two"}


def test_spaces_at_the_end_belong_to_no_text_on_any_python() -> None:
    assert parse(TEXT.encode()).data == MEANT
    plain = rapid.read_rapidly(TEXT)
    assert plain is not None
    assert plain.data == MEANT


def test_no_group_is_repeated_in_a_way_that_not_every_python_gets_right() -> None:
    for file in Path(attune_registry.__file__).parent.rglob("*.py"):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if "re.compile" in line or 'rf"' in line or 'r"' in line:
                assert re.search(r"\)[*+?]\+", line) is None, f"{file}:{number} uses `)*+`, write `(?>(...)*)`"
