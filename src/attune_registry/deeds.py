"""Changed files -> which packs and workflows they are part of, and what becomes of each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from .actions import Actions, by_pack, signs_between, written_file
from .git.objects import FileChange
from .git.repository import Repository
from .git.trees import find_file
from .history import Deed
from .layout import Place, candidates, pack_of, place_of, told_place, workflow_of_action
from .shown import shown

_MOST_LISTED = 200
_WORDS: dict[tuple[bool, bool], Deed] = {(True, True): "updated", (True, False): "deleted"}


class Changes(NamedTuple):
    """Files changed on top of a commit (None: there is none yet)."""

    base: str | None
    files: Sequence[FileChange]


def deeds(repository: Repository, changes: Changes, created: Deed = "created") -> dict[Place, Deed]:
    """What becomes of each pack and workflow, in order; `created` is the word for what was not there before.

    What has another file, which stays, is not created by one more of its name, nor deleted with one less.
    """
    contents = {path: content for path, content, _ in changes.files}
    before, after = _Side(repository, changes.base, {}), _Side(repository, changes.base, contents)
    places = {*map(told_place, contents), *_told_by_actions(before, after, contents)}
    return {place: _WORDS.get((before.has(place), after.has(place)), created) for place in sorted(filter(None, places))}


class _Side:
    """A commit with some files changed on top of it."""

    def __init__(self, repository: Repository, base: str | None, contents: Mapping[str, bytes | None]) -> None:
        self._repository = repository
        self._base = base
        self._contents = contents
        self._actions: dict[str, Actions] = {}

    def has(self, place: Place) -> bool:
        """True when there is a pack or workflow of this name."""
        paths = candidates(place)
        if any(map(self._has_file, paths[:2])):
            return True
        return place.kind == "workflow" and any(map(self.actions(pack_of(place.ref)).says, paths[2:]))

    def _has_file(self, path: str) -> bool:
        if path in self._contents:
            return self._contents[path] is not None
        return find_file(self._repository, self._base, path) is not None

    def actions(self, pack: str) -> Actions:
        """Those of a pack."""
        if pack not in self._actions:
            changed = by_pack(self._contents).get(pack, ())
            files = {path: written_file(path, self._contents[path]) for path in changed}
            self._actions[pack] = Actions.at(self._repository, self._base, pack).changed(files)
        return self._actions[pack]


def _told_by_actions(before: _Side, after: _Side, paths: Iterable[str]) -> Iterator[Place | None]:
    """The workflows that actions are, and files with tasks that stand for themselves, where they change."""
    for pack, changed in by_pack(paths).items():
        for sign in signs_between(before.actions(pack), after.actions(pack), changed):
            yield told_place(sign.change.path)


def listed(found: Mapping[Place, Deed], changes: Iterable[FileChange]) -> str:
    """The deeds, and the files that are part of no pack or workflow, as the list in a commit's message."""
    rows = [f"- {place.ref}: {deed}" for place, deed in found.items()]
    others = (path for path, _, _ in changes if place_of(path) is None and workflow_of_action(path) not in found)
    rows += [f"- {shown(path)}" for path in others]
    more = [f"- and {len(rows) - _MOST_LISTED} more"] if len(rows) > _MOST_LISTED else []
    return "\n".join([*rows[:_MOST_LISTED], *more])
