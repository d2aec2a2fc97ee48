"""Tasks as a list or as a map by name <-> the list that the contract has."""

from typing import Any

from attune_registry.forms.inexpressible import Inexpressible
from attune_registry.yamldoc.in_order import InOrder
from attune_registry.yamldoc.matching import matched

Steps = list[str]
# Where nothing stands behind them on the platform, they are as good as absent (its workflow/parser.rs).
_OPTIONAL = frozenset({"on_success", "on_failure", "retry", "timeout"})


def listed(tasks: Any) -> Any:
    """Tasks as a list of mappings with names; what is neither a list nor a map stays as it is."""
    if isinstance(tasks, dict):
        return [_named(name, task) for name, task in tasks.items()]
    return [_nested(task) for task in tasks] if isinstance(tasks, list) else tasks


def written(tasks: Any, old: Any) -> Any:
    """The list of the contract in the way that a file has written its tasks so far. Raises Inexpressible."""
    if not isinstance(tasks, list):
        return tasks
    if isinstance(old, dict):
        return _mapped(tasks, old)
    before = _before(tasks, old) if isinstance(old, list) else [None] * len(tasks)
    return [_with_inner(task, was) for task, was in zip(tasks, before, strict=True)]


def spot(tasks: Any, steps: Steps) -> tuple[Steps, bool]:
    """Where a file has what stands at these steps in the list, and whether it is a key."""
    if not steps or not steps[0].isdecimal() or not isinstance(tasks, list | dict) or int(steps[0]) >= len(tasks):
        return [] if isinstance(tasks, dict) else steps, False
    number, rest = int(steps[0]), steps[1:]
    here, task = list(tasks.items())[number] if isinstance(tasks, dict) else (steps[0], tasks[number])
    if isinstance(tasks, dict) and rest == ["name"]:
        return [here], True
    if rest[:1] == ["tasks"] and isinstance(task, dict):
        below, is_key = spot(task.get("tasks"), rest[1:])
        return [here, "tasks", *below], is_key
    return [here, *rest], False


def _named(name: str, task: Any) -> Any:
    return {"name": name, **_nested({**task, "name": name})} if isinstance(task, dict) else task


def _nested(task: Any) -> Any:
    if not isinstance(task, dict):
        return task
    said = {key: value for key, value in task.items() if value is not None or key not in _OPTIONAL}
    return {**said, "tasks": listed(said["tasks"])} if isinstance(said.get("tasks"), dict | list) else said


def _name(task: Any) -> str | None:
    name = task.get("name") if isinstance(task, dict) else None
    return name if isinstance(name, str) else None


def _before(tasks: list[Any], old: list[Any] | dict[str, Any]) -> list[Any]:
    """What a file has said of each task so far, whatever the task was called then; None of a new one."""
    said = list(old.values()) if isinstance(old, dict) else old
    return [None if at is None else said[at] for at in matched(listed(old), tasks)]


def _mapped(tasks: list[Any], old: dict[str, Any]) -> InOrder:
    names = [_name(task) for task in tasks]
    made = InOrder()
    for name, task, before in zip(names, tasks, _before(tasks, old), strict=True):
        if name is None or name in made:
            raise Inexpressible("its tasks are a map by name, so that each needs a name of its own")
        keeps_name = isinstance(before, dict) and "name" in before
        inner = _with_inner(task, before)
        made[name] = {key: value for key, value in inner.items() if key != "name" or keeps_name}
    return made


def _with_inner(task: Any, old: Any) -> Any:
    if not isinstance(task, dict) or not isinstance(old, dict):
        return task
    said = {**{key: None for key in _OPTIONAL if old.get(key, "") is None}, **task}
    return {**said, "tasks": written(said["tasks"], old.get("tasks"))} if "tasks" in said else said
