"""A JSON Schema that is none -> where it breaks the schema of schemas; it takes libraries that few files need."""

from collections.abc import Iterator
from typing import Any

from jsonschema import exceptions, validators

from attune_registry.checks.jsonschemas import DIALECTS
from attune_registry.checks.nearest import did_you_mean
from attune_registry.checks.quoting import quoted
from attune_registry.checks.wording import Breach, in_words
from attune_registry.pointers import pointer
from attune_registry.problems import Finding

_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")


def breaches(schema: dict[str, Any], dialect: str) -> Iterator[Finding]:
    """Where a schema breaks the schema of schemas."""
    # Older dialects are named with a # at the end.
    named = dialect if dialect in DIALECTS[:2] else dialect + "#"
    kind = validators.validator_for({"$schema": named})
    seen: set[str] = set()
    try:
        for error in kind(kind.META_SCHEMA).iter_errors(schema):
            for finding in _in_words(error):
                if finding.pointer not in seen:
                    seen.add(finding.pointer)
                    yield finding
    except RecursionError:
        return


def _in_words(error: exceptions.ValidationError) -> list[Finding]:
    steps = list(error.absolute_path)
    keyword = steps[-1] if steps and steps[-2:-1] != ["properties"] else ""
    if keyword == "type" or steps[-2:-1] == ["type"]:
        return [_bad_type(error.instance, pointer(*steps))]
    if keyword == "required" and isinstance(error.instance, bool):
        name = steps[-2] if len(steps) > 1 else "the name"
        hint = f"list {name} in required beside properties" if error.instance else "leave it out"
        message = "required is a list of names, not true or false"
        return [Finding("schema-invalid", pointer(*steps), message, hint)]
    if error.context:
        error = exceptions.best_match([error]) or error
    parts = error.schema if isinstance(error.schema, dict) else {}
    at = pointer(*error.absolute_path)
    breach = Breach(str(error.validator), error.validator_value, error.instance, parts, at, error.message)
    return [finding._replace(rule="schema-invalid") for finding in in_words(breach)]


def _bad_type(kind: Any, at: str) -> Finding:
    if isinstance(kind, list):
        for index, one in enumerate(kind):
            if one not in _TYPES:
                return _bad_type(one, at + pointer(index))
    hint = did_you_mean(str(kind), _TYPES) or f"the types are {', '.join(_TYPES)}"
    return Finding("schema-invalid", at, f"{quoted(kind)} is no type of JSON Schema", hint)
