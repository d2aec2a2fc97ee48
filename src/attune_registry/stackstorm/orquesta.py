"""An Orquesta workflow -> a definition of this registry."""

import re
from collections.abc import Collection, Iterator
from typing import Any

from ..forms.variables import gathered
from . import words
from .notes import Note

# Words in `do` that are commands of the engine and no tasks.
_NOTHING = frozenset({"noop", "continue"})
_FAIL = "fail"
_KNOWN = frozenset({"action", "input", "next", "with", "join", "delay", "retry", "description", "timeout"})
_KEPT = ("join", "delay", "description", "timeout")
_TOP = frozenset({"version", "description", "input", "vars", "tasks", "output"})
_NAMED_ITEMS = re.compile(r"[\w\s,]+\sin\s+(?:<%|\{\{)")
_ACTION = re.compile(r"[\w-]+\.[\w.-]+\Z")
_STAND_IN = "core.noop"


class Orquesta:
    """One workflow on its way; `notes` collect what it loses."""

    def __init__(self, source: str, data: dict[str, Any]) -> None:
        self.notes: list[Note] = []
        self._source = source
        self._data = data
        self._needs_fail = False

    def definition(self, parameters: Collection[str]) -> dict[str, Any]:
        """The definition of a workflow with these parameters."""
        for key in sorted(self._data.keys() - _TOP):
            self._note("left-out", "", f"'{key}' of the workflow was left out: there is nothing like it here")
        made = [self._task(name, task) for name, task in self._tasks().items()]
        if self._needs_fail and not any(task["name"] == _FAIL for task in made):
            made.append({"name": _FAIL, "action": "core.fail"})
            self._note("changed", "/definition/tasks", "the engine's command 'fail' became a task that runs core.fail")
        definition: dict[str, Any] = {"tasks": made}
        variables = {**self._inputs(parameters), **_mapping(gathered(self._data.get("vars")))}
        if variables:
            definition["variables"] = variables
        output = gathered(self._data.get("output"))
        if output:
            definition["output_map"] = output
        return definition

    def defaults(self) -> dict[str, Any]:
        """What the workflow gives the inputs that its caller leaves out."""
        inputs = self._data.get("input")
        parts = inputs if isinstance(inputs, list) else []
        return {name: value for part in parts if isinstance(part, dict) for name, value in part.items()}

    def _tasks(self) -> dict[str, Any]:
        said = self._data.get("tasks")
        if not isinstance(said, dict):
            self._note("left-out", "/definition/tasks", "the workflow has no tasks by name")
        return _mapping(said)

    def _inputs(self, parameters: Collection[str]) -> dict[str, Any]:
        """What the workflow takes and its action does not, so that nobody can give it."""
        found = {name: value for name, value in self.defaults().items() if name not in parameters}
        for name in found:
            self._note("changed", f"/definition/variables/{name}", f"the input {name}, no parameter, became a variable")
        inputs = self._data.get("input")
        for name in inputs if isinstance(inputs, list) else []:
            if isinstance(name, str) and name not in parameters:
                self._note("left-out", "/param_schema", f"the input {name} is no parameter of the action")
        return found

    def _note(self, kind: Any, at: str, message: str) -> None:
        self.notes.append(Note(self._source, kind, at, message))

    def _action(self, name: str, said: Any) -> tuple[str, str]:
        """The action, and what its short form gives it."""
        action, _, rest = str(said or _STAND_IN).strip().partition(" ")
        if _ACTION.match(action):
            return action, rest
        self._lost(name, "action", f"{said!r} does not name one as pack.action; {_STAND_IN} stands in for it")
        return _STAND_IN, ""

    def _task(self, name: str, said: Any) -> dict[str, Any]:
        task = _mapping(said)
        if said is not None and not isinstance(said, dict):
            self._note("left-out", f"/definition/tasks/{name}", f"the task {name} is no mapping: {said!r}")
        action, rest = self._action(name, task.get("action"))
        made: dict[str, Any] = {"name": name, "action": action}
        given = task.get("input")
        inputs = {**words.pairs(rest), **(given if isinstance(given, dict) else {})}
        if inputs:
            made["input"] = inputs
        if given is not None and not isinstance(given, dict):
            self._lost(name, "input", "it is worked out by an expression as a whole")
        self._items(made, name, task.get("with"))
        made.update((key, task[key]) for key in _KEPT if task.get(key) is not None)
        self._retry(made, name, task.get("retry"))
        following = list(self._next(name, task.get("next")))
        if following:
            made["next"] = following
        for key in task.keys() - _KNOWN:
            self._lost(name, key, "there is nothing like it here")
        return made

    def _lost(self, name: str, key: str, why: str) -> None:
        self._note("left-out", f"/definition/tasks/{name}/{key}", f"'{key}' of the task {name} was left out: {why}")

    def _items(self, made: dict[str, Any], name: str, said: Any) -> None:
        if said is None:
            return
        items, more = (said.get("items"), said) if isinstance(said, dict) else (said, {})
        made["with_items"] = items
        if more.get("concurrency") is not None:
            made["concurrency"] = more["concurrency"]
        if isinstance(items, str) and _NAMED_ITEMS.match(items):
            message = f"'with' of the task {name} gives its items names; in with_items an item is called item"
            self._note("changed", f"/definition/tasks/{name}/with_items", message)

    def _retry(self, made: dict[str, Any], name: str, said: Any) -> None:
        if not isinstance(said, dict):
            if said is not None:
                self._lost(name, "retry", f"{said!r} is no mapping of count and delay")
            return
        retry = {key: said[key] for key in ("count", "delay") if type(said.get(key)) is int}
        if retry:
            made["retry"] = retry
        for key in sorted(said.keys() - retry.keys()):
            self._lost(name, f"retry/{key}", "only whole numbers of attempts and seconds can be said here")

    def _next(self, name: str, said: Any) -> Iterator[dict[str, Any]]:
        for branch in said if isinstance(said, list) else []:
            if not isinstance(branch, dict):
                continue
            made = {"when": branch["when"]} if branch.get("when") is not None else {}
            publish = branch.get("publish")
            if publish:
                made["publish"] = words.pairs(publish) if isinstance(publish, str) else publish
            targets = list(self._targets(name, branch.get("do")))
            if targets:
                made["do"] = targets
            if made:
                yield made

    def _targets(self, name: str, said: Any) -> Iterator[str]:
        for target in words.names(said):
            if target in _NOTHING and target not in self._data["tasks"]:
                continue
            if target == "retry" and target not in self._data["tasks"]:
                self._lost(name, "next/do", "the engine's command 'retry' has no like here; say it in 'retry'")
                continue
            self._needs_fail = self._needs_fail or target == _FAIL
            yield target


def _mapping(said: Any) -> dict[str, Any]:
    return said if isinstance(said, dict) else {}
