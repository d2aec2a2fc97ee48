"""Random values of the properties that a schema declares, and the search for one that a change breaks."""

from random import Random
from typing import Any

import jsonschema_rs
from schema_making import TEXTS, TYPES, VALUES, every_schema

KINDS: dict[str, tuple[type, ...]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "array": (list,),
    "object": (dict,),
}


def is_of(kind: str, value: Any) -> bool:
    return isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


class Values:
    """Makes values that keep to what a schema declares, near the limits that it (or `hints`) sets."""

    def __init__(self, rng: Random, root: Any, *hints: Any) -> None:
        self.rng = rng
        self.root = root
        self.pool = self.gathered(root, *hints)
        self.of_type = {kind: [each for each in self.pool if is_of(kind, each)] for kind in TYPES}
        self.leaves = [each for each in self.pool if not isinstance(each, dict)]

    def gathered(self, *schemas: Any) -> list[Any]:
        found: list[Any] = list(VALUES) + list(TEXTS)
        for schema in (each for whole in schemas for each in every_schema(whole)):
            if not isinstance(schema, dict):
                continue
            found += schema.get("enum", []) + ([schema["const"]] if "const" in schema else [])
            for word in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"):
                if word in schema:
                    found += [schema[word] + step for step in (-1, -0.5, 0, 0.5, 1)]
            for word in ("minLength", "maxLength"):
                if word in schema:
                    found += ["a" * max(schema[word] + step, 0) for step in (-1, 0, 1)]
        return found

    def at(self, schemas: list[Any]) -> list[Any]:
        """Every schema that speaks of the same value as these do."""
        found: list[Any] = []
        todo = list(schemas)
        while todo:
            schema = todo.pop()
            if not isinstance(schema, dict) or any(schema is each for each in found):
                continue
            found.append(schema)
            todo += [schema[word] for word in ("not", "if", "then", "else") if word in schema]
            todo += [each for word in ("allOf", "anyOf", "oneOf") for each in schema.get(word, [])]
            todo += schema.get("dependentSchemas", {}).values()
            if "$ref" in schema:
                todo.append(self.target(schema["$ref"]))
        return found

    def target(self, reference: str) -> Any:
        found = self.root
        for step in reference.split("/")[1:]:
            found = found[step]
        return found

    def value(self, schemas: list[Any], depth: int = 4) -> Any:
        rng = self.rng
        here = self.at(schemas)
        kinds = [kind for each in here for kind in self.kinds(each)]
        kind = rng.choice(kinds) if kinds and rng.random() < 0.9 else rng.choice(TYPES)
        if kind == "object":
            return self.object(here, depth)
        if kind == "array":
            return self.array(here, depth)
        if rng.random() < 0.8:
            return rng.choice(self.of_type[kind])
        return rng.choice(self.leaves)

    def kinds(self, schema: dict[str, Any]) -> list[str]:
        kinds = schema.get("type")
        found = [kinds] if isinstance(kinds, str) else list(kinds or [])
        found += ["object"] * ("properties" in schema) + ["array"] * ("items" in schema)
        return found

    def object(self, here: list[Any], depth: int) -> Any:
        rng = self.rng
        if depth <= 0:
            return {}
        likely = rng.choice((0.2, 0.6, 1.0))
        names = {name for each in here for name in self.declared(each)}
        return {
            name: self.value(self.members(here, name), depth - 1) for name in sorted(names) if rng.random() < likely
        }

    def declared(self, schema: dict[str, Any]) -> list[str]:
        found = [*schema.get("properties", {}), *schema.get("required", [])]
        for name, needs in schema.get("dependentRequired", {}).items():
            found += [name, *needs]
        found += schema.get("dependentSchemas", {})
        if "^x" in schema.get("patternProperties", {}):
            found += ["x1", "xy"]
        if "^[a-z]$" in schema.get("patternProperties", {}):
            found += ["a", "d"]
        if schema.get("additionalProperties") not in (None, True, False, {}):
            found += ["a", "b", "new", "x1", "zz"]
        return found

    def members(self, here: list[Any], name: str) -> list[Any]:
        found = [each["properties"][name] for each in here if name in each.get("properties", {})]
        found += [one for each in here for one in each.get("patternProperties", {}).values()]
        return found + [each["additionalProperties"] for each in here if "additionalProperties" in each]

    def array(self, here: list[Any], depth: int) -> Any:
        if depth <= 0:
            return []
        schemas = [each[word] for each in here for word in ("items", "contains") if word in each]
        schemas += [one for each in here for one in each.get("prefixItems", [])]
        return [self.value(schemas, depth - 1) for _ in range(self.rng.randint(0, 4))]


def counterexample(rng: Random, old: Any, new: Any, *, tries: int, outputs: bool = False) -> Any:
    """A value that the change breaks: valid under old and not under new, or for outputs the reverse; or None.

    The second answer is how many values were put to the test.
    """
    source, target = (new, old) if outputs else (old, new)
    valid, also = jsonschema_rs.Draft202012Validator(source), jsonschema_rs.Draft202012Validator(target)
    values = Values(rng, source, target)
    tested = 0
    for _ in range(tries):
        value = values.value([source])
        if valid.is_valid(value):
            tested += 1
            if not also.is_valid(value):
                return value, tested
    return None, tested
