"""One landing: some commits, then working tree, branch and index in an order that a crash cannot tear."""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

import structlog

from ..errors import Conflict, RegistryError
from ..git.durability import durability_of, flush
from ..git.faults import faults
from ..git.filters import differing
from ..git.head import Head, read_head, resolve_ref
from ..git.keeping import packs_folder
from ..git.object_writer import MadeTree
from ..git.objects import Author, FileChange, Made
from ..git.refs import BranchMove
from ..git.repository import Repository
from .checkout import Checkout
from .foundations import flush_upon
from .journal import Journal, remove_journal, write_journal
from .pause import pause
from .recovery import recover
from .series import Series
from .state import branch_to_write, head_to_write
from .swap import Replacement

__all__ = ["Author", "FileChange", "Made", "Transaction"]
_log = structlog.get_logger(__name__)


class Transaction:
    """Commits on one branch that become visible together; use it as a context manager, under the WriteLock.

    Nothing is to be seen of it before `land`, nothing is left of it (but unused objects) without.
    """

    def __init__(self, repository: Repository, head: Head, old: str | None, checkout: Checkout | None) -> None:
        self.head = head
        self._repository = repository
        self._old = old
        self._checkout = checkout
        self._series = Series(repository, head.commit)
        self._durability = durability_of(repository)
        self._move: BranchMove | None = None
        self._writes_at_once = False
        self._is_open = True
        self._has_followed = False
        self._is_through = False

    @classmethod
    def begin(cls, repository: Repository, branch: str | None = None, base: str | None = None) -> "Transaction":
        """On the branch checked out, or on `branch`, which is not (to be made at `base` if that is given).

        Repairs what a dead process left, first. Raises Conflict or Unavailable with a sentence that says what to
        do when the repository is in no state to be written to.
        """
        recover(repository)
        with faults("starting to write"):
            if branch is not None:
                head, old = branch_to_write(repository, branch, base)
                return cls(repository, head, old, None)
            if repository.root is None:
                head = head_to_write(repository)
                return cls(repository, head, head.commit, None)
            checkout = Checkout.look(repository, repository.root, may_lock=True)
            return cls(repository, checkout.head, checkout.head.commit, checkout)

    def __enter__(self) -> "Transaction":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abandon()

    def refuse_if_edited(self, path: str) -> None:
        """Raises Conflict (UNCOMMITTED_EDITS) when a person has changed the file and not committed it."""
        if self._checkout is not None and path not in self._series.results:
            with faults("looking at the working tree"):
                self._checkout.refuse_if_edited(path)

    def commit(self, changes: Sequence[FileChange], author: Author, message: str, parents: Sequence[str] = ()) -> Made:
        """A commit on top of the last one (`parents` are further ones, of a merge).

        Raises Conflict for a path that a person is at work on or that is no plain file; the transaction goes on.
        """
        for change in changes:
            self.refuse_if_edited(change.path)
        made = self._series.commit(changes, author, message, parents)
        if self._writes_at_once:
            self.write_objects()
        return made

    def take_over(self, series: Series) -> None:
        """Has commits that were made elsewhere, on the same head, as if they were its first."""
        self._series = series

    @property
    def made(self) -> MadeTree:
        """What the last commit is."""
        return self._series.objects.made(self._series.tip or "")

    def write_objects(self) -> None:
        """Puts the commits so far, and each from now on, where git finds them, for who must ask it about them."""
        self._writes_at_once = True
        with faults("writing objects"):
            flush(self._wanted(self._series.objects.write(), []), self._durability.method)
            self._series.objects.publish()

    def land(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Makes the commits the branch's, on disk. Raises Conflict or Unavailable, with everything as before.

        `meanwhile` is called before the branch moves, when the disk is waited for.
        """
        if self._series.tip is None or not self._series.messages:
            self.abandon()
            return
        with faults("writing"):
            self._write(self._series.tip, meanwhile)
        try:
            self._follow(self._series.tip)
            with faults("waiting for the disk"):
                flush(self._wanted(*self._changed_folders()), self._durability.method, meanwhile=self._let_pass)
        finally:
            self._finish(self._series.tip)

    def abandon(self) -> None:
        """Ends the transaction; what has not landed never was."""
        if self._checkout is not None:
            self._checkout.let_go()
        if not self._is_open:
            return
        self._is_open = False
        self._series.objects.discard()
        if self._checkout is not None:
            self._checkout.release()

    def _write(self, tip: str, meanwhile: Callable[[], None]) -> None:
        """Everything up to the moment that counts, which is the move of the branch."""
        repository, checkout = self._repository, self._checkout
        self._move = move = BranchMove(repository, self._branch, self._old, tip, self._reflog_message())
        if checkout is not None:
            filtered = differing(repository, self._series.results)
            if filtered:
                self.write_objects()
            checkout.plan(self._series.results, filtered)
        pause("objects")
        with contextlib.ExitStack() as on_error:
            on_error.callback(self._undo, tip)
            written = [write_journal(repository, self._journal(tip)), *self._series.objects.write()]
            if checkout is not None:
                written += checkout.write_beside()
            wanted = self._wanted(written, [move.prepare()])
            flush_upon(
                self._repository, self._series.foundations, wanted, self._durability, self._while_flushing(meanwhile)
            )
            pause("journal")
            if checkout is not None:
                checkout.lock()
                checkout.swap_in(self._durability)
            self._series.objects.publish()
            move.move(self._agree)
            on_error.pop_all()
        pause("ref")

    def _while_flushing(self, meanwhile: Callable[[], None]) -> Callable[[], None]:
        """That, and what else can be done while the disk is at it."""

        def work() -> None:
            meanwhile()
            if self._checkout is not None:
                self._checkout.draft_index()

        return work

    def _changed_folders(self) -> tuple[list[Path | str], list[Path | str]]:
        """What was renamed is on disk only with the folder it is in; the index comes last, in time as in this list."""
        files = self._checkout.folders() if self._checkout is not None else []
        index = [self._repository.git_dir] if self._checkout is not None else []
        refs = [self._move.folder] if self._move is not None else []
        return [packs_folder(self._repository), *files], [*refs, *index]

    def _wanted(self, files: Sequence[Path | str], refs: Sequence[Path | str]) -> tuple[Path | str, ...]:
        """Those that git's configuration wants on disk."""
        return (*(files if self._durability.objects else ()), *(refs if self._durability.refs else ()))

    def _undo(self, tip: str) -> None:
        """Until this is through, journal and lock stay: what cannot be undone now is repaired later."""
        self._is_open = False
        if resolve_ref(self._repository, f"refs/heads/{self._branch}") == tip:
            return
        if self._checkout is not None:
            self._checkout.undo()
        self._series.objects.discard()
        remove_journal(self._repository)
        self._is_open = True

    def _follow(self, tip: str) -> None:
        """What follows from the move; if it fails, the write stands and the next transaction repairs the rest.

        It is on disk before the next landing's journal is: that one says nothing of these files any more.
        """
        self._is_open = False
        with self._left_to_be_repaired(tip):
            if self._checkout is not None:
                self._checkout.publish(tip)
            pause("index")
            self._series.objects.settle()
            self._has_followed = True

    def _let_pass(self) -> None:
        """Nothing is left to do but to wait, for the disk and for others who were at it when the index changed."""
        if not self._has_followed:
            return
        with self._left_to_be_repaired(self._series.tip or ""):
            if self._checkout is not None:
                self._checkout.clear_away()
                self._checkout.let_pass()
            self._is_through = True

    def _finish(self, tip: str) -> None:
        if not self._is_through:
            return
        with self._left_to_be_repaired(tip):
            remove_journal(self._repository)
            pause("journal-removed")
            if self._checkout is not None:
                self._checkout.release()
            pause("unlock")

    @contextlib.contextmanager
    def _left_to_be_repaired(self, tip: str) -> Iterator[None]:
        try:
            yield
        except (OSError, RegistryError) as error:
            _log.error("a landing is left to be repaired", branch=self._branch, commit=tip, error=str(error))

    def _agree(self) -> Head:
        """Asked while the ref is locked: HEAD can be pointed elsewhere without the index's lock."""
        head = read_head(self._repository)
        if self._checkout is not None and head != self.head:
            raise Conflict(
                "Another branch was checked out in the registry's clone meanwhile; try again.",
                code="BRANCH_MOVED",
            )
        return head

    @property
    def _branch(self) -> str:
        return self.head.branch or ""

    def _journal(self, tip: str) -> Journal:
        git_dir = os.path.relpath(self._repository.git_dir, self._repository.common_dir)
        files: tuple[Replacement, ...] = ()
        if self._checkout is not None:
            # Files that a sparse checkout leaves out have entries in the index all the same.
            files = (*self._checkout.files, *self._checkout.left_out)
        return Journal(git_dir, self._branch, self._old, tip, files)

    def _reflog_message(self) -> str:
        first, more = self._series.messages[0], len(self._series.messages) - 1
        return f"commit (attune-registry): {first}" + (f" (and {more} more)" if more else "")
