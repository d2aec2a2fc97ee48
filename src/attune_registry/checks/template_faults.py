"""Jinja2's refusal of a template -> what is wrong, what to do about it, and where."""

import re

from jinja2.exceptions import TemplateError, TemplateSyntaxError

from attune_registry.checks.expressions import Fault
from attune_registry.checks.vocabulary import JINJA

_OPENING = re.compile(r"\{\{|\{%|\{#")


def fault_of(text: str, error: TemplateSyntaxError) -> Fault:
    """Why the text of a template does not parse."""
    offset = _culprit(text, error.lineno)
    return Fault((error.message or "it does not parse").rstrip("."), _hint(error.message or ""), offset)


def _hint(message: str) -> str:
    for part, hint in _HINTS:
        if part in message:
            return hint
    return ""


_HINTS = (
    ("expected token 'end of print statement', got", "an operator is missing, or the }} that ends the expression"),
    ("got 'end of print statement'", "something is missing before the }}"),
    ("unexpected 'end of print statement'", "something is missing before the }}"),
    ("end of print statement", "an expression ends with }}"),
    ("unexpected '}', expected", "close the bracket before the }}"),
    ("unexpected '}'", "an expression ends with }}"),
    ("Missing end of comment tag", "{# starts a comment in Jinja2; as text it is written {{ '{#' }}"),
    ("Unexpected end of template", "close the block with its {% end... %}"),
    ("unknown tag 'end", "nothing that it could end is open"),
    ("unknown tag", "Jinja2 knows for, if, set, macro, filter, with, raw and a few more"),
    ("unexpected char '\"'", "a quote is not closed"),
    ('unexpected char "\'"', "a quote is not closed"),
    ("unexpected char", "Jinja2 has no such character in an expression"),
)


def _culprit(text: str, lineno: int) -> int:
    """Where the expression or block starts that the parser stumbled over in a line, counted from 1."""
    lines = text.splitlines(keepends=True)
    start = sum(map(len, lines[: lineno - 1]))
    end = start + len(lines[lineno - 1]) if lineno <= len(lines) else len(text)
    openings = [match.start() for match in _OPENING.finditer(text, start, end)]
    if not openings:
        before = [match.start() for match in _OPENING.finditer(text, 0, start)]
        return before[-1] if before else start
    for here, after in zip(openings, [*openings[1:], end], strict=True):
        if text.startswith("{{", here) and _fails(text[here:after]):
            return here
    return openings[0]


def _fails(piece: str) -> bool:
    try:
        JINJA.parse(piece)
    except (TemplateError, ValueError, OverflowError, RecursionError):
        return True
    return False
