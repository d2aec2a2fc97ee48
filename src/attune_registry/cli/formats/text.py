"""A report for people: each problem with its line, a caret under the place, and what to do about it."""

from collections.abc import Iterator, Mapping

from rich.cells import cell_len

from ...problems import Severity
from ..brush import Brush, brush
from ..report import Located, Report, summary

_COLOURS: Mapping[Severity, str] = {"error": "red", "warning": "yellow", "advice": "cyan"}
_WIDEST = 160
_BEFORE = 60


def render(report: Report) -> str:
    """Coloured when standard output is a terminal (and NO_COLOR is not set)."""
    paint = brush()
    parts: list[str] = []
    for path, problems in report.by_path().items():
        lines = _lines_of(report, path) if problems else []
        parts.extend("\n".join(_problem(problem, lines, paint)) + "\n" for problem in problems)
    worst = next((severity for severity, count in report.counts().items() if count), None)
    parts.append(paint(summary(report), _COLOURS[worst] if worst else "green", bold=True))
    return "\n".join(parts)


def _problem(problem: Located, lines: list[str], paint: Brush) -> Iterator[str]:
    colour = _COLOURS[problem.severity]
    place = paint(f"{visible(problem.path)}:{problem.line}:{problem.column}", bold=True)
    rule = paint(f"[{problem.rule}]", dim=True)
    yield f"{place}: {paint(problem.severity, colour, bold=True)}: {visible(problem.message)} {rule}"
    margin = " " * len(str(problem.line))
    line = lines[problem.line - 1].rstrip() if problem.line <= len(lines) else ""
    if line:
        shown, caret = _excerpt(line, problem.column)
        yield f"  {paint(f'{problem.line} |', 'blue')} {shown}"
        yield f"  {paint(f'{margin} |', 'blue')} {' ' * caret}{paint('^', colour, bold=True)}"
    if problem.hint:
        yield f"  {margin} {paint('=', 'blue')} hint: {visible(problem.hint)}"


def _excerpt(line: str, column: int) -> tuple[str, int]:
    """The part of a line around a column, and how many cells into it the column is."""
    first = max(column - _BEFORE, 0) if len(line) > _WIDEST else 0
    cut = line[first : first + _WIDEST]
    before = ("..." if first else "") + visible(cut[: column - 1 - first])
    after = visible(cut[column - 1 - first :]) + ("..." if first + _WIDEST < len(line) else "")
    return before + after, cell_len(before)


def visible(text: str) -> str:
    """Text that does nothing to a terminal: what it could take for a command is replaced."""
    if text.isprintable():
        return text
    return "".join(part if part.isprintable() else " " if part.isspace() else "\ufffd" for part in text)


def _lines_of(report: Report, path: str) -> list[str]:
    raw = report.read(path) or b""
    return raw.decode("utf-8-sig", errors="replace").split("\n")
