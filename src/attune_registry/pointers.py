"""JSON pointers (RFC 6901): the names of places in a document."""

from collections.abc import Iterable
from typing import Any


def pointer(*steps: str | int) -> str:
    """The pointer that takes these steps from the root: `pointer("tags", 0)` is `/tags/0`."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def join(base: str, steps: Iterable[str | int]) -> str:
    """`base` and further steps below it."""
    return base + pointer(*steps)


def split(text: str) -> list[str]:
    """The steps of a pointer, unescaped; the root has none."""
    return [step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:]]


def item_of(items: list[Any], step: str) -> int | None:
    """Where in a list a step leads, None when that is nowhere."""
    # Of more digits than some thousand Python makes no number.
    is_near = step.isdecimal() and len(step) <= len(str(len(items)))
    return int(step) if is_near and int(step) < len(items) else None


def parent(text: str) -> str:
    """The pointer of what holds this place; the root is its own parent."""
    return text.rpartition("/")[0]
