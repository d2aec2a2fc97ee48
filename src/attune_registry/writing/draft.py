"""Writes made before it is their turn, on what the worker that has it is about to land.

The worker whose turn it is tells what its landing comes to before it waits for the disk. Whoever is next makes its own
commits on that meanwhile. If what was told does not come, or something else does, nothing of a draft was ever there.
"""

from collections.abc import Sequence

from ..registry import Registry
from ..snapshot import Snapshot
from .making import Done, Maker, authorized
from .plans import FilesOnly, Write
from .series import Series
from .targets import refuse_if_protected
from .transaction import Transaction


class Draft:
    """The first of some writes as commits on top of a snapshot that is still to come."""

    def __init__(self, registry: Registry, base: Snapshot) -> None:
        self.base = base
        self._registry = registry
        self._series = Series(registry.repository, base.head.commit)
        self._maker = Maker(registry, base, self._series.commit, lambda path: None)
        self._writes: list[Write] = []
        self._is_open = True
        self._has_failed = False
        self._is_handed_over = False

    def __len__(self) -> int:
        return len(self._writes)

    @property
    def snapshot(self) -> Snapshot:
        """What its writes have left."""
        return self._maker.snapshot

    def wants_work(self, writes: Sequence[Write]) -> bool:
        """True when there is something to do for these writes, the first of which it has."""
        return self._takes_more(writes) or not (self._maker.is_settled or self._has_failed)

    def work(self, writes: Sequence[Write]) -> None:
        """Make one more of these writes, or the snapshot of those that were made.

        A write that is refused, or asks git about commits, is left for its turn, with all behind it.
        """
        if self._takes_more(writes):
            try:
                self._add(writes[len(self._writes)])
            except Exception:
                # Whatever it was, it is met again where somebody is told.
                self._is_open = False
        else:
            try:
                self._maker.settle()
            except Exception:
                self._has_failed = True

    def handed_to(self, transaction: Transaction, snapshot: Snapshot, writes: Sequence[Write]) -> list[Done]:
        """The outcomes of the first of these writes, which the transaction has from now on; none where it cannot be."""
        if snapshot is not self.base or not self._are_first(writes) or len(self._maker) != len(self._writes):
            return []
        try:
            outcomes = self._maker.done()
            for path in dict.fromkeys(path for done in outcomes for path in done.plan.looked_at):
                transaction.refuse_if_edited(path)
        except Exception:
            # Whatever it was, it is met again where somebody is told.
            return []
        transaction.take_over(self._series)
        self._is_handed_over = True
        return outcomes

    def drop(self) -> None:
        """Forget it; what was handed over is not its own any more."""
        if not self._is_handed_over:
            self._series.objects.discard()

    def _takes_more(self, writes: Sequence[Write]) -> bool:
        return self._is_open and len(self._writes) < len(writes) and self._are_first(writes)

    def _add(self, write: Write) -> None:
        if not isinstance(write, FilesOnly):
            self._is_open = False
            return
        principal = authorized(write, self._maker.snapshot)
        refuse_if_protected(self._registry.repository, write, self._maker.snapshot)
        self._maker.make(write, principal)
        self._writes.append(write)

    def _are_first(self, writes: Sequence[Write]) -> bool:
        return len(self._writes) <= len(writes) and all(map(_is_same, self._writes, writes))


def _is_same(one: Write, other: Write) -> bool:
    return one is other
