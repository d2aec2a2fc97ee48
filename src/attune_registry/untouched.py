"""Workflows of which the snapshot at hand says what the next one will: nothing in their packs has changed since.

Whoever asks for one of them need not wait until the next snapshot is made, nor even until all that differs is known:
its own pack is looked at, in the commits since and in the working tree, which takes a fraction of a millisecond.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from .folders import is_as_known
from .git.first_parents import find_commit, first_parent
from .git.head import Fingerprint, HeadProbe
from .git.recent import entry_below, folder_of
from .git.repository import Repository
from .git.stamps import Stamp
from .index_trail import trail_of
from .landed import told
from .layout import PACKS, REGISTRY, pack_of
from .settled import Settled, settled_among
from .snapshot import Snapshot
from .working_tree import Sight

# With more commits since, the next snapshot is waited for.
_MOST_COMMITS = 16


@dataclass(frozen=True, slots=True)
class Base:
    """A snapshot, how the working tree was when it was last looked at, and the stamp of where history was cut."""

    snapshot: Snapshot
    sight: Sight
    shallow: Stamp


@dataclass(frozen=True, slots=True)
class _Found:
    """What is so under a fingerprint, which is that of `snapshot.head`.

    With `is_known_tree` none but the registry's own writers has changed files since the base; `told` is then what they
    have told of all commits since, where they have. `packs` are those that were looked at and are as they were.
    """

    base: Base
    snapshot: Snapshot
    fingerprint: Fingerprint
    is_known_tree: bool
    told: Settled | None
    packs: set[str] = field(default_factory=set)


class Untouched:
    """Asked while the snapshot served is not the latest; remembers what it found last. For one thread."""

    def __init__(self, repository: Repository, probe: HeadProbe) -> None:
        self._repository = repository
        self._probe = probe
        self._found: _Found | None = None

    def answer(self, base: Base, ref: str) -> Snapshot | None:
        """A snapshot that says of this workflow what is so now, under the commit of now; None where that is not known.

        Other workflows may be out of date in it.
        """
        # Edits are a part of a revision's name, and which of them are left only a look at all files can tell.
        if base.snapshot.edits:
            return None
        found = self._found
        if found is None or found.base is not base or not self._probe.is_still(found.fingerprint, found.snapshot.head):
            found = self._found = self._look(base)
        if found is None:
            return None
        if found.told is not None:
            return found.snapshot if found.told.covers(ref) else None
        pack = pack_of(ref)
        if pack not in found.packs:
            if not self._is_untouched(found, pack):
                return None
            found.packs.add(pack)
        return found.snapshot

    def _look(self, base: Base) -> _Found | None:
        before = base.snapshot.head
        head, fingerprint = self._probe.look()
        if head.branch != before.branch or head.commit is None or fingerprint.stamps.shallow != base.shallow:
            return None
        now = replace(base.snapshot, head=head)
        way = told(self._repository, before.commit, head.commit)
        is_known_tree = self._is_known_tree(base, way.commits if way else [head.commit])
        settled = settled_among(now, fingerprint, None, way.paths) if way and is_known_tree else None
        return _Found(base, now, fingerprint, is_known_tree, settled)

    def _is_known_tree(self, base: Base, commits: Iterable[str | None]) -> bool:
        if self._repository.root is None:
            return True
        trail = trail_of(self._repository, commits)
        return trail is not None and trail == base.sight.trail

    def _is_untouched(self, found: _Found, pack: str) -> bool:
        root = self._repository.root
        if root is not None and not found.is_known_tree:
            # A pack whose name differs by case alone may be a rival: that shows in the folder they are in.
            inside = (f"{PACKS}/{pack}", REGISTRY)
            if not is_as_known(root, found.base.sight.folders, (PACKS,), inside):
                return False
        try:
            return self._has_same(found.base.snapshot.head.commit, found.snapshot.head.commit, pack)
        except KeyError:
            return False

    def _has_same(self, before: str | None, now: str | None, pack: str) -> bool:
        """True when no commit from one to another has another pack, other settings or other names of packs."""
        wanted = None
        at = find_commit(self._repository, now)
        for _ in range(_MOST_COMMITS):
            if at is None:
                return False
            commit = str(at.id)
            parts = self._parts(commit, pack)
            if wanted is not None and parts != wanted:
                return False
            if commit == before:
                return True
            wanted, at = parts, first_parent(self._repository, at)
        return False

    def _parts(self, commit: str, pack: str) -> tuple[object, ...]:
        """What a commit has of a pack, of the settings, and of the names of all packs."""
        packs = entry_below(self._repository, commit, PACKS)
        names = folder_of(self._repository, packs.id).heads if packs else []
        own = entry_below(self._repository, commit, f"{PACKS}/{pack}")
        return names, own, entry_below(self._repository, commit, REGISTRY)
