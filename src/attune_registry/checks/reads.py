"""One name that a template reads -> what is wrong with it, if anything."""

from collections.abc import Collection, Iterator

from attune_registry.checks.dashes import Dashes
from attune_registry.checks.expressions import Read
from attune_registry.checks.nearest import Guesses, in_snake_case
from attune_registry.checks.places import Place
from attune_registry.checks.surroundings import Surroundings
from attune_registry.checks.vocabulary import FUNCTIONS, NAMESPACES, PARAMETERS, TASKS, VARIABLES
from attune_registry.problems import Finding

# Said of all templates together, at the first.
OF_ALL = "param-schema-missing"


class ReadCheck:
    """The check of what the templates of one workflow read."""

    def __init__(self, around: Surroundings, *, is_flat: bool = False) -> None:
        self._around = around
        # In the contract's layout `workflow` has more in it, such as its id; to the platform it is its variables
        # (its workflow/context.rs).
        self._is_flat = is_flat
        self._guesses = Guesses()
        self._dashes = Dashes(around.dashed_names)

    def findings(self, place: Place, read: Read) -> Iterator[Finding]:
        """What is wrong with one read."""
        around = self._around
        if around.is_right(read, place.when) or around.is_declared(read):
            return
        dashed = self._dashes.at(place.text, read.offset)
        if dashed:
            yield from self._subtraction(place, read, dashed)
        elif read.name in around.graph.numbers:
            yield from self._task(place, read, read.name)
        elif read.name in NAMESPACES:
            yield from self._namespace(place, read)
        elif not around.is_known(read, place.when):
            yield from self._undeclared(place, read)

    def _subtraction(self, place: Place, read: Read, name: str) -> Iterator[Finding]:
        if name.startswith(read.name):
            message = f"Jinja2 reads {name} as a subtraction"
            hint = f"call the task {in_snake_case(name)}, or write task['{name}']"
            yield Finding("variable-undeclared", place.at, message, hint, offset=read.offset)

    def _namespace(self, place: Place, read: Read) -> Iterator[Finding]:
        """`workflow.param.x`, `parameters.x`, `vars.x`, `task.x`, and the same below `workflow`."""
        around, name = self._around, read.name
        path = (*read.path, read.got) if read.got else read.path
        below = path[0] if path else None
        if name == "workflow" and isinstance(below, str):
            if below not in PARAMETERS | VARIABLES | TASKS:
                yield from self._below_workflow(place, _asked(read, len(path)), below)
                return
            name, path = below, path[1:]
        read = _asked(read, len(path))
        if not path or not isinstance(path[0], str):
            if name in PARAMETERS and around.parameters:
                around.used |= around.parameters.names
        elif name in PARAMETERS:
            yield from self._parameter(place, read, path[0])
        elif name in VARIABLES:
            yield from self._variable(place, read, path[0])
        elif name in TASKS:
            yield from self._task(place, read, path[0])

    def _below_workflow(self, place: Place, read: Read, name: str) -> Iterator[Finding]:
        variables = self._around.variables
        guess = self._guesses.did_you_mean(name, ("param", "parameters"), variables)
        if self._is_flat and not guess:
            yield from self._variable(place, read, name)
        elif guess and not read.guarded and name not in variables:
            message = f"workflow has no {name!r}"
            yield Finding("variable-undeclared", place.at, message, guess, offset=read.offset)

    def _parameter(self, place: Place, read: Read, name: str) -> Iterator[Finding]:
        parameters = self._around.parameters
        self._around.used.add(name)
        if parameters is None:
            message = f"The templates read the parameter {name!r}, and there is no param_schema"
            hint = "declare the parameters in param_schema, so that callers know them"
            yield Finding(OF_ALL, place.at, message, hint, offset=read.offset)
        elif name not in parameters.names and not parameters.is_open:
            message = f"param_schema has no parameter {name!r}"
            hint = self._guesses.did_you_mean(name, parameters.names) or "declare it in param_schema"
            yield Finding("parameter-undeclared", place.at, message, hint, offset=read.offset)

    def _variable(self, place: Place, read: Read, name: str) -> Iterator[Finding]:
        variables = self._around.variables
        if name not in variables and not read.guarded:
            message = f"No variable {name!r} is declared or published"
            hint = self._guesses.did_you_mean(name, variables) or "declare it in variables"
            yield Finding("variable-undeclared", place.at, message, hint, offset=read.offset)

    def _undeclared(self, place: Place, read: Read) -> Iterator[Finding]:
        around, name = self._around, read.name
        if read.path and read.path[0] == "output":
            yield from self._task(place, read, name)
            return
        known: tuple[Collection[str], ...] = (FUNCTIONS,)
        if read.called:
            message = f"There is no function {name!r}"
        else:
            message = f"Nothing declares {name!r}: no variable, no parameter, no task"
            parameters = around.parameters.names if around.parameters else ()
            known = (around.variables, around.graph.numbers, NAMESPACES, parameters)
        hint = self._guesses.did_you_mean(name, *known) or (
            "" if read.called else "declare it in variables or param_schema"
        )
        yield Finding("variable-undeclared", place.at, message, hint, offset=read.offset)

    def _task(self, place: Place, read: Read, name: str) -> Iterator[Finding]:
        graph = self._around.graph
        number = graph.numbers.get(name)
        if not graph.is_whole:
            return
        if number is None:
            message = f"There is no task {name!r}"
            hint = self._guesses.did_you_mean(name, graph.numbers)
            yield Finding("task-output-unknown", place.at, message, hint, offset=read.offset)
        elif not read.guarded and not self._around.can_have_run(number, place.when):
            yield self._early(place, read, name)

    def _early(self, place: Place, read: Read, name: str) -> Finding:
        reader = self._around.graph.nodes[place.when.task].name
        if name == reader:
            message = f"{name} has no output before it has run"
            return Finding("task-output-early", place.at, message, offset=read.offset)
        message = f"{name} cannot have run before {reader}"
        hint = (
            f"let a way lead from {name} to {reader}"
            if self._around.graph.names_successors
            else f"list {name} before {reader}"
        )
        return Finding("task-output-early", place.at, message, hint, offset=read.offset)


def _asked(read: Read, steps: int) -> Read:
    """The read as one that minds that a name may be absent, where `get` asks for the very first step below."""
    return read._replace(guarded=True) if read.got and steps == 1 else read
