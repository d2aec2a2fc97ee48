"""What a check of files came to, before it takes any format."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from ..problems import SEVERITIES, Severity
from ..shown import shown

Read = Callable[[str], bytes | None]


class Located(NamedTuple):
    """A problem and the file it is in; the path is from the repository's root. `hint` is None for none."""

    path: str
    line: int
    column: int
    rule: str
    severity: Severity
    message: str
    pointer: str
    hint: str | None

    @property
    def sentence(self) -> str:
        """The message, and the hint behind it."""
        return f"{self.message.rstrip('.')} ({self.hint})" if self.hint else self.message


class Report(NamedTuple):
    """The files that were checked, the problems by position, and a way to see what is in a file."""

    paths: tuple[str, ...]
    problems: tuple[Located, ...]
    read: Read

    @property
    def has_errors(self) -> bool:
        """True when some file cannot be served as it stands."""
        return any(problem.severity == "error" for problem in self.problems)

    def counts(self) -> dict[Severity, int]:
        """How many problems there are of each severity."""
        counted = Counter(problem.severity for problem in self.problems)
        return {severity: counted[severity] for severity in SEVERITIES}

    def by_path(self) -> dict[str, list[Located]]:
        """The problems of each file that was checked or has any, by path."""
        found: dict[str, list[Located]] = {path: [] for path in self.paths}
        for problem in self.problems:
            found.setdefault(problem.path, []).append(problem)
        return dict(sorted(found.items()))


def report_on(known: frozenset[str], problems: Iterable[Located], wanted: frozenset[str] | None, read: Read) -> Report:
    """A report on the wanted ones of the known files, or on all; each is named as it is shown."""
    paths = known if wanted is None else known & wanted
    # A problem has the name that is shown, and what was asked for the bytes that are no UTF-8.
    names = None if wanted is None else frozenset(map(shown, wanted))
    found = tuple(problem for problem in problems if names is None or problem.path in names)
    return Report(tuple(sorted(map(shown, paths))), found, read)


def located(problems: Iterable[Mapping[str, Any]]) -> list[Located]:
    """Problems as the API gives them, as values; bytes in paths that are no UTF-8 are replaced."""
    found = [Located(**problem) for problem in problems]
    return [
        problem
        if problem.path.isascii()
        else problem._replace(path=shown(problem.path), message=shown(problem.message))
        for problem in found
    ]


def summary(report: Report) -> str:
    """One sentence: `12 files checked: 1 error, 2 warnings, 3 pieces of advice.`"""
    counts = report.counts()
    said = [_counted(counts["error"], "error", "errors"), _counted(counts["warning"], "warning", "warnings")]
    said.append(_counted(counts["advice"], "piece of advice", "pieces of advice"))
    found = ", ".join(filter(None, said)) or "no problems"
    return f"{_counted(len(report.paths), 'file', 'files') or 'No files'} checked: {found}."


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}" if number else ""
