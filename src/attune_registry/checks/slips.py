"""Keys that are nearly a known one, where unknown keys are welcome."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from attune_registry.checks.nearest import Guesses
from attune_registry.checks.quoting import quoted
from attune_registry.pointers import pointer
from attune_registry.problems import Finding


class _Keys(NamedTuple):
    """The keys of an object: those told of whatever is near them, those told of single slips, and all that are known.

    The contract's are of the first kind. The Attune platform's are many and short, and much that people keep for
    themselves is near one of them (max_timeout, batch_file).
    """

    near: frozenset[str]
    slipped: frozenset[str]
    known: frozenset[str]


def _keys(near: str, slipped: str, others: str) -> _Keys:
    kinds = [frozenset(kind.split()) for kind in (near, slipped, others)]
    return _Keys(kinds[0], kinds[1], frozenset.union(*kinds))


# The last line has words in their own right that are but a slip away.
_TASK = _keys(
    "name action input on_success on_failure retry timeout",
    "type when with_items batch_size concurrency next on_complete on_timeout decision publish join",
    """
    iterate_cache tasks wait_for permission_set_refs permission_set_ref trace_tag_template
    worker_selector worker_tolerations worker_affinity description label notes tags delay
    env metadata condition conditions __chart_meta__
    ext nest net no_timeout text then typed types
    """,
)
_RETRY = _keys("count delay", "backoff max_delay", "on_error jitter strategy")
_DEFINITION = _keys("tasks variables", "output_map", "vars conditions output outputs cancellation_policy")
# What stands in a list of transitions, or of the branches of a decision.
_LEADING = ("next", "decision", "on_success", "on_failure", "on_complete", "on_timeout")
_TRANSITION = _keys(
    "", "when do publish next default", "label description name __chart_meta__ doc dot ext net text then"
)
# What pack.yaml holds on the Attune platform.
_PACK = _keys(
    "ref label description version tags dependencies",
    "",
    """
    author email authors url homepage repository license icon keywords meta metadata system
    enabled is_standard conf_schema config config_schema runtime_deps runtimes
    environments python_versions contributors installers stackstorm_version name
    id created updated
    """,
)

# An object with more keys that nobody knows than this is no slip, and looking for what each may mean takes its time.
_MOST_UNKNOWN = 100


def check(data: Any) -> Iterator[Finding]:
    """Slips in the keys of a workflow's definition and its tasks, whatever else is wrong with them."""
    definition = data.get("definition") if isinstance(data, dict) else None
    if isinstance(definition, dict):
        if not definition.keys() <= _DEFINITION.known:
            yield from _slips(definition, "/definition", _DEFINITION, Guesses())
        yield from check_tasks(definition.get("tasks"), "/definition/tasks")


def check_tasks(tasks: Any, at: str) -> Iterator[Finding]:
    """Slips in the keys of a list of tasks at the pointer `at`, and of what is in them."""
    yield from _tasks(tasks, at, Guesses())


def _tasks(tasks: Any, at: str, guesses: Guesses) -> Iterator[Finding]:
    for number, task in enumerate(tasks if isinstance(tasks, list) else ()):
        if not isinstance(task, dict):
            continue
        if not task.keys() <= _TASK.known:
            yield from _slips(task, f"{at}/{number}", _TASK, guesses)
        retry = task.get("retry")
        if isinstance(retry, dict) and not retry.keys() <= _RETRY.known:
            yield from _slips(retry, f"{at}/{number}/retry", _RETRY, guesses)
        for key in _LEADING:
            if key in task and task[key].__class__ is not str:
                yield from _transitions(task[key], f"{at}/{number}/{key}", guesses)
        if "tasks" in task:
            yield from _tasks(task["tasks"], f"{at}/{number}/tasks", guesses)


def _transitions(said: Any, at: str, guesses: Guesses) -> Iterator[Finding]:
    """Slips in `{when, do}`, alone or in a list."""
    items = enumerate(said) if isinstance(said, list) else ((None, said),)
    for number, item in items:
        if isinstance(item, dict) and not item.keys() <= _TRANSITION.known:
            yield from _slips(item, at if number is None else f"{at}/{number}", _TRANSITION, guesses)


def check_pack(data: dict[str, Any]) -> Iterator[Finding]:
    """Slips in the keys of a pack."""
    if not data.keys() <= _PACK.known:
        for finding in _slips(data, "", _PACK, Guesses()):
            yield finding._replace(rule="pack-field-typo")


def _slips(data: dict[str, Any], at: str, keys: _Keys, guesses: Guesses) -> Iterator[Finding]:
    for key in islice((key for key in data if key not in keys.known), _MOST_UNKNOWN):
        guess = guesses.slipped(key, keys.slipped - data.keys()) or guesses.nearest(key, keys.near - data.keys())
        if guess:
            message = f"{quoted(key)} is not a known key"
            yield Finding("unknown-field", at + pointer(key), message, f"did you mean {guess}?", at_key=True)
