"""References that cannot be followed: that lead back to themselves, or elsewhere with each value."""

from collections.abc import Iterator

from attune_registry.compat.nodes import Node
from attune_registry.compat.normal import LISTS, MAPS, SINGLE
from attune_registry.compat.scope import beside


def has_loop(root: Node) -> bool:
    """True when asking whether a value is valid comes back to the very same question.

    JSON Schema forbids it (core, 9.4.1), and with a `not` on the way there is no answer at all.
    """
    settled: set[str] = set()
    return any(_comes_back(node, settled) for node in _reached(root))


def has_dynamic(root: Node) -> bool:
    """True when where a reference leads depends on the way to it (core, 8.2.3.2)."""
    return any("$dynamicRef" in node.words or "$recursiveRef" in node.words for node in _reached(root))


def _reached(root: Node) -> Iterator[Node]:
    """The schema and all within it that say something of a value or a part of one."""
    met = {root.pointer}
    todo = [root]
    while todo:
        node = todo.pop()
        yield node
        for each in _parts(node):
            if each.pointer not in met:
                met.add(each.pointer)
                todo.append(each)


def _comes_back(start: Node, settled: set[str]) -> bool:
    """Walk in place, depth first; `on_way` holds the places between the start and here."""
    on_way: set[str] = set()
    todo: list[tuple[Node, bool]] = [(start, True)]
    while todo:
        node, is_entry = todo.pop()
        if not is_entry:
            on_way.discard(node.pointer)
            settled.add(node.pointer)
        elif node.pointer in on_way:
            return True
        elif node.pointer not in settled:
            on_way.add(node.pointer)
            todo.append((node, False))
            todo += [(each, True) for each in beside(node)]
    return False


def _parts(node: Node) -> list[Node]:
    found = list(beside(node))
    found += [node.child(word) for word in SINGLE if word in node.words]
    for word in LISTS:
        found += node.children(word)
    for word in MAPS - {"$defs", "definitions"}:
        found += [node.child(word, name) for name in node.words.get(word, {})]
    return found
