"""A report as workflow commands, which GitHub Actions shows beside the lines of a pull request."""

from collections.abc import Mapping

from ...problems import Severity
from ..report import Located, Report, summary

_LEVELS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "advice": "notice"}


def render(report: Report) -> str:
    """One command a line, and the summary last."""
    return "\n".join([*map(_command, report.problems), summary(report)])


def _command(problem: Located) -> str:
    place = f"file={_property(problem.path)},line={problem.line},col={problem.column}"
    return f"::{_LEVELS[problem.severity]} {place},title={_property(problem.rule)}::{_data(problem.sentence)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
