"""The schemas within a schema, by what they hold for: the same value, or what is within it."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

_LISTS = ("allOf", "anyOf", "oneOf")
_ONE = ("if", "then", "else", "not")
_BY_NAME = ("dependentSchemas", "dependencies")
_OTHERS = ("additionalProperties", "unevaluatedProperties")
_REST = ("items", "additionalItems", "unevaluatedItems")
WITHIN = frozenset(
    {
        *("properties", "patternProperties", "additionalProperties", "unevaluatedProperties", "propertyNames"),
        *("prefixItems", "items", "additionalItems", "unevaluatedItems", "contains"),
    }
)


def on_the_same(schema: dict[str, Any]) -> Iterator[Any]:
    """The schemas within that hold for the same value, however wrong they are."""
    for key in _LISTS:
        branches = schema.get(key)
        yield from branches if isinstance(branches, list) else ()
    for key in _ONE:
        if key in schema:
            yield schema[key]
    for key in _BY_NAME:
        named = schema.get(key)
        yield from named.values() if isinstance(named, dict) else ()


def on_what_is_within(schema: dict[str, Any], value: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    """The schemas within that hold for what is in the value, each with what it holds for."""
    pairs = _below_mapping(schema, value) if isinstance(value, dict) else _below_list(schema, value)
    return ((part, inner) for part, inner in pairs if isinstance(part, dict))


def _below_mapping(schema: dict[str, Any], value: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    properties, patterned = (schema.get(key) for key in ("properties", "patternProperties"))
    known = properties if isinstance(properties, dict) else {}
    always = list(patterned.values()) if isinstance(patterned, dict) else []
    others = [*always, *(schema[key] for key in _OTHERS if key in schema)]
    names = schema.get("propertyNames")
    for name, inner in value.items():
        if name in known:
            yield known[name], inner
        for part in always if name in known else others:
            yield part, inner
        yield names, name


def _below_list(schema: dict[str, Any], value: list[Any]) -> Iterator[tuple[Any, Any]]:
    firsts = (schema.get(key) for key in ("prefixItems", "items"))
    placed = list(chain.from_iterable(first for first in firsts if isinstance(first, list)))
    yield from zip(placed, value, strict=False)
    for key in _REST:
        for inner in value[len(placed) :] if isinstance(schema.get(key), dict) else ():
            yield schema[key], inner
    for inner in value if isinstance(schema.get("contains"), dict) else ():
        yield schema["contains"], inner
