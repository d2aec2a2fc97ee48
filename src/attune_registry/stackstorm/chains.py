"""An action chain -> a definition of this registry."""

from typing import Any

from .notes import Note

_KNOWN = frozenset({"name", "ref", "parameters", "params", "on-success", "on-failure", "publish", "timeout"})
_TOP = frozenset({"chain", "default", "vars"})


def definition_of(source: str, data: dict[str, Any], notes: list[Note]) -> dict[str, Any]:
    """The definition; what it loses goes into the notes."""
    for key in sorted(map(str, data.keys() - _TOP)):
        message = f"'{key}' of the chain was left out: there is nothing like it here"
        notes.append(Note(source, "left-out", "", message))
    chain = data.get("chain")
    steps = [step for step in (chain if isinstance(chain, list) else []) if isinstance(step, dict)]
    tasks = [_task(source, step, notes) for step in steps]
    first = data.get("default")
    names = [task["name"] for task in tasks]
    if first in names and names.index(first):
        tasks.insert(0, tasks.pop(names.index(first)))
    if len(tasks) > 1 and not any({"on_success", "on_failure"} & task.keys() for task in tasks):
        message = "no step of the chain names another: StackStorm ran the first alone, here they run in order"
        notes.append(Note(source, "changed", "/definition/tasks", message))
    definition: dict[str, Any] = {"tasks": tasks}
    if isinstance(data.get("vars"), dict) and data["vars"]:
        definition["variables"] = data["vars"]
    return definition


def _task(source: str, step: dict[str, Any], notes: list[Note]) -> dict[str, Any]:
    name = str(step.get("name"))
    made: dict[str, Any] = {"name": name, "action": str(step.get("ref"))}
    given = step.get("parameters") or step.get("params")
    if isinstance(given, dict):
        made["input"] = given
    for key, own in (("publish", "publish"), ("on-success", "on_success"), ("on-failure", "on_failure")):
        if step.get(key):
            made[own] = step[key]
    if isinstance(step.get("timeout"), int):
        made["timeout"] = step["timeout"]
    for key in sorted(step.keys() - _KNOWN):
        message = f"'{key}' of the step {name} was left out: there is nothing like it here"
        notes.append(Note(source, "left-out", f"/definition/tasks/{name}", message))
    return made
