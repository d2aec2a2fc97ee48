"""A report as SARIF 2.1.0, which code scanning services read."""

import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from ...checks.rules import RULES
from ...problems import Severity
from ..report import Located, Report
from .fingerprints import fingerprinted

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "advice": "note"}


def render(report: Report) -> str:
    """One run, with the rules that were broken."""
    names = sorted({problem.rule for problem in report.problems})
    driver = {
        "name": "attune-registry",
        "version": version("attune-registry"),
        "rules": [_rule(name, report) for name in names],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": list(_results(report, names)),
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(name: str, report: Report) -> dict[str, Any]:
    known = RULES.get(name)
    if known is None:
        severity = next(problem.severity for problem in report.problems if problem.rule == name)
        return {"id": name, "defaultConfiguration": {"level": _LEVELS[severity]}}
    return {
        "id": name,
        "shortDescription": {"text": known.summary},
        "help": {"text": f"{known.summary}\n\nInstead of:\n\n{known.bad}\n\nwrite:\n\n{known.good}\n"},
        "defaultConfiguration": {"level": _LEVELS[known.severity]},
    }


def _results(report: Report, names: list[str]) -> Iterator[dict[str, Any]]:
    for fingerprint, problem in fingerprinted(report):
        yield {
            "ruleId": problem.rule,
            "ruleIndex": names.index(problem.rule),
            "level": _LEVELS[problem.severity],
            "message": {"text": problem.sentence},
            "locations": [_location(problem)],
            "partialFingerprints": {"attuneRegistry/v1": fingerprint},
        }


def _location(problem: Located) -> dict[str, Any]:
    place: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(problem.path), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": problem.line, "startColumn": problem.column},
        }
    }
    if problem.pointer:
        place["logicalLocations"] = [{"fullyQualifiedName": problem.pointer}]
    return place
