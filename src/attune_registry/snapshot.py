"""The registry at one moment: immutable, made from another one by applying changes, answering every read."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress
from operator import itemgetter
from typing import Any

from . import bits
from .access.roster import Roster
from .checks.engine import Contract
from .edits import Edit
from .entries import Entry, problem_json
from .git.head import Head
from .layout import Place
from .line import Line
from .problems import Problem, each_once
from .shelf import Shelf, entries_in

ProblemsByPath = Mapping[str, tuple[Problem, ...]]


def revision_of(commit: str | None, edits: Mapping[str, Edit]) -> str:
    """A name for a commit with edits over it, the same wherever the same files are."""
    clean = commit or "0" * 40
    if not edits:
        return clean
    said = "".join(f"{path}\0{edit.blob}\0" for path, edit in sorted(edits.items()))
    return f"{clean}+{hashlib.sha256(said.encode(errors='surrogateescape')).hexdigest()[:16]}"


@dataclass(frozen=True)
class Snapshot:
    """Everything served.

    `others` are the problems of files that no entry shows: broken ones without a valid revision, second files of
    a ref, settings. `links` are the problems between workflows, by ref. `contested` are refs that another one
    keeps from being served. `edits` are the working tree's uncommitted changes.
    """

    head: Head
    line: Line
    contract: Contract
    roster: Roster
    edits: Mapping[str, Edit] = field(default_factory=dict)
    workflows: Shelf = field(default_factory=Shelf)
    packs: Shelf = field(default_factory=Shelf)
    others: ProblemsByPath = field(default_factory=dict)
    links: ProblemsByPath = field(default_factory=dict)
    contested: frozenset[str] = frozenset()

    @cached_property
    def revision(self) -> str:
        """The commit; where there are edits, and the digest of what they say."""
        return revision_of(self.head.commit, self.edits)

    @cached_property
    def answers(self) -> dict[Any, Any]:
        """Answers already made for this snapshot, by keys of their makers', who bound it."""
        return {}

    def find(self, place: Place) -> Entry | None:
        """What is served for a pack or workflow."""
        return (self.workflows if place.kind == "workflow" else self.packs).get(place.ref)

    def workflows_in(self, pack_ref: str) -> list[Entry]:
        """The workflows of a pack, in order."""
        return list(entries_in(self.workflows.in_pack(pack_ref)))

    def refs_in(self, pack_ref: str) -> list[str]:
        """The refs of the workflows of a pack, in order."""
        parts = self.workflows.in_pack(pack_ref)
        return [ref for chunk, some in parts for ref in compress(chunk.refs, bits.selectors(some))]

    def has_workflows(self, pack_ref: str) -> bool:
        """True when any workflow of the pack is served."""
        return any(some for _, some in self.workflows.in_pack(pack_ref))

    def has_files(self, path: str) -> bool:
        """True when a broken file stands at this path, although nothing is served from it."""
        return path in self.others

    @property
    def is_passing(self) -> bool:
        """True when something in it says more of this clone as it is now than of the commit."""
        told = list(self.others.values())
        told += [entry.problems for shelf in (self.workflows, self.packs) for entry in shelf.troubled]
        return any(problem.rule == "file-missing" for problems in told for problem in problems)

    @property
    def unfit(self) -> Iterator[str]:
        """The paths of files that are not served as they stand: as they last were valid, or not at all."""
        yield from self.others
        for shelf in (self.packs, self.workflows):
            yield from (entry.path for entry in shelf.troubled if entry.is_stale)

    @cached_property
    def problems(self) -> list[dict[str, Any]]:
        """All problems, by path, line and column."""
        found = [(path, problem) for path, problems in self.others.items() for problem in problems]
        for shelf in (self.packs, self.workflows):
            found.extend((entry.path, problem) for entry in shelf.troubled for problem in entry.problems)
        callers = ((self.workflows.get(ref), problems) for ref, problems in self.links.items())
        found.extend((caller.path, problem) for caller, problems in callers if caller for problem in problems)
        told = [problem_json(path, problem) for path, problem in each_once(found)]
        return sorted(told, key=itemgetter("path", "line", "column", "rule", "message"))
