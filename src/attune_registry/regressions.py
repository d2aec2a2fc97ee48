"""Two snapshots, before and after a change -> the errors that the change brings, or leaves in what it touches."""

from collections import Counter
from collections.abc import Collection, Iterator

from .checks.contract import Contract
from .checks.rules import REFERENCE_RULES, level_of
from .layout import any_place_of
from .problems import Problem, each_once
from .snapshot import Snapshot

Located = tuple[str, Problem]


def errors_brought(before: Snapshot, after: Snapshot, paths: Collection[str]) -> list[Located]:
    """The errors that are in these paths after the change, and those elsewhere that were not there before it."""
    known = {_key(found) for found in _errors(before, paths)}
    found = [error for error in _errors(after, paths) if error[0] in paths or _key(error) not in known]
    return sorted(each_once(found), key=lambda error: (error[0], error[1].line, error[1].column, error[1].rule))


def judges_calls(contract: Contract) -> bool:
    """True where a rule between workflows is graded error; where none is, none of their problems keeps anything out."""
    return any(level_of(rule, contract.settings.rules) == "error" for rule in REFERENCE_RULES)


def call_errors_brought(before: Snapshot, after: Snapshot, ref: str) -> list[Problem]:
    """The errors between workflows that a change of a workflow brings to its own file.

    What another file had made wrong there before is not the change's to mend, wherever its task stands now.
    """
    known = Counter((problem.rule, problem.message) for problem in before.links.get(ref, ()))
    found = []
    for problem in after.links.get(ref, ()):
        said = (problem.rule, problem.message)
        known[said] -= 1
        if problem.severity == "error" and known[said] < 0:
            found.append(problem)
    return found


def _key(found: Located) -> tuple[str, str, str, str]:
    path, problem = found
    return path, problem.rule, problem.pointer, problem.message


def _errors(snapshot: Snapshot, paths: Collection[str]) -> Iterator[Located]:
    for path, problems in snapshot.others.items():
        yield from ((path, problem) for problem in problems if problem.severity == "error")
    entries = {entry.path: entry for entry in map(snapshot.find, filter(None, map(any_place_of, paths))) if entry}
    # A file that stops being valid without being touched (another contract, another file) is served on, as stale.
    for shelf in (snapshot.packs, snapshot.workflows):
        entries |= {entry.path: entry for entry in shelf.troubled if entry.is_stale}
    for path, entry in entries.items():
        yield from ((path, problem) for problem in entry.problems if problem.severity == "error")
    for ref, problems in snapshot.links.items():
        caller = snapshot.workflows.get(ref)
        if caller:
            yield from ((caller.path, problem) for problem in problems if problem.severity == "error")
