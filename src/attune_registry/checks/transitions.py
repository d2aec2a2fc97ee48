"""Where a task leads: the platform's ways to name a successor, seen as one list."""

import re
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

Outcome = Literal["success", "failure", "timeout", "always", "maybe"]
Steps = tuple[str | int, ...]
Task = dict[str, Any]

_BY_KEY: tuple[tuple[str, Outcome], ...] = (
    ("on_success", "success"),
    ("on_failure", "failure"),
    ("on_complete", "always"),
    ("on_timeout", "timeout"),
)
KEYS = frozenset({"on_success", "on_failure", "on_complete", "on_timeout", "next", "decision"})
_WHEN: dict[str, Outcome] = {"succeeded()": "success", "failed()": "failure", "timed_out()": "timeout"}
_EXPRESSION = re.compile(r"\s*\{\{-?(.*?)-?\}\}\s*\Z", re.DOTALL)


class Transition(NamedTuple):
    """A task leads to `target` upon `outcome`; `steps` lead from the task to where it says so."""

    steps: Steps
    target: str
    outcome: Outcome


def transitions(task: Task) -> list[Transition]:
    """Every transition of a task, in the order written."""
    found: list[Transition] = []
    for key, outcome in _BY_KEY:
        if key in task:
            value = task[key]
            if value.__class__ is str and value:
                found.append(Transition((key,), value, outcome))
            else:
                found.extend(_targets(value, (key,), outcome))
    if "next" in task:
        found.extend(_targets(task["next"], ("next",), "always"))
    if "decision" in task:
        found.extend(_branches(task["decision"]))
    return found


def _targets(value: Any, steps: Steps, outcome: Outcome) -> Iterator[Transition]:
    """The names in a name, a list of names, or a list of `{when, do}`."""
    if isinstance(value, str):
        if value:
            yield Transition(steps, value, outcome)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _targets(item, (*steps, index), outcome)
    elif isinstance(value, dict):
        under = _outcome_of(value.get("when"), outcome)
        for key in ("do", "next"):
            if key in value:
                yield from _targets(value[key], (*steps, key), under)


def _branches(value: Any) -> Iterator[Transition]:
    """`decision: [{when, next}, {default: name}]`; `default: true` beside `next`, or a name alone, is the same."""
    for index, branch in enumerate(value if isinstance(value, list) else []):
        if not isinstance(branch, dict):
            yield from _targets(branch, ("decision", index), "always")
            continue
        default = branch.get("default")
        outcome: Outcome = "always" if default else "maybe"
        if isinstance(default, str):
            yield Transition(("decision", index, "default"), default, "always")
        for key in ("next", "do"):
            if key in branch:
                yield from _targets(branch[key], ("decision", index, key), outcome)


def _outcome_of(when: Any, outcome: Outcome) -> Outcome:
    """The outcome upon which a condition lets a transition happen; one that says more than that may not."""
    if when is None:
        return outcome
    match = _EXPRESSION.match(when) if isinstance(when, str) else None
    said = _WHEN.get(match.group(1).strip()) if match else None
    if said is None or outcome not in ("always", said):
        return "maybe"
    return said
