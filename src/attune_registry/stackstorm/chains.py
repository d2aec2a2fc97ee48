"""An action chain -> a definition of this registry."""

from typing import Any

from .notes import Note

Step = dict[str, Any]

_KNOWN = frozenset(
    {"name", "ref", "description", "parameters", "params", "on-success", "on-failure", "publish", "timeout"}
)
_TOP = frozenset({"chain", "default", "description", "vars"})


def definition_of(source: str, data: dict[str, Any], notes: list[Note]) -> dict[str, Any]:
    """The definition; what it loses goes into the notes."""
    for key in sorted(map(str, data.keys() - _TOP)):
        message = f"'{key}' of the chain was left out: there is nothing like it here"
        notes.append(Note(source, "left-out", "", message))
    steps = _named(source, data.get("chain"), notes)
    reached = _reached(steps, _first(source, steps, data.get("default"), notes))
    for name in sorted(steps.keys() - reached.keys()):
        message = f"the step {name} was left out: no way leads to it from {next(iter(reached))}, where the chain starts"
        notes.append(Note(source, "left-out", "/definition/tasks", message))
    tasks = [_task(source, name, step, notes) for name, step in reached.items()]
    definition: dict[str, Any] = {"tasks": [*_before(source, reached, notes), *tasks]}
    if isinstance(data.get("vars"), dict) and data["vars"]:
        definition["variables"] = data["vars"]
    return definition


def _named(source: str, chain: Any, notes: list[Note]) -> dict[str, Step]:
    """The steps by name; of two with one name StackStorm finds the first."""
    steps: dict[str, Step] = {}
    for number, step in enumerate(chain if isinstance(chain, list) else [], 1):
        name = step.get("name") if isinstance(step, dict) else None
        reason = "it has no name" if not name else f"another is called {name}" if str(name) in steps else ""
        if reason:
            notes.append(Note(source, "left-out", "/definition/tasks", f"step {number} was left out: {reason}"))
        else:
            steps[str(name)] = step
    return steps


def _first(source: str, steps: dict[str, Step], default: Any, notes: list[Note]) -> str | None:
    """Where the chain starts, as StackStorm's runner has it: at its default, else at the first step that none names."""
    if default and str(default) in steps:
        return str(default)
    if default:
        message = f"the chain starts with {default!r}, which is no step of it; here it starts where it would without"
        notes.append(Note(source, "changed", "/definition/tasks", message))
    named = {name for step in steps.values() for name in _next(step)}
    return next((name for name in steps if name not in named), next(iter(steps), None))


def _reached(steps: dict[str, Step], first: str | None) -> dict[str, Step]:
    """The steps that run, the first one first and the others in the order listed."""
    if first is None:
        return {}
    pending, seen = [first], {first}
    while pending:
        fresh = [name for name in _next(steps[pending.pop()]) if name in steps and name not in seen]
        seen.update(fresh)
        pending.extend(fresh)
    return {first: steps[first], **{name: step for name, step in steps.items() if name in seen}}


def _next(step: Step) -> list[str]:
    return [str(step[key]) for key in ("on-success", "on-failure") if step.get(key)]


def _before(source: str, reached: dict[str, Step], notes: list[Note]) -> list[dict[str, Any]]:
    """A task to start with where others lead back to the first: what another task names starts nothing here."""
    first = next(iter(reached), "")
    if not any(first in _next(step) for name, step in reached.items() if name != first):
        return []
    start = next(name for name in map("start{}".format, ("", *range(2, len(reached) + 3))) if name not in reached)
    message = f"{start} (core.noop) was put before {first}, where the chain starts and which later steps lead back to"
    notes.append(Note(source, "changed", "/definition/tasks/0", message))
    return [{"name": start, "action": "core.noop", "on_success": first}]


def _task(source: str, name: str, step: Step, notes: list[Note]) -> dict[str, Any]:
    made: dict[str, Any] = {"name": name, "action": str(step.get("ref"))}
    given = step.get("parameters") or step.get("params")
    if isinstance(given, dict):
        made["input"] = given
    elif given:
        _lose(source, name, "parameters", "they are worked out by an expression as a whole", notes)
    for key, own in (
        ("description", "description"),
        ("publish", "publish"),
        ("on-success", "on_success"),
        ("on-failure", "on_failure"),
    ):
        if step.get(key):
            made[own] = step[key]
    if isinstance(step.get("timeout"), int):
        made["timeout"] = step["timeout"]
    elif step.get("timeout") is not None:
        _lose(source, name, "timeout", "only a whole number of seconds can be said here", notes)
    for key in sorted(step.keys() - _KNOWN):
        _lose(source, name, key, "there is nothing like it here", notes)
    return made


def _lose(source: str, name: str, key: str, why: str, notes: list[Note]) -> None:
    message = f"'{key}' of the step {name} was left out: {why}"
    notes.append(Note(source, "left-out", f"/definition/tasks/{name}", message))
