"""Pairs of out_schema and what each change is to those who read the outputs."""

from typing import Any

import pytest

from attune_registry.compat.reasons import worst
from attune_registry.compat.schemas import compare_outputs

INT, NUM, STR = {"type": "integer"}, {"type": "number"}, {"type": "string"}
OBJ: dict[str, Any] = {"type": "object"}


def props(*required: str, **properties: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": properties}
    return {**found, "required": list(required)} if required else found


def closed(*required: str, **properties: Any) -> dict[str, Any]:
    return {**props(*required, **properties), "additionalProperties": False}


CASES: list[tuple[str, Any, Any, str]] = [
    ("a new optional output", props(a=INT), props(a=INT, b=STR), "feature"),
    ("a new output that is always there", props(a=INT), props("b", a=INT, b=STR), "feature"),
    ("a new output where there were to be no others", closed(a=INT), closed(a=INT, b=STR), "breaking"),
    ("an output removed", props(a=INT, b=STR), props(a=INT), "breaking"),
    ("an optional output removed from a closed schema", closed(a=INT, b=STR), closed(a=INT), "breaking"),
    ("an output forbidden", props(a=INT, b=STR), props(a=INT, b=False), "breaking"),
    ("a nested output forbidden", props(a=props(b=INT)), props(a=props(b=False)), "breaking"),
    ("an output forbidden in one of two ways", {"oneOf": [props("a", a=INT), props("b", b=INT)]},
     {"oneOf": [props("a", a=INT, b=False), props("b", b=INT, a=False)]}, "feature"),
    ("outputs by a pattern", props(a=INT), {**props(a=INT), "patternProperties": {"^x-": INT}}, "feature"),
    ("an output no longer always there", props("a", a=INT), props(a=INT), "breaking"),
    ("an output always there", props(a=INT), props("a", a=INT), "feature"),
    ("an output renamed", props(a=INT), props(b=INT), "breaking"),
    ("integer to number", props(a=INT), props(a=NUM), "breaking"),
    ("number to integer", props(a=NUM), props(a=INT), "feature"),
    ("nullable now", props(a=STR), props(a={"type": ["string", "null"]}), "breaking"),
    ("no longer nullable", props(a={"type": ["string", "null"]}), props(a=STR), "feature"),
    ("a type of its own at last", props(a={}), props(a=STR), "feature"),
    ("a type no longer said", props(a=STR), props(a={}), "breaking"),
    ("enum value added", props(a={"enum": ["x"]}), props(a={"enum": ["x", "y"]}), "breaking"),
    ("enum value removed", props(a={"enum": ["x", "y"]}), props(a={"enum": ["x"]}), "feature"),
    ("string to enum", props(a=STR), props(a={"enum": ["x", "y"]}), "feature"),
    ("minimum lowered", props(a={**INT, "minimum": 1}), props(a={**INT, "minimum": 0}), "breaking"),
    ("minimum raised", props(a={**INT, "minimum": 0}), props(a={**INT, "minimum": 1}), "feature"),
    ("format promised", props(a=STR), props(a={**STR, "format": "date"}), "feature"),
    ("format no longer promised", props(a={**STR, "format": "date"}), props(a=STR), "breaking"),
    ("items widened", props(a={"items": INT}), props(a={"items": NUM}), "breaking"),
    ("items narrowed", props(a={"items": NUM}), props(a={"items": INT}), "feature"),
    ("a nested output removed", props(a=props(b=INT, c=INT)), props(a=props(b=INT)), "breaking"),
    ("a nested output added", props(a=props(b=INT)), props(a=props(b=INT, c=INT)), "feature"),
    ("an output of items removed", props(a={"items": props(b=INT)}), props(a={"items": OBJ}), "breaking"),
    ("opened", closed(a=INT), props(a=INT), "breaking"),
    ("closed", props(a=INT), closed(a=INT), "feature"),
    ("another alternative", props(a={"anyOf": [INT, STR]}), props(a={"anyOf": [INT, STR, OBJ]}), "breaking"),
    ("an alternative less", props(a={"anyOf": [INT, STR]}), props(a={"anyOf": [INT]}), "feature"),
    ("an untyped output came under an old name", {"anyOf": [props("a", a=INT), props("b", b=INT)]},
     {"anyOf": [props("a", a=INT, b=STR), props("b", b=INT)]}, "feature"),
    ("moved to $defs", props(a=INT), {**props(a={"$ref": "#/$defs/n"}), "$defs": {"n": INT}}, "fix"),
    ("promised at last", None, props(a=INT), "feature"),
    ("no promise any more", props(a=INT), None, "breaking"),
    ("no promise, said otherwise", {}, None, "fix"),
    ("description changed", props(a={**INT, "description": "x"}), props(a=INT), "fix"),
    ("default changed", props(a={**INT, "default": 1}), props(a={**INT, "default": 2}), "fix"),
    ("not a schema", props(a=INT), {"properties": []}, "breaking"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "verdict"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_change_of_outputs_is_what_it_is(old: Any, new: Any, verdict: str) -> None:
    reasons = compare_outputs(old, new)
    assert worst(reasons) == verdict, reasons
