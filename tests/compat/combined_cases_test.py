"""Pairs of param_schema that combine schemas or refer to them, and what each change is to a caller."""

from time import process_time
from typing import Any

import pytest
from short_schemas import INT, NULL, NUM, STR, array, one, props

from attune_registry.compat.reasons import worst
from attune_registry.compat.schemas import compare_inputs

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


def book(reference: str, definition: Any) -> dict[str, Any]:
    """A schema with an address of its own."""
    return {"$id": "https://example.com/in/a.json", **one({"$ref": reference}), "$defs": {"x": definition}}


def old_book(definition: Any) -> dict[str, Any]:
    """One in which that stands in `id`."""
    head = {"$schema": "http://json-schema.org/draft-04/schema#", "id": "http://example.com/a"}
    return {**head, **one({"$ref": "http://example.com/a#/definitions/x"}), "definitions": {"x": definition}}


# name, old, new, what the change is
CASES: list[tuple[str, Any, Any, str]] = [
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
    ("not narrowed",
     one({**STR, "not": {"enum": ["a", "b"]}}), one({**STR, "not": {"const": "a"}}), "feature"),
    ("not of another type", one(STR), one({**STR, "not": INT}), "fix"),
    ("not of a new property",
     props(a=INT), {**props(a=INT, b=INT), "not": {"required": ["a", "b"]}}, "feature"),
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
    ("a definition narrowed, reached by the whole address", book("https://example.com/in/a.json#/$defs/x", NUM),
     book("https://example.com/in/a.json#/$defs/x", INT), "breaking"),
    ("a definition narrowed, reached by a relative address", book("a.json#/$defs/x", NUM),
     book("a.json#/$defs/x", INT), "breaking"),
    ("a definition reached another way", book("/in/a.json#/$defs/x", NUM), book("#/$defs/x", NUM), "fix"),
    ("a document of draft 4 that names itself", old_book(NUM), old_book(INT), "breaking"),
    ("a document beside this one stays", book("b.json", NUM), {**book("b.json", NUM), "title": "Book"}, "fix"),
    ("a document beside another", book("b.json", NUM),
     {**book("b.json", NUM), "$id": "https://example.org/a.json"}, "breaking"),
    ("a document within this one narrowed", {**one({"$ref": "x"}), "$defs": {"x": {"$id": "x", **NUM}}},
     {**one({"$ref": "x"}), "$defs": {"x": {"$id": "x", **INT}}}, "breaking"),
    ("a reference to nowhere", one(INT), one({"$ref": "#/$defs/none"}), "breaking"),
    ("a reference to itself", one(INT), {**one({"$ref": "#/$defs/x"}), "$defs": {"x": {"$ref": "#/$defs/x"}}},
     "breaking"),
    ("a paradox", one(INT), {**one(INT), "not": {"$ref": "#"}}, "breaking"),
]  # fmt: skip


def nested(schema: Any, depth: int) -> Any:
    for _ in range(depth):
        schema = one(schema)
    return schema


def shapes(count: int) -> dict[str, Any]:
    return {"oneOf": [props("kind", kind={"const": f"k{n}"}, v={**INT, "minimum": n}) for n in range(count)]}


def network(count: int, **more: Any) -> dict[str, Any]:
    """Definitions that all refer to five others."""
    places = {f"d{n}": {f"p{m}": {"$ref": f"#/$defs/d{(n * 3 + m) % count}"} for m in range(5)} for n in range(count)}
    return {**one({"$ref": "#/$defs/d0"}), "$defs": {name: props(**refs, **more) for name, refs in places.items()}}


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        (nested(STR, 30), nested({"type": ["string", "null"]}, 30), "feature"),
        (nested({"type": ["string", "null"]}, 30), nested(STR, 30), "breaking"),
        (nested({"type": ["string", "null"]}, 80), nested(STR, 80), "breaking"),
        (nested(INT, 300), nested(NUM, 300), "breaking"),
        (one(shapes(12)), one(shapes(13)), "feature"),
        (one(shapes(13)), one(shapes(12)), "breaking"),
        (network(20), network(20, z=STR), "feature"),
        (network(20, z=NUM), network(20, z=INT), "breaking"),
    ],
)
def test_large_schemas_are_compared_in_time(old: Any, new: Any, verdict: str) -> None:
    start = process_time()
    assert worst(compare_inputs(old, new)) == verdict
    assert process_time() - start < 20


@pytest.mark.parametrize(("old", "new", "verdict"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_change_of_what_is_combined_is_what_it_is(old: Any, new: Any, verdict: str) -> None:
    reasons = compare_inputs(old, new)
    assert worst(reasons) == verdict, reasons
