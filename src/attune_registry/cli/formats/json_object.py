"""A report as JSON: how many files, every problem, and the shapes of the workflows' graphs."""

from typing import Any

import orjson

from ...checks.graph import picture
from ...forms.checking import workflow_view
from ...layout import place_of
from ..report import Report

# Each picture needs its file parsed: of a whole registry nobody looks at them, and everybody waits.
_MOST_GRAPHS = 100


def render(report: Report) -> str:
    """`{"files": n, "problems": [{path, line, column, rule, severity, message, pointer, hint}]}`.

    Where at most 100 files were checked, `graphs` has the shape of each workflow's graph, by path.
    """
    said: dict[str, Any] = {
        "files": len(report.paths),
        "problems": [problem._asdict() for problem in report.problems],
    }
    graphs = _graphs(report) if len(report.paths) <= _MOST_GRAPHS else {}
    if graphs:
        said["graphs"] = graphs
    return orjson.dumps(said, option=orjson.OPT_INDENT_2).decode()


def _graphs(report: Report) -> dict[str, Any]:
    shapes = {path: _shape(path, report.read(path)) for path in report.paths}
    return {path: shape for path, shape in shapes.items() if shape}


def _shape(path: str, raw: bytes | None) -> dict[str, Any] | None:
    place = place_of(path)
    if raw is None or place is None or place.kind != "workflow":
        return None
    view = workflow_view(raw, place.ref)
    definition = view["definition"] if view else None
    return picture(definition) if isinstance(definition, dict) else None
