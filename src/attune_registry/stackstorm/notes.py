"""What an import could not carry over as it was."""

import re
from collections.abc import Collection, Iterator
from typing import Any, Literal, NamedTuple

from ..pointers import pointer

Kind = Literal["yaql", "context", "config", "datastore", "changed", "left-out", "problem"]

# Within a template, from its opening on; one that does not end is no longer than this.
_IN = r"\{[{%](?:(?![%}]\}).){0,999}?"


def _read_of(scope: str) -> re.Pattern[str]:
    return re.compile(rf"{_IN}(?<![\w.'\"]){scope}\.\w", re.DOTALL)


# What to look for, by the name that means something else where the workflow has it: each by itself, since a template
# may read several. None: it means the same everywhere.
_KINDS: tuple[tuple[Kind, dict[str | None, re.Pattern[str]], str], ...] = (
    (
        "datastore",
        {None: re.compile(r"\bst2kv\b"), "system": _read_of("system"), "user": _read_of("user")},
        "reads StackStorm's datastore; keep the value in the keystore",
    ),
    (
        "config",
        {None: re.compile(r"\bconfig_context\b")},
        "reads the pack's configuration; see to it that it is there",
    ),
    (
        "context",
        {None: re.compile(rf"{_IN}\bctx\b|\baction_context\b", re.DOTALL)},
        "reads StackStorm's context; put it as a parameter or a variable",
    ),
    ("yaql", {None: re.compile(r"<%.*?%>", re.DOTALL)}, "is YAQL, kept as it is; put it as a Jinja2 template"),
)
_LONGEST = 80


class Note(NamedTuple):
    """One thing to look at: in which source file, at which pointer of what was made of it, and what it is."""

    source: str
    kind: Kind
    at: str
    message: str


def expressions(
    source: str, data: Any, known: Collection[str] = (), steps: tuple[str | int, ...] = ()
) -> Iterator[Note]:
    """A note for every expression that means something to StackStorm alone; `known` are the workflow's own names."""
    if isinstance(data, str):
        said = data if len(data) <= _LONGEST else data[: _LONGEST - 3] + "..."
        for kind, patterns, message in _KINDS:
            if any(pattern.search(data) for own, pattern in patterns.items() if own not in known):
                yield Note(source, kind, pointer(*steps), f"{said!r} {message}")
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from expressions(source, value, known, (*steps, key))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from expressions(source, value, known, (*steps, number))
