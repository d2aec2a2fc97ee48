"""A template's text -> what it reads, where it is so plain that it does not take Jinja2 to tell."""

import re
from functools import lru_cache

from attune_registry.checks.expressions import GUARDS, NAMING, Read, Template, Use

_MARKS = ("{{", "{%", "{#")
# `(?>(...)*)` is `(...)*+`, which is broken in early releases of 3.11.
# What most people write: `{{ a.b['c'][0] | filter('text', 1) }}`.
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_NUMBER = r"(?:0|[1-9][0-9]{0,8})"
_PATH = rf"{_NAME}(?>(?:\.{_NAME}|\[{_NUMBER}\]|\['[^'\\{{}}]*'\])*)"
_LITERAL = rf"(?:'[^'\\{{}}]*'|{_NUMBER})"
_FILTER = rf"[ \t\n]*\|[ \t\n]*{_NAME}(?>(?:\([ ]*(?:{_LITERAL}(?>(?:[ ]*,[ ]*{_LITERAL})*))?[ ]*\))?)"
_PLAIN = re.compile(rf"(?<!\{{)\{{\{{-?[ \t\n]*({_PATH})((?>(?:{_FILTER})*))[ \t\n]*-?\}}\}}")
_DOTTED = re.compile(rf"\{{\{{ ({_NAME}(?>(?:\.{_NAME})*)) \}}\}}")
_STEP = re.compile(rf"\.({_NAME})|\[([0-9]+)\]|\['([^']*)'\]")
_BEFORE_PATH = re.compile(r"[.\[]")
_QUOTED = re.compile(r"'[^']*'")
_FILTER_NAME = re.compile(rf"\|[ \t\n]*({_NAME})")
_RESERVED = frozenset(("and", "else", "elif", "if", "in", "is", "not", "or", "true", "false", "none"))


def dotted(text: str) -> Template | None:
    """The answer where there is nothing but texts and `{{ a.b.c }}`, None where there is more."""
    parts = _DOTTED.split(text)
    if len(parts) == 1:
        return None
    reads = []
    offset = 0
    for at in range(1, len(parts), 2):
        before, written = parts[at - 1], parts[at]
        known = _named(written)
        if known is None or "{" in before:
            return None
        offset += len(before) + 3
        reads.append(Read(known[0], known[1], offset))
        offset += len(written) + 3
    return None if "{" in parts[-1] else Template(tuple(reads))


@lru_cache(maxsize=8192)
def _named(written: str) -> tuple[str, tuple[str, ...]] | None:
    """The name and the steps of a path with dots, None where the name is a word of Jinja2's."""
    name, *steps = written.split(".")
    return None if name.lower() in _RESERVED else (name, tuple(steps))


def plainly(text: str) -> Template | None:
    """The answer where all of it is plain, None where it takes Jinja2 to tell."""
    if "{%" in text:
        return None
    rest = _PLAIN.sub(" ", text)
    if any(mark in rest for mark in _MARKS):
        return None
    reads: list[Read] = []
    filters: list[Use] = []
    for match in _PLAIN.finditer(text):
        written, piped = match.group(1, 2)
        name = _BEFORE_PATH.split(written, 1)[0]
        if name.lower() in _RESERVED:
            return None
        used = _filters(piped, match.start(2)) if piped else []
        if any(use.name in NAMING for use in used):
            return None
        filters += used
        guarded = any(use.name in GUARDS for use in used[:1])
        reads.append(Read(name, _path(written, len(name)), match.start(1), guarded=guarded))
    return Template(tuple(reads), tuple(filters))


def _filters(piped: str, start: int) -> list[Use]:
    without_texts = _QUOTED.sub(lambda text: " " * len(text[0]), piped)
    return [Use(use[1], start + use.start(1)) for use in _FILTER_NAME.finditer(without_texts)]


def _path(written: str, start: int) -> tuple[str | int, ...]:
    if len(written) == start:
        return ()
    steps = _STEP.finditer(written, start)
    return tuple(int(step[2]) if step[2] else step[1] or step[3] for step in steps)
