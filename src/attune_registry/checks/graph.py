"""The tasks of a definition as a graph: who comes before whom, where it starts, whether it ends."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from attune_registry.checks.components import components
from attune_registry.checks.groups import Named, of_group, taken, twins
from attune_registry.checks.nearest import Guesses
from attune_registry.checks.transitions import KEYS, Outcome, Steps, Task, transitions
from attune_registry.pointers import pointer
from attune_registry.problems import Finding

_ROOT = "/definition/tasks"


class Node(NamedTuple):
    """A task, where it stands, and the task of type parallel that holds it (-1 for none)."""

    name: str
    at: str
    task: Task
    parent: int


class Edge(NamedTuple):
    """One task names another; `steps` lead from the first to where it does."""

    source: int
    target: int
    outcome: Outcome
    steps: Steps


class Graph(NamedTuple):
    """A definition's tasks and transitions. Without any transition it is a sequence, in the order listed.

    It is not whole where something listed is no task with a name, so that nobody knows what it would be. `numbers` are
    by name, of the first where several share it, as tasks of two parallel ones may: those are the `twins`.
    """

    nodes: tuple[Node, ...]
    numbers: dict[str, int]
    edges: tuple[Edge, ...]
    strays: tuple[Finding, ...]
    names_successors: bool
    is_whole: bool
    twins: dict[str, tuple[int, ...]]

    def called(self, number: int) -> tuple[int, ...]:
        """The tasks that have the name of this one: itself, and those that share it."""
        return self.twins.get(self.nodes[number].name, (number,))

    @property
    def top(self) -> list[int]:
        """The tasks that no parallel task holds."""
        return [number for number, node in enumerate(self.nodes) if node.parent < 0]


def build(definition: dict[str, Any]) -> Graph:
    """The graph of a definition, as far as its tasks are a list of mappings with names."""
    nodes: list[Node] = []
    is_whole = _collect(definition.get("tasks"), _ROOT, -1, nodes)
    index: dict[str, int] = {}
    for number, node in enumerate(nodes):
        index.setdefault(node.name, number)
    shared = twins(_named(nodes)) if len(index) < len(nodes) else {}
    own = of_group(_named(nodes), shared)
    edges: list[Edge] = []
    strays: list[Finding] = []
    guesses = Guesses()
    for number, node in enumerate(nodes):
        if KEYS.isdisjoint(node.task):
            continue
        for steps, target, outcome in transitions(node.task):
            to = _meant(target, node, nodes, own) if own else None
            to = index.get(target) if to is None else to
            if to is None:
                strays.append(_stray(node, steps, target, index, guesses))
            else:
                edges.append(Edge(number, to, outcome, steps))
    return Graph(tuple(nodes), index, tuple(edges), tuple(strays), bool(edges or strays), is_whole, shared)


def _meant(target: str, node: Node, nodes: Sequence[Node], own: dict[Named, int]) -> int | None:
    """Of several tasks of a name the one in the task's own group, or in the nearest that this is in."""
    group = node.parent
    while (target, group) not in own and group >= 0:
        group = nodes[group].parent
    return own.get((target, group))


def _named(nodes: Sequence[Node]) -> list[Named]:
    return [(node.name, node.parent) for node in nodes]


def _collect(tasks: Any, at: str, parent: int, nodes: list[Node]) -> bool:
    """Append the tasks, outer before inner; True when all of them are tasks with names."""
    if not isinstance(tasks, list):
        return False
    is_whole = True
    for number, task in enumerate(tasks):
        if not isinstance(task, dict) or not isinstance(task.get("name"), str):
            is_whole = False
            continue
        nodes.append(Node(task["name"], f"{at}/{number}", task, parent))
        if "tasks" in task:
            is_whole &= _collect(task["tasks"], f"{at}/{number}/tasks", len(nodes) - 1, nodes)
    return is_whole


def _stray(node: Node, steps: Steps, target: str, index: dict[str, int], guesses: Guesses) -> Finding:
    hint = guesses.did_you_mean(target, index, but=node.name)
    if not hint and len(index) <= 10:
        known = [name for name in index if name != node.name]
        hint = f"the other tasks: {', '.join(known)}" if known else "there is no other task"
    message = f"{steps[0]} of {node.name} names {target!r}, and there is no such task"
    return Finding("unknown-task", node.at + pointer(*steps), message, hint)


def starts(graph: Graph) -> list[int]:
    """The tasks that run first: the first of a sequence, otherwise those that no other names."""
    top = graph.top
    if not graph.names_successors:
        return top[:1]
    named = {edge.target for edge in graph.edges if edge.source != edge.target}
    return [number for number in top if number not in named]


def flow(graph: Graph) -> list[list[int]]:
    """For each task those that may run right after it; the parts of a parallel task come before its successors."""
    distinct: list[dict[int, None]] = [{} for _ in graph.nodes]
    for source, target in steps(graph):
        distinct[source][target] = None
    after = [list(targets) for targets in distinct]
    for number, node in enumerate(graph.nodes):
        if node.parent >= 0:
            after[number].extend(to for to in after[node.parent] if graph.nodes[to].parent != node.parent)
            after[node.parent].append(number)
    return after


def steps(graph: Graph) -> Iterator[tuple[int, int]]:
    """Who leads to whom: by their transitions, and in a sequence to the next."""
    if graph.names_successors:
        yield from ((edge.source, edge.target) for edge in graph.edges)
    else:
        yield from itertools.pairwise(graph.top)


def check(graph: Graph) -> Iterator[Finding]:
    """What is wrong with the shape of a definition."""
    if not graph.is_whole:
        yield from _duplicates(graph)
        return
    if not graph.nodes:
        yield Finding("no-tasks", _ROOT, "The workflow has no task", "add one: - name: ... and action: pack.action")
        return
    yield from _duplicates(graph)
    yield from _hollow(graph)
    if not graph.names_successors:
        return
    yield from graph.strays
    first = starts(graph)
    if not first:
        message = "Every task is named by another one, so that none starts the workflow"
        yield Finding("no-start", _ROOT, message, "let the task that comes first be named by none")
    else:
        yield from _unreachable(graph, first)
    yield from _endless(graph)
    if len(first) > 1:
        names = ", ".join(graph.nodes[number].name for number in first)
        message = f"{len(first)} tasks are named by no other and start in parallel: {names}"
        yield Finding("several-starts", graph.nodes[first[1]].at + "/name", message)


def _hollow(graph: Graph) -> Iterator[Finding]:
    """The parallel tasks without a task in them; the platform takes none of these."""
    for node in graph.nodes:
        if node.task.get("tasks") == [] and node.task.get("type") == "parallel":
            message = f"{node.name} is parallel and has no task to run"
            yield Finding("no-tasks", node.at + "/tasks", message, "add some: - name: ... and action: pack.action")


def _duplicates(graph: Graph) -> Iterator[Finding]:
    for number in taken(_named(graph.nodes), graph.twins) if graph.twins else ():
        node = graph.nodes[number]
        message = f"Another task is called {node.name!r} already"
        yield Finding("task-name-duplicate", node.at + "/name", message, "give each task a name of its own")


def _unreachable(graph: Graph, first: list[int]) -> Iterator[Finding]:
    after = flow(graph)
    seen = set(first)
    pending = list(first)
    while pending:
        fresh = [number for number in after[pending.pop()] if number not in seen]
        seen.update(fresh)
        pending.extend(fresh)
    for number, node in enumerate(graph.nodes):
        if number not in seen and node.parent < 0:
            message = f"No way leads from a start to {node.name}"
            yield Finding("unreachable-task", node.at + "/name", message, "let a task that runs name it")


def _endless(graph: Graph) -> Iterator[Finding]:
    after: list[list[int]] = [[] for _ in graph.nodes]
    goes_on = [False] * len(graph.nodes)
    for edge in graph.edges:
        after[edge.source].append(edge.target)
        goes_on[edge.source] |= edge.outcome in ("success", "always")
    for members in components(_with_parts(graph, after)):
        inside = set(members)
        for parent in inside.intersection(graph.nodes[number].parent for number in members):
            goes_on[parent] = True
        loops = len(members) > 1 or members[0] in after[members[0]]
        if loops and all(goes_on[task] and inside.issuperset(after[task]) for task in members):
            yield _loop(graph, inside)


def _with_parts(graph: Graph, after: list[list[int]]) -> list[list[int]]:
    """What comes after each task, and for one of type parallel its parts: one of them may lead back to it."""
    parts = [(node.parent, number) for number, node in enumerate(graph.nodes) if node.parent >= 0]
    whole = [list(targets) for targets in after] if parts else after
    for parent, part in parts:
        whole[parent].append(part)
    return whole


def _loop(graph: Graph, inside: set[int]) -> Finding:
    edge = next(edge for edge in reversed(graph.edges) if edge.source in inside and edge.target in inside)
    names = ", ".join(graph.nodes[number].name for number in sorted(inside))
    message = f"Nothing leads out of the loop of {names}"
    at = graph.nodes[edge.source].at + pointer(*edge.steps)
    return Finding("endless-loop", at, message, "let one of them lead out, under a condition or on_failure")


def picture(definition: dict[str, Any]) -> dict[str, Any]:
    """The graph's shape as JSON: kind, starts, ends, and edges as {from, to, on}, one for each outcome."""
    graph = build(definition)
    after = flow(graph)
    names = [node.name for node in graph.nodes]
    outcomes: dict[tuple[int, int], dict[Outcome, None]] = {}
    for edge in graph.edges:
        outcomes.setdefault((edge.source, edge.target), {})[edge.outcome] = None
    return {
        "kind": "graph" if graph.names_successors else "sequence",
        "tasks": names,
        "starts": [names[number] for number in starts(graph)],
        "ends": [names[number] for number, targets in enumerate(after) if not targets],
        "edges": [
            {"from": names[source], "to": names[target], "on": outcome}
            for source, targets in enumerate(after)
            for target in targets
            for outcome in outcomes.get((source, target), ("always",))
        ],
    }
