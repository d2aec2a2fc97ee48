"""A JSON Schema of any draft -> the same schema in the words of draft 2020-12, without annotations."""

from typing import Any

from attune_registry.compat.drafts import TODAYS, Draft

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


def normal(schema: Any, draft: Draft = TODAYS) -> Schema:
    """The schema of a draft without annotations, in the words of draft 2020-12; unknown keywords stay as they are.

    The places of sub-schemas stay where they were, except for lists of `items`, so pointers go on to fit.
    """
    if isinstance(schema, bool) or not isinstance(schema, dict):
        return schema is not False
    source = _modern(schema, draft)
    found: dict[str, Any] = {}
    for word, value in source.items():
        if word in ANNOTATIONS or (word in NO_EFFECT and value == NO_EFFECT[word]):
            continue
        found[word] = _value(word, value, draft)
    _settle_unevaluated(found)
    return found or True


def _value(word: str, value: Any, draft: Draft) -> Any:
    if word in SINGLE and isinstance(value, dict | bool):
        return normal(value, draft)
    if word in LISTS and isinstance(value, list):
        return [normal(each, draft) for each in value]
    if word in MAPS and isinstance(value, dict):
        return {name: normal(each, draft) for name, each in value.items()}
    if word == "type" and isinstance(value, list):
        return value[0] if len(value) == 1 else sorted(value)
    if word == "required" and isinstance(value, list):
        return sorted(set(value))
    return value


def _modern(schema: dict[str, Any], draft: Draft) -> dict[str, Any]:
    """Older words in today's: lists of items, dependencies, boolean exclusive bounds; without those of later drafts."""
    if draft.legacy and "$ref" in schema:
        return {"$ref": schema["$ref"]}
    found = {word: value for word, value in schema.items() if word not in draft.silent}
    if isinstance(found.get("items"), list):
        found["prefixItems"] = found.pop("items")
        if "additionalItems" in found:
            found["items"] = found.pop("additionalItems")
    if draft.legacy and isinstance(found.get("dependencies"), dict):
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
