"""Text -> nodes: libyaml does the work, limits keep a bomb from going off in it."""

from typing import Any

import yaml
from yaml._yaml import CParser
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

MAX_BYTES = 1 << 20
MAX_DEPTH = 64
MAX_NODES = 100_000

# Composing recurses in C: about 300 bytes of stack a level; at some 20,000 levels the process dies (measured with
# 8 MB). A level takes a character at least, a block can nest twice per column, a flow once per bracket: below these,
# no text reaches 2,000 levels.
_MOST_LEVELS = 2000
_SAFE_COLUMNS = 500
_SAFE_BRACKETS = 1000
# No text has more than two nodes per character.
_SAFE_LENGTH = MAX_NODES // 2 - 2


class LimitExceeded(Exception):
    """The text is nested too deep or holds too much; `index` is the character where that was noticed."""

    def __init__(self, message: str, index: int) -> None:
        super().__init__(message)
        self.message = message
        self.index = index


class _Composer(CParser):
    """libyaml's composer without PyYAML's resolver: a node's tag says only whether it is plain.

    A scalar's tag is (plain, quoted) unless the file gives one, which is then a string.
    """

    def resolve(self, kind: type[Node], value: Any, implicit: Any) -> Any:
        return implicit

    def descend_resolver(self, parent: Node | None, index: Any) -> None:
        pass

    def ascend_resolver(self) -> None:
        pass


class _CountingComposer(_Composer):
    """The same for text that looks dangerous: it stops at the limits."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0
        self.nodes = 0

    def descend_resolver(self, parent: Node | None, index: Any) -> None:
        self.depth += 1
        self.nodes += 1
        if self.depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise LimitExceeded(
                _too_deep() if self.depth > MAX_DEPTH else _too_many(),
                parent.start_mark.index if parent is not None else 0,
            )

    def ascend_resolver(self) -> None:
        self.depth -= 1


def compose(text: str) -> Node | None:
    """The root node of the one document in `text`, None without one.

    Raises LimitExceeded, and yaml.YAMLError for text that is not YAML.
    """
    parser = _Composer(text) if _is_harmless(text) else _CountingComposer(text)
    try:
        root: Node | None = parser.get_single_node()
    except yaml.MarkedYAMLError as error:
        limit = _as_limit(error)
        if limit is None:
            raise
        raise limit from error
    finally:
        parser.dispose()
    if root is not None and (len(text) > _SAFE_LENGTH or ("*" in text and "&" in text)):
        _Measure().size(root, 1)
    return root


def _as_limit(error: yaml.MarkedYAMLError) -> LimitExceeded | None:
    """libyaml from 0.2.6 on has a limit on depth of its own, far above ours."""
    if "maximum nesting depth" not in (error.problem or "").lower():
        return None
    return LimitExceeded(_too_deep(), error.problem_mark.index if error.problem_mark else 0)


def _is_harmless(text: str) -> bool:
    if len(text) <= _MOST_LEVELS:
        return True
    return (
        len(text) <= _SAFE_LENGTH
        and text.count("[") + text.count("{") <= _SAFE_BRACKETS
        and max(map(len, text.split("\n"))) <= _SAFE_COLUMNS
    )


class _Measure:
    """How many nodes there are when every alias is written out."""

    def __init__(self) -> None:
        self._sizes: dict[int, tuple[int, int]] = {}
        self._open: set[int] = set()

    def size(self, node: Node, depth: int) -> tuple[int, int]:
        """Nodes and levels of `node`, which is `depth` levels down."""
        known = self._sizes.get(id(node))
        if known is None:
            known = self._sizes[id(node)] = self._count(node, depth)
        if known[0] > MAX_NODES:
            raise LimitExceeded(_too_many(), node.start_mark.index)
        if known[1] + depth - 1 > MAX_DEPTH:
            raise LimitExceeded(_too_deep(), node.start_mark.index)
        return known

    def _count(self, node: Node, depth: int) -> tuple[int, int]:
        if isinstance(node, ScalarNode):
            return 1, 1
        if id(node) in self._open:
            said = "An alias stands for something that contains the alias itself"
            raise LimitExceeded(said, node.start_mark.index)
        if depth > MAX_DEPTH:
            raise LimitExceeded(_too_deep(), node.start_mark.index)
        self._open.add(id(node))
        sizes = [self.size(child, depth + 1) for child in children(node)]
        self._open.discard(id(node))
        return 1 + sum(size for size, _ in sizes), 1 + max((levels for _, levels in sizes), default=0)


def children(node: Node) -> list[Node]:
    """The nodes directly inside, keys before their values."""
    if isinstance(node, SequenceNode):
        items: list[Node] = node.value
        return items
    if isinstance(node, MappingNode):
        return [part for pair in node.value for part in pair]
    return []


def has_aliases(root: Node) -> bool:
    """True where a node stands in more than one place: of an alias the composer makes the node that it stands for."""
    seen, left = set[int](), [root]
    while left:
        node = left.pop()
        if id(node) in seen:
            return True
        seen.add(id(node))
        left += children(node)
    return False


def _too_deep() -> str:
    return f"This is nested more than {MAX_DEPTH} levels deep"


def _too_many() -> str:
    return f"The file holds more than {MAX_NODES:,} values (aliases written out)"
