"""What is known of a value: schemas it meets and schemas it does not, spread into cases without alternatives."""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple, Protocol

from attune_registry.compat.nodes import Node

MOST_CASES = 48
APPLIED = frozenset(
    [
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "dependentSchemas",
        "$ref",
        "$defs",
        "definitions",
        "$id",
        "$anchor",
    ]
)
TOO_MUCH = "schema"
SILENT = frozenset(("$defs", "definitions", "$id", "$anchor"))
TYPES = ("null", "boolean", "object", "array", "string", "number")


class Gap(NamedTuple):
    """Why a value that `left` allows may not be one that `right` allows; certain, or merely not disproved."""

    what: str
    left: str
    right: str
    left_at: str
    right_at: str
    certain: bool = True


class Case(NamedTuple):
    """A value meets `nodes` and `flat` (those have no alternatives left in them) and none of `nots`.

    `met` has the identities of the schemas known to be met, `scope` the schemas that say which properties
    such values are taken to have, `depth` counts the steps down into the value.
    """

    nodes: tuple[Node, ...] = ()
    flat: tuple[Node, ...] = ()
    nots: tuple[Node, ...] = ()
    met: frozenset[str] = frozenset()
    scope: tuple[Node, ...] = ()
    depth: int = 0

    def also(self, *nodes: Node) -> "Case":
        """The case that meets these as well."""
        return self._replace(nodes=self.nodes + nodes)

    @property
    def at(self) -> str:
        """Where this is, to point a person there."""
        return next((node.pointer for node in self.nodes + self.flat), "")

    @property
    def identity(self) -> frozenset[str]:
        """What cases share that allow the same values."""
        kinds = (("+", self.nodes), ("+", self.flat), ("-", self.nots), ("?", self.scope))
        return frozenset(sign + node.identity for sign, nodes in kinds for node in nodes)


class Prover(Protocol):
    """What the checks of single keywords ask about the parts of a value."""

    def gaps(self, case: Case, right: Node) -> tuple[Gap, ...]:
        """Why not every value of the case is known to be valid under `right`; empty when all are."""
        ...

    def is_impossible(self, case: Case) -> bool:
        """True only when there is no value of the case."""
        ...


class Literal(NamedTuple):
    """A schema that must be met, or must not be."""

    node: Node
    is_met: bool = True


Alternative = tuple[Literal, ...]


def spread(case: Case) -> list[Case]:
    """Cases without alternatives that together allow every value that this one allows (and perhaps more).

    Where alternatives would multiply beyond all measure they are left out, which allows more, never less.
    """
    todo: list[tuple[Alternative, Case]] = [(tuple(Literal(node) for node in case.nodes), case._replace(nodes=()))]
    done: list[Case] = []
    while todo:
        pending, now = todo.pop()
        if not pending:
            done.append(now)
            continue
        first, rest = pending[0], pending[1:]
        step = _meet(first.node, now) if first.is_met else _deny(first.node, now)
        if step is None:
            continue
        now, forks = step
        room = MOST_CASES - len(todo) - len(done)
        branches = list(product(*forks)) if _size(forks) <= max(room, 1) else [()]
        todo += [(tuple(each for part in branch for each in part) + rest, now) for branch in branches]
    return done


def _size(forks: list[list[Alternative]]) -> int:
    size = 1
    for fork in forks:
        size *= max(len(fork), 1)
    return size


def _meet(node: Node, case: Case) -> tuple[Case, list[list[Alternative]]] | None:
    if node.schema is False:
        return None
    if node.schema is True or node.identity in case.met:
        return case, []
    own = {word: value for word, value in node.words.items() if word not in APPLIED}
    flat = (*case.flat, node.made(own)) if own else case.flat
    return case._replace(flat=flat, met=case.met | {node.identity, node.outside}), list(_forks(node))


def _forks(node: Node) -> Iterator[list[Alternative]]:
    """Each keyword that applies schemas in place, as its alternatives; one alternative is a must."""
    words = node.words
    target = node.target
    if target is not None:
        yield [(Literal(target),)]
    for each in node.children("allOf"):
        yield [(Literal(each),)]
    if "not" in words:
        yield [(Literal(node.child("not"), False),)]
    if "anyOf" in words:
        yield [(Literal(each),) for each in node.children("anyOf")]
    if "oneOf" in words:
        branches = node.children("oneOf")
        yield [tuple(Literal(each, each is one) for each in branches) for one in branches]
    if "if" in words:
        yield from _conditional(node)
    for name in words.get("dependentSchemas", {}):
        has = node.made({"type": "object", "required": [name]})
        yield [(Literal(has), Literal(node.child("dependentSchemas", name))), (Literal(has, False),)]


def _conditional(node: Node) -> Iterator[list[Alternative]]:
    condition = node.child("if")
    then = (Literal(node.child("then")),) if "then" in node.words else ()
    otherwise = (Literal(node.child("else")),) if "else" in node.words else ()
    if then or otherwise:
        yield [(Literal(condition), *then), (Literal(condition, False), *otherwise)]


def _deny(node: Node, case: Case) -> tuple[Case, list[list[Alternative]]] | None:
    if node.schema is True:
        return None
    if node.schema is False or any(node.identity == each.identity for each in case.nots):
        return case, []
    case = case._replace(nots=(*case.nots, node))
    ways = [_denials(node, word) for word in node.words if word not in SILENT]
    if any(way is None for way in ways):
        return case, []
    return case, [[alternative for way in ways if way is not None for alternative in way]]


def _denials(node: Node, word: str) -> list[Alternative] | None:
    """The ways not to meet one keyword, where they can be written as schemas."""
    value = node.words[word]
    if word == "not":
        return [(Literal(node.child("not")),)]
    if word == "allOf":
        return [(Literal(each, False),) for each in node.children(word)]
    if word == "anyOf":
        return [tuple(Literal(each, False) for each in node.children(word))]
    if word == "$ref":
        target = node.target
        return None if target is None else [(Literal(target, False),)]
    if word == "required":
        return [(Literal(node.made({"type": "object", "properties": {name: False}})),) for name in value]
    if word == "type":
        named = {value} if isinstance(value, str) else set(value)
        if "integer" in named:
            return None
        return [(Literal(node.made({"type": [each for each in TYPES if each not in named]})),)]
    return None
