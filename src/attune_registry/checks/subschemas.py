"""The schemas within a JSON Schema, and the names that each can rely on."""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

from attune_registry.pointers import item_of, pointer, split

_BY_NAME = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
_ONE = frozenset(
    {
        *("items", "additionalItems", "unevaluatedItems", "contains"),
        *("additionalProperties", "unevaluatedProperties", "propertyNames"),
        *("not", "if", "then", "else", "contentSchema"),
    }
)
_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems", "items"})
_ANY = _BY_NAME | _ONE | _LISTS
# These apply to the very value that the schema around them applies to.
_SAME_VALUE = frozenset({"allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas", "not"})
# Properties that are declared elsewhere, by a pattern, or by what is said of all others.
_OPENING = frozenset({"$ref", "$dynamicRef", "$recursiveRef", "patternProperties"})
_REST = ("additionalProperties", "unevaluatedProperties")


def is_flat(schema: dict[str, Any]) -> bool:
    """True where no other schema is within, and none is pointed at."""
    return _ANY.isdisjoint(schema) and "required" not in schema and "$ref" not in schema and "$dynamicRef" not in schema


class _Names(NamedTuple):
    """The properties that schemas name which apply to one value, and whether they allow for others."""

    names: frozenset[str]
    is_open: bool


class Subschema(NamedTuple):
    """A schema at a pointer; `names` are the properties it can rely on, an open one may rely on others too."""

    at: str
    schema: dict[str, Any]
    names: frozenset[str]
    is_open: bool


def subschemas(schema: dict[str, Any]) -> Iterator[Subschema]:
    """The schema and every one within, outer before inner."""
    # Of a value, the outermost schema has the names of all: the others share them.
    pending: list[tuple[str, Any, _Names | None]] = [("", schema, None)]
    while pending:
        at, part, inherited = pending.pop()
        if not isinstance(part, dict):
            continue
        known = _known(part) if inherited is None else inherited
        yield Subschema(at, part, *known)
        for keyword, below, within in reversed(list(inner(part))):
            pending.append((at + below, within, _handed_down(known, keyword)))


def _handed_down(known: _Names, keyword: str) -> _Names | None:
    """What a schema within can rely on, None where it is about another value."""
    if keyword == "not":
        return known._replace(is_open=True)  # to require a property there is to forbid it
    return known if keyword in _SAME_VALUE else None


def _known(schema: dict[str, Any]) -> _Names:
    """Properties named by a schema and by the branches in it, one of which may allow for more."""
    names: set[str] = set()
    is_open = False
    pending: list[Any] = [schema]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            properties = part.get("properties")
            names.update(properties if isinstance(properties, dict) else ())
            is_open = is_open or not _OPENING.isdisjoint(part) or any(isinstance(part.get(key), dict) for key in _REST)
            pending.extend(within for keyword, _, within in inner(part) if keyword in _SAME_VALUE)
    return _Names(frozenset(names), is_open)


def inner(schema: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Keyword, pointer from here, and schema, of every schema directly within."""
    if _ANY.isdisjoint(schema):
        return
    for keyword, value in schema.items():
        if keyword not in _ANY:
            continue
        if isinstance(value, dict):
            if keyword in _BY_NAME:
                for name, part in value.items():
                    yield keyword, pointer(keyword, name), part
            elif keyword in _ONE:
                yield keyword, pointer(keyword), value
        elif isinstance(value, list) and keyword in _LISTS:
            for index, part in enumerate(value):
                yield keyword, pointer(keyword, index), part


def anchors(parts: Iterable[Subschema]) -> frozenset[str]:
    """The names that schemas have for references to them."""
    said = (part.schema.get(key) for part in parts for key in ("$anchor", "$dynamicAnchor"))
    return frozenset(name for name in said if isinstance(name, str))


def resolves(schema: dict[str, Any], reference: str, known: Collection[str]) -> bool:
    """True when a $ref finds something in its own schema, with these anchors, or is one of the metaschemas."""
    if reference.startswith("#/"):
        found: Any = schema
        for step in split(unquote(reference[1:])):
            if isinstance(found, list) and (index := item_of(found, step)) is not None:
                found = found[index]
            elif isinstance(found, dict) and step in found:
                found = found[step]
            else:
                return False
        return True
    if reference in ("", "#"):
        return True
    if reference.startswith("#"):
        return reference[1:] in known
    return re.match(r"https?://json-schema\.org/", reference) is not None
