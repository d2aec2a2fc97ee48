"""A report, in the formats that people and pipelines read; one file each, all `render(report) -> str`."""

import importlib
from collections.abc import Callable, Mapping

from ..report import Report

# By the names of their modules, so that only the one that is asked for is imported.
FORMATS: Mapping[str, str] = {
    "text": "text",
    "json": "json_object",
    "github": "github",
    "gitlab": "gitlab",
    "sarif": "sarif",
    "junit": "junit",
}


def render(report: Report, form: str) -> str:
    """The report in a format."""
    module = importlib.import_module(f".{FORMATS[form]}", __package__)
    rendering: Callable[[Report], str] = module.render
    return rendering(report)
