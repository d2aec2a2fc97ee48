"""A report, in the formats that people and pipelines read; one file each, all `render(report) -> str`."""

from collections.abc import Callable, Mapping

from ..report import Report
from . import github, gitlab, json_object, junit, sarif, text

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": text.render,
    "json": json_object.render,
    "github": github.render,
    "gitlab": gitlab.render,
    "sarif": sarif.render,
    "junit": junit.render,
}
