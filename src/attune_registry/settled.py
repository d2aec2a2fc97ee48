"""What may be answered while the next snapshot is in the making: the workflows that none of the changes concern.

A pull of some hundred files takes a second to be read and checked. Of all other workflows it is known from the start
that they are what they were.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from .git.head import Fingerprint
from .layout import PACKS, SETTINGS_PATHS, pack_of, place_of
from .snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Settled:
    """The snapshot before, under the head and with the edits of the next, true of all but some workflows.

    `refs` and `packs` are those that it may not be true of, without case: what differs by that alone may be a rival.
    """

    snapshot: Snapshot
    fingerprint: Fingerprint
    refs: frozenset[str]
    packs: frozenset[str]

    def covers(self, ref: str) -> bool:
        """True for a workflow that is what it was."""
        folded = ref.casefold()
        return folded not in self.refs and pack_of(folded) not in self.packs


def settled_among(snapshot: Snapshot, fingerprint: Fingerprint, paths: Iterable[str]) -> Settled | None:
    """What is settled when these paths may have changed; None when settings have, by which all files are judged."""
    refs, packs = set(), set()
    for path in paths:
        if path in SETTINGS_PATHS:
            return None
        place = place_of(path)
        # What the files of actions are, others of the pack decide.
        if place is not None and place.kind == "workflow" and "/actions/" not in path:
            refs.add(place.ref.casefold())
        elif path.startswith(f"{PACKS}/"):
            packs.add(path.split("/")[1].casefold())
    return Settled(snapshot, fingerprint, frozenset(refs), frozenset(packs))
