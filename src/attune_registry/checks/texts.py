"""The texts of a workflow, gathered once for the checks that have a quick look at all of them."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from attune_registry.checks.expressions import is_template
from attune_registry.checks.graph import Graph
from attune_registry.checks.places import ANY_TIME, NOT_TEMPLATES, When, when_of
from attune_registry.checks.transitions import Task

# Beside the definition, what people write of a workflow.
FIELDS = ("label", "description", "tags", "param_schema", "out_schema")
_HOLDING = (str, dict, list)


class Texts(NamedTuple):
    """Every text and every key of a workflow, and those of the texts that are templates, by when they are worked out.

    Where each stands is not kept: it matters only where there is something to say, and then it is looked for.
    """

    said: list[str]
    names: set[str]
    templates: list[tuple[When, list[str]]]


def gather(form: dict[str, Any], graph: Graph) -> Texts:
    """All texts of a workflow in the contract's form."""
    texts = Texts([], set(), [])
    for number, node in enumerate(graph.nodes):
        _gather_task(number, node.task, texts)
    definition = form["definition"]
    if definition.__class__ is dict:
        texts.names.update(definition)
        templates: list[str] = []
        _gather([value for key, value in definition.items() if key != "tasks"], texts, templates)
        texts.templates.append((ANY_TIME, templates))
        if not graph.is_whole:
            _gather([definition.get("tasks")], texts, [])
    _gather([form[field] for field in FIELDS], texts, [])
    return texts


def _gather_task(number: int, task: Task, texts: Texts) -> None:
    """The texts of a task, without those of the tasks in it."""
    texts.names.update(task)
    for key, value in task.items():
        if value.__class__ is str and "{" not in value:
            texts.said.append(value)
        elif value.__class__ in _HOLDING and key != "tasks":
            templates: list[str] = []
            _gather((value,), texts, templates)
            if templates and key not in NOT_TEMPLATES:
                texts.templates.append((when_of(number, key), templates))


def _gather(values: Iterable[Any], texts: Texts, templates: list[str]) -> None:
    for value in values:
        if value.__class__ is str:
            texts.said.append(value)
            if "{" in value and is_template(value):
                templates.append(value)
        elif value.__class__ is dict:
            texts.names.update(value)
            _gather(value.values(), texts, templates)
        elif value.__class__ is list:
            _gather(value, texts, templates)
