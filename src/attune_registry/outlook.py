"""What other workers have told they will put on the branch, made into the next snapshot before it is there."""

from typing import NamedTuple

from .cache import Cache
from .git.head import Head
from .git.repository import Repository
from .git.stamps import Stamp
from .indexer import Indexer
from .landed import coming, note_stamp
from .landed_note import Landing
from .layout import setting_of
from .line import Followed
from .snapshot import Snapshot


class _Foreseen(NamedTuple):
    """What a landing that was told of makes of a snapshot."""

    before: Snapshot
    after: Snapshot
    landing: Landing


class Outlook:
    """Keeps one snapshot that is still to come; whoever asks holds the registry's `building`."""

    def __init__(self, repository: Repository, indexer: Indexer, cache: Cache) -> None:
        self._repository = repository
        self._indexer = indexer
        self._cache = cache
        self._foreseen: _Foreseen | None = None
        self._looked_at: tuple[Stamp, str | None] = (None, None)

    def has_news(self, before: Snapshot) -> bool:
        """True when something was told since the last look ahead from this snapshot's commit."""
        return (note_stamp(self._repository), before.head.commit) != self._looked_at

    def look(self, before: Snapshot) -> bool:
        """Make what was told of upon this snapshot. True when there was something to make."""
        self._looked_at = note_stamp(self._repository), before.head.commit
        landing = coming(self._repository, before.head.commit)
        if landing is None or any(map(setting_of, landing.tree.files)):
            return False
        self._forget()
        self._cache.remember(landing.records)
        landing.note()
        head = Head(before.head.branch, landing.tip)
        followed = Followed(before.line.extended(landing.steps), before.line.length)
        try:
            after = self._indexer.advance(before, head, before.edits, followed)
        except BaseException:
            landing.forget()
            raise
        self._foreseen = _Foreseen(before, after, landing)
        return True

    def after(self, before: Snapshot) -> Snapshot | None:
        """What was made upon this snapshot."""
        foreseen = self._foreseen
        return foreseen.after if foreseen and foreseen.before is before else None

    def taken(self, before: Snapshot, head: Head) -> Snapshot | None:
        """What was made upon this snapshot, if it is of this head; what has not come then never will."""
        foreseen = self.after(before)
        if foreseen is not None and head == before.head:
            return None  # it is still to come
        self._forget()
        return foreseen if foreseen is not None and foreseen.head == head else None

    def _forget(self) -> None:
        foreseen, self._foreseen = self._foreseen, None
        if foreseen is not None:
            foreseen.landing.forget()
