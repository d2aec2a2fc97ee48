"""Which task cannot have run before another: it comes only after, or on the way of another outcome."""

from collections import defaultdict
from collections.abc import Iterable

from attune_registry.checks.components import ancestors, components
from attune_registry.checks.graph import Graph, steps
from attune_registry.checks.transitions import Outcome

_FAILING = frozenset({"failure", "timeout"})


class Order:
    """The events of a workflow: each task, and the end of each that has others in it."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        held: dict[int, list[int]] = defaultdict(list)
        for number, node in enumerate(graph.nodes):
            if node.parent >= 0:
                held[node.parent].append(number)
        self._ends = {group: len(graph.nodes) + index for index, group in enumerate(held)}
        self._groups = {end: group for group, end in self._ends.items()}
        after = self._after(held)
        self._before: list[list[int]] = [[] for _ in after]
        for event, targets in enumerate(after):
            for target in targets:
                self._before[target].append(event)
        self._ancestors = ancestors(after)
        # The events that come once, in their order, each of which has a bit; and by event those always before it.
        self._once: list[int] = []
        self._bits: dict[int, int] = {}
        self._always = [0] * len(after)
        self._compare(after)
        self._leading: dict[int, dict[Outcome, int]] = defaultdict(lambda: defaultdict(int))
        for edge in graph.edges:
            self._leading[self._left(edge.source)][edge.outcome] |= 1 << edge.target

    def can_have_run(self, number: int, reader: int, afterwards: bool) -> bool:
        """True when a task, which leads to no `reader`, can have run before it starts (or `afterwards`: ends)."""
        last = self._left(reader)
        if self._is_only_after(number, last) or self._is_elsewhere(number, reader):
            return False
        causes = [last] if afterwards else self._causes(reader)
        return any(not self._is_only_after(number, cause) for cause in causes)

    def _after(self, held: dict[int, list[int]]) -> list[list[int]]:
        """What each event leads to. A task that holds others has ended when they have."""
        nodes = self._graph.nodes
        after: list[list[int]] = [[] for _ in range(len(nodes) + len(held))]
        named = set()
        for source, target in steps(self._graph):
            after[self._left(source)].append(target)
            if source != target and nodes[source].parent == nodes[target].parent:
                named.add(target)
        for group, parts in held.items():
            after[group].extend([part for part in parts if part not in named] or parts)
            for part in parts:
                after[self._left(part)].append(self._ends[group])
        return after

    def _left(self, number: int) -> int:
        """The event that a task has ended with."""
        return self._ends.get(number, number)

    def _compare(self, after: list[list[int]]) -> None:
        for members in reversed(components(after)):
            inside = set(members)
            outside = [event for each in members for event in self._before[each] if event not in inside]
            always = self._always[outside[0]] if outside else 0
            for event in outside:
                always &= self._always[event]
            if len(members) == 1 and members[0] not in after[members[0]]:
                self._bits[members[0]] = 1 << len(self._once)
                self._once.append(members[0])
                always |= self._bits[members[0]]
            for each in members:
                self._always[each] = always

    def _is_only_after(self, number: int, event: int) -> bool:
        """True when a task cannot start before an event, or before the group that this is in has ended."""
        always = self._always[number]
        group = self._groups.get(event, event)
        return any(always & self._bits.get(each, 0) for each in (event, *self._ends_around(group)))

    def _ends_around(self, number: int) -> Iterable[int]:
        while (number := self._graph.nodes[number].parent) >= 0:
            yield self._ends[number]

    def _causes(self, reader: int) -> list[int]:
        """The events upon which a task starts. What a group starts with starts as the group does."""
        found: list[int] = []
        seen, pending = {reader}, [reader]
        while pending:
            for event in self._before[pending.pop()]:
                if event in seen:
                    continue
                seen.add(event)
                (pending if event in self._ends else found).append(event)
        return found

    def _is_elsewhere(self, number: int, reader: int) -> bool:
        """True when the last event before both leads to one upon success, and to the other upon failure."""
        both = self._always[number] & self._always[reader]
        leading = self._leading.get(self._once[both.bit_length() - 1]) if both else None
        if not leading:
            return False
        one, other = (
            {outcome for outcome, targets in leading.items() if targets & (self._ancestors[each] | 1 << each)}
            for each in (number, reader)
        )
        return (one == {"success"} and other <= _FAILING) or (other == {"success"} and one <= _FAILING)
