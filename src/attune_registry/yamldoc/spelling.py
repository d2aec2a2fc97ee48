"""Values -> the YAML that spells them: plain, quoted and block scalars."""

import math
import re
from typing import NamedTuple

from attune_registry.errors import PatchRefused
from attune_registry.yamldoc.scalars import LARGEST, SMALLEST, Plain, number_text, read_plain

# libyaml takes no key longer than this without a question mark before it.
LONGEST_KEY = 1000

_BREAKS = "\n\r\x85\u2028\u2029"
_WIDE = "\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"
_UNPRINTABLE = re.compile(f"[^ -~{_WIDE}]")
_ESCAPED = re.compile(rf"[^ !#-\[\]-~{_WIDE}]")
# Names, paths and sentences, which are most of what is written: plain anywhere, unless they are a word with a meaning.
_ORDINARY = re.compile(r"""[A-Za-z_/][ !"$-+\--9;->@-Z\\^-z|~]*(?<! )\Z""")
_NOT_PLAIN = re.compile(r"\A(?:[-?:,\[\]{}#&*!|>'\"%@`]|\.\.\.)|:(?: |\Z)|\s#")
_NOT_IN_FLOW = re.compile(r"[,\[\]{}:?]")
# PyYAML does not read y and n as booleans, but other readers of YAML 1.1 do.
_MEANINGS = frozenset(
    spelled(word)
    for word in ("y", "n", "yes", "no", "on", "off", "true", "false", "null")
    for spelled in (str.lower, str.capitalize, str.upper)
)
# Names and words come again and again.
_SPELLED: dict[str, str] = {}
_LONGEST_KEPT = 40
_MOST_KEPT = 10_000
_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


class Block(NamedTuple):
    """A block scalar: its header, and its lines without indentation."""

    header: str
    lines: list[str]


def inline(value: Plain, *, flow: bool = False) -> str:
    """A scalar on one line, the same to readers of YAML 1.1, YAML 1.2 and (when quoted twice) JSON.

    Raises PatchRefused for what YAML cannot hold.
    """
    if isinstance(value, str):
        known = _SPELLED.get(value)
        if known is not None and not flow:
            return known
        spelled = value if is_plain(value, flow) else _quoted(value)
        if not flow and len(value) <= _LONGEST_KEPT:
            if len(_SPELLED) >= _MOST_KEPT:
                _SPELLED.clear()
            _SPELLED[value] = spelled
        return spelled
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and not SMALLEST <= value <= LARGEST:
        raise PatchRefused("A number that does not fit into 64 bits cannot be written")
    if not math.isfinite(value):
        raise PatchRefused(f"{value} cannot be written: it is not a finite number")
    return number_text(value)


def _quoted(text: str) -> str:
    wants_single = ('"' in text or "\\" in text) and "'" not in text
    return single_quoted(text) if wants_single and is_printable(text) else double_quoted(text)


def is_plain(text: str, flow: bool = False) -> bool:
    """True when the text needs no quotes, to readers of YAML 1.1 as of 1.2."""
    if _ORDINARY.match(text):
        return text not in _MEANINGS
    if not text or text[-1] == " " or text[0] == " ":
        return False
    if _NOT_PLAIN.search(text) or not is_printable(text) or (flow and _NOT_IN_FLOW.search(text)):
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
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    code = ord(char)
    if 0xD800 <= code <= 0xDFFF:
        raise PatchRefused("Half a surrogate pair is not text and cannot be written")
    if char in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[char]
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
    """True where the indentation cannot be told from the first line that is not empty."""
    return text.lstrip("\n")[:1] in (" ", "\t")


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
