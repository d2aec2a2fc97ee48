"""Properties that a schema declares, at every depth, against those that another does."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from attune_registry.checks.jsonschemas import matches
from attune_registry.compat.nodes import Node
from attune_registry.compat.patterns import is_within
from attune_registry.compat.scope import below, below_items, below_others, closure, is_map, names, patterns
from attune_registry.compat.values import show

Scope = tuple[Node, ...]


class Property(NamedTuple):
    """A declared property, or all those whose names match a pattern: the name or pattern, and where it stands."""

    name: str
    pointer: str
    is_pattern: bool = False

    def named(self, kind: str) -> str:
        """For a sentence: `property "a"`, or `property matching "^x"`."""
        return f"{kind} matching {show(self.name)}" if self.is_pattern else f"{kind} {show(self.name)}"


def missing(here: Node, there: Node, *, by_name: bool = False) -> list[Property]:
    """The properties that `here` declares and `there` says nothing of or forbids (or, `by_name`, does not name).

    By name, patterns for names count too: whoever gives one declares properties. Where `there` says nothing
    whatever about a value within, it takes that value as a whole, with all that is in it. The whole schema is
    another matter: what it declares is all that there is, so one that says nothing has none of it.
    """
    found: dict[Property, None] = {}
    todo: list[tuple[Scope, Scope]] = [((here,), (there,))]
    seen: set[tuple[frozenset[str], frozenset[str]]] = set()
    while todo:
        one, other = todo.pop()
        mark = (frozenset(node.identity for node in one), frozenset(node.identity for node in other))
        if not one or mark in seen or (_says_nothing(other) and one != (here,)):
            continue
        seen.add(mark)
        found.update(dict.fromkeys(_missing_here(one, other, by_name)))
        todo += _pairs_below(one, other)
    return sorted(found, key=lambda each: each.pointer)


def _says_nothing(scope: Scope) -> bool:
    return all(node.schema is True for node in closure(scope))


def _missing_here(one: Scope, other: Scope, by_name: bool) -> Iterator[Property]:
    theirs = closure(other)
    if is_map(theirs) and not by_name:
        return
    known = names(theirs).keys() - _forbidden(other, "properties")
    rules = patterns(theirs).keys() - _forbidden(other, "patternProperties")
    for node in closure(one, denied=False):
        for name in _declared(node, "properties"):
            if name not in known and (by_name or not any(matches(rule, name) for rule in rules)):
                yield Property(name, node.child("properties", name).pointer)
        for rule in _declared(node, "patternProperties") if by_name else ():
            if rule not in rules and not _is_spelled_out(rule, known):
                yield Property(rule, node.child("patternProperties", rule).pointer, is_pattern=True)


def _declared(node: Node, word: str) -> list[str]:
    """The names or patterns of properties that there may be."""
    return [name for name, schema in node.words.get(word, {}).items() if schema is not False]


def _is_spelled_out(pattern: str, known: Iterable[str]) -> bool:
    """True for a pattern that matches nothing but what has a name of its own already."""
    return is_within(pattern, f"^(?:{'|'.join(map(re.escape, sorted(known)))})$") is True


def _forbidden(scope: Scope, word: str) -> set[str]:
    """The names or patterns of properties that a scope has only to say that there are none."""
    nodes = closure(scope, denied=False)
    said = {name for node in nodes for name in node.words.get(word, {})}
    return said - {name for node in nodes for name in _declared(node, word)}


def _pairs_below(one: Scope, other: Scope) -> Iterator[tuple[Scope, Scope]]:
    mine = closure(one, denied=False)
    for name in names(mine):
        if below(other, name):
            yield below(one, name), below(other, name)
    yield below_others(one), below_others(other)
    width = max((len(node.words.get("prefixItems", ())) for node in mine), default=0)
    for index in (*range(width), None):
        yield below_items(one, index), below_items(other, index)
