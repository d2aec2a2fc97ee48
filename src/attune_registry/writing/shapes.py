"""The fields of packs and workflows as clients send them, and what is wrong with a body before its content."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from .. import errors
from ..checks.nearest import Guesses
from ..pointers import pointer
from ..problems import Finding, Problem


class Shape(NamedTuple):
    """Which fields a body may have: written into the file in this order, naming the thing, or read only."""

    kind: Literal["pack", "workflow"]
    fields: tuple[str, ...]
    naming: tuple[str, ...]
    required: tuple[str, ...]
    clearable: tuple[str, ...]
    read_only: tuple[str, ...]
    defaults: Mapping[str, Any]


WORKFLOW = Shape(
    kind="workflow",
    fields=("label", "description", "version", "tags", "enabled", "param_schema", "out_schema", "definition"),
    naming=("ref", "pack_ref"),
    required=("ref", "pack_ref", "label", "version", "definition"),
    clearable=("description", "param_schema", "out_schema"),
    read_only=("id", "pack", "created", "updated", "git", "stale", "problems"),
    defaults={"tags": [], "enabled": True},
)
PACK = Shape(
    kind="pack",
    fields=("label", "description", "version", "tags", "dependencies"),
    naming=("ref",),
    required=("ref", "label", "version"),
    clearable=("description", "dependencies"),
    read_only=("id", "created", "updated", "git", "stale", "problems"),
    defaults={"tags": [], "dependencies": []},
)
SHAPES = {"workflow": WORKFLOW, "pack": PACK}
_DEFINITION = ("tasks", "variables")
_TASK = ("name", "action", "input", "on_success", "on_failure", "retry", "timeout")
_RETRY = ("count", "delay")


def definition_in_order(definition: Any) -> Any:
    """A definition with the contract's fields in the contract's order, all others after them as they came.

    What people name themselves (inputs, variables) stays in their order.
    """
    if not isinstance(definition, dict):
        return definition
    tasks = definition.get("tasks")
    ordered = {"tasks": list(map(_task_in_order, tasks))} if isinstance(tasks, list) else {}
    return _ordered({**definition, **ordered}, _DEFINITION)


def _task_in_order(task: Any) -> Any:
    if not isinstance(task, dict):
        return task
    retry = task.get("retry")
    ordered = {"retry": _ordered(retry, _RETRY)} if isinstance(retry, dict) else {}
    return _ordered({**task, **ordered}, _TASK)


def _ordered(fields: Mapping[str, Any], order: tuple[str, ...]) -> dict[str, Any]:
    return {name: fields[name] for name in (*order, *fields) if name in fields}


def detail(field: str, rule: str, message: str, hint: str = "") -> dict[str, Any]:
    """A detail about one field of a body."""
    return {"pointer": pointer(field), "rule": rule, "message": message, "hint": hint or None}


def unknown_fields(body: Mapping[str, Any], known: tuple[str, ...]) -> list[dict[str, Any]]:
    """A detail for each field that is not `known`."""
    guesses = Guesses()
    return [
        detail(field, "unknown-field", f"There is no field '{field}'.", guesses.did_you_mean(field, known))
        for field in body
        if field not in known
    ]


def missing_fields(shape: Shape, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A detail for each required field that is absent or null."""
    return [
        detail(field, "required", f"'{field}' is missing.", f"a {shape.kind} needs {', '.join(shape.required)}")
        for field in shape.required
        if body.get(field) is None
    ]


def details_of(found: Iterable[Finding | Problem]) -> list[dict[str, Any]]:
    """What was found as details of an answer."""
    return [
        {"pointer": each.pointer, "rule": each.rule, "message": each.message, "hint": each.hint or None}
        for each in found
    ]


def invalid(kind: str, ref: str, found: Iterable[Finding | Problem]) -> errors.Invalid:
    """What is wrong with a pack or workflow that somebody wants written."""
    details = details_of(found)
    count = "a problem" if len(details) == 1 else f"{len(details)} problems"
    return errors.Invalid(f"The {kind} '{ref}' has {count}; see details.", details=details)
