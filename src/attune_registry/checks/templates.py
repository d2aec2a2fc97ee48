"""Templates of a definition: do they parse, and is there what they read."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from attune_registry.checks.components import ancestors
from attune_registry.checks.expressions import Read, Template, Use, analysed, is_template, located
from attune_registry.checks.graph import Graph, Node, flow
from attune_registry.checks.nearest import did_you_mean, in_snake_case
from attune_registry.checks.transitions import KEYS as TRANSITIONS
from attune_registry.checks.transitions import Steps
from attune_registry.checks.vocabulary import (
    FILTERS,
    FUNCTIONS,
    ITEM,
    ITERATING,
    NAMESPACES,
    PARAMETERS,
    TASKS,
    TESTS,
    VARIABLES,
    parameters_of,
    published_in,
)
from attune_registry.pointers import pointer
from attune_registry.problems import Finding

# What is worked out after the task has run, so that it may read the task's own output.
_AFTERWARDS = frozenset({"publish", "retry", *TRANSITIONS})
_NOT_TEMPLATES = frozenset({"name", "action", "tasks"})
_HOLDING = (str, dict, list)
_ANYWHERE = -1
# Said of all templates together, at the first.
_OF_ALL = "param-schema-missing"


class Extras(NamedTuple):
    """Names that a registry's settings add to those known here."""

    filters: frozenset[str] = frozenset()
    tests: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()


class Place(NamedTuple):
    """A template's text, where it stands, in which task (-1: none), and whether that task has run by then."""

    text: str
    base: str
    steps: Steps
    task: int
    afterwards: bool

    @property
    def at(self) -> str:
        """The pointer: joined only for what there is something to say about."""
        return self.base + pointer(*self.steps)


def places(definition: dict[str, Any], graph: Graph) -> Iterator[Place]:
    """Every template of a definition."""
    for number, node in enumerate(graph.nodes):
        for key, value in node.task.items():
            if value.__class__ in _HOLDING and key not in _NOT_TEMPLATES:
                for steps, text in _texts(value, (key,)):
                    yield Place(text, node.at, steps, number, key in _AFTERWARDS)
    for key, value in definition.items():
        if key != "tasks":
            for steps, text in _texts(value, (key,)):
                yield Place(text, "/definition", steps, _ANYWHERE, True)


def _texts(value: Any, steps: Steps) -> Iterator[tuple[Steps, str]]:
    if value.__class__ is str:
        if is_template(value):
            yield steps, value
    elif value.__class__ is dict:
        for key, item in value.items():
            if item.__class__ is str:
                if is_template(item):
                    yield (*steps, key), item
            elif item.__class__ is dict or item.__class__ is list:
                yield from _texts(item, (*steps, key))
    elif value.__class__ is list:
        for index, item in enumerate(value):
            yield from _texts(item, (*steps, index))


class Check:
    """The check of one definition's templates; `used` collects the parameters that some template reads."""

    def __init__(self, form: dict[str, Any], graph: Graph, extras: Extras) -> None:
        definition = form["definition"]
        self._graph = graph
        self._extras = extras
        self._places = list(places(definition, graph))
        self._parameters = parameters_of(form["param_schema"])
        variables = definition.get("variables")
        self._variables = set(variables if isinstance(variables, dict) else ())
        for node in graph.nodes:
            self._variables.update(published_in(node.task))
        self._dashed_names = [node.name for node in graph.nodes if "-" in node.name]
        # Names that are a parameter, a variable or part of a name too, so that more has to be asked.
        self._twofold = self._variables | extras.variables | (self._parameters.names if self._parameters else set())
        if self._dashed_names or "workflow" in graph.numbers:
            self._twofold |= {"workflow", *graph.numbers}
        self._ancestors: list[int] | None = None
        self.used: set[str] = set()

    def findings(self) -> Iterator[Finding]:
        """What is wrong with the templates."""
        first_parameter = None
        for place in self._places:
            for finding in self._found(place):
                if finding.rule != _OF_ALL:
                    yield finding
                else:
                    first_parameter = first_parameter or finding
        if first_parameter:
            yield first_parameter
        yield from self._unused()

    def _found(self, place: Place) -> list[Finding]:
        """What is wrong with one template, whose words are looked for in its text only if something is."""
        template = analysed(place.text)
        if self._dashed_names:
            template = located(template, place.text)
        found = list(self._in(place, template))
        return list(self._in(place, located(template, place.text))) if found and template.words else found

    def _in(self, place: Place, template: Template) -> Iterator[Finding]:
        if template.fault:
            message = f"The template does not parse: {template.fault.message}"
            yield Finding("template-syntax", place.at, message, template.fault.hint, offset=template.fault.offset)
        if template.filters or template.tests:
            yield from self._uses(place, template)
        for read in template.reads:
            if not self._is_right(place, read) and not self._is_declared(read):
                dashed = self._dashed(place.text, read) if self._dashed_names else None
                yield from self._subtraction(place, read, dashed) if dashed else self._read(place, read)

    def _is_right(self, place: Place, read: Read) -> bool:
        """True for the most frequent reads where all is well: `workflow.param.x`, and a task that has run."""
        name, path = read.name, read.path
        if name in self._twofold:
            return False
        if name == "workflow" and len(path) > 1 and path[0] in PARAMETERS:
            if self._parameters is None or path[1] not in self._parameters.names:
                return False
            self.used.add(str(path[1]))
            return True
        number = self._graph.numbers.get(name)
        return number is not None and self._graph.is_whole and self._can_have_run(number, place)

    def _uses(self, place: Place, template: Template) -> Iterator[Finding]:
        kinds: tuple[tuple[str, tuple[Use, ...], frozenset[str]], ...] = (
            ("filter", template.filters, FILTERS | self._extras.filters),
            ("test", template.tests, TESTS | self._extras.tests),
        )
        for kind, uses, known in kinds:
            for use in uses:
                if use.name not in known:
                    message = f"Jinja2 has no {kind} {use.name!r}"
                    hint = did_you_mean(use.name, known) or f"declare it in registry/config.yaml under {kind}s"
                    yield Finding(f"template-{kind}", place.at, message, hint, offset=use.offset)

    def _is_declared(self, read: Read) -> bool:
        if self._parameters and read.name in self._parameters.names:
            self.used.add(read.name)
            return True
        return read.name in self._variables or read.name in self._extras.variables

    def _dashed(self, text: str, read: Read) -> str | None:
        """The task `a-b` where a template says a-b and Jinja2 reads a minus b."""
        for name in self._dashed_names:
            start = text.rfind(name, 0, read.offset + len(name))
            if start >= 0 and start <= read.offset < start + len(name):
                return name
        return None

    def _subtraction(self, place: Place, read: Read, name: str) -> Iterator[Finding]:
        if name.startswith(read.name):
            message = f"Jinja2 reads {name} as a subtraction"
            hint = f"call the task {in_snake_case(name)}, or write task['{name}']"
            yield Finding("variable-undeclared", place.at, message, hint, offset=read.offset)

    def _read(self, place: Place, read: Read) -> Iterator[Finding]:
        name, path = read.name, read.path
        if name in self._graph.numbers:
            yield from self._task(place, read, name)
        elif name in NAMESPACES:
            yield from self._namespace(place, read, name, path)
        elif not self._is_known(place, read):
            yield from self._undeclared(place, read)

    def _is_known(self, place: Place, read: Read) -> bool:
        if read.called or read.name in FUNCTIONS:
            return read.name in FUNCTIONS
        if read.name not in ITEM or place.task < 0:
            return read.guarded
        nodes, number = self._graph.nodes, place.task
        while number >= 0:
            if any(key in nodes[number].task for key in ITERATING):
                return True
            number = nodes[number].parent
        return False

    def _namespace(self, place: Place, read: Read, name: str, path: tuple[str | int, ...]) -> Iterator[Finding]:
        """`workflow.param.x`, `parameters.x`, `vars.x`, `task.x`, and the same below `workflow`."""
        below = path[0] if path else None
        if name == "workflow" and isinstance(below, str):
            if below not in PARAMETERS | VARIABLES | TASKS:
                yield from self._below_workflow(place, read, below)
                return
            name, path = below, path[1:]
        if not path or not isinstance(path[0], str):
            if name in PARAMETERS and self._parameters:
                self.used |= self._parameters.names
        elif name in PARAMETERS:
            yield from self._parameter(place, read, path[0])
        elif name in VARIABLES:
            yield from self._variable(place, read, path[0])
        elif name in TASKS:
            yield from self._task(place, read, path[0])

    def _below_workflow(self, place: Place, read: Read, name: str) -> Iterator[Finding]:
        guess = did_you_mean(name, ("param", "parameters", *self._variables))
        if guess and not read.guarded and name not in self._variables:
            message = f"workflow has no {name!r}"
            yield Finding("variable-undeclared", place.at, message, guess, offset=read.offset)

    def _parameter(self, place: Place, read: Read, name: str) -> Iterator[Finding]:
        self.used.add(name)
        if self._parameters is None:
            message = f"The templates read the parameter {name!r}, and there is no param_schema"
            hint = "declare the parameters in param_schema, so that callers know them"
            yield Finding(_OF_ALL, place.at, message, hint, offset=read.offset)
        elif name not in self._parameters.names and not self._parameters.is_open:
            message = f"param_schema has no parameter {name!r}"
            hint = did_you_mean(name, self._parameters.names) or "declare it in param_schema"
            yield Finding("parameter-undeclared", place.at, message, hint, offset=read.offset)

    def _variable(self, place: Place, read: Read, name: str) -> Iterator[Finding]:
        if name not in self._variables and not read.guarded:
            message = f"No variable {name!r} is declared or published"
            hint = did_you_mean(name, self._variables) or "declare it in variables"
            yield Finding("variable-undeclared", place.at, message, hint, offset=read.offset)

    def _undeclared(self, place: Place, read: Read) -> Iterator[Finding]:
        name = read.name
        if read.path and read.path[0] == "output":
            yield from self._task(place, read, name)
            return
        if read.called:
            message, known = f"There is no function {name!r}", set(FUNCTIONS)
        else:
            message = f"Nothing declares {name!r}: no variable, no parameter, no task"
            known = self._variables | set(self._graph.numbers) | NAMESPACES
            known |= self._parameters.names if self._parameters else set()
        hint = did_you_mean(name, known) or ("" if read.called else "declare it in variables or param_schema")
        yield Finding("variable-undeclared", place.at, message, hint, offset=read.offset)

    def _unknown_task(self, place: Place, read: Read, name: str) -> Finding:
        message = f"There is no task {name!r}"
        hint = did_you_mean(name, self._graph.numbers)
        return Finding("task-output-unknown", place.at, message, hint, offset=read.offset)

    def _task(self, place: Place, read: Read, name: str) -> Iterator[Finding]:
        number = self._graph.numbers.get(name)
        if not self._graph.is_whole:
            return
        if number is None:
            yield self._unknown_task(place, read, name)
        elif not read.guarded and not self._can_have_run(number, place):
            node = self._graph.nodes[place.task]
            yield self._early(place, read, name, node)

    def _early(self, place: Place, read: Read, name: str, node: Node) -> Finding:
        if name == node.name:
            message = f"{name} has no output before it has run"
            return Finding("task-output-early", place.at, message, offset=read.offset)
        message = f"{name} cannot have run before {node.name}"
        hint = (
            f"let a way lead from {name} to {node.name}"
            if self._graph.names_successors
            else f"list {name} before {node.name}"
        )
        return Finding("task-output-early", place.at, message, hint, offset=read.offset)

    def _can_have_run(self, number: int, place: Place) -> bool:
        if place.task == _ANYWHERE or (place.afterwards and number == place.task):
            return True
        if not self._graph.names_successors and len(self._graph.top) == len(self._graph.nodes):
            return number < place.task
        if self._ancestors is None:
            self._ancestors = ancestors(flow(self._graph))
        return bool(self._ancestors[place.task] >> number & 1)

    def _unused(self) -> Iterator[Finding]:
        if self._parameters is None:
            return
        for name in sorted(self._parameters.names - self.used):
            at = "/param_schema/properties" + pointer(name)
            message = f"No template reads the parameter {name!r}"
            yield Finding("parameter-unused", at, message, "use it, or leave it out", at_key=True)
