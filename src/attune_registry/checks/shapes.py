"""A template's text -> its shape: what Jinja2's parser goes by, which many templates share."""

import re
from typing import NamedTuple

from attune_registry.checks.expressions import METHODS, NAMING

# Names stand in for each other like this in shapes; a template with such a name of its own has none.
_STAND_IN = "q_q"
_TEXT = r"""(?:'[^'{}%\#\\]*'|"[^"{}%\#\\]*")"""
# `(?>(...)*)` is `(...)*+`, which is broken in early releases of 3.11.
_INSIDE = rf"""(?>(?:[^{{}}%\#\\'"\r]|{_TEXT})*)"""
_BLOCK = re.compile(rf"(\{{\{{{_INSIDE}\}}\}}|\{{%{_INSIDE}%\}})")
# An expression without braces in it, which Jinja2 reads alike alone and among others.
_EXPRESSION = re.compile(r"\{\{[^{}]*\}\}")
_TEXTS = re.compile(_TEXT)
# What a text may matter to: one in brackets and one given to `get` may be a step of a path, others name a filter or a
# test. Where this finds too much, texts are kept in vain.
_TAKING = re.compile(rf"\[|[.|r]\s*(?:get|{'|'.join(NAMING)})\b")
# Texts and numbers; what follows a dot; filters and tests, whose names matter; any other word.
_WORD = re.compile(
    rf"({_TEXT})|([0-9][0-9A-Za-z_.]*)|(\|\s*[A-Za-z_][\w.]*|\bis\s+(?:not\s+)?[A-Za-z_][\w.]*)|([A-Za-z_]\w*)"
)
_STATEMENT = re.compile(r"\{%[-]?\s*([a-z]+)\b")
_STATEMENTS = frozenset({"if", "elif", "else", "endif", "for", "endfor", "set", "endset"})
# Words that the parser, or our own reading of its tree, knows by name.
_KNOWN = _STATEMENTS.union(
    ("and", "or", "not", "in", "is", "recursive", "true", "false", "none", "True", "False", "None", "loop", "self"),
    ("super", "caller", "varargs", "kwargs", "defined", "undefined", "default", "d"),
    METHODS,
)


class Shape(NamedTuple):
    """A template with stand-ins for its names and without its texts; `names` are those that were there."""

    text: str
    names: dict[str, str]


def shape_of(text: str) -> Shape | None:
    """The shape of a template, None where it takes the parser to tell one."""
    if _STAND_IN in text or not text.isascii():
        return None
    parts = _BLOCK.split(text)
    if any("{" in part or "}" in part or "\r" in part for part in parts[::2]):
        return None
    naming = _Naming()
    shaped: list[str] = []
    for at, part in enumerate(parts):
        if at % 2:
            statement = _STATEMENT.match(part) if part[1] == "%" else None
            if part[1] == "%" and (statement is None or statement[1] not in _STATEMENTS):
                return None
            naming.keeps_texts = _TAKING.search(part) is not None
            shaped.append(_WORD.sub(naming.stand_in, part))
        else:
            # Jinja2 tells places by their lines.
            shaped.append("\n" * part.count("\n"))
    return Shape("".join(shaped), {stand_in: name for name, stand_in in naming.names.items()})


def essentials(text: str) -> list[str] | None:
    """What a template says apart from its texts: each of its expressions, or all blocks together if it has others.

    None where that cannot be told by a look. These come again and again where the texts around them differ.
    """
    if "{%" in text:
        blocks = ["".join(_BLOCK.findall(text))]
        # Within `raw` it is the texts that matter.
        is_all = blocks[0].count("{") == text.count("{") and "raw" not in blocks[0]
    else:
        blocks = _EXPRESSION.findall(text)
        is_all = 2 * len(blocks) == text.count("{")
    if not is_all:
        return None
    return [_bare(block) for block in blocks] if "'" in text or '"' in text else blocks


def _bare(block: str) -> str:
    """A block without its texts, unless they matter; what is escaped may not be one."""
    return block if "\\" in block or _TAKING.search(block) else _TEXTS.sub("''", block)


class _Naming:
    """Gives each name of a template one that stands in for it."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        # Where texts matter.
        self.keeps_texts = False

    def stand_in(self, match: re.Match[str]) -> str:
        """What a shape has in place of a word."""
        text, number, judged, word = match.groups()
        if text:
            return text if self.keeps_texts or "\n" in text else "''"
        if number or judged or word in _KNOWN:
            return match[0]
        return self.names.setdefault(word, f"{_STAND_IN}{len(self.names)}")
