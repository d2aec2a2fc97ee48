"""The names that a template may use: Jinja2's, the platform's, and those that a workflow declares."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from jinja2 import Environment

JINJA = Environment(autoescape=True)
FILTERS = frozenset(JINJA.filters)
TESTS = frozenset(JINJA.tests)

# Where the platform keeps what a workflow knows: `workflow` and `error` are the HTTP contract's, the others
# those of Attune's own expressions.
PARAMETERS = frozenset({"param", "params", "parameters"})
VARIABLES = frozenset({"vars", "variables"})
TASKS = frozenset({"task", "tasks"})
NAMESPACES = frozenset(
    {"workflow", "error", "parameters", "inquiry", "config", "keystore", "system", *VARIABLES, *TASKS}
)
# In a task that runs once per item.
ITEM = frozenset({"item", "index"})
ITERATING = ("with_items", "iterate_cache")

# Those of Attune's expressions, and Jinja2's.
_FUNCTIONS = """
    result succeeded failed timed_out cancelled now uuid
    string number int bool type_of length keys values
    abs floor ceil round min max sum
    lower upper trim split join replace starts_with ends_with match
    contains reversed sort unique flat zip range
"""
FUNCTIONS = frozenset(_FUNCTIONS.split()) | frozenset(JINJA.globals)

_LEADING = ("next", "on_success", "on_failure", "on_complete", "on_timeout")
_DEEPEST = 20


class Parameters(NamedTuple):
    """What a param_schema declares; an open one says that there may be others."""

    names: frozenset[str]
    is_open: bool


def parameters_of(schema: Any) -> Parameters | None:
    """The parameters that a param_schema declares, None where there is no schema."""
    if not isinstance(schema, dict):
        return None
    names: set[str] = set()
    is_open = False
    for part in _parts(schema, schema, 0):
        properties = part.get("properties")
        names.update(properties if isinstance(properties, dict) else ())
        is_open = is_open or bool(part.get("additionalProperties")) or "patternProperties" in part
        is_open = is_open or "$dynamicRef" in part or bool(part.get("unevaluatedProperties"))
    return Parameters(frozenset(names), is_open)


def _parts(schema: Any, root: dict[str, Any], depth: int) -> Iterator[dict[str, Any]]:
    """The schema and those applied to the same object."""
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return
    yield schema
    for key in ("allOf", "anyOf", "oneOf"):
        branches = schema.get(key)
        for branch in branches if isinstance(branches, list) else ():
            yield from _parts(branch, root, depth + 1)
    for key in ("if", "then", "else"):
        yield from _parts(schema.get(key), root, depth + 1)
    dependent = schema.get("dependentSchemas")
    for branch in dependent.values() if isinstance(dependent, dict) else ():
        yield from _parts(branch, root, depth + 1)
    yield from _parts(_referenced(schema.get("$ref"), root), root, depth + 1)


def _referenced(reference: Any, root: Any) -> Any:
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return None
    for step in reference[2:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        root = root.get(name) if isinstance(root, dict) else None
    return root


def published_in(task: dict[str, Any]) -> Iterator[str]:
    """The variables that a task publishes: `publish: {name: value}` or a list of such, here or in a transition."""
    if "publish" in task:
        yield from _published(task["publish"])
    for key in _LEADING:
        branches = task.get(key)
        for branch in branches if branches.__class__ is list else ():
            if isinstance(branch, dict):
                yield from _published(branch.get("publish"))


def _published(value: Any) -> Iterator[str]:
    for part in value if isinstance(value, list) else (value,):
        if isinstance(part, dict):
            yield from part
        elif isinstance(part, str):
            yield part
