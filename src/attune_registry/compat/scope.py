"""Which properties the values under comparison are taken to have: those that some schema speaks of."""

from collections.abc import Iterable, Iterator

from attune_registry.checks.jsonschemas import matches
from attune_registry.compat.nodes import Node

IN_PLACE_ONE = ("not", "if", "then", "else")
IN_PLACE_MANY = ("allOf", "anyOf", "oneOf")
IN_PLACE = frozenset((*IN_PLACE_ONE, *IN_PLACE_MANY, "dependentSchemas", "$ref"))


def closure(nodes: Iterable[Node], *, denied: bool = True) -> list[Node]:
    """Every schema that speaks of the same value as these do; without `not` and `if` when not `denied`."""
    todo = list(nodes)
    seen: set[str] = set()
    found: list[Node] = []
    while todo:
        node = todo.pop()
        if node.identity in seen:
            continue
        seen.add(node.identity)
        found.append(node)
        if not node.words.keys().isdisjoint(IN_PLACE):
            todo += beside(node, denied)
    return found


def beside(node: Node, denied: bool = True) -> Iterator[Node]:
    """The schemas that this one applies to the same value."""
    for word in IN_PLACE_ONE:
        if word in node.words and (denied or word not in ("not", "if")):
            yield node.child(word)
    for word in IN_PLACE_MANY:
        yield from node.children(word)
    for name in node.words.get("dependentSchemas", {}):
        yield node.child("dependentSchemas", name)
    target = node.target
    if target is not None:
        yield target


def names(nodes: Iterable[Node]) -> dict[str, None]:
    """The properties that any of these schemas names, as an ordered set."""
    found: dict[str, None] = {}
    for node in nodes:
        words = node.words
        needs = words.get("dependentRequired", {})
        for group in (words.get("properties", {}), words.get("required", ()), needs, *needs.values()):
            found.update(dict.fromkeys(group))
        found.update(dict.fromkeys(words.get("dependentSchemas", {})))
    return found


def patterns(nodes: Iterable[Node]) -> dict[str, None]:
    """The patterns for names of properties in any of these schemas, as an ordered set."""
    found: dict[str, None] = {}
    for node in nodes:
        found.update(dict.fromkeys(node.words.get("patternProperties", {})))
    return found


def is_map(nodes: Iterable[Node]) -> bool:
    """True when some schema describes the values under names of the caller's own choice."""
    return any(isinstance(node.words.get("additionalProperties"), dict) for node in nodes)


def treatment(node: Node, name: str) -> list[Node]:
    """The schemas that this one, by itself, holds a property's value against."""
    found = [node.child("properties", name)] if name in node.words.get("properties", {}) else []
    for pattern in node.words.get("patternProperties", {}):
        if matches(pattern, name):
            found.append(node.child("patternProperties", pattern))
    if not found and "additionalProperties" in node.words:
        found.append(node.child("additionalProperties"))
    return found


def below(scope: Iterable[Node], name: str) -> tuple[Node, ...]:
    """The scope of the values of one property."""
    return tuple(each for node in closure(scope) for each in treatment(node, name))


def below_others(scope: Iterable[Node]) -> tuple[Node, ...]:
    """The scope of the values of properties that have no name of their own in the schemas."""
    found: list[Node] = []
    for node in closure(scope):
        found += [node.child("patternProperties", each) for each in node.words.get("patternProperties", {})]
        if "additionalProperties" in node.words:
            found.append(node.child("additionalProperties"))
    return tuple(found)


def below_items(scope: Iterable[Node], index: int | None = None) -> tuple[Node, ...]:
    """The scope of the items at an index, or of all items."""
    found: list[Node] = []
    for node in closure(scope):
        first = node.children("prefixItems")
        if "contains" in node.words:
            found.append(node.child("contains"))
        if index is None:
            found += first
        elif index < len(first):
            found.append(first[index])
            continue
        if "items" in node.words:
            found.append(node.child("items"))
    return tuple(found)
