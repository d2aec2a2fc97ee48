"""What a plain scalar means: the YAML 1.2 core schema, and where YAML 1.1 would have disagreed."""

import math
import re
from typing import NamedTuple

Plain = str | int | float | bool | None

SMALLEST, LARGEST = -(2**63), 2**64 - 1

_WORDS: dict[str, Plain] = {
    "": None,
    **dict.fromkeys(("~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# The core schema would take 012 for twelve and YAML 1.1 takes it for ten: here it is text, and a warning.
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+)\Z")
_NOT_FINITE = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")
_NUMBER_START = frozenset("-+.0123456789")
# Int and float of more digits than this are somebody's attack on the parser, not a number.
_LONGEST_NUMBER = 400
# No word means something to any version that is longer than `false`.
_LONGEST_WORD = 5

_QUOTE_IT = "quote it to keep it as text"
_NO_SURPRISE = "text"
_OLD_BOOL = re.compile(r"(?:yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)\Z")
_OLD_INT = re.compile(r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]+|0|[1-9][0-9_]*(?P<sixty>(?::[0-5]?[0-9])+)?)\Z")
_OLD_FLOAT = re.compile(
    r"(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
    r"|[-+]?[0-9][0-9_]*(?P<sixty>(?::[0-5]?[0-9])+)\.[0-9_]*)\Z"
)
_OLD_DATE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?\Z"
)


class Reading(NamedTuple):
    """A plain scalar's value; `rule` and `message` say what is wrong with it ("" for nothing)."""

    value: Plain
    rule: str = ""
    message: str = ""
    hint: str = ""


def read_plain(text: str) -> Reading:
    """What `text` means when it stands in YAML without quotes."""
    if text in _WORDS:
        return Reading(_WORDS[text])
    if text[0] in _NUMBER_START and len(text) <= _LONGEST_NUMBER:
        return _number(text)
    if len(text) > _LONGEST_WORD and text[0] not in _NUMBER_START:
        return Reading(text)
    return _surprise(text, text)


def core_number(text: str) -> int | float | None:
    """The number that the core schema reads, None for text that is none; may be infinite."""
    if _INT.match(text):
        return int(text)
    if _OCTAL.match(text):
        return int(text[2:], 8)
    if _HEX.match(text):
        return int(text[2:], 16)
    if _FLOAT.match(text):
        return float(text)
    return None


def _number(text: str) -> Reading:
    if _NOT_FINITE.match(text):
        return Reading(text, "yaml-number", f"{text} is not a number that JSON can hold", f'quote it: "{text}"')
    value = core_number(text)
    if value is None:
        return _surprise(text, text)
    if isinstance(value, int) and not SMALLEST <= value <= LARGEST:
        return Reading(text, "yaml-number", f"{shortened(text)} does not fit into 64 bits", _QUOTE_IT)
    if isinstance(value, float) and math.isinf(value):
        return Reading(text, "yaml-number", f"{shortened(text)} is too large a number", _QUOTE_IT)
    return _surprise(text, value)


def old_type(text: str) -> str:
    """The type that YAML 1.1 gives a plain scalar, "text" for a string: its name for a person."""
    if text in _WORDS:
        return "boolean" if isinstance(_WORDS[text], bool) else "null"
    if _OLD_BOOL.match(text):
        return "boolean"
    if text in ("=", "<<"):
        return "special key"
    if text[0] not in _NUMBER_START:
        return _NO_SURPRISE
    return _old_number(text)


def _old_number(text: str) -> str:
    whole = _OLD_INT.match(text)
    if whole:
        return "time (in base 60)" if whole["sixty"] else "whole number"
    real = _OLD_FLOAT.match(text)
    if real:
        return "time (in base 60)" if real["sixty"] else "number"
    if _NOT_FINITE.match(text):
        return "number"
    return "date" if _OLD_DATE.match(text) else _NO_SURPRISE


def _old_value_differs(text: str, value: int | float, old: str) -> bool:
    if isinstance(value, int):
        return old != "whole number"
    return old != "number"


def _surprise(text: str, value: Plain) -> Reading:
    old = old_type(text)
    if isinstance(value, (int, float)):
        if not _old_value_differs(text, value, old):
            return Reading(value)
        kind = "a number"
        hint = f"write {number_text(value)}, which every version reads alike"
    elif old == _NO_SURPRISE:
        return Reading(value)
    else:
        kind, hint = "text", f'quote it: "{text}"'
    before = "text" if old == _NO_SURPRISE else f"a {old}"
    return Reading(value, "yaml-surprise", f"{text} is {kind} here, but {before} to YAML 1.1 readers", hint)


def number_text(value: int | float) -> str:
    """A number spelled so that YAML 1.1, YAML 1.2 and JSON read the same one."""
    text = repr(value)
    if isinstance(value, float) and "e" in text:
        digits, exponent = text.split("e")
        digits = digits if "." in digits else digits + ".0"
        sign = exponent if exponent[0] in "+-" else "+" + exponent
        return f"{digits}e{sign}"
    return text


def shortened(text: str) -> str:
    """`text` as it may stand in a message."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:37] + "..."
