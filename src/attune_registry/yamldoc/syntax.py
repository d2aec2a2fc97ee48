"""What libyaml says about text that is not YAML, in words that help."""

import re
from typing import NamedTuple

import yaml

# Everything that YAML may not hold unescaped, and what a person calls it.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BARE_TEMPLATE = re.compile(r"(?:[:\-]\s+|^\s*)(?:\{\{|\{%)")
_MISSING_SPACE = re.compile(r"\s*[\w-]+:[^\s/]")
_COLONS = ("could not find expected ':'", "mapping values are not allowed in this context")
_TAB_INDENT = re.compile(r" *\t")

_PLAIN_WORDS = {
    "mapping values are not allowed in this context": "A second ': ' on this line, or a wrong indentation",
    "did not find expected key": "Here a key was expected",
    "did not find expected '-' indicator": "Here another list item ('- ') was expected",
    "could not find expected ':'": "A key without a colon after it",
    "found character that cannot start any token": "A value cannot start with this character",
    "found unexpected end of stream": "The text ends before a quote is closed",
    "did not find expected ',' or ']'": "A list in brackets is not closed, or a comma is missing",
    "did not find expected ',' or '}'": "A mapping in braces is not closed, or a comma is missing",
    "did not find expected <document start>": "Something stands after the end of the document",
    "but found another document": "The file holds more than one document",
    "found undefined alias": "There is no anchor of this name above",
    "found duplicate anchor; first occurrence": "Two anchors have the same name",
    "block sequence entries are not allowed in this context": "A list item ('- ') cannot start here",
    "found unknown escape character": "There is no such escape after a backslash",
    "found undefined tag handle": "The tag's handle is not known",
}
_UNCLOSED = frozenset(
    ("found unexpected end of stream", "did not find expected ',' or ']'", "did not find expected ',' or '}'")
)
_NEEDS_CONTEXT = frozenset(
    (
        "did not find expected key",
        "did not find expected '-' indicator",
        "did not find expected ',' or ']'",
        "did not find expected ',' or '}'",
        "found unexpected end of stream",
        "found duplicate anchor; first occurrence",
    )
)
_INDENTATION = "check the indentation of this line and the one before it"
_HINTS = {
    "mapping values are not allowed in this context": "quote a value that holds ': '; else " + _INDENTATION,
    "did not find expected key": _INDENTATION,
    "did not find expected '-' indicator": _INDENTATION,
    "block sequence entries are not allowed in this context": "start the list on its own line; " + _INDENTATION,
    "found character that cannot start any token": "quote the value",
    "but found another document": "keep one document per file, and remove the '---'",
    "did not find expected <document start>": "quote the value, or " + _INDENTATION,
    "found unknown escape character": "double the backslash, or use single quotes",
    "found unexpected end of stream": "close the quote",
}


class SyntaxFault(NamedTuple):
    """A syntax error: what is wrong, what to do, and at which character."""

    message: str
    hint: str
    at: int


def explain(error: yaml.YAMLError, text: str) -> SyntaxFault:
    """What a person needs to know about libyaml's refusal of `text`."""
    forbidden = _FORBIDDEN.search(text)
    if forbidden and not isinstance(error, yaml.MarkedYAMLError):
        code = ord(forbidden.group())
        return SyntaxFault(f"The character U+{code:04X} cannot stand in YAML", "remove it", forbidden.start())
    if not isinstance(error, yaml.MarkedYAMLError):
        return SyntaxFault(f"This is not YAML: {error}", "", 0)
    mark = _place(error, text)
    index = min(mark.index, len(text)) if mark is not None else 0
    problem = error.problem or error.context or "it cannot be read"
    if problem == "second occurrence" and error.context:
        problem = error.context
    known = _known(problem)
    message = _PLAIN_WORDS.get(known, problem[:1].upper() + problem[1:])
    context = _context(error, known, text) if mark is not error.context_mark else ""
    return SyntaxFault(message + context, _hint(known, text, index), index)


def _place(error: yaml.MarkedYAMLError, text: str) -> yaml.Mark | None:
    """Where to look: at what is not closed, if the parser noticed that only at the very end."""
    found, began = error.problem_mark, error.context_mark
    if found and began and _known(error.problem or "") in _UNCLOSED and found.index >= len(text.rstrip()):
        return began
    return found or began


def _context(error: yaml.MarkedYAMLError, problem: str, text: str) -> str:
    """What libyaml was at, where that began in another line."""
    if not error.context or error.context_mark is None or problem not in _NEEDS_CONTEXT:
        return ""
    started = text.count("\n", 0, error.context_mark.index) + 1
    if error.problem_mark is not None and text.count("\n", 0, error.problem_mark.index) + 1 == started:
        return ""
    return f" ({error.context}, which started in line {started})"


def _known(problem: str) -> str:
    """The table's entry for a problem, whose text may name what was found."""
    return next((entry for entry in _PLAIN_WORDS if problem.startswith(entry)), problem)


def _hint(problem: str, text: str, index: int) -> str:
    lines = text.split("\n")
    number = text.count("\n", 0, index)
    here = lines[number] if number < len(lines) else ""
    before = lines[number - 1] if number else ""
    if _TAB_INDENT.match(here) or _TAB_INDENT.match(before):
        return "indent with spaces: YAML allows no tabs there"
    if _BARE_TEMPLATE.search(here) or _BARE_TEMPLATE.search(before):
        return 'a value that starts with a template needs quotes: "{{ ... }}"'
    if problem in _COLONS and any(_MISSING_SPACE.match(line) for line in (here, before)):
        return "put a space after the colon"
    if problem == "could not find expected ':'":
        return "write 'key: value', or indent the line if it goes on with a text"
    return _HINTS.get(problem, "")
