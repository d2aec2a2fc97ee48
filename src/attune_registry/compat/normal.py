"""A JSON Schema of any draft -> the same schema in the words of draft 2020-12, without annotations."""

from typing import Any

Schema = dict[str, Any] | bool

SINGLE = frozenset(
    [
        "not",
        "if",
        "then",
        "else",
        "items",
        "contains",
        "additionalProperties",
        "propertyNames",
        "unevaluatedProperties",
        "unevaluatedItems",
    ]
)
LISTS = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
MAPS = frozenset(("properties", "patternProperties", "dependentSchemas", "$defs", "definitions"))
ANNOTATIONS = frozenset(
    [
        "title",
        "description",
        "default",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "$comment",
        "$schema",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
    ]
)
IN_PLACE = frozenset(["$ref", "allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas"])
NO_EFFECT: dict[str, Any] = {"minLength": 0, "minItems": 0, "minProperties": 0, "uniqueItems": False}
OLD_DRAFTS = {name: f"http://json-schema.org/{name}/schema#" for name in ("draft-04", "draft-06", "draft-07")}
DIALECTS = {**OLD_DRAFTS, "2019-09": "https://json-schema.org/draft/2019-09/schema"}
TODAYS = "https://json-schema.org/draft/2020-12/schema"


def dialect(root: Schema) -> str:
    """The metaschema that a schema names, by its proper address; an unknown one is taken for today's."""
    name = str(root.get("$schema", "")) if isinstance(root, dict) else ""
    return next((address for draft, address in DIALECTS.items() if draft in name), TODAYS)


def is_legacy(root: Schema) -> bool:
    """True for the drafts up to 7, where `$ref` hides its siblings."""
    return dialect(root) in OLD_DRAFTS.values()


def is_oldest(root: Schema) -> bool:
    """True for draft 4, where a schema's own name stands in `id`."""
    return dialect(root) == OLD_DRAFTS["draft-04"]


def normal(schema: Any, *, legacy: bool = False) -> Schema:
    """The schema without annotations and with the words of draft 2020-12; unknown keywords stay as they are.

    The places of sub-schemas stay where they were, except for lists of `items`, so pointers go on to fit.
    """
    if isinstance(schema, bool) or not isinstance(schema, dict):
        return schema is not False
    source = _modern(schema, legacy)
    found: dict[str, Any] = {}
    for word, value in source.items():
        if word in ANNOTATIONS or (word in NO_EFFECT and value == NO_EFFECT[word]):
            continue
        found[word] = _value(word, value, legacy)
    _settle_unevaluated(found)
    return found or True


def _value(word: str, value: Any, legacy: bool) -> Any:
    if word in SINGLE and isinstance(value, dict | bool):
        return normal(value, legacy=legacy)
    if word in LISTS and isinstance(value, list):
        return [normal(each, legacy=legacy) for each in value]
    if word in MAPS and isinstance(value, dict):
        return {name: normal(each, legacy=legacy) for name, each in value.items()}
    if word == "type" and isinstance(value, list):
        return value[0] if len(value) == 1 else sorted(value)
    if word == "required" and isinstance(value, list):
        return sorted(set(value))
    return value


def _modern(schema: dict[str, Any], legacy: bool) -> dict[str, Any]:
    """Older words in today's: lists of items, dependencies, boolean exclusive bounds."""
    if legacy and "$ref" in schema:
        return {"$ref": schema["$ref"]}
    found = dict(schema)
    if isinstance(found.get("items"), list):
        found["prefixItems"] = found.pop("items")
        if "additionalItems" in found:
            found["items"] = found.pop("additionalItems")
    if legacy and isinstance(found.get("dependencies"), dict):
        for name, needs in found.pop("dependencies").items():
            word = "dependentRequired" if isinstance(needs, list) else "dependentSchemas"
            found[word] = {**found.get(word, {}), name: needs}
    for bound, strict in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(found.get(strict), bool) and found.pop(strict) and bound in found:
            found[strict] = found.pop(bound)
    return found


def _settle_unevaluated(schema: dict[str, Any]) -> None:
    """Where nothing else applies in place, `unevaluated...` says what `additional...` would."""
    if IN_PLACE & schema.keys():
        return
    rest = schema.pop("unevaluatedProperties", None)
    if rest is not None:
        schema.setdefault("additionalProperties", rest)
    if "contains" not in schema:
        rest = schema.pop("unevaluatedItems", None)
        if rest is not None:
            schema.setdefault("items", rest)
