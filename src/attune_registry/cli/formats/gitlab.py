"""A report as GitLab's code quality artifact, which a merge request shows and compares."""

import json
from collections.abc import Mapping

from ...problems import Severity
from ..report import Report
from .fingerprints import fingerprinted

_SEVERITIES: Mapping[Severity, str] = {"error": "critical", "warning": "minor", "advice": "info"}


def render(report: Report) -> str:
    """A JSON list of issues (https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format)."""
    issues = [
        {
            "description": problem.sentence,
            "check_name": problem.rule,
            "fingerprint": fingerprint,
            "severity": _SEVERITIES[problem.severity],
            "location": {"path": problem.path, "lines": {"begin": problem.line}},
        }
        for fingerprint, problem in fingerprinted(report)
    ]
    return json.dumps(issues, indent=2)
