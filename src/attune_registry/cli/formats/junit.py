"""A report as JUnit XML: each file is a test that passes or fails."""

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ..report import Located, Report

# What XML 1.0 cannot hold, not even escaped.
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """Errors fail their file's test; warnings and advice are its output."""
    by_path = report.by_path()
    failed = sum(any(problem.severity == "error" for problem in problems) for problems in by_path.values())
    counts = {"tests": str(len(by_path)), "failures": str(failed), "errors": "0"}
    suites = Element("testsuites", {"name": "attune-registry", **counts})
    suite = SubElement(suites, "testsuite", {"name": "attune-registry validate", **counts, "skipped": "0"})
    for path, problems in by_path.items():
        _case(suite, path, problems)
    indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suites, encoding="unicode")


def _case(suite: Element, path: str, problems: list[Located]) -> None:
    case = SubElement(suite, "testcase", {"classname": "attune-registry", "name": _clean(path), "file": _clean(path)})
    errors = [problem for problem in problems if problem.severity == "error"]
    others = [problem for problem in problems if problem.severity != "error"]
    if errors:
        said = {"type": errors[0].rule, "message": _clean(errors[0].message)}
        SubElement(case, "failure", said).text = _lines(errors)
    if others:
        SubElement(case, "system-out").text = _lines(others)


def _lines(problems: list[Located]) -> str:
    return _clean("\n".join(map(_line, problems)))


def _line(problem: Located) -> str:
    place = f"{problem.path}:{problem.line}:{problem.column}"
    return f"{place}: {problem.severity}: {problem.sentence} [{problem.rule}]"


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
