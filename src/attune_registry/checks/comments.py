"""`# registry: ignore[rule]` comments: what a file asks to be left alone about."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from attune_registry.checks.nearest import Guesses
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
    everywhere = frozenset[str]().union(*(names for number, names in comments if number < first_key))
    by_line = _by_line([comment for comment in comments if comment[0] >= first_key], lines, document.long_scalars())
    guesses = Guesses()
    wrong = [finding for number, names in comments for finding in _wrong(number, names, lines, guesses)]
    return Ignores(everywhere, by_line, tuple(wrong))


def _by_line(
    comments: Iterable[tuple[int, frozenset[str]]], lines: list[str], texts: Iterable[range]
) -> dict[int, frozenset[str]]:
    """The rules that comments name, by the lines that they are about."""
    following = _lines_following(lines)
    said: defaultdict[int, set[str]] = defaultdict(set)
    for number, names in comments:
        said[following[number] if lines[number - 1].lstrip().startswith("#") else number] |= names
    found = {line: frozenset(names) for line, names in said.items()}
    for text in texts:
        names = frozenset(said.get(text[0], ())).union(said.get(text[-1], ()))
        for line in text if names else ():
            found[line] = found.get(line, frozenset()) | names
    return found


def _lines_following(lines: list[str]) -> list[int]:
    """By the number of each line (from 1) that of the next which is neither blank nor a comment, or its own."""
    following = list(range(len(lines) + 1))
    for at in range(len(lines) - 1, 0, -1):
        text = lines[at].strip()
        is_last = following[at + 1] == at + 1
        following[at] = at + 1 if text and not text.startswith("#") else at if is_last else following[at + 1]
    return following


def _wrong(number: int, names: frozenset[str], lines: list[str], guesses: Guesses) -> list[Finding]:
    mark = _MARK.search(lines[number - 1])
    at = Position(number, mark.start() + 1 if mark else 1)
    found = []
    for name in sorted(names) or [""]:
        if name not in RULES:
            message = f"There is no rule {name!r} to ignore" if name else "This names no rule to ignore"
            found.append(Finding("ignore-comment", "", message, guesses.did_you_mean(name, RULES), at=at))
        elif RULES[name].fixed:
            message = f"{name} cannot be ignored: without it the file has no meaning"
            found.append(Finding("ignore-comment", "", message, "mend what it is about", at=at))
    return found
