"""Writes -> their commits, and the snapshot that has them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from ..access.principals import Principal
from ..actions import Actions, SignChange, by_pack, signs_between, with_signs, written_file
from ..forms.pairs import names_workflow
from ..git.head import Head
from ..git.ids import blob_id
from ..git.objects import Author, FileChange, Made
from ..git.trees import ROOTS, TreeChange
from ..layout import workflow_of_action
from ..line import Followed, Step
from ..registry import Registry
from ..regressions import judges_calls
from ..snapshot import Snapshot
from .messages import commit_message
from .plans import Desk, FilesOnly, Plan, Write, refuse_low_versions, refuse_wrong_calls


class Done(NamedTuple):
    """A write that was made: its plan, a snapshot under its head, its commit (None where nothing changed).

    The snapshot may have later writes of the same landing, too, to other workflows. `step` is the commit as the line
    knows it.
    """

    plan: Plan
    snapshot: Snapshot
    commit: str | None
    step: Step | None = None


class Commit(Protocol):
    """What makes a commit on top of the last one."""

    def __call__(
        self, changes: Sequence[FileChange], author: Author, message: str, parents: Sequence[str] = ()
    ) -> Made:
        """The commit."""


# Refuses a path.
Look = Callable[[str], None]


def authorized(write: Write, served: Snapshot) -> Principal:
    """Who asks, and what they may do now: they may have lost their role since, or packs, or have another address.

    What counts is the branch served, never a proposal's idea of it. Raises Unauthenticated or Forbidden.
    """
    return write.caller.principal(served.roster)


class Maker:
    """Makes some writes on a snapshot, one after the other, each judged by what those before it have left.

    `look` is called with each file that a write rests on, and refuses those that a person is at work on. `aside` is for
    what is not served.
    """

    def __init__(
        self, registry: Registry, snapshot: Snapshot, commit: Commit, look: Look, *, aside: bool = False
    ) -> None:
        self.snapshot = snapshot
        self._registry = registry
        self._commit = commit
        self._look = look
        self._aside = aside
        self._branch, self._tip = snapshot.head
        self._done: list[Done] = []
        # Those that `snapshot` does not have yet: most writes cannot tell whether it has them.
        self._late: list[Done] = []
        self._late_refs: set[str] = set()
        self._late_paths: set[str] = set()
        self._late_actions: set[str] = set()

    def __len__(self) -> int:
        """How many writes were made."""
        return len(self._done) + len(self._late)

    def make(self, write: Write, principal: Principal) -> None:
        """Make one more, for this principal. Raises the RegistryError that is its answer."""
        ref = write.only_ref if isinstance(write, FilesOnly) else None
        # What a workflow calls may be among what was made just now.
        if ref is None or ref.casefold() in self._late_refs or judges_calls(self.snapshot.contract):
            self.settle()
        desk = Desk.over(self._registry, self.snapshot)
        plan = write.plan(desk, principal)
        # Which file is whose, all actions of a pack decide.
        actions = by_pack(plan.looked_at).keys()
        if not (self._late_paths.isdisjoint(plan.looked_at) and self._late_actions.isdisjoint(actions)):
            self.settle()
            desk = Desk.over(self._registry, self.snapshot)
            plan = write.plan(desk, principal)
        self._late.append(self._made(write, principal, plan, desk))
        self._late_refs.add((ref or "").casefold())
        self._late_paths.update(plan.looked_at)
        self._late_actions.update(actions)
        if ref is None:
            self.settle()

    def settle(self) -> None:
        """Bring the snapshot up to date with what was made."""
        if not self._late:
            return
        steps = [done.step for done in self._late if done.step]
        if steps:
            line = self.snapshot.line.extended(steps, aside=self._aside)
            followed = Followed(line, self.snapshot.line.length)
            head = Head(self._branch, steps[-1].commit)
            self.snapshot = self._registry.indexer.advance(self.snapshot, head, self.snapshot.edits, followed)
        for done in self._late:
            if done.commit is not None:
                self._tip = done.commit
            self._done.append(done._replace(snapshot=replace(self.snapshot, head=Head(self._branch, self._tip))))
        self._late.clear()
        self._late_refs.clear()
        self._late_paths.clear()
        self._late_actions.clear()

    @property
    def is_settled(self) -> bool:
        """True when the snapshot has all that was made."""
        return not self._late

    @property
    def made(self) -> list[Done]:
        """All that was made, in order, each with the snapshot that it was made on."""
        return [*self._done, *self._late]

    def done(self) -> list[Done]:
        """All that was made, in order, each with a snapshot that has it."""
        self.settle()
        return self._done

    def _made(self, write: Write, principal: Principal, plan: Plan, desk: Desk) -> Done:
        # Also where nothing changes: what is asked for is what a person may just be changing.
        for path in plan.looked_at:
            self._look(path)
        if not plan.changes:
            return Done(plan, self.snapshot, None)
        refuse_wrong_calls(desk, plan)
        if not self._aside:
            refuse_low_versions(desk, plan)
        author = Author(principal.name, principal.email)
        made = self._commit(plan.changes, author, commit_message(plan, write.caller, principal), plan.parents)
        return Done(plan, self.snapshot, made.commit, _step(plan, made, self._signs(plan)))

    def _signs(self, plan: Plan) -> list[SignChange]:
        """The signs that a plan changes. What was made since the snapshot touches no actions of the same packs."""
        found: list[SignChange] = []
        contents = {path: content for path, content, _ in plan.changes}
        for pack, paths in by_pack(contents).items():
            before = Actions.at(self._registry.repository, self.snapshot.head.commit, pack)
            files = {path: written_file(path, contents[path]) for path in paths}
            found += signs_between(before, before.changed(files), files)
        return found


def _step(plan: Plan, made: Made, signs: Sequence[SignChange]) -> Step:
    """What the line is told of a commit: all but files of other folders, and actions that are no workflows."""
    told, untold = [], []
    for path, content, _ in plan.changes:
        if path.partition("/")[0] in ROOTS:
            if workflow_of_action(path) is None or any(map(names_workflow, (content, plan.before.get(path)))):
                told.append(TreeChange(path, None, None if content is None else blob_id(content)))
            else:
                untold.append(path)
    return Step(made.commit, made.date, with_signs(told, signs) if signs else told, untold)
