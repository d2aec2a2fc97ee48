"""`# registry: ignore[rule]` comments: what a file asks to be left alone about."""

import re
from typing import NamedTuple

from attune_registry.checks.nearest import did_you_mean
from attune_registry.checks.rules import RULES
from attune_registry.problems import Finding, Position, Problem
from attune_registry.yamldoc.document import Document

_MARK = re.compile(r"registry: *ignore")


class Ignores(NamedTuple):
    """What is ignored in the whole file and in single lines, and what is wrong with the comments themselves."""

    everywhere: frozenset[str]
    by_line: dict[int, frozenset[str]]
    findings: tuple[Finding, ...]

    def covers(self, problem: Problem) -> bool:
        """True when a comment asks not to hear of this problem."""
        if problem.rule in RULES and RULES[problem.rule].fixed:
            return False
        return problem.rule in self.everywhere or problem.rule in self.by_line.get(problem.line, ())


NOTHING = Ignores(frozenset(), {}, ())


def ignores(document: Document) -> Ignores:
    """What the comments of a document say.

    Behind a value a comment is about its own line, on a line of its own about the next line that holds something, with
    all lines of a text that starts or ends there, and above the first key about the whole file.
    """
    comments = document.ignored()
    if not comments:
        return NOTHING
    lines = document.text.split("\n")
    first_key = document.position("").line
    texts = document.long_scalars()
    everywhere: set[str] = set()
    by_line: dict[int, frozenset[str]] = {}
    for number, names in comments:
        if number < first_key:
            everywhere |= names
        else:
            about = _next_line(lines, number) if lines[number - 1].lstrip().startswith("#") else number
            for line in {about}.union(*(text for text in texts if about in (text[0], text[-1]))):
                by_line[line] = by_line.get(line, frozenset()) | names
    wrong = [finding for number, names in comments for finding in _wrong(number, names, lines)]
    return Ignores(frozenset(everywhere), by_line, tuple(wrong))


def _next_line(lines: list[str], number: int) -> int:
    """The next line after `number` (both from 1) that is neither blank nor a comment."""
    for at in range(number, len(lines)):
        text = lines[at].strip()
        if text and not text.startswith("#"):
            return at + 1
    return number


def _wrong(number: int, names: frozenset[str], lines: list[str]) -> list[Finding]:
    mark = _MARK.search(lines[number - 1])
    at = Position(number, mark.start() + 1 if mark else 1)
    found = []
    for name in sorted(names) or [""]:
        if name not in RULES:
            message = f"There is no rule {name!r} to ignore" if name else "This names no rule to ignore"
            found.append(Finding("ignore-comment", "", message, did_you_mean(name, RULES), at=at))
        elif RULES[name].fixed:
            message = f"{name} cannot be ignored: without it the file has no meaning"
            found.append(Finding("ignore-comment", "", message, "mend what it is about", at=at))
    return found
