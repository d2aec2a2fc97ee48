"""What it takes to hold a value against a schema that anybody may have written.

A schema of three kilobytes in which each part refers to the next one twice is 2**45 schemas when it is written out, and
a validator applies every one of them. So they are counted first, each pair of a schema and a value once. The count is
of a validator that never stops early, and what cannot be told counts as too much.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from attune_registry.checks.applying import WITHIN, on_the_same, on_what_is_within
from attune_registry.checks.subschemas import subschemas
from attune_registry.checks.targets import Targets, is_metaschema

TOO_MUCH = 1 << 40
# What comes to more than this for one value is no schema that anybody could hold a value against.
MOST_WRITTEN_OUT = 10_000
# What a step of a validator costs, one that may end in an error in words, and one of the count here, in units of some
# 20 ns; and what all the values of one file may cost.
STEP, TOLD, COUNTED = 1, 100, 150
_ALLOWED = 20_000_000
# What is surely cheap is not counted.
_SMALL = 10_000

_MULTIPLYING = (b'"$ref"', b'"$dynamicRef"', b'"$recursiveRef"', b'"unevaluated')
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
# To know what is left over, a validator goes through everything once more, at times twice.
_UNEVALUATED = frozenset({"unevaluatedProperties", "unevaluatedItems"})
# In the place of a value's id: every value there could be.
_ANYTHING = 0
_TAME = 2_000
_PER_METASCHEMA = 60
_LETTERS_PER_STEP = 64


class Allowance:
    """What may still be spent, in units of some 20 ns."""

    def __init__(self, units: int = _ALLOWED) -> None:
        self.left = units

    def covers(self, units: int) -> bool:
        """Spend so much if it is there."""
        if units > self.left:
            return False
        self.left -= units
        return True


_Key = tuple[int, int]


class _Part(NamedTuple):
    """What of a schema does not depend on the value."""

    schema: dict[str, Any]
    lists: int
    times: int
    same: list[dict[str, Any]]
    outside: list[str]
    has_more: bool


class _Node(NamedTuple):
    """A schema and what it is applied to. What is said of a scalar holds for every other of its size."""

    key: _Key
    schema: dict[str, Any]
    value: Any


def over_the_limit(schema: dict[str, Any], effort: "Effort") -> str | None:
    """Where the outermost part stands that comes to too much for one value; None where there is none."""
    if not effort.multiplies:
        return None
    within = (part.at for part in subschemas(schema) if effort.written_out(part.schema) > MOST_WRITTEN_OUT)
    return next(within, None)


class Effort:
    """Counts for one schema, which must not change meanwhile."""

    def __init__(self, root: dict[str, Any]) -> None:
        text = orjson.dumps(root)
        self._root = root
        self.multiplies = any(mark in text for mark in _MULTIPLYING)
        self._targets = Targets(root) if self.multiplies else None
        self._parts: dict[int, _Part] = {}
        self._several: dict[int, dict[str, Any]] = {}
        self._of_scalars: dict[_Key, int] = {}

    def written_out(self, part: dict[str, Any]) -> int:
        """How many schemas a part of the schema comes to for one value, with what it refers to written out."""
        return self._counted(_node(part, None), Allowance(TOO_MUCH))

    def is_tame(self) -> bool:
        """True for a schema that comes to little however deep a value is: it is small, and nothing leads back."""
        key = (id(self._root), _ANYTHING)
        return not self.multiplies or self._counted(_Node(key, self._root, None), Allowance(TOO_MUCH)) <= _TAME

    def steps(self, part: dict[str, Any], value: Any, allowance: Allowance) -> int:
        """How many times a schema is applied when `value` is held against a part of it, and no fewer.

        Counting is paid for, too.
        """
        if not self.multiplies:
            most = len(orjson.dumps(part)) * len(orjson.dumps(value)) // 4
            if most <= _SMALL:
                return most
        return self._counted(_node(part, value), allowance)

    def _counted(self, start: _Node, allowance: Allowance) -> int:
        """The sum over everything that follows from a node. One that follows from itself is too much."""
        found: dict[_Key, int] = {}
        opened: dict[_Key, tuple[int, int, list[_Node]]] = {}
        pending = [start]
        while pending:
            node = pending[-1]
            counts = self._of_scalars if node.key[1] < 0 else found
            if node.key in counts:
                pending.pop()
            elif node.key in opened:
                own, times, after = opened[node.key]
                known = (self._of_scalars.get(each.key) or found.get(each.key) or TOO_MUCH for each in after)
                counts[node.key] = min(own + times * sum(known), TOO_MUCH)
                pending.pop()
            else:
                opened[node.key] = self._opened(node)
                after = opened[node.key][2]
                if not allowance.covers(COUNTED * (1 + len(after))):
                    return TOO_MUCH
                pending.extend(each for each in after if each.key not in opened)
        return (self._of_scalars if start.key[1] < 0 else found)[start.key]

    def _opened(self, node: _Node) -> tuple[int, int, list[_Node]]:
        """What a node costs by itself, how many times what follows from it is gone through, and what that is."""
        part = self._part(node.schema)
        own = _own(part, node) + sum(self._outside(reference, node.value) for reference in part.outside)
        same = part.same if node.key[1] != _ANYTHING else _once([*part.same, *_mappings_in(node.schema)])
        after = [_Node((id(schema), node.key[1]), schema, node.value) for schema in same]
        if part.has_more and node.key[1] > 0:
            after += [_node(schema, inner) for schema, inner in on_what_is_within(node.schema, node.value)]
        return own, part.times, after

    def _part(self, schema: dict[str, Any]) -> _Part:
        part = self._parts.get(id(schema))
        if part is None:
            part = self._parts[id(schema)] = self._read(schema)
        return part

    def _read(self, schema: dict[str, Any]) -> _Part:
        required = schema.get("required")
        lists = len(required) if isinstance(required, list) else 0
        same = list(on_the_same(schema))
        outside = []
        for keyword in _REFERENCES:
            reference = schema.get(keyword)
            if isinstance(reference, str) and self._targets:
                targets = self._targets.of(reference)
                same += targets if len(targets) < 2 else [self._all_of(targets)]
                outside += [] if targets else [reference]
        times = 1 if _UNEVALUATED.isdisjoint(schema) else 3
        parts = [part for part in same if isinstance(part, dict)]
        return _Part(schema, 1 + lists + len(same) - len(parts), times, parts, outside, not WITHIN.isdisjoint(schema))

    def _all_of(self, targets: list[Any]) -> dict[str, Any]:
        """What a reference may mean as one schema: however many mean the same, it is counted once."""
        return self._several.setdefault(id(targets), {"allOf": targets})

    def _outside(self, reference: str, value: Any) -> int:
        # A schema of schemas leads back here wherever it comes upon a dynamic anchor.
        if not is_metaschema(reference) or (self._targets and self._targets.is_dynamic):
            return TOO_MUCH
        return _PER_METASCHEMA * len(orjson.dumps(value))


def _node(schema: dict[str, Any], value: Any) -> _Node:
    if isinstance(value, dict | list):
        return _Node((id(schema), id(value)), schema, value)
    size = 1 + (len(value) // _LETTERS_PER_STEP if isinstance(value, str) else 0)
    return _Node((id(schema), -size), schema, None)


def _mappings_in(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What may be a schema or holds some, whatever key it has."""
    for value in schema.values():
        for inner in value if isinstance(value, list) else (value,):
            if isinstance(inner, dict):
                yield inner


def _once(schemas: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({id(schema): schema for schema in schemas}.values())


def _own(part: _Part, node: _Node) -> int:
    """The schema itself, its keywords that go through lists of their own, and letters, which a pattern goes through."""
    size = -node.key[1]
    if size > 0:
        return part.lists * size
    choices = part.schema.get("enum")
    return part.lists + (len(choices) if isinstance(choices, list) else 0)
