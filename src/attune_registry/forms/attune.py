"""The Attune platform's flat workflow files, in one part or two, seen in the contract's form and changed through it."""

import copy
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from attune_registry.checks.nearest import Guesses
from attune_registry.forms import parameters, tasks, variables
from attune_registry.forms.inexpressible import Inexpressible
from attune_registry.pointers import pointer, split
from attune_registry.problems import Finding

# Where a file says what the contract calls otherwise; of several keys the first one there counts.
_KEYS: dict[str, tuple[str, ...]] = {
    "label": ("label",),
    "description": ("description",),
    "version": ("version",),
    "tags": ("tags",),
    "enabled": ("enabled",),
    "param_schema": ("parameters",),
    "out_schema": ("output", "output_schema"),
    "tasks": ("tasks",),
    "variables": ("vars",),
}
# The parts of the definition, and what is said beside the tasks where a workflow is in two files.
_OF_GRAPH = frozenset({"tasks", "variables", "version"})
# What a file says to the platform alone; it stays in the file.
_ASIDE = frozenset({"ref", "name", "metadata", "meta", "workflow_file"})
_SPOKEN_FOR = _ASIDE | {key for keys in _KEYS.values() for key in keys}
# What in a definition would say something else once it stood beside the tasks.
_NOT_IN_GRAPH = _SPOKEN_FOR | {"definition"}
_SHORT_VERSION = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))?\Z")
_FIRST_VERSION = "1.0.0"
_MARKS = frozenset({"tasks", "vars", "parameters", "output_map"})
_TARGETS = frozenset({"label", "version", "parameters", "output", "vars", "tasks", "tags", "enabled", "description"})
_SLIPPED = frozenset({"output_map", "output_schema"})

Part = dict[str, Any]


class Spot(NamedTuple):
    """A place in one of a workflow's files; `is_key` where the key itself is meant."""

    part: int
    pointer: str
    is_key: bool


def is_flat(data: Any) -> bool:
    """True for a workflow file of the platform's own layout."""
    return isinstance(data, dict) and "definition" not in data and not _MARKS.isdisjoint(data)


class Attune:
    """One workflow: the data of its file, or of its action's file and of the one with its tasks."""

    def __init__(self, parts: tuple[Part, ...], ref: str) -> None:
        self._parts = parts
        self._name = ref.partition(".")[2]
        self._graph = len(parts) - 1

    def view(self) -> dict[str, Any]:
        """The fields of the contract, as far as there is something to put into them."""
        view: dict[str, Any] = {}
        for field in ("label", "description", "version", "tags", "enabled", "param_schema", "out_schema"):
            part, key = self._home(field)
            said = self._parts[part].get(key)
            if said is not None or key in self._parts[part]:
                view[field] = parameters.to_schema(said) if field.endswith("_schema") else said
        if view.get("tags", ()) is None:
            view["tags"] = []
        view["version"] = _whole(view.get("version", _FIRST_VERSION))
        if self._graph and "label" not in view:
            view["label"] = re.sub(r"[_.-]+", " ", self._name).title()
        view["definition"] = self._definition()
        return view

    def _definition(self) -> dict[str, Any]:
        graph = self._parts[self._graph]
        definition: dict[str, Any] = {}
        if "tasks" in graph:
            definition["tasks"] = tasks.listed(graph["tasks"])
        if graph.get("vars") is not None:
            definition["variables"] = variables.gathered(graph["vars"])
        definition.update((key, value) for key, value in graph.items() if key not in _SPOKEN_FOR)
        return definition

    def spot(self, where: str) -> Spot:
        """The place in the files of a pointer into the view."""
        steps = split(where)
        if not steps:
            return Spot(self._graph, "", False)
        field, rest = steps[0], steps[1:]
        if field == "definition":
            return self._spot_in_graph(rest)
        if field not in _KEYS:
            return Spot(0, where, False)
        part, key = self._home(field)
        is_key = False
        if field.endswith("_schema"):
            rest, is_key = parameters.spot(self._parts[part].get(key), rest)
        return Spot(part, pointer(key, *rest), is_key)

    def _spot_in_graph(self, steps: list[str]) -> Spot:
        graph, is_key = self._parts[self._graph], False
        if steps[:1] == ["tasks"]:
            below, is_key = tasks.spot(graph.get("tasks"), steps[1:])
            steps = ["tasks", *below]
        elif steps[:1] == ["variables"] and "vars" in graph and "variables" not in graph:
            steps = ["vars", *variables.spot(graph["vars"], steps[1:])]
        return Spot(self._graph, pointer(*steps), is_key)

    def slips(self) -> Iterator[tuple[int, Finding]]:
        """Keys that are nearly those of the layout, and refs that are another's; each with the part it is in."""
        for number, part in enumerate(self._parts):
            known = _TARGETS if number == self._graph else _TARGETS - {"tasks", "vars"}
            near, close, guesses = known - part.keys(), _SLIPPED - part.keys(), Guesses()
            for key in part:
                if key in _SPOKEN_FOR:
                    continue
                guess = guesses.nearest(key, near) or guesses.slipped(key, close)
                if guess:
                    message = f'"{key}" is not a known key'
                    hint = f"did you mean {guess}?"
                    yield number, Finding("unknown-field", pointer(key), message, hint, at_key=True)

    def beside(self) -> Part:
        """What an action says to the platform alone, such as how its runs are called."""
        return {key: value for part in self._parts[:-1] for key, value in part.items() if key not in _SPOKEN_FOR}

    def refs(self) -> Iterator[tuple[int, str]]:
        """What the files say that the ref is, and which of them does."""
        for number, part in enumerate(self._parts):
            if isinstance(part.get("ref"), str):
                yield number, part["ref"]

    def updated(self, fields: dict[str, Any]) -> tuple[Part, ...]:
        """The parts' data as they say these fields; None takes one away. Raises Inexpressible."""
        parts = copy.deepcopy(self._parts)
        for field, value in fields.items():
            if field == "definition":
                self._define(parts[self._graph], value)
                continue
            if value is None:
                for said in parts:
                    _take_away(said, field)
                continue
            part, key = self._home(field)
            if field.endswith("_schema"):
                parts[part][key] = parameters.from_schema(value, parts[part].get(key))
            else:
                parts[part][key] = value
        return parts

    def _define(self, graph: Part, definition: Any) -> None:
        if not isinstance(definition, dict):
            raise Inexpressible("a definition is an object with tasks")
        # A file that calls its variables what the contract does goes on to: those are the ones that count.
        others = definition.keys() - ({"tasks"} if "variables" in graph else {"tasks", "variables"})
        taken = sorted(others & _NOT_IN_GRAPH)
        if taken:
            raise Inexpressible(f"'{taken[0]}' in the definition would become the workflow's own '{taken[0]}'")
        graph["tasks"] = tasks.written(definition.get("tasks"), graph.get("tasks"))
        if "variables" not in definition:
            # A key without a value says nothing, and stays.
            if graph.get("vars") is not None:
                del graph["vars"]
        elif "variables" not in graph:
            graph["vars"] = variables.written(definition["variables"], graph.get("vars"))
        for key in [key for key in graph if key not in _SPOKEN_FOR and key not in others]:
            del graph[key]
        graph.update((key, definition[key]) for key in definition if key in others)

    def _home(self, field: str) -> tuple[int, str]:
        """The part and the key that say a field, or would."""
        order = range(self._graph, -1, -1) if field in _OF_GRAPH else range(self._graph + 1)
        for part in order:
            for key in _KEYS[field]:
                if key in self._parts[part]:
                    return part, key
        return order[0], _KEYS[field][0]


def _take_away(part: Part, field: str) -> None:
    for key in _KEYS[field]:
        part.pop(key, None)


def _whole(version: Any) -> Any:
    """`1.0` as `1.0.0`: the platform takes versions of one or two numbers, the contract has three."""
    match = _SHORT_VERSION.match(version) if isinstance(version, str) else None
    return f"{match[1]}.{match[3] or 0}.0" if match else version
