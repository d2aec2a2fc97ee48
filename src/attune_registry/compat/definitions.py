"""What changed in a definition: the tasks that came, went or were rewritten."""

from collections.abc import Iterator
from typing import Any

from attune_registry.compat.reasons import Reason
from attune_registry.compat.values import key, show
from attune_registry.pointers import join

BASE = "/definition"


def compare_definitions(old: Any, new: Any) -> Iterator[Reason]:
    """Tasks added are features; whatever else is done inside a workflow is a fix to those outside."""
    if key(old) == key(new):
        return
    before, now = _tasks(old), _tasks(new)
    for name in now:
        if name not in before:
            yield Reason("feature", now[name][0], f"task {show(name)} added")
        elif key(before[name][1]) != key(now[name][1]):
            yield Reason("fix", now[name][0], f"task {show(name)} changed")
    for name in before:
        if name not in now:
            yield Reason("fix", before[name][0], f"task {show(name)} removed")
    if [name for name in before if name in now] != [name for name in now if name in before]:
        yield Reason("fix", join(BASE, ["tasks"]), "tasks in another order")
    yield from _rest(old, new)


def _tasks(definition: Any) -> dict[str, tuple[str, Any]]:
    """Name -> pointer and task; a task without a name goes by its place."""
    tasks = definition.get("tasks") if isinstance(definition, dict) else None
    if isinstance(tasks, dict):
        return {name: (join(BASE, ["tasks", name]), task) for name, task in tasks.items()}
    if not isinstance(tasks, list):
        return {}
    return {_name(task, index): (join(BASE, ["tasks", index]), task) for index, task in enumerate(tasks)}


def _name(task: Any, index: int) -> str:
    name = task.get("name") if isinstance(task, dict) else None
    return name if isinstance(name, str) else f"#{index + 1}"


def _rest(old: Any, new: Any) -> Iterator[Reason]:
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield Reason("fix", BASE, "definition changed")
        return
    for word in sorted(old.keys() | new.keys()):
        if word != "tasks" and (word in old, key(old.get(word))) != (word in new, key(new.get(word))):
            yield Reason("fix", join(BASE, [word]), f"{show(word)} of the definition changed")
