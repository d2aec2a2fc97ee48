"""Properties that a schema declares, at every depth, against those that another does."""

from collections.abc import Iterator
from typing import NamedTuple

from attune_registry.compat.nodes import Node
from attune_registry.compat.scope import below, below_items, below_others, closure, fits, is_map, names, patterns

Scope = tuple[Node, ...]


class Property(NamedTuple):
    """A declared property: its name and where it stands."""

    name: str
    pointer: str


def missing(here: Node, there: Node, *, by_name: bool = False) -> list[Property]:
    """The properties that `here` declares and `there` says nothing of (or, `by_name`, does not name).

    Where `there` says nothing whatever about a value, it takes that value as a whole, with all that is in it.
    """
    found: dict[Property, None] = {}
    todo: list[tuple[Scope, Scope]] = [((here,), (there,))]
    seen: set[tuple[frozenset[str], frozenset[str]]] = set()
    while todo:
        one, other = todo.pop()
        mark = (frozenset(node.identity for node in one), frozenset(node.identity for node in other))
        if not one or mark in seen or (_says_nothing(other) and not (by_name and one == (here,))):
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
    known, rules = names(theirs), {} if by_name else patterns(theirs)
    for node in closure(one, denied=False):
        for name, schema in node.words.get("properties", {}).items():
            if schema is not False and name not in known and not any(fits(rule, name) for rule in rules):
                yield Property(name, node.child("properties", name).pointer)


def _pairs_below(one: Scope, other: Scope) -> Iterator[tuple[Scope, Scope]]:
    mine = closure(one, denied=False)
    for name in names(mine):
        if below(other, name):
            yield below(one, name), below(other, name)
    yield below_others(one), below_others(other)
    width = max((len(node.words.get("prefixItems", ())) for node in mine), default=0)
    for index in (*range(width), None):
        yield below_items(one, index), below_items(other, index)
