"""Attune's way to write a schema (properties with `required: true` inline) <-> JSON Schema."""

from collections.abc import Iterator
from typing import Any

from attune_registry.checks.wording import TRUTH
from attune_registry.forms.inexpressible import Inexpressible

Schema = dict[str, Any]
Steps = tuple[str, ...]


def is_json_schema(said: Any) -> bool:
    """True for an object schema; otherwise the keys are the names of properties, which may be called `type`."""
    if not isinstance(said, dict):
        return False
    properties = said.get("properties")
    has_properties = isinstance(properties, dict) and all(isinstance(part, dict) for part in properties.values())
    return isinstance(said.get("type"), str) or "$schema" in said or has_properties


def to_schema(said: Any) -> Any:
    """What a file says of its parameters or output, as JSON Schema; what is no mapping stays as it is."""
    if not isinstance(said, dict):
        return said
    return _plain(said) if is_json_schema(said) else _object({"type": "object"}, said)


def from_schema(schema: Any, old: Any) -> Any:
    """What a file says that means this schema, in the way it has said it so far. Raises Inexpressible.

    What is no schema at all is for the checks to name: it is written as it came, or is inexpressible.
    """
    if not isinstance(schema, dict):
        return schema
    if is_json_schema(old):
        return _restored(schema, old, is_required=False)
    more = sorted(schema.keys() - {"type", "properties", "required"})
    properties = schema.get("properties", {})
    required = schema.get("required", [])
    # What is read back from properties always has both.
    is_said = {"type", "properties"} <= schema.keys()
    is_flat = is_said and not more and schema["type"] == "object" and isinstance(properties, dict)
    is_flat = is_flat and _are_names(required) and set(required) <= properties.keys()
    if not is_flat:
        if old is None:
            return schema
        what = f"'{more[0]}'" if more else "a type other than object, or a required name without a property"
        if not is_said and not more and not required:
            what = "a schema without type and properties"
        raise Inexpressible(f"its parameters and output are lists of properties, where {what} has no place")
    before = old if isinstance(old, dict) else {}
    return {name: _restored(part, before.get(name), is_required=name in required) for name, part in properties.items()}


def _are_names(required: Any) -> bool:
    return isinstance(required, list) and all(isinstance(name, str) for name in required)


def in_order(schema: Any) -> Any:
    """A schema in which what makes no difference (the order of `required`, an empty one) is always the same."""
    return _ordered(schema) if isinstance(schema, dict) else schema


def spot(said: Any, steps: list[str]) -> tuple[list[str], bool]:
    """Where a file says what stands at these steps in the JSON Schema, and whether its key is meant."""
    if not isinstance(said, dict) or not steps:
        return steps, False
    is_schema = is_json_schema(said)
    if steps[0] == "required" and len(steps) > 1:
        names = _required_in(said if not is_schema else said.get("properties"), said.get("required"), is_schema)
        number = int(steps[1]) if steps[1].isdecimal() else 0
        inline = number >= len(names[0])
        if inline and number < len(names[0]) + len(names[1]):
            name = names[1][number - len(names[0])]
            return [*(["properties"] if is_schema else []), name, "required"], False
    if is_schema:
        return steps, False
    return (steps[1:], False) if steps[0] == "properties" else ([], False)


def _required_in(properties: Any, listed: Any, is_schema: bool) -> tuple[list[str], list[str]]:
    names = listed if is_schema and isinstance(listed, list) else []
    inline = properties.items() if isinstance(properties, dict) else ()
    return names, [name for name, part in inline if _is_required(part) and name not in names]


def _is_required(part: Any) -> bool:
    return isinstance(part, dict) and part.get("required") is True


def is_misquoted(value: Any) -> bool:
    """True for a text that was meant to say whether a property is required."""
    return isinstance(value, str) and value.lower() in TRUTH


def misquoted(said: Any) -> Iterator[Steps]:
    """Where `required` is such a text, from what a file says of its parameters or output."""
    if isinstance(said, dict):
        inner = [((), said)] if is_json_schema(said) else [((name,), part) for name, part in said.items()]
        for steps, part in inner:
            yield from _misquoted(part, steps)


def _misquoted(part: Any, steps: Steps) -> Iterator[Steps]:
    if not isinstance(part, dict):
        return
    if is_misquoted(part.get("required")):
        yield (*steps, "required")
    yield from _misquoted(part.get("items"), (*steps, "items"))
    properties = part.get("properties")
    for name, inner in properties.items() if isinstance(properties, dict) else ():
        yield from _misquoted(inner, (*steps, "properties", name))


def _object(head: Schema, properties: Schema) -> Schema:
    """An object schema of these properties, whose required ones are listed beside them."""
    listed = head.get("required")
    names, inline = _required_in(properties, listed, isinstance(listed, list))
    schema = {**head, "properties": {name: _plain(part) for name, part in properties.items()}}
    return {**schema, "required": [*names, *inline]} if names or inline else schema


def _plain(part: Any) -> Any:
    """A schema without inline `required`, all the way down."""
    if not isinstance(part, dict):
        return part
    plain = dict(part)
    if isinstance(part.get("required"), bool) or is_misquoted(part.get("required")):
        del plain["required"]
    if isinstance(plain.get("items"), dict):
        plain["items"] = _plain(plain["items"])
    return _object(plain, plain["properties"]) if isinstance(plain.get("properties"), dict) else plain


def _restored(part: Any, old: Any, *, is_required: bool) -> Any:
    """The reverse of `_plain`: `required` goes back inline where it stood so before."""
    if not isinstance(part, dict):
        return part
    before = old if isinstance(old, dict) else {}
    made = dict(part)
    if isinstance(made.get("items"), dict):
        made["items"] = _restored(made["items"], before.get("items"), is_required=False)
    has_properties = isinstance(made.get("properties"), dict) and isinstance(before.get("properties"), dict)
    if has_properties and _are_names(made.get("required", [])):
        made = _restored_object(made, before)
    if is_required and "required" not in made:
        made["required"] = True
    elif before.get("required") is False and "required" not in made:
        made["required"] = False
    return made


def _restored_object(schema: Schema, old: Schema) -> Schema:
    names = [*schema.get("required", ())]
    before = old["properties"]
    has_inline = any(isinstance(part, dict) and isinstance(part.get("required"), bool) for part in before.values())
    said = old.get("required")
    listed = said if isinstance(said, list) else []
    inline = {name for name in names if name in schema["properties"] and name not in listed} if has_inline else set()
    made = {key: value for key, value in schema.items() if key != "required"}
    made["properties"] = {
        name: _restored(part, before.get(name), is_required=name in inline)
        for name, part in schema["properties"].items()
    }
    left = [name for name in names if name not in inline]
    return {**made, "required": left} if left or (listed and "required" in schema) else made


def _ordered(schema: Schema) -> Schema:
    ordered = {key: _ordered_part(key, value) for key, value in schema.items()}
    return {key: value for key, value in ordered.items() if not (key == "required" and value == [])}


def _ordered_part(key: str, value: Any) -> Any:
    if key == "required" and isinstance(value, list):
        return sorted(value, key=str)
    if key == "properties" and isinstance(value, dict):
        return {name: _ordered(part) if isinstance(part, dict) else part for name, part in value.items()}
    return _ordered(value) if key == "items" and isinstance(value, dict) else value
