"""A report as JSON: how many files, and every problem."""

import orjson

from ..report import Report


def render(report: Report) -> str:
    """`{"files": n, "problems": [{path, line, column, rule, severity, message, pointer, hint}]}`."""
    said = {"files": len(report.paths), "problems": [problem._asdict() for problem in report.problems]}
    return orjson.dumps(said, option=orjson.OPT_INDENT_2).decode()
