"""Keys that are nearly a known one, where unknown keys are welcome."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from attune_registry.checks.nearest import nearest
from attune_registry.checks.quoting import quoted
from attune_registry.pointers import pointer
from attune_registry.problems import Finding

# The contract's keys of a task, and those of the Attune platform.
# fmt: off
_TASK = frozenset(
    (
        "name", "action", "input", "on_success", "on_failure", "retry", "timeout", "type", "when",
        "with_items", "iterate_cache", "batch_size", "concurrency", "next", "on_complete", "on_timeout",
        "decision", "publish", "join", "tasks", "wait_for", "permission_set_refs", "permission_set_ref",
        "trace_tag_template", "worker_selector", "worker_tolerations", "worker_affinity", "description",
        "label", "notes", "tags", "delay", "env", "metadata", "condition", "conditions", "__chart_meta__",
    )
)
# fmt: on
_TASK_TARGETS = frozenset(["name", "action", "input", "on_success", "on_failure", "retry", "timeout"])
_RETRY = frozenset(["count", "delay", "backoff", "max_delay", "on_error", "jitter", "strategy"])
_RETRY_TARGETS = frozenset({"count", "delay"})
# fmt: off
_DEFINITION = frozenset(
    (
        "tasks", "variables", "vars", "conditions", "output", "output_map", "outputs",
        "cancellation_policy",
    )
)
# fmt: on
_DEFINITION_TARGETS = frozenset({"tasks", "variables"})

# What pack.yaml holds on the Attune platform.
# fmt: off
_PACK = frozenset(
    (
        "ref", "label", "description", "version", "tags", "dependencies", "author", "email", "authors",
        "url", "homepage", "repository", "license", "icon", "keywords", "meta", "metadata", "system",
        "enabled", "is_standard", "conf_schema", "config", "config_schema", "runtime_deps", "runtimes",
        "environments", "python_versions", "contributors", "installers", "stackstorm_version", "name",
        "id", "created", "updated",
    )
)
# fmt: on
_PACK_TARGETS = frozenset(["ref", "label", "description", "version", "tags", "dependencies"])

# An object with more keys that nobody knows than this is no slip, and looking for what each may mean takes its time.
_MOST_UNKNOWN = 100


def check(data: Any) -> Iterator[Finding]:
    """Slips in the keys of a workflow's definition and its tasks, whatever else is wrong with them."""
    definition = data.get("definition") if isinstance(data, dict) else None
    if isinstance(definition, dict):
        if not definition.keys() <= _DEFINITION:
            yield from _slips(definition, "/definition", _DEFINITION, _DEFINITION_TARGETS)
        yield from _tasks(definition.get("tasks"), "/definition/tasks")


def _tasks(tasks: Any, at: str) -> Iterator[Finding]:
    for number, task in enumerate(tasks if isinstance(tasks, list) else ()):
        if not isinstance(task, dict):
            continue
        if not task.keys() <= _TASK:
            yield from _slips(task, f"{at}/{number}", _TASK, _TASK_TARGETS)
        retry = task.get("retry")
        if isinstance(retry, dict) and not retry.keys() <= _RETRY:
            yield from _slips(retry, f"{at}/{number}/retry", _RETRY, _RETRY_TARGETS)
        if "tasks" in task:
            yield from _tasks(task["tasks"], f"{at}/{number}/tasks")


def check_pack(data: dict[str, Any]) -> Iterator[Finding]:
    """Slips in the keys of a pack."""
    if not data.keys() <= _PACK:
        for finding in _slips(data, "", _PACK, _PACK_TARGETS):
            yield finding._replace(rule="pack-field-typo")


def _slips(data: dict[str, Any], at: str, known: frozenset[str], targets: frozenset[str]) -> Iterator[Finding]:
    free = [name for name in targets if name not in data]
    for key in islice((key for key in data if key not in known), _MOST_UNKNOWN):
        guess = nearest(key, free)
        if guess:
            message = f"{quoted(key)} is not a known key"
            yield Finding("unknown-field", at + pointer(key), message, f"did you mean {guess}?", at_key=True)
