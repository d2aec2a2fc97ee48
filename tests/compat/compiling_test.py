"""What a comparison compiles goes with the length of the schemas."""

import time
from typing import Any

from attune_registry.compat.schemas import compare_inputs


def _choices(*more: str) -> dict[str, Any]:
    names = range(1_000)
    return {"type": "object", "properties": {f"p{name}": {"enum": [f"a{name}", "b", *more]} for name in names}}


def test_many_properties_with_values_that_are_tried() -> None:
    started = time.process_time()
    reasons = compare_inputs(_choices(), _choices("c"))
    assert time.process_time() - started < 3
    assert {reason.verdict for reason in reasons} == {"feature"}
    assert len(reasons) == 1_000


def _named(*more: str) -> dict[str, Any]:
    one = {"$ref": "#/$defs/choice"}
    names = {f"p{name}": {"items": one, "additionalProperties": one} for name in range(20)}
    return {"type": "object", "properties": names, "$defs": {"choice": {"enum": ["a", "b", *more]}}}


def test_a_part_that_refers_to_another_still_finds_it() -> None:
    assert {reason.verdict for reason in compare_inputs(_named(), _named("c"))} == {"feature"}
    assert {reason.verdict for reason in compare_inputs(_named("c"), _named())} == {"breaking"}
