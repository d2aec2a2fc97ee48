"""What a call gives to a workflow, and the param_schema there -> what does not fit, whatever is filled in besides."""

from functools import lru_cache
from itertools import takewhile
from typing import Any, NamedTuple

import jsonschema_rs
import orjson

from attune_registry.checks.effort import STEP, TOLD, Allowance, Effort
from attune_registry.checks.expressions import is_template
from attune_registry.checks.jsonschemas import compile_schema, dialect_of
from attune_registry.checks.kept_json import kept_json
from attune_registry.checks.vocabulary import parts

# Where an error is found: in the schema, and in the inputs.
_Errors = dict[tuple[tuple[str | int, ...], tuple[str | int, ...]], str]
_OF_ONE_INPUT = ("properties", "patternProperties", "additionalProperties")


class Misfit(NamedTuple):
    """What does not fit: the steps to it (none where it is the inputs together), and why."""

    steps: tuple[str | int, ...]
    why: str


class _Compiled(NamedTuple):
    validator: jsonschema_rs.Validator
    schema: dict[str, Any]
    effort: Effort


class _TooMuch(Exception):
    """More steps than may be taken to tell."""


def misfits(literals: dict[str, Any], schema: dict[str, Any], is_all: bool, allowance: Allowance) -> list[Misfit]:
    """What of these inputs does not fit; that they do not go together is told where nothing else is wrong.

    `is_all` says that no others are given. What only holds until a default is filled in, or only since, is not told.
    """
    compiled = _compiled(kept_json(schema)) if literals or is_all else None
    try:
        return _found(literals, compiled, is_all, allowance) if compiled else []
    except _TooMuch:
        return [Misfit((), "it takes too many steps to hold them against its param_schema")]


def _found(literals: dict[str, Any], compiled: _Compiled, is_all: bool, allowance: Allowance) -> list[Misfit]:
    errors = _errors(compiled, literals, allowance)
    if not errors:
        return []
    if is_all:
        defaults, is_all = _defaults(compiled.schema, literals)
        filled = _errors(compiled, {**defaults, **literals}, allowance) if defaults else errors
        errors = {place: why for place, why in errors.items() if place in filled}
    of_one = [Misfit(at, why) for (rule, at), why in errors.items() if at and (is_all or not _is_conditional(rule))]
    return of_one or [Misfit((), why) for why in dict.fromkeys(errors.values()) if is_all]


@lru_cache(maxsize=512)
def _compiled(text: bytes) -> _Compiled | None:
    schema = orjson.loads(text)
    try:
        validator = compile_schema(schema, dialect_of(schema) or "", formats=True)
        return _Compiled(validator, schema, Effort(schema))
    except (ValueError, KeyError):
        return None


def _errors(compiled: _Compiled, inputs: dict[str, Any], allowance: Allowance) -> _Errors:
    steps = compiled.effort.steps(compiled.schema, inputs, allowance)
    if not allowance.covers(STEP * steps):
        raise _TooMuch
    if compiled.validator.is_valid(inputs):
        return {}
    if not allowance.covers(TOLD * steps):
        raise _TooMuch
    found = compiled.validator.iter_errors(inputs)
    return {(tuple(error.schema_path), tuple(error.instance_path)): error.message for error in found}


def _is_conditional(rule: tuple[str | int, ...]) -> bool:
    """True for a rule that holds only if others of the inputs are as they are."""
    return not {"then", "else"}.isdisjoint(takewhile(lambda step: step not in _OF_ONE_INPUT, rule))


def _defaults(schema: dict[str, Any], given: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """What defaults give for inputs that are not given, and whether it is known that there are no others."""
    found: dict[str, Any] = {}
    is_known = True
    for at, part in parts(schema, schema):
        properties = part.get("properties")
        for name, below in properties.items() if isinstance(properties, dict) else ():
            if name in given or name in found:
                continue
            if not at and _has_literal_default(below):
                found[name] = below["default"]
            elif any("default" in inner for _, inner in parts(below, schema)):
                is_known = False
    return found, is_known


def _has_literal_default(schema: Any) -> bool:
    default = schema.get("default") if isinstance(schema, dict) else None
    return default is not None and not (isinstance(default, str) and is_template(default))
