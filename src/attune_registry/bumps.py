"""Two snapshots around a change -> the workflows whose version says less than the change means for their callers."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import orjson

from . import errors
from .compat.verdict import Judgement, judge
from .compat.versions import next_version
from .entries import Entry
from .layout import Place, actions_folder, any_place_of, pack_of
from .snapshot import Snapshot

CODE = "VERSION_BUMP_NEEDED"


class SmallBump(NamedTuple):
    """A workflow, what the change of it means, and the lowest version that says so."""

    ref: str
    judgement: Judgement
    version: str
    version_needed: str

    @property
    def sentence(self) -> str:
        """What is wrong, and what to do about it."""
        return (
            f"The change to '{self.ref}' is {self._named} and its version would be {self.version}; "
            f"give it the version {self.version_needed} or a higher one."
        )

    @property
    def _named(self) -> str:
        return "a change of its version alone" if not self.judgement.reasons else f"a {self.judgement.verdict} change"

    def as_detail(self) -> dict[str, Any]:
        """For a program: which version is needed, and why."""
        return {
            "pointer": "/version",
            "ref": self.ref,
            "message": self.sentence,
            "verdict": self.judgement.verdict,
            "bump_needed": self.judgement.bump_needed,
            "bump_made": self.judgement.bump_made,
            "version_needed": self.version_needed,
            "reasons": [reason._asdict() for reason in self.judgement.reasons],
        }


def small_bumps(before: Snapshot, after: Snapshot, paths: Iterable[str]) -> list[SmallBump]:
    """The workflows whose version does not rise as far as it needs to, by ref, of all that these files are part of.

    None where this registry does not require it. What counts is what is served, before and after: of a file that is
    broken, its last valid revision.
    """
    if not before.contract.settings.require_version_bump:
        return []
    places = {place for path in paths for place in _places(before, path)}
    found = (_small_bump(place.ref, before.find(place), after.find(place)) for place in sorted(places))
    return [bump for bump in found if bump]


def refuse_small_bumps(before: Snapshot, after: Snapshot, paths: Iterable[str]) -> None:
    """Raise Conflict with every version that is too low, where this registry requires them to rise."""
    found = small_bumps(before, after, paths)
    if found:
        sentence = " ".join(bump.sentence for bump in found[:3])
        more = f" And {len(found) - 3} more; see details." if len(found) > 3 else ""
        raise errors.Conflict(sentence + more, code=CODE, details=[bump.as_detail() for bump in found])


def _places(snapshot: Snapshot, path: str) -> Iterator[Place]:
    """The workflows that a file says something of; an action may have its tasks in a file of any name."""
    at = any_place_of(path)
    if at is None or at.kind == "pack":
        return
    yield at
    folder = f"{actions_folder(pack_of(at.ref))}/"
    if path.startswith(folder):
        entries = snapshot.workflows_in(pack_of(at.ref))
        yield from (Place("workflow", entry.ref) for entry in entries if entry.path.startswith(folder))


def _small_bump(ref: str, old: Entry | None, new: Entry | None) -> SmallBump | None:
    if old is None or new is None or old.detail == new.detail:
        return None
    judgement = judge(orjson.loads(old.detail), orjson.loads(new.detail))
    if judgement.is_enough:
        return None
    return SmallBump(ref, judgement, new.version, next_version(old.version, judgement.bump_needed))
