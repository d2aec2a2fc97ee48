"""What a file of the platform's layout says twice, or in the words of another: it would be lost, or told of wrongly."""

from collections.abc import Iterator
from typing import Any

from attune_registry.checks.quoting import quoted
from attune_registry.checks.wording import TRUTH
from attune_registry.forms import parameters
from attune_registry.pointers import pointer
from attune_registry.problems import Finding

# What the platform calls otherwise. Left where they stand, they would be parts of the definition.
_SCHEMAS = (("param_schema", "parameters"), ("out_schema", "output"))
# What is said by two keys, and which of them is served. `variables` alone is served, too.
_PAIRS = (("output", "output_schema"), ("variables", "vars"))


def check(part: dict[str, Any]) -> Iterator[Finding]:
    """The keys of a file that are not of its layout, and those of two that are not served."""
    for key, own in _SCHEMAS:
        if key in part:
            hint = f"say it in {own}" if own in part else f"did you mean {own}?"
            yield Finding("unknown-field", pointer(key), f'"{key}" is not a known key here', hint, at_key=True)
    for served, lost in _PAIRS:
        if served in part and lost in part and part[served] != part[lost]:
            message = f"{served} and {lost} say the same thing, and only {served} counts"
            yield Finding("layout-key", pointer(lost), message, "leave one of them", at_key=True)
    if "variables" in part and "vars" not in part:
        message = '"variables" is not what this layout calls them'
        yield Finding("layout-key", "/variables", message, "write vars", at_key=True)
    yield from _twice(part.get("vars"))
    yield from _renamed(part.get("tasks"), "/tasks")
    for key in ("parameters", "output", "output_schema"):
        for steps in parameters.misquoted(part.get(key)):
            yield _misquoted((key, *steps), part)


def _misquoted(steps: tuple[str, ...], part: Any) -> Finding:
    for step in steps:
        part = part[step]
    message = f"required must be true or false here, not a string ({quoted(part)})"
    return Finding("schema-invalid", pointer(*steps), message, f"write required: {TRUTH[part.lower()]}")


def _twice(said: Any) -> Iterator[Finding]:
    """Variables that a list has more than once; the last value is served."""
    seen: set[str] = set()
    for number, part in enumerate(said if isinstance(said, list) else ()):
        for name in part if isinstance(part, dict) else ():
            if name in seen:
                message = f"{name} is a variable already, and only its last value counts"
                yield Finding("layout-key", pointer("vars", number, name), message, "leave one of them", at_key=True)
            seen.add(name)


def _renamed(tasks: Any, at: str) -> Iterator[Finding]:
    """Tasks in a map whose own names are others than their keys, which are what is served."""
    for key, task in tasks.items() if isinstance(tasks, dict) else enumerate(tasks if isinstance(tasks, list) else ()):
        if not isinstance(task, dict):
            continue
        here = at + pointer(key)
        if isinstance(tasks, dict) and task.get("name", key) != key:
            message = f"This task is called {key}, as its key says, and its name {quoted(task['name'])} does not count"
            yield Finding("layout-key", f"{here}/name", message, f"leave it out, or change {key} itself")
        if "tasks" in task:
            yield from _renamed(task["tasks"], f"{here}/tasks")
