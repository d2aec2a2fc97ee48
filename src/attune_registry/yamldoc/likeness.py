"""A new value beside others: in braces where they are."""

from collections.abc import Iterable
from typing import Any

from attune_registry.yamldoc.emit import Style, flow
from attune_registry.yamldoc.tree import Node


def like_others(others: Iterable[Node], new: Any, style: Style) -> str:
    """A mapping on one line in braces, where every mapping beside it is in braces and it has no long texts; else ""."""
    if not isinstance(new, dict) or not new:
        return ""
    mappings = [node for node in others if node.kind == "mapping" and node.children]
    if not mappings or any(node.style == "block" for node in mappings):
        return ""
    said = flow(new, style)
    return said if len(said) <= style.width and "\\n" not in said else ""
