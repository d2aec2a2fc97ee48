"""The schema of workflow files -> one for the platform's own, whose tasks may say more than the contract's."""

from functools import lru_cache
from typing import Any

import orjson

from attune_registry.checks.contract import Schema
from attune_registry.checks.effort import Effort
from attune_registry.checks.jsonschemas import compile_schema
from attune_registry.pointers import pointer

_KEPT = 8
# A task that says that it is parallel lacks its tasks, any other one its action.
_IS_PARALLEL = {"properties": {"type": {"const": "parallel"}}, "required": ["type"]}
_EITHER = {
    "if": {"not": {"anyOf": [{"required": ["tasks"]}, {"required": ["action"]}]}},
    "then": {"if": _IS_PARALLEL, "then": {"required": ["tasks"]}, "else": {"required": ["action"]}},
}
_TARGET = {"type": ["string", "array"]}
# The platform works a timeout out when the task runs; of a retry it takes whole numbers alone (its workflow/parser.rs).
_TEMPLATE = {"type": "string", "pattern": r"\{\{|\{%"}


def relaxed(schema: Schema) -> Schema:
    """The schema as it is for the platform's files: all that it asks for, but of the tasks what the platform does."""
    floor = _made(orjson.dumps(schema.floor.data), False) if schema.floor else None
    return _made(orjson.dumps(schema.data), schema.effort is not None)._replace(floor=floor)


@lru_cache(maxsize=_KEPT)
def _made(raw: bytes, is_counted: bool) -> Schema:
    data = _walked(orjson.loads(raw), ())
    return Schema(data, compile_schema(data), None, Effort(data) if is_counted else None)


def _walked(part: Any, steps: tuple[str | int, ...]) -> Any:
    if isinstance(part, list):
        return [_walked(item, (*steps, number)) for number, item in enumerate(part)]
    if not isinstance(part, dict):
        return part
    walked = {key: _walked(value, (*steps, key)) for key, value in part.items()}
    properties = walked.get("properties")
    is_task = isinstance(properties, dict) and {"action", "on_success"} <= properties.keys()
    return _task(walked, f"#{pointer(*steps)}") if is_task else walked


def _task(schema: dict[str, Any], own: str) -> dict[str, Any]:
    """A task may have several successors under conditions, tasks instead of an action, and a template as timeout."""
    properties = {**schema["properties"]}
    for key in ("on_success", "on_failure"):
        if isinstance(properties.get(key), dict):
            properties[key] = {**properties[key], **_TARGET}
    if "timeout" in properties:
        properties["timeout"] = {"if": _TEMPLATE, "else": properties["timeout"]}
    properties.setdefault("tasks", {"type": "array", "items": {"$ref": own}})
    made = {**schema, "properties": properties}
    if "action" in schema.get("required", ()):
        made["required"] = [name for name in schema["required"] if name != "action"]
        made["allOf"] = [*schema.get("allOf", ()), _EITHER]
    return made
