"""The names that a template may use: Jinja2's, the platform's, and those that a workflow declares."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from jinja2 import Environment

from attune_registry.pointers import pointer, split

JINJA = Environment(autoescape=True)
FILTERS = frozenset(JINJA.filters)
TESTS = frozenset(JINJA.tests)
# Filters that the platform's documentation uses: an engine may have them or not, but no slip of the pen is one of them.
PLATFORMS_FILTERS = frozenset({"append", "prepend", "from_json", "to_json", "filter"})

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
# What applies the schemas in it to the same object.
_BRANCHES = ("allOf", "anyOf", "oneOf")
_CONDITIONS = ("if", "then", "else")
_APPLYING = frozenset({*_BRANCHES, *_CONDITIONS, "dependentSchemas", "$ref"})


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
    for _, part in parts(schema, schema):
        properties = part.get("properties")
        names.update(properties if isinstance(properties, dict) else ())
        is_open = is_open or bool(part.get("additionalProperties")) or "patternProperties" in part
        is_open = is_open or "$dynamicRef" in part or bool(part.get("unevaluatedProperties"))
    return Parameters(frozenset(names), is_open)


def declarations(schema: dict[str, Any]) -> dict[str, str]:
    """Where a param_schema declares each of its parameters first: pointers from the schema."""
    found: dict[str, str] = {}
    for at, part in parts(schema, schema):
        properties = part.get("properties")
        for name in properties if isinstance(properties, dict) else ():
            found.setdefault(name, at + pointer("properties", name))
    return found


def parts(schema: Any, root: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """A schema in `root` and those applied to the same value, each once, with their pointers (from it, or by $ref)."""
    seen: set[int] = set()
    pending: list[tuple[str, Any]] = [("", schema)]
    while pending:
        at, part = pending.pop()
        if isinstance(part, dict) and id(part) not in seen:
            seen.add(id(part))
            yield at, part
            if not _APPLYING.isdisjoint(part):
                pending.extend(reversed(list(_applied(at, part, root))))


def _applied(at: str, part: dict[str, Any], root: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key in _BRANCHES:
        branches = part.get(key)
        for index, branch in enumerate(branches if isinstance(branches, list) else ()):
            yield at + pointer(key, index), branch
    for key in _CONDITIONS:
        yield at + pointer(key), part.get(key)
    dependent = part.get("dependentSchemas")
    for name, branch in dependent.items() if isinstance(dependent, dict) else ():
        yield at + pointer("dependentSchemas", name), branch
    reference = part.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/"):
        yield reference[1:], _referenced(reference, root)


def _referenced(reference: str, root: Any) -> Any:
    for step in split(reference[1:]):
        root = root.get(step) if isinstance(root, dict) else None
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
