"""Problems that only repeat what another problem says."""

from attune_registry.checks.nearest import nearest
from attune_registry.pointers import parent, split
from attune_registry.problems import SEVERITIES, Problem

_BLANK = " is blank"
# Those that say of a value what to write in its place.
_OF_ONE_VALUE = frozenset({"schema-type", "schema-invalid", "schema-value", "version-format", "action-format"})


def without_echoes(problems: list[Problem]) -> list[Problem]:
    """The problems less a missing key that is there misspelt, a ref that is wrong twice, and the like.

    A problem goes only where one at least as grave stays, so that a bad file cannot pass for a good one.
    """
    if len(problems) < 2:
        return problems
    return [problem for problem in problems if not any(_echoes(problem, other) for other in problems)]


def _echoes(problem: Problem, other: Problem) -> bool:
    if problem is other or SEVERITIES.index(other.severity) > SEVERITIES.index(problem.severity):
        return False
    if problem.rule == "yaml-surprise":
        # `enabled: yes` has to become true, and is not to be quoted besides.
        return other.pointer == problem.pointer and other.rule in _OF_ONE_VALUE and bool(other.hint)
    if problem.severity != other.severity:
        return False
    if problem.rule == "schema-required" and other.rule == "unknown-field":
        missing = problem.message.split('"')[1]
        return parent(other.pointer) == problem.pointer and nearest(split(other.pointer)[-1], [missing]) == missing
    if problem.rule == "schema-value" and problem.pointer == other.pointer:
        is_blank_too = problem.message.endswith(_BLANK) and not other.message.endswith(_BLANK)
        return other.rule == "ref-path-mismatch" or (other.rule == "schema-value" and is_blank_too)
    return False
