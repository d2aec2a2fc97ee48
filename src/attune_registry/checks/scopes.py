"""Which names a template's own statements bring along, and how far they reach."""

from collections.abc import Iterable, Iterator

from jinja2 import nodes

Names = frozenset[str]

_OF_A_MACRO: Names = frozenset({"caller", "varargs", "kwargs"})
_LOOP: Names = frozenset({"loop"})
_BLOCKS: Names = frozenset({"self", "super"})


def inner(node: nodes.Node, names: Names) -> Iterator[tuple[nodes.Node, Names]]:
    """The nodes directly within one at which `names` are known, each with the names that are known there.

    What is set in a body counts as known in all of it: which of two lines of a text runs first is seldom a mistake.
    """
    if isinstance(node, nodes.For):
        own = names | _stored(node.target) | _LOOP
        yield from _each((node.target, node.iter), names)
        yield from _each((node.test,) if node.test else (), own)
        yield from _body(node.body, own)
        yield from _body(node.else_, names)
    elif isinstance(node, (nodes.Macro, nodes.CallBlock)):
        own = names | _stored(*node.args) | _OF_A_MACRO
        yield from _each((*node.args, *node.defaults), own)
        yield from _each((node.call,) if isinstance(node, nodes.CallBlock) else (), names)
        yield from _body(node.body, own)
    elif isinstance(node, nodes.With):
        yield from _each((*node.targets, *node.values), names)
        yield from _body(node.body, names | _stored(*node.targets))
    elif isinstance(node, (nodes.FilterBlock, nodes.AssignBlock)):
        target = (node.target,) if isinstance(node, nodes.AssignBlock) else ()
        yield from _each((*target, *((node.filter,) if node.filter else ())), names)
        yield from _body(node.body, names)
    elif isinstance(node, (nodes.Template, nodes.Block)):
        has_blocks = any(isinstance(part, nodes.Block) for part in (node, *node.body))
        yield from _body(node.body, names | _BLOCKS if has_blocks else names)
    else:
        yield from _each(node.iter_child_nodes(), names)


def _each(found: Iterable[nodes.Node], names: Names) -> Iterator[tuple[nodes.Node, Names]]:
    return ((node, names) for node in found)


def _body(body: list[nodes.Node], names: Names) -> Iterator[tuple[nodes.Node, Names]]:
    return _each(body, names | frozenset(_set_in(body)))


def _stored(*targets: nodes.Node) -> Names:
    """The names that an assignment's targets are: `x`, or `a, (b, c)`."""
    found = {target.name for target in targets if isinstance(target, nodes.Name)}
    for target in targets:
        found.update(name.name for name in target.find_all(nodes.Name) if name.ctx != "load")
    return frozenset(found)


def _set_in(body: list[nodes.Node]) -> Iterator[str]:
    """The names that statements set, those in the branches of an `if` included: it is the one that has no names."""
    pending = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, (nodes.Assign, nodes.AssignBlock)):
            yield from _stored(node.target)
        elif isinstance(node, nodes.Macro):
            yield node.name
        elif isinstance(node, nodes.Import):
            yield node.target
        elif isinstance(node, nodes.FromImport):
            yield from (name if isinstance(name, str) else name[1] for name in node.names)
        elif isinstance(node, nodes.If):
            pending += [*node.body, *node.elif_, *node.else_]
