"""A new value beside others: in braces where they are."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from attune_registry.yamldoc.emit import Style, flow
from attune_registry.yamldoc.tree import Node


class Likeness:
    """What new values have to be like: the others of a list or mapping, looked at once and only if need be."""

    def __init__(self, others: Sequence[Node]) -> None:
        self._others = others

    def said(self, new: Any, style: Style) -> str:
        """A mapping on one line in braces, where every other one is in braces and it has no long texts; else ""."""
        if not isinstance(new, dict) or not new or not self._are_in_braces:
            return ""
        said = flow(new, style)
        return said if len(said) <= style.width and "\\n" not in said else ""

    @cached_property
    def _are_in_braces(self) -> bool:
        mappings = [node for node in self._others if node.kind == "mapping" and node.children]
        return bool(mappings) and all(node.style != "block" for node in mappings)
