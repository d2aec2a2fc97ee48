"""A file's data in the form of the HTTP contract: every field there, and no others."""

from typing import Any

_WORKFLOW: tuple[tuple[str, Any], ...] = (
    ("label", None),
    ("description", None),
    ("version", None),
    ("tags", None),
    ("enabled", True),
    ("param_schema", None),
    ("out_schema", None),
    ("definition", None),
)


def workflow_form(data: dict[str, Any]) -> dict[str, Any]:
    """The contract's fields of a workflow whose shape is right."""
    form = {name: data.get(name, default) for name, default in _WORKFLOW}
    form["tags"] = form["tags"] or []
    return form


def pack_form(data: dict[str, Any]) -> dict[str, Any]:
    """The fields of a pack whose shape is right; keys of the platform's own stay in the file."""
    return {
        "label": data["label"],
        "description": data.get("description"),
        "version": data["version"],
        "tags": data.get("tags") or [],
        "dependencies": data.get("dependencies") or [],
    }
