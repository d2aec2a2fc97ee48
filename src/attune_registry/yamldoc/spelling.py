"""Values -> the YAML that spells them: plain, quoted and block scalars."""

import math
import re
from typing import NamedTuple

from attune_registry.errors import PatchRefused
from attune_registry.yamldoc.scalars import LARGEST, SMALLEST, Plain, number_text, read_plain

# libyaml takes no key longer than this without a question mark before it.
LONGEST_KEY = 1000

_BREAKS = "\n\r\x85\u2028\u2029"
_UNPRINTABLE = re.compile("[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_PLAIN = re.compile(r"(?![-?:,\[\]{}#&*!|>'\"%@`]|\.\.\.)(?:(?!: |\s#)[^\t])*(?<!:)\Z")
_NOT_IN_FLOW = re.compile(r"[,\[\]{}:?]")
# PyYAML does not read these as booleans, but other readers of YAML 1.1 do.
_OLD_WORDS = frozenset("yYnN")
_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_SURROGATE = re.compile("[\ud800-\udfff]")


class Block(NamedTuple):
    """A block scalar: its header, and its lines without indentation."""

    header: str
    lines: list[str]


def inline(value: Plain, *, flow: bool = False) -> str:
    """A scalar on one line, the same to readers of YAML 1.1, YAML 1.2 and (when quoted twice) JSON.

    Raises PatchRefused for what YAML cannot hold.
    """
    if isinstance(value, str):
        return _text(value, flow)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and not SMALLEST <= value <= LARGEST:
        raise PatchRefused("A number that does not fit into 64 bits cannot be written")
    if not math.isfinite(value):
        raise PatchRefused(f"{value} cannot be written: it is not a finite number")
    return number_text(value)


def _text(text: str, flow: bool) -> str:
    if is_plain(text, flow):
        return text
    wants_single = ('"' in text or "\\" in text) and "'" not in text
    return single_quoted(text) if wants_single and is_printable(text) else double_quoted(text)


def is_plain(text: str, flow: bool = False) -> bool:
    """True when the text needs no quotes, to readers of YAML 1.1 as of 1.2."""
    if not text or text[-1] == " " or text[0] == " " or text in _OLD_WORDS:
        return False
    if not _PLAIN.match(text) or not is_printable(text) or (flow and _NOT_IN_FLOW.search(text)):
        return False
    reading = read_plain(text)
    return isinstance(reading.value, str) and not reading.rule


def is_printable(text: str) -> bool:
    """True when every character may stand for itself on one line of YAML."""
    return _UNPRINTABLE.search(text) is None


def single_quoted(text: str) -> str:
    """The text in single quotes; it has to be printable."""
    return "'" + text.replace("'", "''") + "'"


def double_quoted(text: str) -> str:
    """The text in double quotes, on one line."""
    if _SURROGATE.search(text):
        raise PatchRefused("Half a surrogate pair is not text and cannot be written")
    escaped = "".join(_SHORT_ESCAPES.get(char, char) for char in text)
    return '"' + _UNPRINTABLE.sub(_escape, escaped) + '"'


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code <= 0xFF:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def chomping(text: str) -> str:
    """The indicator for how the text ends: none for one line end, - for no line end, + for several."""
    if not text.endswith("\n"):
        return "-"
    return "+" if text.endswith("\n\n") else ""


def is_block(text: str) -> bool:
    """True for text that a literal block scalar can hold as it is."""
    return bool(text.strip(" \t\n")) and is_printable(text.replace("\n", "").replace("\t", ""))


def needs_indicator(text: str) -> bool:
    """True where the indentation cannot be told from the first line."""
    return text[:1] in (" ", "\t", "\n")


def literal(text: str, indicator: int) -> Block | None:
    """The text as a literal block scalar, None when it has to be quoted; `indicator`: columns below the parent."""
    if not is_block(text):
        return None
    header = "|" + (str(indicator) if needs_indicator(text) else "") + chomping(text)
    return Block(header, block_lines(text))


def block_lines(text: str) -> list[str]:
    """The lines of a block scalar, its kept line ends included."""
    lines = text.split("\n")
    if text.endswith("\n"):
        lines.pop()
    return lines
