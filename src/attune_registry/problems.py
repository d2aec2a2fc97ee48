"""What a check yields: a finding points into the data, a problem points into the file."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

Severity = Literal["error", "warning", "advice"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "advice")

# The hint of a finding about a plain scalar; in a problem the scalar comes behind it, in quotes, as the file has it.
QUOTE_IT = "quote it"


class Position(NamedTuple):
    """A place in a file: line and column, both from 1, columns in characters."""

    line: int
    column: int


class Finding(NamedTuple):
    """Something wrong at a JSON pointer, before it is placed in the file and graded.

    `at_key` asks for the position of the mapping key instead of its value, `offset` for a character within
    a string value; `at` is a position known already, which nothing else overrides. `of` names one of several things
    that are told of together.
    """

    rule: str
    pointer: str
    message: str
    hint: str = ""
    at_key: bool = False
    offset: int | None = None
    at: Position | None = None
    of: str = ""


class Problem(NamedTuple):
    """Something wrong in a file, placed and graded; `hint` is what to do about it ("" for none).

    `path` is that of the file where it is another than the first of a workflow that is in two ("" for that one).
    """

    rule: str
    severity: Severity
    message: str
    pointer: str
    line: int
    column: int
    hint: str = ""
    path: str = ""


def has_errors(problems: tuple[Problem, ...]) -> bool:
    """True when the file these problems are of cannot be served as it stands."""
    return any(problem.severity == "error" for problem in problems)


def each_once(found: Iterable[tuple[str, Problem]]) -> list[tuple[str, Problem]]:
    """Problems of several workflows, each with the path of its own file, and once.

    What is wrong in a file with tasks is found for each action that names the file.
    """
    return list(dict.fromkeys((problem.path or path, problem) for path, problem in found))


def in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    """The problems by position, without repeats."""
    return tuple(sorted(set(problems), key=lambda p: (p.path, p.line, p.column, p.rule, p.pointer, p.message)))
