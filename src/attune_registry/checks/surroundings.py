"""What a template of a workflow may read: its parameters, its variables, and the tasks that have run."""

from typing import Any, NamedTuple

from attune_registry.checks.components import ancestors
from attune_registry.checks.expressions import Read
from attune_registry.checks.graph import Graph, flow
from attune_registry.checks.order import Order
from attune_registry.checks.places import When
from attune_registry.checks.vocabulary import FUNCTIONS, ITEM, ITERATING, PARAMETERS, parameters_of, published_in


class Extras(NamedTuple):
    """Names that a registry's settings add to those known here."""

    filters: frozenset[str] = frozenset()
    tests: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()


class Surroundings:
    """The names of one workflow; `used` collects the parameters that some template reads."""

    def __init__(self, form: dict[str, Any], graph: Graph, extras: Extras) -> None:
        variables = form["definition"].get("variables")
        self.graph = graph
        self.parameters = parameters_of(form["param_schema"])
        self.variables = set(variables if isinstance(variables, dict) else ())
        for node in graph.nodes:
            self.variables.update(published_in(node.task))
        self.dashed_names = [node.name for node in graph.nodes if "-" in node.name]
        self.used: set[str] = set()
        self._extra = extras.variables
        # Names that are a parameter, a variable or part of a name too, so that more has to be asked.
        self._twofold = self.variables | extras.variables | (self.parameters.names if self.parameters else set())
        if self.dashed_names or "workflow" in graph.numbers:
            self._twofold |= {"workflow", *graph.numbers}
        self._ancestors: list[int] | None = None
        self._order: Order | None = None

    def is_right(self, read: Read, when: When) -> bool:
        """True for the most frequent reads where all is well: `workflow.param.x`, and a task that has run."""
        name, path = read.name, read.path
        if name in self._twofold:
            return False
        if name == "workflow" and len(path) > 1 and path[0] in PARAMETERS:
            if self.parameters is None or path[1] not in self.parameters.names:
                return False
            self.used.add(str(path[1]))
            return True
        number = self.graph.numbers.get(name)
        return number is not None and self.graph.is_whole and self.can_have_run(number, when)

    def is_declared(self, read: Read) -> bool:
        """True for a name that is a parameter's, which is used by that, or a variable's."""
        if self.parameters and read.name in self.parameters.names:
            self.used.add(read.name)
            return True
        return read.name in self.variables or read.name in self._extra

    def is_known(self, read: Read, when: When) -> bool:
        """True for a function that there is, for a name that may be absent, and for an item where there are some."""
        if read.called or read.name in FUNCTIONS:
            return read.name in FUNCTIONS
        if read.name not in ITEM or when.task < 0:
            return read.guarded
        nodes, number = self.graph.nodes, when.task
        while number >= 0:
            if any(key in nodes[number].task for key in ITERATING):
                return True
            number = nodes[number].parent
        return False

    def can_have_run(self, number: int, when: When) -> bool:
        """True when a task can have run by the time that a template is worked out."""
        named = self.graph.called(number)
        if when.task < 0 or (when.afterwards and when.task in named):
            return True
        if not self.graph.names_successors and len(self.graph.top) == len(self.graph.nodes):
            return named[0] < when.task
        if self._ancestors is None:
            self._ancestors = ancestors(flow(self.graph))
        if any(self._ancestors[when.task] >> each & 1 for each in named):
            return True
        if self._order is None:
            self._order = Order(self.graph)
        return any(self._order.can_have_run(each, *when) for each in named)
