"""param_schema and out_schema: are they JSON Schema, and do they mean what they say."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module
from itertools import chain
from typing import Any, NamedTuple

import jsonschema_rs
import orjson

from attune_registry.checks import keywords
from attune_registry.checks.effort import MOST_WRITTEN_OUT, STEP, TOLD, Allowance, Effort, over_the_limit
from attune_registry.checks.jsonschemas import (
    LATEST,
    compile_map,
    dialect_of,
    ensure_valid,
    meets_metaschema,
    regex_fault,
    repeat_fault,
)
from attune_registry.checks.kept_json import kept_json
from attune_registry.checks.nearest import Guesses
from attune_registry.checks.quoting import quoted, type_of
from attune_registry.checks.reach import is_too_much
from attune_registry.checks.subschemas import Subschema, anchors, is_flat, resolves, subschemas
from attune_registry.pointers import pointer, split
from attune_registry.problems import Finding

_LONGEST_KEPT = 16_384
_MOST = 50
_NOT_CHECKED = "is not checked: it takes too many steps to hold it against this schema"
_PLAIN = frozenset({"type", "default", "enum", "title", "description"})
_OF_AN_OBJECT = frozenset({"type", "properties", "required", "title", "description"})


def check_schema(schema: dict[str, Any], at: str) -> list[Finding]:
    """What is wrong with the JSON Schema at the pointer `at`; the same schema is looked at once."""
    try:
        text = kept_json(schema)
    except TypeError:
        return [Finding("schema-invalid", at, "This cannot be written as JSON")]
    found = _kept(text) if len(text) <= _LONGEST_KEPT else _findings(schema)
    return [finding._replace(pointer=at + finding.pointer) for finding in found]


@lru_cache(maxsize=4096)
def _kept(text: bytes) -> tuple[Finding, ...]:
    return _findings(orjson.loads(text))


def _findings(schema: dict[str, Any]) -> tuple[Finding, ...]:
    dialect = dialect_of(schema)
    if dialect is None:
        message = f"{quoted(schema['$schema'])} is no dialect of JSON Schema known here"
        return (Finding("schema-invalid", "/$schema", message, f"leave it out, or write {LATEST}"),)
    try:
        ensure_valid(schema, dialect)
    except ValueError as error:
        parts = list(subschemas(schema))
        breaches = () if meets_metaschema(schema, dialect) else _breaches(schema, dialect)
        found = [*breaches, *_regexes(parts), *_references(schema, parts)]
        return tuple(found[:_MOST]) or (Finding("schema-invalid", "", _first_line(error)),)
    if _is_plainest(schema):
        return ()
    parts = list(subschemas(schema))
    return tuple(
        [
            *_regexes(parts, repeat_fault),
            *keywords.slips(parts),
            *_requirements(parts),
            *_values(schema, dialect, parts),
        ][:_MOST]
    )


def _is_plainest(schema: dict[str, Any]) -> bool:
    """True for a valid schema of an object that says no more of its properties than can be seen to fit."""
    properties = schema.get("properties", {})
    return (
        schema.keys() <= _OF_AN_OBJECT
        and properties.keys() >= set(schema.get("required", ()))
        and all(part.__class__ is dict and _is_plain(part) for part in properties.values())
    )


def _is_plain(part: dict[str, Any]) -> bool:
    return part.keys() <= keywords.KNOWN and is_flat(part) and "pattern" not in part and not _is_sampled(part)


def _first_line(error: ValueError) -> str:
    return f"This is no JSON Schema: {str(error).splitlines()[0]}"


def _breaches(schema: dict[str, Any], dialect: str) -> Iterator[Finding]:
    # A process that comes across no such schema is spared what an explanation takes.
    breaches: Callable[[dict[str, Any], str], Iterator[Finding]]
    breaches = import_module("attune_registry.checks.breaches").breaches
    return breaches(schema, dialect)


def _regexes(parts: list[Subschema], why: Callable[[str], str] = regex_fault) -> Iterator[Finding]:
    for part in parts:
        pattern = part.schema.get("pattern")
        patterns = [(pattern, "/pattern", False)] if isinstance(pattern, str) else []
        keyed = part.schema.get("patternProperties")
        for key in keyed if isinstance(keyed, dict) else ():
            patterns.append((key, "/patternProperties" + pointer(key), True))
        for text, below, at_key in patterns:
            fault = why(text)
            if fault:
                message = f"The regular expression {quoted(text)} does not compile: {fault}"
                yield Finding("schema-regex", part.at + below, message, at_key=at_key)


def _references(schema: dict[str, Any], parts: list[Subschema]) -> Iterator[Finding]:
    guesses, known_anchors = Guesses(), anchors(parts)
    for part in parts:
        for keyword in ("$ref", "$dynamicRef"):
            target = part.schema.get(keyword)
            if not isinstance(target, str) or resolves(schema, target, known_anchors):
                continue
            at = part.at + pointer(keyword)
            if target.startswith("#"):
                definitions = schema.get("$defs")
                known = definitions if isinstance(definitions, dict) else ()
                hint = guesses.did_you_mean(split(target[1:])[-1], known) if "/" in target else ""
                yield Finding("schema-reference", at, f"{quoted(target)} points at nothing", hint)
            else:
                message = f"{quoted(target)} leads out of this schema, and nothing is ever fetched"
                hint = 'copy it under $defs and write "#/$defs/name"'
                yield Finding("schema-reference", at, message, hint)


def _requirements(parts: list[Subschema]) -> Iterator[Finding]:
    guesses = Guesses()
    for part in parts:
        required = part.schema.get("required")
        if not isinstance(required, list) or part.is_open:
            continue
        for index, name in enumerate(required):
            if name not in part.names:
                message = f"{quoted(name)} is required, and there is no such property"
                hint = guesses.did_you_mean(name, part.names) or f"declare {name} in properties"
                yield Finding("schema-required-property", f"{part.at}/required/{index}", message, hint)


def _values(schema: dict[str, Any], dialect: str, parts: list[Subschema]) -> Iterator[Finding]:
    """Whether values can be held against the schema, and which of those in it are not valid where they stand."""
    effort = Effort(schema)
    over = over_the_limit(schema, effort)
    sampled = [part for part in parts if _is_sampled(part.schema)]
    if over is not None:
        message = f"With every reference written out, this is more than {MOST_WRITTEN_OUT:,} schemas for one value"
        yield Finding("schema-limit", over, message, "refer to each schema once, and never back to one that leads here")
        return
    if sampled and is_too_much(schema, parts):
        for sample in chain.from_iterable(map(_samples, sampled)):
            yield Finding(sample.rule, sample.at, f"{sample.what} {_NOT_CHECKED}")
        return
    compiled = compile_map(schema, dialect) if sampled else None
    allowance = Allowance()
    for part in sampled if compiled else ():
        validator = compiled.get("#" + part.at) if compiled else None
        for sample in _samples(part) if validator else ():
            why = _why_not(sample, part, validator, effort, allowance) if validator else ""
            if why:
                yield Finding(sample.rule, sample.at, f"{sample.what} {why}")


class _Sample(NamedTuple):
    """A value that stands in a schema as one that is valid there, and the rule that says so."""

    rule: str
    at: str
    what: str
    value: Any


def _samples(part: Subschema) -> Iterator[_Sample]:
    default = part.schema.get("default")
    if "default" in part.schema and not (isinstance(default, str) and "{{" in default):
        yield _Sample("schema-default", part.at + "/default", "The default", default)
    examples = part.schema.get("examples")
    for index, value in enumerate(examples if isinstance(examples, list) else ()):
        yield _Sample("schema-example", f"{part.at}/examples/{index}", "The example", value)


def _why_not(
    sample: _Sample, part: Subschema, validator: jsonschema_rs.Validator, effort: Effort, allowance: Allowance
) -> str:
    """What is to be said against a sample, "" for a good one. Errors cost more than verdicts: all are made at once."""
    steps = effort.steps(part.schema, sample.value, allowance)
    if not allowance.covers(STEP * steps):
        return _NOT_CHECKED
    if validator.is_valid(sample.value):
        return ""
    if not allowance.covers(TOLD * steps):
        return "is not valid here"
    return f"is not valid here: {next((error.message for error in validator.iter_errors(sample.value)), '')}"


def _is_sampled(schema: dict[str, Any]) -> bool:
    """True where a default or an example has to be held against the schema; the plainest are seen to fit at once."""
    if "default" not in schema and "examples" not in schema:
        return False
    if "examples" in schema or not schema.keys() <= _PLAIN:
        return True
    value, kind = schema["default"], schema.get("type")
    fits = kind is None or kind == type_of(value) or (kind == "number" and type_of(value) == "integer")
    return not (fits and ("enum" not in schema or (isinstance(value, str) and value in schema["enum"])))
