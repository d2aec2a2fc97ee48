"""Random schemas, and random changes to them."""

import copy
from random import Random
from typing import Any

NAMES = ("a", "b", "c")
PATTERNS = ("^x", "^[a-z]$")
TEXTS = ("", "a", "b", "ab", "abc", "x1", "xy", "a-b", "12")
VALUES: tuple[Any, ...] = (None, True, False, 0, 1, 2, 3, 1.5, "", "a", "ab", "abc", [], [1], {}, {"a": 1})
NUMBERS = (-1, 0, 1, 2, 3, 4, 0.5, 1.5, 2.5)
TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")


class Maker:
    """Makes schemas out of a small world, so that two of them often speak of the same things."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng

    def schema(self, depth: int = 3) -> Any:
        rng = self.rng
        if rng.random() < 0.08:
            return rng.choice((True, False, {}, {}))
        found: dict[str, Any] = {}
        roll = rng.random()
        if roll < 0.75:
            found["type"] = rng.choice(TYPES)
        elif roll < 0.85:
            found["type"] = rng.sample(TYPES, 2)
        for _ in range(rng.randint(0, 3)):
            word = rng.choice(self.words(found.get("type"), depth))
            found[word] = self.value(word, depth)
        return self.settled(found)

    def words(self, kinds: Any, depth: int) -> list[str]:
        kinds = {kinds} if isinstance(kinds, str) else set(kinds or TYPES)
        found = ["enum"] if self.rng.random() < 0.3 else ["type"]
        if kinds & {"integer", "number"}:
            found += ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]
        if "string" in kinds:
            found += ["minLength", "maxLength", "pattern"]
        if depth > 0 and "array" in kinds:
            found += ["items", "items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems"]
        if depth > 0 and "object" in kinds:
            found += ["properties"] * 4 + ["required"] * 2 + ["additionalProperties", "patternProperties"]
            found += ["propertyNames", "minProperties", "maxProperties", "dependentRequired", "dependentSchemas"]
        if depth > 0:
            found += ["anyOf", "oneOf", "allOf", "not", "if", "$ref"]
        return found

    def value(self, word: str, depth: int) -> Any:
        rng = self.rng
        if word == "type":
            return rng.choice(TYPES)
        if word == "enum":
            return list({repr(v): v for v in rng.choices(VALUES, k=rng.randint(1, 4))}.values())
        if word in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
            return rng.choice(NUMBERS)
        if word == "multipleOf":
            return rng.choice((1, 2, 3, 4, 0.5, 1.5))
        if word == "uniqueItems":
            return True
        if word == "pattern":
            return rng.choice(("^a", "b$", "^[a-z]+$", "^[a-z0-9]+$", "^x", "."))
        if word.startswith(("min", "max")):
            return rng.randint(0, 3)
        return self.structure(word, depth - 1)

    def structure(self, word: str, depth: int) -> Any:
        rng = self.rng
        if word == "required":
            return rng.sample(NAMES, rng.randint(1, 2))
        if word == "properties":
            return {name: self.schema(depth) for name in rng.sample(NAMES, rng.randint(1, 3))}
        if word == "patternProperties":
            return {rng.choice(PATTERNS): self.schema(depth)}
        if word == "additionalProperties":
            return rng.choice((False, self.schema(depth)))
        if word == "propertyNames":
            return rng.choice(({"maxLength": 1}, {"pattern": "^[a-z]"}, {"enum": ["a", "b"]}))
        if word == "dependentRequired":
            return {rng.choice(NAMES): [rng.choice(NAMES)]}
        if word == "dependentSchemas":
            return {rng.choice(NAMES): self.schema(depth)}
        if word == "$ref":
            return rng.choice(("#/$defs/one", "#/$defs/two", "#"))
        if word in ("anyOf", "oneOf", "allOf", "prefixItems"):
            return [self.schema(depth) for _ in range(rng.randint(1, 3))]
        return self.schema(depth)

    def settled(self, found: dict[str, Any]) -> dict[str, Any]:
        if "if" in found:
            found[self.rng.choice(("then", "else"))] = self.schema(1)
        if "contains" in found and self.rng.random() < 0.4:
            found[self.rng.choice(("minContains", "maxContains"))] = self.rng.randint(0, 2)
        return found

    def root(self) -> dict[str, Any]:
        """A schema of inputs: an object, mostly with properties, and definitions to refer to."""
        found: dict[str, Any] = {"type": "object", **self.few(), "$defs": {}}
        for name in ("one", "two"):
            found["$defs"][name] = Maker(self.rng).schema(2)
        return found

    def few(self) -> dict[str, Any]:
        found = {"properties": self.value("properties", 3)} if self.rng.random() < 0.9 else {}
        for _ in range(self.rng.randint(0, 2)):
            word = self.rng.choice(self.words("object", 2))
            if word not in ("type", "properties", "$ref"):
                found[word] = self.value(word, 2)
        return self.settled(found)

    def changed(self, schema: Any) -> Any:
        """The schema with one to three changes somewhere in it."""
        found = copy.deepcopy(schema)
        for _ in range(self.rng.choice((1, 1, 1, 2, 3))):
            places = [place for place in every_schema(found) if isinstance(place, dict)]
            self.change(self.rng.choice(places))
        return found

    def change(self, place: dict[str, Any]) -> None:
        rng = self.rng
        words = [word for word in place if word not in ("$defs", "$ref")]
        roll = rng.random()
        if words and roll < 0.3:
            place.pop(rng.choice(words))
        elif words and roll < 0.6:
            word = rng.choice(words)
            place[word] = self.nudged(word, place[word])
        elif roll < 0.75 and "properties" in place:
            place["properties"][rng.choice((*NAMES, "new"))] = self.schema(1)
        else:
            word = rng.choice(self.words(place.get("type"), 1))
            place[word] = self.value(word, 1)

    def nudged(self, word: str, value: Any) -> Any:
        rng = self.rng
        if isinstance(value, bool) or word in ("type", "pattern"):
            return self.value(word, 1)
        if isinstance(value, int | float):
            return max(value + rng.choice((-1, 1)), 1 if word == "multipleOf" else 0)
        if isinstance(value, list) and value:
            pool = VALUES if word == "enum" else NAMES if word == "required" else (self.schema(1),)
            more = [*value, rng.choice(pool)] if rng.random() < 0.5 else value[1:] or value
            return list({repr(each): each for each in more}.values())
        if isinstance(value, dict) and value and word in ("properties", "patternProperties"):
            name = rng.choice(list(value))
            return {key: each for key, each in value.items() if key != name}
        return self.value(word, 1)


SINGLE = ("not", "if", "then", "else", "items", "contains", "additionalProperties", "propertyNames")
MANY = ("allOf", "anyOf", "oneOf", "prefixItems")
NAMED = ("properties", "patternProperties", "dependentSchemas", "$defs")


def every_schema(schema: Any) -> list[Any]:
    found = [schema]
    if isinstance(schema, dict):
        parts = [schema[word] for word in SINGLE if word in schema]
        parts += [each for word in MANY for each in schema.get(word, [])]
        parts += [each for word in NAMED for each in schema.get(word, {}).values()]
        found += [each for part in parts for each in every_schema(part)]
    return found
