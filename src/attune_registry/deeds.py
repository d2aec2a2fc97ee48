"""Changed files -> which packs and workflows they are part of, and what becomes of each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from .actions import Actions, by_pack, signs_between, written_file
from .git.objects import FileChange
from .git.repository import Repository
from .history import Deed
from .layout import Place, place_of, signed_path, told_place
from .shown import shown

_MOST_LISTED = 200
_WORDS: dict[tuple[bool, bool], Deed] = {(True, True): "updated", (True, False): "deleted"}


class Changes(NamedTuple):
    """Files changed on top of a commit (None: there is none yet), and what they were `before`."""

    base: str | None
    files: Sequence[FileChange]
    before: Mapping[str, bytes | None]


def deeds(repository: Repository, changes: Changes, created: Deed = "created") -> dict[Place, Deed]:
    """What becomes of each pack and workflow, in order; `created` is the word for what was not there before."""
    had: dict[Place, bool] = {}
    has: dict[Place, bool] = {}
    for place, old, new in (*_of_files(changes), *_of_actions(repository, changes)):
        had[place] = had.get(place, False) or old
        has[place] = has.get(place, False) or new
    return {place: _WORDS.get((had[place], has[place]), created) for place in sorted(had)}


def _of_files(changes: Changes) -> Iterator[tuple[Place, bool, bool]]:
    """What files of the registry's own layout are, and whether they were there before and are after."""
    for path, content, _ in changes.files:
        place = told_place(path)
        if place is not None:
            yield place, changes.before[path] is not None, content is not None


def _of_actions(repository: Repository, changes: Changes) -> Iterator[tuple[Place, bool, bool]]:
    """The same of the workflows that actions are, and of files with tasks that stand for themselves."""
    contents = {path: content for path, content, _ in changes.files}
    for pack, paths in by_pack(contents).items():
        before = Actions.at(repository, changes.base, pack)
        files = {path: written_file(path, contents[path]) for path in paths}
        after = before.changed(files)
        for sign in signs_between(before, after, files):
            place, path = told_place(sign.change.path), signed_path(sign.change.path)
            if place is not None:
                yield place, before.says(path) is not None, after.says(path) is not None


def listed(found: Mapping[Place, Deed], changes: Iterable[FileChange]) -> str:
    """The deeds, and the files that are neither pack nor workflow, as the list in a commit's message."""
    rows = [f"- {place.ref}: {deed}" for place, deed in found.items()]
    rows += [f"- {shown(change.path)}" for change in changes if place_of(change.path) is None]
    more = [f"- and {len(rows) - _MOST_LISTED} more"] if len(rows) > _MOST_LISTED else []
    return "\n".join([*rows[:_MOST_LISTED], *more])
