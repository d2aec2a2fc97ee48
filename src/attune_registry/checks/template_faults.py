"""Jinja2's refusal of a template -> what is wrong, what to do about it, and where."""

import re
from bisect import bisect_right
from itertools import accumulate, pairwise, takewhile
from typing import NamedTuple

from jinja2.exceptions import TemplateError, TemplateSyntaxError

from attune_registry.checks.expressions import Fault
from attune_registry.checks.vocabulary import JINJA

_BEGINNINGS = frozenset({"variable_begin", "block_begin", "comment_begin", "raw_begin"})
# To find the tag all of the text is read twice more, wherever the fault is; of what is longer Jinja2 says the line.
_LONGEST = 10_000
_LINE_END = re.compile(r"\r\n?|\n")
_UNCLOSED = re.compile(r"Unexpected end of template.* needs to be closed is '(\w+)'")


def fault_of(text: str, error: TemplateSyntaxError) -> Fault:
    """Why the text of a template does not parse."""
    message = error.message or "it does not parse"
    where = _culprit(text, message) if len(text) <= _LONGEST else _start_of(text, error.lineno)
    return Fault(message.rstrip("."), _hint(message), where)


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


class _Tag(NamedTuple):
    """An expression, block or comment: where it starts in the text, and what is said in it."""

    start: int
    said: tuple[str, ...]

    def opens(self, name: str) -> bool:
        """True for what starts a block of this name; a set with a value is none."""
        is_block = name != "set" or "=" not in takewhile("|".__ne__, self.said)
        return self.said[:1] == (name,) and is_block


def _culprit(text: str, message: str) -> int:
    """Where the expression or block starts that the parser stumbled over; that which is never closed, at the end."""
    # The same for Jinja2, which counts these three as lines, and each character where it was.
    text = text.replace("\r\n", " \n").replace("\r", "\n")
    tags = _tags(text)
    unclosed = _UNCLOSED.match(message)
    if unclosed:
        return _last_open(tags, unclosed[1])
    # Where each tag starts a line of its own, the line says which of them it is.
    cuts = [0, *(tag.start for tag in tags), len(text)]
    pieces = [text[start:end] for start, end in pairwise(cuts)]
    lines = list(accumulate((piece.count("\n") + 1 for piece in pieces[:-1]), initial=1))
    return cuts[bisect_right(lines, _line_of_fault("\n".join(pieces))) - 1]


def _start_of(text: str, line: int) -> int:
    starts = [0, *(found.end() for found in _LINE_END.finditer(text))]
    return starts[min(line, len(starts)) - 1]


def _tags(text: str) -> list[_Tag]:
    """The tags of a template, as far as Jinja2 can cut it into words."""
    starts: list[int] = []
    said: list[list[str]] = []
    at = 0
    try:
        for _, sort, word in JINJA.lex(text):
            found = max(text.find(word, at), at)
            at = found + len(word)
            if sort in _BEGINNINGS:
                starts.append(found)
                said.append([])
            elif said and sort != "whitespace":
                said[-1].append(word)
    except TemplateSyntaxError:
        pass  # what it could not cut is in the last
    return [_Tag(start, tuple(words)) for start, words in zip(starts, said, strict=True)]


def _last_open(tags: list[_Tag], name: str) -> int:
    """Where the innermost block of a name starts that nothing ends."""
    ended = 0
    for tag in reversed(tags):
        if tag.said[:1] == (f"end{name}",):
            ended += 1
        elif tag.opens(name):
            if not ended:
                return tag.start
            ended -= 1
    return tags[-1].start if tags else 0


def _line_of_fault(text: str) -> int:
    """The line, from 1, that Jinja2 complains of."""
    try:
        JINJA.parse(text)
    except TemplateSyntaxError as error:
        return error.lineno
    except (TemplateError, ValueError, OverflowError, RecursionError, MemoryError):
        # What only just fits into the stack once, some frames further up, does not fit here.
        return 1
    return 1
