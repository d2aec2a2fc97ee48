"""Keys of a JSON Schema that are nearly a keyword: what JSON Schema does not know it passes over in silence."""

from collections.abc import Iterable, Iterator
from itertools import islice

from attune_registry.checks.nearest import Guesses
from attune_registry.checks.quoting import quoted
from attune_registry.checks.subschemas import Subschema
from attune_registry.pointers import pointer
from attune_registry.problems import Finding

# Those that people write by hand, and may misspell.
_TARGETS = frozenset(
    {
        *("type", "properties", "required", "additionalProperties", "patternProperties", "items", "enum", "const"),
        *("default", "examples", "title", "description", "format", "pattern", "minimum", "maximum", "multipleOf"),
        *("exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
        *("minProperties", "maxProperties", "oneOf", "anyOf", "allOf", "$ref", "$defs"),
    }
)
# Other keywords, and what platforms and form builders write beside them.
KNOWN = _TARGETS | frozenset(
    {
        *("$schema", "$id", "id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor"),
        *("$comment", "$vocabulary", "definitions", "not", "if", "then", "else", "dependencies", "dependentSchemas"),
        *("dependentRequired", "propertyNames", "prefixItems", "additionalItems", "unevaluatedItems", "contains"),
        *("unevaluatedProperties", "minContains", "maxContains", "readOnly", "writeOnly", "deprecated"),
        *("contentEncoding", "contentMediaType", "contentSchema", "example", "nullable", "secret", "position"),
        *("formats", "item", "property", "types", "constant", "enumNames"),
        *("formatMinimum", "formatMaximum", "formatExclusiveMinimum", "formatExclusiveMaximum"),
    }
)

# The platform's own, among words that are near it and mean something else (secure, section): without it a secret
# parameter is none.
_SLIPPED = frozenset({"secret"})

# Whoever writes more keys of their own into one schema has not slipped; each that is looked at takes 90 us.
_MOST = 100


def slips(parts: Iterable[Subschema]) -> Iterator[Finding]:
    """The keys in schemas that a slip of the finger makes no keyword."""
    guesses = Guesses()
    for part in parts:
        if part.schema.keys() <= KNOWN:
            continue
        missing = _TARGETS.difference(part.schema)
        for key in islice((key for key in part.schema if key not in KNOWN), _MOST):
            guess = guesses.nearest(key, missing) or guesses.slipped(key, _SLIPPED.difference(part.schema))
            if guess:
                message = f"{quoted(key)} means nothing to JSON Schema"
                at = part.at + pointer(key)
                yield Finding("schema-keyword-typo", at, message, f"did you mean {guess}?", at_key=True)
