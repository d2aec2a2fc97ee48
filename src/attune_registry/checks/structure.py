"""What the schema of a kind of file finds wrong with its shape, said for a person."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import jsonschema_rs

from attune_registry.checks.jsonschemas import accepts
from attune_registry.problems import Finding


def shape(data: Any, schema: Any, validator: jsonschema_rs.Validator) -> list[Finding]:
    """Every way in which `data` is not what `schema` asks for; `validator` decides, jsonschema explains."""
    if accepts(validator, data):
        return []
    # A process that comes across no such file is spared what an explanation takes.
    explained: Callable[[Any, Any], list[Finding]] = import_module("attune_registry.checks.explanations").explained
    findings = explained(data, schema)
    return findings or [Finding("schema-value", "", _last_resort(validator, data))]


def _last_resort(validator: jsonschema_rs.Validator, data: Any) -> str:
    try:
        return next((error.message for error in validator.iter_errors(data)), "This does not meet the schema")
    except ValueError:
        return "This holds text that is not Unicode"
