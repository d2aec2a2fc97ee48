"""Workflows that call workflows: is the one called there, enabled, and given what it takes."""

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from heapq import nsmallest
from typing import Any, NamedTuple

import orjson

from attune_registry.checks.components import components
from attune_registry.checks.contract import Contract
from attune_registry.checks.effort import Allowance
from attune_registry.checks.misfits import misfits
from attune_registry.checks.nearest import Guesses
from attune_registry.checks.rules import level_of
from attune_registry.checks.vocabulary import parameters_of
from attune_registry.layout import pack_of
from attune_registry.pointers import pointer
from attune_registry.problems import Finding, Position, Problem, in_order

# An action that is no workflow may well be called nearly like one: only a slip of a letter is worth a word.
NEARLY = 0.9
_MOST_LISTED = 40
# What a dependency begins with; behind it stands a version, or a condition on versions (slack@2.1.0, core>=1.0.0).
_PACK = re.compile(r"[A-Za-z0-9_-]+")


class Target(NamedTuple):
    """What a caller must know about a workflow."""

    enabled: bool
    param_schema: dict[str, Any] | None


class Called(NamedTuple):
    """A task that runs an action; `inputs` is JSON: {name: [literal]}, or {name: []} where a template decides."""

    action: str
    pointer: str
    line: int
    column: int
    inputs: bytes


Lookup = Callable[[str], Target | None]
# Where a part of what is given to a call stands: by the call's pointer, the pointer from its input, and whether the
# part's key is meant. None where nobody knows.
Where = Callable[[str, str, bool], Position | None]


class _Bounds(NamedTuple):
    """What the calls of one workflow may take, all in all."""

    allowance: Allowance
    guesses: Guesses


def _nowhere(call: str, part: str, key: bool) -> None:
    return None


def check_calls(
    calls: Iterable[Called],
    target: Lookup,
    workflows_of: Callable[[str], Iterable[str]],
    where: Where = _nowhere,
) -> Iterator[Finding]:
    """What is wrong with the calls of one workflow. `workflows_of` gives the refs of a pack's workflows.

    What is wrong with an input is said where that stands, if `where` knows: it is asked of nothing else.
    """
    bounds = _Bounds(Allowance(), Guesses())
    for call in calls:
        called = target(call.action)
        if called is None:
            yield from _near_miss(call, workflows_of(pack_of(call.action)))
            continue
        if not called.enabled:
            message = f"The workflow {call.action} is disabled"
            yield _at(call, "action-disabled", message, "enable it, or call another", "action")
        if called.param_schema is not None:
            yield from _inputs(call, called.param_schema, where, bounds)


def check_gone(ref: str, calls: Iterable[Called]) -> Iterator[Finding]:
    """The calls of a workflow that was there and is no more."""
    for call in calls:
        if call.action == ref:
            message = f"The workflow {ref} is not there any more"
            yield _at(call, "action-unknown", message, "call another, or bring it back", "action")


def packs_needed(dependencies: Any) -> tuple[str, ...]:
    """The refs of the packs that pack.yaml lists, in a list of its own or beside what else the pack needs."""
    listed = dependencies.get("packs") if isinstance(dependencies, dict) else dependencies
    found = (_PACK.match(each) for each in listed or () if isinstance(each, str))
    return tuple(match[0] for match in found if match)


def check_dependencies(pack: str, calls: Iterable[Called], dependencies: Collection[str]) -> Iterator[Finding]:
    """The packs that a workflow uses and its pack does not list, where it lists any; each at its first use."""
    if not dependencies:
        return
    known = {pack, *dependencies}
    guesses = Guesses()
    for call in calls:
        used = pack_of(call.action)
        if used not in known:
            known.add(used)
            message = f"pack.yaml of {pack} does not list {used} in its dependencies"
            hint = guesses.did_you_mean(used, dependencies) or f"add {used} there"
            yield _at(call, "pack-dependency", message, hint, "action")


def circles(calls: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """For each workflow in a circle of calls, the members of the circle; `calls` maps refs to the refs they call."""
    refs = sorted(calls)
    numbers = {ref: number for number, ref in enumerate(refs)}
    after = [sorted({numbers[to] for to in calls[ref] if to in numbers}) for ref in refs]
    found: dict[str, tuple[str, ...]] = {}
    for members in components(after):
        if len(members) > 1 or members[0] in after[members[0]]:
            circle = tuple(refs[number] for number in sorted(members))
            found.update(dict.fromkeys(circle, circle))
    return found


def check_circle(ref: str, calls: Iterable[Called], circle: Collection[str]) -> Iterator[Finding]:
    """The calls by which a workflow keeps a circle going."""
    for call in calls:
        if call.action in circle:
            others = ", ".join(sorted(circle))
            message = f"{ref} calls itself" if call.action == ref else f"These workflows call each other: {others}"
            yield _at(call, "action-cycle", message, "break the circle, or it may run forever", "action")


def grade(findings: Iterable[Finding], contract: Contract, waived: Collection[tuple[int, str]]) -> tuple[Problem, ...]:
    """Findings about calls as problems; `waived` is what the file's comments wave off (line 0: the whole file)."""
    problems = []
    for finding in findings:
        level = level_of(finding.rule, contract.settings.rules)
        line, column = finding.at or Position(1, 1)
        if level != "off" and (line, finding.rule) not in waived and (0, finding.rule) not in waived:
            problems.append(Problem(finding.rule, level, finding.message, finding.pointer, line, column, finding.hint))
    return in_order(problems)


def _near_miss(call: Called, refs: Iterable[str]) -> Iterator[Finding]:
    close = _nearly(call.action, tuple(refs))
    if close:
        message = f"No workflow is called {call.action}"
        yield _at(call, "action-unknown", message, f"did you mean {close}?", "action")


@lru_cache(maxsize=4096)
def _nearly(action: str, refs: tuple[str, ...]) -> str | None:
    return next(iter(nearly(action, refs)), None)


def nearly(name: str, known: Sequence[str]) -> list[str]:
    """Those of the names that differ by capitals alone, and then those by a slip of a letter, the nearest first."""
    plain = name.lower()
    same = [other for other in known if other.lower() == plain]
    close = difflib.get_close_matches(name, known, n=len(known), cutoff=NEARLY) if known else []
    return list(dict.fromkeys([*same, *close]))


def _inputs(call: Called, schema: dict[str, Any], where: Where, bounds: _Bounds) -> Iterator[Finding]:
    given: dict[str, list[Any]] = orjson.loads(call.inputs)
    named = list(_names(call, given, schema, where, bounds.guesses))
    yield from named
    literals = {name: value[0] for name, value in given.items() if value}
    is_all = len(literals) == len(given) and not named
    for misfit in misfits(literals, schema, is_all, bounds.allowance):
        if misfit.steps:
            message = f"{call.action} takes no such {misfit.steps[0]}: {misfit.why}"
            yield _in_input(call, "action-input-type", message, "", pointer(*misfit.steps), where)
        else:
            yield _at(call, "action-input-type", f"{call.action} does not take these inputs: {misfit.why}", "")


def _names(
    call: Called, given: Collection[str], schema: dict[str, Any], where: Where, guesses: Guesses
) -> Iterator[Finding]:
    """The inputs that are missing, and those that there are not."""
    declared = parameters_of(schema)
    for name in _required(schema):
        if name not in given:
            message = f"{call.action} requires the input {name!r}"
            yield _at(call, "action-input-missing", message, f"give it in input: {name}: ...")
    if declared and not declared.is_open and not declared.names.issuperset(given):
        free, listed = declared.names.difference(given), _listed(declared.names)
        for name in given:
            if name not in declared.names:
                message = f"{call.action} has no input {name!r}"
                hint = guesses.did_you_mean(name, free) or f"its inputs are {listed}"
                yield _in_input(call, "action-input-unknown", message, hint, pointer(name), where, at_key=True)


def _listed(names: Collection[str]) -> str:
    """Some names, the first few of them where there are very many."""
    first = ", ".join(nsmallest(_MOST_LISTED, names)) or "none"
    return first if len(names) <= _MOST_LISTED else f"{first} and {len(names) - _MOST_LISTED:,} more"


def _required(schema: dict[str, Any]) -> list[str]:
    """The inputs that a caller must give: those with a default come by themselves."""
    properties = schema.get("properties")
    known = properties if isinstance(properties, dict) else {}
    required = schema.get("required")
    names = [name for name in required if isinstance(name, str)] if isinstance(required, list) else []
    for part in schema.get("allOf", []) if isinstance(schema.get("allOf"), list) else []:
        names += _required(part) if isinstance(part, dict) else []
    return [name for name in names if not (isinstance(known.get(name), dict) and "default" in known[name])]


def _in_input(
    call: Called, rule: str, message: str, hint: str, part: str, where: Where, at_key: bool = False
) -> Finding:
    at = where(call.pointer, part, at_key) or Position(call.line, call.column)
    return Finding(rule, call.pointer + pointer("input") + part, message, hint, at=at)


def _at(call: Called, rule: str, message: str, hint: str, *steps: str | int) -> Finding:
    return Finding(rule, call.pointer + pointer(*steps), message, hint, at=Position(call.line, call.column))
