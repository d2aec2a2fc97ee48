"""Mappings whose order says something, as that of tasks in a map by name does."""

from typing import Any


class InOrder(dict[str, Any]):
    """The same only as what has the same keys in the same order; a patch puts them so."""
