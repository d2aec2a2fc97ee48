"""The HTTP contract's best practices, as advice."""

import re
from collections.abc import Iterator
from typing import Any

from attune_registry.checks.expressions import is_template
from attune_registry.checks.graph import Graph, Node
from attune_registry.checks.nearest import in_snake_case, slipped
from attune_registry.checks.quoting import quoted
from attune_registry.checks.transitions import Outcome
from attune_registry.problems import Finding

_SNAKE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*\Z")
_WEEK = 7 * 24 * 3600
_HOUR = 3600
_MOST_RETRIES = 10
# The platform's own (its workflow/parser.rs). Other words may be a registry's own, but for slips in one of these.
_TYPES = ("action", "parallel", "workflow")
_ITERATION = frozenset({"batch_size", "concurrency"})


def check_ref(ref: str) -> Iterator[Finding]:
    """A pack's or workflow's ref that is not snake_case between its dots."""
    if not all(_SNAKE.match(part) for part in ref.split(".")):
        better = ".".join(in_snake_case(part) for part in ref.split("."))
        yield Finding("ref-snake-case", "/ref", f"{ref} is not in snake_case", f"call it {better}")


def check(graph: Graph) -> Iterator[Finding]:
    """What the contract advises about tasks."""
    for node in graph.nodes:
        task = node.task
        if not _SNAKE.match(node.name):
            message = f"The task name {node.name!r} is not in snake_case"
            # Jinja2 can name what Python can, umlauts and all.
            why = "" if node.name.isidentifier() else ": a template can then name it"
            hint = f"call it {in_snake_case(node.name)}{why}"
            yield Finding("task-snake-case", node.at + "/name", message, hint)
        if "timeout" in task:
            if not _is_usual(task["timeout"]):
                yield from _timeout(node)
        elif "tasks" not in task:
            yield _without_timeout(node)
        if "retry" in task:
            yield from _retry(node)
        if "type" in task:
            yield from _type(node)
        if not _ITERATION.isdisjoint(task):
            yield from _iteration(node)
    yield from _without_on_failure(graph)


def _without_timeout(node: Node) -> Finding:
    hint = "say how long it may take: timeout: 300"
    return Finding("timeout-missing", node.at + "/name", "Without a timeout", hint, of=node.name)


def _is_usual(seconds: Any) -> bool:
    return seconds.__class__ is int and 0 < seconds <= _WEEK


def _timeout(node: Node) -> Iterator[Finding]:
    seconds = node.task["timeout"]
    if not isinstance(seconds, (int, float)):
        return
    if seconds == 0:
        message = f"A timeout of 0 leaves {node.name} no time"
        yield Finding("timeout-bounds", node.at + "/timeout", message, "leave it out, or give it some seconds")
    elif seconds > _WEEK:
        message = f"{node.name} may take {seconds / _WEEK:.0f} weeks: timeouts are in seconds"
        yield Finding("timeout-bounds", node.at + "/timeout", message)


def _retry(node: Node) -> Iterator[Finding]:
    retry = node.task["retry"]
    count, delay = (retry.get("count", 0), retry.get("delay")) if isinstance(retry, dict) else (0, None)
    if isinstance(count, int) and count > _MOST_RETRIES:
        message = f"{node.name} is tried {count} times more"
        yield Finding("retry-bounds", node.at + "/retry/count", message, f"{_MOST_RETRIES} are plenty")
    if isinstance(delay, int) and delay > _HOUR:
        message = f"{node.name} is tried again after {delay / _HOUR:.1f} hours: delays are in seconds"
        yield Finding("retry-bounds", node.at + "/retry/delay", message)
    if isinstance(delay, int) and delay == 0 and isinstance(count, int) and count > 1:
        message = f"{node.name} is tried again at once, {count} times"
        yield Finding("retry-bounds", node.at + "/retry/delay", message, "wait some seconds: delay: 10")


def _type(node: Node) -> Iterator[Finding]:
    said = node.task["type"]
    guess = slipped(said, _TYPES) if said.__class__ is str else None
    if guess:
        message = f"{node.name} is of type {quoted(said)}, and the platform has no such type"
        yield Finding("task-type", node.at + "/type", message, f"did you mean {guess}?")


def _iteration(node: Node) -> Iterator[Finding]:
    for key in sorted(_ITERATION.intersection(node.task)):
        said = node.task[key]
        if said is not None and not _is_count(said):
            message = f"{key} of {node.name} is {quoted(said)}, which is no number of items"
            yield Finding("iteration-bounds", f"{node.at}/{key}", message, "write a whole number from 1 on")


def _is_count(said: Any) -> bool:
    """True for a number of items, and for an expression, here or in the language of an import, that may give one."""
    if said.__class__ is str:
        return is_template(said) or "<%" in said
    return said.__class__ is int and said > 0


def _without_on_failure(graph: Graph) -> Iterator[Finding]:
    """Tasks that lead on when they succeed, and nowhere when they fail."""
    if not graph.names_successors:
        return
    outcomes: dict[int, set[Outcome]] = {}
    waited_for = set()
    for edge in graph.edges:
        outcomes.setdefault(edge.source, set()).add(edge.outcome)
        if edge.outcome == "success" and edge.target != edge.source:
            waited_for.add(edge.source)
    for number, found in outcomes.items():
        if number in waited_for and not found & {"failure", "always", "maybe"}:
            node = graph.nodes[number]
            message = f"Nothing says what happens when {node.name} fails, and others wait for it"
            yield Finding("on-failure-missing", node.at + "/name", message, "name a task in on_failure")
