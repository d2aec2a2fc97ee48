"""The problems between workflows: found again for what changed, and for whatever that can make a difference to."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache, partial
from typing import Any

import orjson

from .checks import references
from .checks.references import Target, Where
from .entries import Entry
from .layout import pack_of
from .priority import breathe
from .problems import Finding, Position, Problem
from .snapshot import ProblemsByPath, Snapshot
from .yamldoc.document import Document, parse

# The bytes of the file at a path, None where they are not to be had.
Read = Callable[[str], bytes | None]


def relinked(
    before: Snapshot, after: Snapshot, changed: Mapping[str, Entry | None], packs: Collection[str], read: Read
) -> ProblemsByPath:
    """The problems between workflows of `after`, by ref, given those of `before`.

    `changed` are the workflows, as they are in `after`, and `packs` the packs that differ between the two. The answer
    is the one that all workflows of `after` would give, in time that goes with the changes and the calls to and from
    them. `read` gives the files of `after`: only those with an input that does not fit are asked for.
    """
    breathe()
    if before.contract.digest != after.contract.digest or not before.workflows.chunks:
        return _problems(after, set(after.workflows.refs), changed, read)
    refs = _affected(before, after, [ref for ref, entry in changed.items() if _is_news(before, ref, entry)])
    refs.update(ref for pack in packs for ref in after.refs_in(pack))
    found = _problems(after, refs, changed, read)
    gone = [ref for ref in refs if ref in before.links and ref not in found]
    if not found and not gone:
        return before.links
    links = {**before.links, **found}
    for ref in gone:
        del links[ref]
    return links


def _is_news(before: Snapshot, ref: str, entry: Entry | None) -> bool:
    """False for a workflow that had no such problem, calls what it did, and is to be called as it was."""
    old = before.workflows.get(ref)
    if old is None or entry is None or ref in before.links:
        return True
    if (old.calls, old.waived, old.enabled) != (entry.calls, entry.waived, entry.enabled):
        return True
    return bool(_param_schema(old) != _param_schema(entry))


def _affected(before: Snapshot, after: Snapshot, changed: Collection[str]) -> set[str]:
    refs = set(changed)
    refs.update(caller for ref in changed for caller in after.workflows.callers(ref))
    for ref in changed:
        if (ref in before.workflows) != (ref in after.workflows):
            refs.update(callers_by_mistake(after, ref))
    for snapshot in (before, after):
        refs.update(in_circles_with(snapshot, changed))
    return refs


def in_circles_with(snapshot: Snapshot, refs: Collection[str]) -> set[str]:
    """The members of the circles of calls that any of these workflows is in."""
    found = references.circles(_calls_from(snapshot, refs))
    return {member for ref in refs for member in found.get(ref, ())}


def callers_by_mistake(snapshot: Snapshot, ref: str) -> Iterator[str]:
    """The workflows with an action that is none, and so near to this ref that it may be meant.

    For an action that is one, nobody looks what is near; if it has become one just now, it is a change of its own.
    """
    near = [
        action
        for action in snapshot.workflows.actions_of(pack_of(ref))
        # What differs more than this in length alone is never near (difflib's real_quick_ratio).
        if references.NEARLY * (len(action) + len(ref)) <= 2 * min(len(action), len(ref))
        and action not in snapshot.workflows
    ]
    for action in references.nearly(ref, near):
        yield from snapshot.workflows.callers(action)


def _calls_from(snapshot: Snapshot, refs: Iterable[str]) -> dict[str, list[str]]:
    """Which workflows call which, as far as that can be followed from these; who is never called is in no circle."""
    found: dict[str, list[str]] = {}
    waiting = [ref for ref in refs if snapshot.workflows.may_be_called(ref)]
    while waiting:
        ref = waiting.pop()
        entry = snapshot.workflows.get(ref)
        if entry is not None and ref not in found:
            found[ref] = [call.action for call in entry.calls if call.action in snapshot.workflows]
            waiting.extend(found[ref])
    return found


def _problems(
    snapshot: Snapshot, refs: Collection[str], at_hand: Mapping[str, Entry | None], read: Read
) -> dict[str, tuple[Problem, ...]]:
    """The problems by ref. Entries that are `at_hand` need not be unpacked again, which takes as long as to check."""
    check = _Check(snapshot, refs, read)
    entries = ((ref, at_hand.get(ref) or snapshot.workflows.get(ref)) for ref in refs)
    found = ((ref, check.problems(entry)) for ref, entry in entries if entry)
    return {ref: problems for ref, problems in found if problems}


class _Check:
    """The checks between workflows on one snapshot, with what they look up remembered."""

    def __init__(self, snapshot: Snapshot, refs: Iterable[str], read: Read) -> None:
        self._snapshot = snapshot
        self._read = read
        self._circles = references.circles(_calls_from(snapshot, refs))
        # Of the snapshot and not of this: what refers to itself stays, snapshots and all, until somebody looks for it.
        self._target = cache(partial(_target, snapshot))
        self._refs_of = cache(partial(_refs_in, snapshot))
        self._dependencies = cache(partial(_dependencies, snapshot))

    def problems(self, entry: Entry) -> tuple[Problem, ...]:
        """The problems of one workflow with others."""
        findings = list(self._findings(entry))
        problems = references.grade(findings, self._snapshot.contract, entry.waived) if findings else ()
        return tuple(problem._replace(path=entry.graph) for problem in problems) if entry.graph else problems

    def _findings(self, entry: Entry) -> Iterator[Finding]:
        yield from references.check_calls(entry.calls, self._target, self._refs_of, self._places(entry))
        pack = pack_of(entry.ref)
        yield from references.check_dependencies(pack, entry.calls, self._dependencies(pack))
        if entry.ref in self._circles:
            yield from references.check_circle(entry.ref, entry.calls, self._circles[entry.ref])

    def _places(self, entry: Entry) -> Where:
        document: Document | None = None

        def where(call: str, part: str, key: bool) -> Position | None:
            nonlocal document
            if document is None and not entry.is_stale:
                document = parse(self._read(entry.graph or entry.path) or b"")
            return document.position_below(f"{call}/input", part, key) if document else None

        return where


def _target(snapshot: Snapshot, ref: str) -> Target | None:
    entry = snapshot.workflows.get(ref)
    return Target(entry.enabled, _param_schema(entry)) if entry else None


def _param_schema(entry: Entry) -> Any:
    return orjson.loads(entry.detail)["param_schema"]


def _refs_in(snapshot: Snapshot, pack: str) -> tuple[str, ...]:
    return tuple(snapshot.refs_in(pack))


def _dependencies(snapshot: Snapshot, pack: str) -> tuple[str, ...]:
    entry = snapshot.packs.get(pack)
    return references.packs_needed(orjson.loads(entry.detail).get("dependencies")) if entry else ()
