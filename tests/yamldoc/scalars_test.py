"""Plain scalars: what YAML 1.2 reads, and where YAML 1.1 would have read something else."""

import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from searches import searched

from attune_registry.yamldoc.sameness import same
from attune_registry.yamldoc.scalars import number_text, old_type, read_plain

CLEAN: list[tuple[str, Any]] = [
    *[(text, None) for text in ("", "~", "null", "Null", "NULL")],
    *[(text, True) for text in ("true", "True", "TRUE")],
    *[(text, False) for text in ("false", "False", "FALSE")],
    *[("0", 0), ("-0", 0), ("12", 12), ("+12", 12), ("-7", -7), ("0x1F", 31), ("0xff", 255)],
    *[("1.5", 1.5), ("-1.5", -1.5), (".5", 0.5), ("1.", 1.0), ("1.10", 1.1), ("1.5e+3", 1500.0), ("1.5E-3", 0.0015)],
    *[(text, text) for text in ("x", "1.0.0", "tRUE", "nULL", "1-2", "v1", "-", "--", ".", "+", "0x", "08", "0o8")],
    *[("18446744073709551615", 2**64 - 1), ("-9223372036854775808", -(2**63))],
]
SURPRISING: list[tuple[str, Any]] = [
    *[(text, text) for text in ("yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF")],
    *[(text, text) for text in ("012", "0777", "-012", "1_000", "0x_f", "0b11", "1:30", "12:30:45", "1:30.5", "1_0.5")],
    *[(text, text) for text in ("2024-01-13", "2024-01-13T10:30:00Z", "2024-1-3 10:30:00 +1", "=", "<<", "-0x1F")],
    *[("0o14", 12), ("1e3", 1000.0), ("1.5e3", 1500.0), ("+.5", 0.5), ("-.5", -0.5), ("1E-2", 0.01)],
]
REFUSED = [".inf", "-.inf", "+.Inf", ".NaN", ".nan", "18446744073709551616", "-9223372036854775809", "1e999"]


@pytest.mark.parametrize(("text", "value"), CLEAN)
def test_a_plain_scalar_is_read_as_yaml_1_2_does(text: str, value: Any) -> None:
    reading = read_plain(text)
    assert same(reading.value, value)
    assert not reading.rule


@pytest.mark.parametrize(("text", "value"), SURPRISING)
def test_what_yaml_1_1_would_read_otherwise_gets_a_warning(text: str, value: Any) -> None:
    reading = read_plain(text)
    assert same(reading.value, value)
    assert reading.rule == "yaml-surprise"
    assert text in reading.message
    assert reading.hint


@pytest.mark.parametrize("text", REFUSED)
def test_what_json_cannot_hold_is_refused(text: str) -> None:
    assert read_plain(text).rule == "yaml-number"


def test_a_number_of_endless_digits_is_text() -> None:
    assert read_plain("9" * 5000).value == "9" * 5000


def _pyyaml(text: str) -> str:
    resolver = yaml.SafeLoader("")
    return str(resolver.resolve(yaml.ScalarNode, text, (True, False))).rpartition(":")[2]


_NAMES = {
    "boolean": "bool",
    "null": "null",
    "whole number": "int",
    "number": "float",
    "date": "timestamp",
    "text": "str",
}


@searched
@given(st.one_of(st.text("0123456789abxoe_.:-+TZ ", max_size=12), st.from_regex(r"[-+]?[0-9_.:]{1,8}", fullmatch=True)))
def test_the_old_type_is_the_one_that_pyyaml_resolves(text: str) -> None:
    expected = {"time (in base 60)": {"int", "float"}, "special key": {"value", "merge"}}
    old = old_type(text)
    assert _pyyaml(text) in expected.get(old, {_NAMES.get(old, "")})


@pytest.mark.parametrize("text", [text for text, _ in CLEAN + SURPRISING])
def test_the_old_type_of_the_examples_is_the_one_that_pyyaml_resolves(text: str) -> None:
    is_text = _pyyaml(text) == "str"
    assert (old_type(text) == "text") == is_text


@searched
@given(st.one_of(st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False)))
def test_a_number_is_spelled_so_that_everybody_reads_it(value: float) -> None:
    text = number_text(value)
    assert same(read_plain(text).value, value)
    assert not read_plain(text).rule
    assert same(yaml.safe_load(text), value)
    assert re.fullmatch(r"-?[0-9.]+(e[-+][0-9]+)?", text)
