"""Pairs of param_schema and what each change is to a caller."""

from typing import Any

import pytest

from attune_registry.compat.reasons import worst
from attune_registry.compat.schemas import compare_inputs

INT, NUM, STR, BOOL = {"type": "integer"}, {"type": "number"}, {"type": "string"}, {"type": "boolean"}
NULL: dict[str, Any] = {"type": "null"}
OBJ: dict[str, Any] = {"type": "object"}


def props(*required: str, **properties: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": properties}
    return {**found, "required": list(required)} if required else found


def one(schema: Any, **more: Any) -> dict[str, Any]:
    return {**props(x=schema), **more}


def array(items: Any, **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


TREE: dict[str, Any] = {
    "type": "object",
    "properties": {"root": {"$ref": "#/$defs/node"}},
    "$defs": {"node": props("v", v=INT, kids=array({"$ref": "#/$defs/node"}))},
}
WIDE_TREE = {**TREE, "$defs": {"node": props("v", v=NUM, kids=array({"$ref": "#/$defs/node"}))}}
SHAPE = {
    "oneOf": [
        props("kind", "r", kind={"const": "circle"}, r=NUM),
        props("kind", "w", kind={"const": "square"}, w=NUM),
    ]
}
MORE_SHAPES = {"oneOf": [*SHAPE["oneOf"], props("kind", kind={"const": "dot"})]}
CONDITION = {"if": {"properties": {"mode": {"const": "x"}}, "required": ["mode"]}, "then": {"required": ["y"]}}

# name, old, new, what the change is
CASES: list[tuple[str, Any, Any, str]] = [
    # properties
    ("a new optional property", props(a=INT), props(a=INT, b=STR), "feature"),
    ("a new optional property in a closed schema", {**props(a=INT), "additionalProperties": False},
     {**props(a=INT, b=STR), "additionalProperties": False}, "feature"),
    ("a new required property", props(a=INT), props("b", a=INT, b=STR), "breaking"),
    ("an optional property becomes required", props(a=INT), props("a", a=INT), "breaking"),
    ("a required property becomes optional", props("a", a=INT), props(a=INT), "feature"),
    ("a property removed from an open schema", props(a=INT, b=STR), props(a=INT), "breaking"),
    ("a property removed from a closed schema", {**props(a=INT, b=STR), "additionalProperties": False},
     {**props(a=INT), "additionalProperties": False}, "breaking"),
    ("every property removed", props(a=INT), OBJ, "breaking"),
    ("a property renamed", props(a=INT), props(b=INT), "breaking"),
    ("a property forbidden by false", props(a=INT), props(a=False), "breaking"),
    ("a forbidden property no longer mentioned", props(a=INT, b=False), props(a=INT), "feature"),
    ("an anonymous property gets a type", props(a={}), props(a=STR), "breaking"),
    ("a property loses its type", one(STR), one({}), "feature"),
    ("names only in required count as declared", {"required": ["a"]}, {"required": ["a"], "properties": {"a": INT}},
     "breaking"),
    ("no schema at all before", None, props(a=INT), "feature"),
    ("no schema before, and a required property", None, props("a", a=INT), "breaking"),
    ("no schema before, a closed one now", None, {**props(a=INT), "additionalProperties": False}, "feature"),
    ("no schema any more", props("a", a=INT), None, "feature"),
    # types
    ("integer to number", one(INT), one(NUM), "feature"),
    ("number to integer", one(NUM), one(INT), "breaking"),
    ("string to integer", one(STR), one(INT), "breaking"),
    ("a type to a list with it", one(STR), one({"type": ["string", "null"]}), "feature"),
    ("a list of types loses one", one({"type": ["string", "null"]}), one(STR), "breaking"),
    ("a list of types in another order", one({"type": ["string", "null"]}), one({"type": ["null", "string"]}), "fix"),
    ("a list of one type", one({"type": ["string"]}), one(STR), "fix"),
    ("integer and number is number", one({"type": ["integer", "number"]}), one(NUM), "fix"),
    ("any becomes object", one({}), one(OBJ), "breaking"),
    ("all types spelled out", one({}),
     one({"type": ["null", "boolean", "object", "array", "string", "number"]}), "fix"),
    ("inputs are objects anyway", {"properties": {"a": INT}}, props(a=INT), "fix"),
    # enum and const
    ("enum value added", one({"enum": ["a", "b"]}), one({"enum": ["a", "b", "c"]}), "feature"),
    ("enum value removed", one({"enum": ["a", "b"]}), one({"enum": ["a"]}), "breaking"),
    ("enum in another order", one({"enum": ["a", "b"]}), one({"enum": ["b", "a"]}), "fix"),
    ("enum to its type", one({"enum": ["a", "b"]}), one(STR), "feature"),
    ("type to enum", one(STR), one({"enum": ["a", "b"]}), "breaking"),
    ("boolean as enum", one(BOOL), one({"enum": [True, False]}), "fix"),
    ("boolean as half an enum", one(BOOL), one({"enum": [True]}), "breaking"),
    ("null as const", one(NULL), one({"const": None}), "fix"),
    ("const to enum with it", one({"const": "a"}), one({"enum": ["a", "b"]}), "feature"),
    ("const changed", one({"const": "a"}), one({"const": "b"}), "breaking"),
    ("one is not true", one({"enum": [1]}), one({"enum": [True]}), "breaking"),
    ("one is one point zero", one({"enum": [1]}), one({"enum": [1.0]}), "fix"),
    ("enum within a new length", one({"enum": ["a", "b"]}), one({"type": "string", "maxLength": 1}), "feature"),
    ("enum beyond a new length", one({"enum": ["a", "bb"]}), one({"type": "string", "maxLength": 1}), "breaking"),
    ("enum values that the type never let through", one({"type": "string", "enum": ["a", 1]}),
     one({"enum": ["a"]}), "fix"),
    ("whole numbers counted out", one({"type": "integer", "minimum": 1, "maximum": 3}), one({"enum": [1, 2, 3]}),
     "fix"),
    ("whole numbers not all counted", one({"type": "integer", "minimum": 1, "maximum": 4}),
     one({"enum": [1, 2, 3]}), "breaking"),
    ("enum of objects", one({"enum": [{"a": 1}]}), one(props(a=INT)), "feature"),
    # numbers
    ("minimum added", one(INT), one({**INT, "minimum": 1}), "breaking"),
    ("minimum removed", one({**INT, "minimum": 1}), one(INT), "feature"),
    ("minimum raised", one({**INT, "minimum": 1}), one({**INT, "minimum": 2}), "breaking"),
    ("minimum lowered", one({**INT, "minimum": 2}), one({**INT, "minimum": 1}), "feature"),
    ("maximum lowered", one({**INT, "maximum": 9}), one({**INT, "maximum": 8}), "breaking"),
    ("maximum raised", one({**INT, "maximum": 8}), one({**INT, "maximum": 9}), "feature"),
    ("minimum becomes exclusive", one({**NUM, "minimum": 1}), one({**NUM, "exclusiveMinimum": 1}), "breaking"),
    ("minimum no longer exclusive", one({**NUM, "exclusiveMinimum": 1}), one({**NUM, "minimum": 1}), "feature"),
    ("whole numbers over zero", one({**INT, "exclusiveMinimum": 0}), one({**INT, "minimum": 1}), "fix"),
    ("whole numbers below a fraction", one({**INT, "maximum": 2.5}), one({**INT, "maximum": 2}), "fix"),
    ("numbers below a fraction", one({**NUM, "maximum": 2.5}), one({**NUM, "maximum": 2}), "breaking"),
    ("a bound where there are no numbers", one(STR), one({**STR, "minimum": 3}), "fix"),
    ("multipleOf added", one(INT), one({**INT, "multipleOf": 2}), "breaking"),
    ("multipleOf removed", one({**INT, "multipleOf": 2}), one(INT), "feature"),
    ("multipleOf made coarser", one({**INT, "multipleOf": 2}), one({**INT, "multipleOf": 4}), "breaking"),
    ("multipleOf made finer", one({**INT, "multipleOf": 4}), one({**INT, "multipleOf": 2}), "feature"),
    ("multipleOf from six to four", one({**INT, "multipleOf": 6}), one({**INT, "multipleOf": 4}), "breaking"),
    ("whole numbers are multiples of a half", one(INT), one({**INT, "multipleOf": 0.5}), "fix"),
    ("multiples of two are whole", one({**NUM, "multipleOf": 2}), one({**INT, "multipleOf": 2}), "fix"),
    ("a minimum in draft 4", {"$schema": "http://json-schema.org/draft-04/schema#",
     **one({**NUM, "minimum": 1, "exclusiveMinimum": True})}, one({**NUM, "exclusiveMinimum": 1}), "fix"),
    # strings
    ("maxLength added", one(STR), one({**STR, "maxLength": 5}), "breaking"),
    ("maxLength lowered", one({**STR, "maxLength": 5}), one({**STR, "maxLength": 4}), "breaking"),
    ("maxLength raised", one({**STR, "maxLength": 5}), one({**STR, "maxLength": 6}), "feature"),
    ("minLength raised", one({**STR, "minLength": 1}), one({**STR, "minLength": 2}), "breaking"),
    ("minLength of zero", one(STR), one({**STR, "minLength": 0}), "fix"),
    ("pattern added", one(STR), one({**STR, "pattern": "^a"}), "breaking"),
    ("pattern removed", one({**STR, "pattern": "^a"}), one(STR), "feature"),
    ("a pattern that matches everything", one(STR), one({**STR, "pattern": ".*"}), "fix"),
    ("format added", one(STR), one({**STR, "format": "email"}), "breaking"),
    ("format removed", one({**STR, "format": "email"}), one(STR), "feature"),
    ("format changed", one({**STR, "format": "email"}), one({**STR, "format": "uri"}), "breaking"),
    ("format widened", one({**STR, "format": "uri"}), one({**STR, "format": "uri-reference"}), "feature"),
    ("enum within a format", one({"enum": ["10.0.0.1"]}), one({**STR, "format": "ipv4"}), "feature"),
    ("enum beyond a format", one({"enum": ["10.0.0"]}), one({**STR, "format": "ipv4"}), "breaking"),
    ("enum and a format nobody knows", one({"enum": ["a"]}), one({**STR, "format": "serial-number"}), "breaking"),
    # open and closed
    ("additionalProperties closed", props(a=INT), {**props(a=INT), "additionalProperties": False}, "breaking"),
    ("additionalProperties opened", {**props(a=INT), "additionalProperties": False}, props(a=INT), "feature"),
    ("additionalProperties typed", props(a=INT), {**props(a=INT), "additionalProperties": STR}, "breaking"),
    ("additionalProperties closed and a property new", props(a=INT),
     {**props(a=INT, b=STR), "additionalProperties": False}, "breaking"),
    ("unevaluatedProperties closed", props(a=INT), {**props(a=INT), "unevaluatedProperties": False}, "breaking"),
    ("true spelled out", props(a=INT), {**props(a=INT), "additionalProperties": True}, "fix"),
    ("a map gets a property of its type", one({**OBJ, "additionalProperties": STR}),
     one({**props(a=STR), "additionalProperties": STR}), "feature"),
    ("a map gets a property of another type", one({**OBJ, "additionalProperties": STR}),
     one({**props(a=INT), "additionalProperties": STR}), "breaking"),
    ("a map's values narrowed", one({**OBJ, "additionalProperties": NUM}),
     one({**OBJ, "additionalProperties": INT}), "breaking"),
    ("a map's values widened", one({**OBJ, "additionalProperties": INT}),
     one({**OBJ, "additionalProperties": NUM}), "feature"),
    ("maxProperties added", props(a=INT), {**props(a=INT), "maxProperties": 3}, "breaking"),
    ("maxProperties that a closed schema has anyway", {**props(a=INT), "additionalProperties": False},
     {**props(a=INT), "additionalProperties": False, "maxProperties": 1}, "fix"),
    ("minProperties that required says anyway", props("a", a=INT), {**props("a", a=INT), "minProperties": 1}, "fix"),
    ("minProperties raised", {**props(a=INT), "minProperties": 1}, {**props(a=INT), "minProperties": 2}, "breaking"),
    ("patternProperties narrowed", {**OBJ, "patternProperties": {"^x-": NUM}},
     {**OBJ, "patternProperties": {"^x-": INT}}, "breaking"),
    ("patternProperties widened", {**OBJ, "patternProperties": {"^x-": INT}},
     {**OBJ, "patternProperties": {"^x-": NUM}}, "feature"),
    ("a property that a pattern reaches", {**OBJ, "patternProperties": {"^x-": NUM}},
     {**props(**{"x-a": INT}), "patternProperties": {"^x-": NUM}}, "breaking"),
    ("a pattern instead of a property", props(a=INT), {**OBJ, "patternProperties": {"^a$": INT}}, "fix"),
    ("a new pattern that reaches an old property", props(a=NUM),
     {**props(a=NUM), "patternProperties": {"^[a-c]": INT}}, "breaking"),
    ("propertyNames that the properties have", {**props(ab=INT), "additionalProperties": False},
     {**props(ab=INT), "additionalProperties": False, "propertyNames": {"pattern": "^[a-z]+$"}}, "fix"),
    ("propertyNames that a property has not", {**props(aB=INT), "additionalProperties": False},
     {**props(aB=INT), "additionalProperties": False, "propertyNames": {"pattern": "^[a-z]+$"}}, "breaking"),
    ("propertyNames on an open schema", props(a=INT), {**props(a=INT), "propertyNames": {"maxLength": 9}}, "breaking"),
    ("dependentRequired added", props(a=INT, b=INT), {**props(a=INT, b=INT), "dependentRequired": {"a": ["b"]}},
     "breaking"),
    ("dependentRequired removed", {**props(a=INT, b=INT), "dependentRequired": {"a": ["b"]}}, props(a=INT, b=INT),
     "feature"),
    ("dependentRequired on what is required", props("b", a=INT, b=INT),
     {**props("b", a=INT, b=INT), "dependentRequired": {"a": ["b"]}}, "fix"),
    ("dependentRequired on a new property", props(a=INT),
     {**props(a=INT, b=INT, c=INT), "dependentRequired": {"b": ["c"]}}, "feature"),
    ("dependentSchemas added", props(a=INT, b=NUM),
     {**props(a=INT, b=NUM), "dependentSchemas": {"a": props(b=INT)}}, "breaking"),
    ("dependencies of draft 7", {"$schema": "http://json-schema.org/draft-07/schema#",
     **props(a=INT, b=INT), "dependencies": {"a": ["b"]}},
     {**props(a=INT, b=INT), "dependentRequired": {"a": ["b"]}}, "fix"),
    # nested
    ("a nested property added", one(props(a=INT)), one(props(a=INT, b=STR)), "feature"),
    ("a nested property removed", one(props(a=INT, b=STR)), one(props(a=INT)), "breaking"),
    ("a nested property required", one(props(a=INT)), one(props("a", a=INT)), "breaking"),
    ("a nested object closed", one(props(a=INT)), one({**props(a=INT), "additionalProperties": False}), "breaking"),
    ("a nested object taken as it comes", one(props("a", a=INT)), one({}), "feature"),
    ("a property of items removed", one(array(props(a=INT, b=INT))), one(array(props(a=INT))), "breaking"),
    # arrays
    ("items widened", one(array(INT)), one(array(NUM)), "feature"),
    ("items narrowed", one(array(NUM)), one(array(INT)), "breaking"),
    ("items given a type", one({"type": "array"}), one(array(INT)), "breaking"),
    ("minItems added", one(array(INT)), one(array(INT, minItems=1)), "breaking"),
    ("maxItems raised", one(array(INT, maxItems=2)), one(array(INT, maxItems=3)), "feature"),
    ("maxItems lowered", one(array(INT, maxItems=3)), one(array(INT, maxItems=2)), "breaking"),
    ("uniqueItems added", one(array(INT)), one(array(INT, uniqueItems=True)), "breaking"),
    ("uniqueItems removed", one(array(INT, uniqueItems=True)), one(array(INT)), "feature"),
    ("uniqueItems of one item", one(array(INT, maxItems=1)), one(array(INT, maxItems=1, uniqueItems=True)), "fix"),
    ("contains added", one(array(INT)), one(array(INT, contains={"const": 1})), "breaking"),
    ("contains that every item is", one(array(INT, minItems=1)), one(array(INT, minItems=1, contains=INT)), "fix"),
    ("contains widened", one(array(NUM, contains=INT)), one(array(NUM, contains=NUM)), "feature"),
    ("a first item narrowed", one(array({}, prefixItems=[NUM])), one(array({}, prefixItems=[INT])), "breaking"),
    ("a first item widened", one(array({}, prefixItems=[INT])), one(array({}, prefixItems=[NUM])), "feature"),
    ("a tuple closed", one(array({}, prefixItems=[INT])), one(array(False, prefixItems=[INT])), "breaking"),
    ("a list of items in draft 7", {"$schema": "http://json-schema.org/draft-07/schema#", **one({"items": [INT]})},
     one({"prefixItems": [INT]}), "fix"),
    # combined
    ("anyOf gains an alternative", one({"anyOf": [INT, STR]}), one({"anyOf": [INT, STR, NULL]}), "feature"),
    ("anyOf loses an alternative", one({"anyOf": [INT, STR]}), one({"anyOf": [INT]}), "breaking"),
    ("anyOf in another order", one({"anyOf": [INT, STR]}), one({"anyOf": [STR, INT]}), "fix"),
    ("a list of types as anyOf", one({"type": ["string", "null"]}), one({"anyOf": [STR, NULL]}), "fix"),
    ("anyOf as a list of types", one({"anyOf": [STR, NULL]}), one({"type": ["string", "null"]}), "fix"),
    ("an alternative narrowed", one({"anyOf": [NUM, STR]}), one({"anyOf": [INT, STR]}), "breaking"),
    ("anyOf of requirements", {**props(a=INT, b=INT), "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
     props(a=INT, b=INT), "feature"),
    ("anyOf of requirements added", props(a=INT, b=INT),
     {**props(a=INT, b=INT), "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, "breaking"),
    ("oneOf gains a shape told apart", one(SHAPE), one(MORE_SHAPES), "feature"),
    ("oneOf loses a shape", one(MORE_SHAPES), one(SHAPE), "breaking"),
    ("oneOf gains an overlap", one({"oneOf": [INT, STR]}), one({"oneOf": [INT, STR, NUM]}), "breaking"),
    ("oneOf to anyOf", one({"oneOf": [INT, NUM]}), one({"anyOf": [INT, NUM]}), "feature"),
    ("anyOf to oneOf apart", one({"anyOf": [INT, STR]}), one({"oneOf": [INT, STR]}), "fix"),
    ("anyOf to oneOf that overlap", one({"anyOf": [INT, NUM]}), one({"oneOf": [INT, NUM]}), "breaking"),
    ("allOf gathered", one({"allOf": [INT, {"minimum": 1}]}), one({**INT, "minimum": 1}), "fix"),
    ("allOf gains a part", one({"allOf": [INT]}), one({"allOf": [INT, {"minimum": 1}]}), "breaking"),
    ("allOf loses a part", one({"allOf": [INT, {"minimum": 1}]}), one({"allOf": [INT]}), "feature"),
    ("an alternative beside a declared property",
     {"type": "object", "anyOf": [props("a", a=INT), props("b", b=INT)]},
     {"type": "object", "anyOf": [{**props("a", a=INT, b=STR)}, props("b", b=INT)]}, "breaking"),
    ("not added", one(STR), one({**STR, "not": {"const": "a"}}), "breaking"),
    ("not removed", one({**STR, "not": {"const": "a"}}), one(STR), "feature"),
    ("not narrowed", one({**STR, "not": {"enum": ["a", "b"]}}), one({**STR, "not": {"const": "a"}}), "feature"),
    ("not of another type", one(STR), one({**STR, "not": INT}), "fix"),
    ("not of a new property", props(a=INT), {**props(a=INT, b=INT), "not": {"required": ["a", "b"]}}, "feature"),
    ("if added", props(mode=STR, y=INT), {**props(mode=STR, y=INT), **CONDITION}, "breaking"),
    ("if removed", {**props(mode=STR, y=INT), **CONDITION}, props(mode=STR, y=INT), "feature"),
    ("if kept and a property new", {**props(mode=STR, y=INT), **CONDITION},
     {**props(mode=STR, y=INT, z=INT), **CONDITION}, "feature"),
    ("if on a new property", props(y=INT), {**props(mode=STR, y=INT), **CONDITION}, "feature"),
    ("then made stricter", {**props(mode=STR, y=INT, z=INT), **CONDITION},
     {**props(mode=STR, y=INT, z=INT), **CONDITION, "then": {"required": ["y", "z"]}}, "breaking"),
    # references
    ("moved to $defs", one(props(a=INT)),
     {**one({"$ref": "#/$defs/x"}), "$defs": {"x": props(a=INT)}}, "fix"),
    ("a definition narrowed", {**one({"$ref": "#/$defs/x"}), "$defs": {"x": NUM}},
     {**one({"$ref": "#/$defs/x"}), "$defs": {"x": INT}}, "breaking"),
    ("a definition that nothing uses", props(a=INT), {**props(a=INT), "$defs": {"x": INT}}, "fix"),
    ("a definition renamed", {**one({"$ref": "#/$defs/x"}), "$defs": {"x": NUM}},
     {**one({"$ref": "#/$defs/y"}), "$defs": {"y": NUM}}, "fix"),
    ("a recursive schema widened", TREE, WIDE_TREE, "feature"),
    ("a recursive schema narrowed", WIDE_TREE, TREE, "breaking"),
    ("an anchor", {**one({"$ref": "#/$defs/x"}), "$defs": {"x": NUM}},
     {**one({"$ref": "#num"}), "$defs": {"x": {"$anchor": "num", **NUM}}}, "fix"),
    ("siblings of $ref", {**one({"$ref": "#/$defs/x"}), "$defs": {"x": NUM}},
     {**one({"$ref": "#/$defs/x", "minimum": 1}), "$defs": {"x": NUM}}, "breaking"),
    ("a reference out of the document stays", one({"$ref": "https://example.com/x.json"}),
     {**one({"$ref": "https://example.com/x.json"}), "required": []}, "fix"),
    ("a reference out of the document changes", one({"$ref": "https://example.com/x.json"}),
     one({"$ref": "https://example.com/y.json"}), "breaking"),
    ("a reference to nowhere", one(INT), one({"$ref": "#/$defs/none"}), "breaking"),
    ("a reference to itself", one(INT), {**one({"$ref": "#/$defs/x"}), "$defs": {"x": {"$ref": "#/$defs/x"}}},
     "breaking"),
    ("a paradox", one(INT), {**one(INT), "not": {"$ref": "#"}}, "breaking"),
    # cannot tell, and annotations
    ("not a schema", props(a=INT), {"type": "bogus"}, "breaking"),
    ("a pattern that does not compile", one(STR), one({**STR, "pattern": "("}), "breaking"),
    ("title changed", one({**STR, "title": "A"}), one({**STR, "title": "B"}), "fix"),
    ("description added", one(STR), one({**STR, "description": "text"}), "fix"),
    ("examples added", one(STR), one({**STR, "examples": ["a"]}), "fix"),
    ("an unknown keyword", one(STR), one({**STR, "secret": True}), "fix"),
    ("default changed", one({**STR, "default": "a"}), one({**STR, "default": "b"}), "feature"),
    ("default added", one(STR), one({**STR, "default": "b"}), "feature"),
    ("deprecated", one(STR), one({**STR, "deprecated": True}), "feature"),
    ("a property called title", props(title=STR), props(title=INT), "breaking"),
    ("true to false", True, False, "breaking"),
    ("true to an open object", one(True), one(True, additionalProperties=True), "fix"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "verdict"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_change_of_inputs_is_what_it_is(old: Any, new: Any, verdict: str) -> None:
    reasons = compare_inputs(old, new)
    assert worst(reasons) == verdict, reasons


def test_there_are_many_cases_and_each_has_its_name() -> None:
    assert len({case[0] for case in CASES}) == len(CASES) >= 120


@pytest.mark.parametrize("schema", [case[1] for case in CASES], ids=[case[0] for case in CASES])
def test_a_schema_is_no_change_to_itself(schema: Any) -> None:
    assert compare_inputs(schema, schema) == []
