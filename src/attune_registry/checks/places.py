"""Where templates stand in a definition, and what has happened by the time that each is worked out."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from attune_registry.checks.expressions import is_template
from attune_registry.checks.graph import Graph
from attune_registry.checks.transitions import KEYS as TRANSITIONS
from attune_registry.checks.transitions import Steps
from attune_registry.pointers import pointer

# What is worked out after the task has run, so that it may read the task's own output.
_AFTERWARDS = frozenset({"publish", "retry", *TRANSITIONS})
NOT_TEMPLATES = frozenset({"name", "action", "tasks"})
_HOLDING = (str, dict, list)


class When(NamedTuple):
    """In which task a template is worked out (-1: none), and whether that task has run by then."""

    task: int
    afterwards: bool


ANY_TIME = When(-1, True)


class Place(NamedTuple):
    """A template's text, where it stands, and when it is worked out."""

    text: str
    base: str
    steps: Steps
    when: When

    @property
    def at(self) -> str:
        """The pointer: joined only for what there is something to say about."""
        return self.base + pointer(*self.steps)


def when_of(task: int, key: str) -> When:
    """When the templates at a key of a task are worked out."""
    return When(task, key in _AFTERWARDS)


def places(definition: dict[str, Any], graph: Graph) -> Iterator[Place]:
    """Every template of a definition."""
    for number, node in enumerate(graph.nodes):
        for key, value in node.task.items():
            if value.__class__ in _HOLDING and key not in NOT_TEMPLATES:
                for steps, text in _texts(value, (key,)):
                    yield Place(text, node.at, steps, when_of(number, key))
    for key, value in definition.items():
        if key != "tasks":
            for steps, text in _texts(value, (key,)):
                yield Place(text, "/definition", steps, ANY_TIME)


def _texts(value: Any, steps: Steps) -> Iterator[tuple[Steps, str]]:
    if value.__class__ is str:
        if is_template(value):
            yield steps, value
    elif value.__class__ is dict:
        for key, item in value.items():
            yield from _texts(item, (*steps, key))
    elif value.__class__ is list:
        for index, item in enumerate(value):
            yield from _texts(item, (*steps, index))
