"""Two commits -> the packs and workflows that differ between them, field by field and as text."""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache
from typing import Any, Literal, NamedTuple

from .actions import Actions, by_pack, signs_between
from .blobs import READ_LIMIT
from .compat.verdict import judge
from .contents import Content, Contents
from .diff import diff_values
from .git.repository import Repository
from .git.trees import REGULAR, TreeFile, diff_commits, find_file, read_blob
from .layout import Place, any_place_of, told_place
from .line import Line, follow
from .pairs import files_of, first_of
from .source import Source, SourceFile
from .textdiff import text_diff

Wanted = Callable[[Place], bool]
_SUBMODULE = 0o160000
_TYPE = 0o170000
_NO_FILE = Content(None, "This is a link or a submodule; links are not followed.")


class _Between(NamedTuple):
    """The actions of a pack in two commits, and the paths of files among them that differ."""

    old: Actions
    new: Actions
    paths: Collection[str]

    def places(self) -> set[Place]:
        """The workflows that differ."""
        found = (told_place(sign.change.path) for sign in signs_between(*self))
        return set(filter(None, found))

    def owners(self, path: str) -> set[Place]:
        """The workflows that a file is part of in either; what its own path says where it is nobody's."""
        owned = (*self.old.owners(path), *self.new.owners(path))
        return set(filter(None, map(any_place_of, owned or (path,))))


class Difference(NamedTuple):
    """A pack or workflow that two commits say different things of: its file in each, None where there is none."""

    place: Place
    old: SourceFile | None
    new: SourceFile | None

    @property
    def change(self) -> Literal["created", "updated", "deleted"]:
        """What happened from the one to the other."""
        if self.old is None:
            return "created"
        return "updated" if self.new else "deleted"


class _Side:
    """One of two commits; `line` is any that is at hand, to know which of two files was first."""

    def __init__(self, repository: Repository, commit: str | None, line: Line) -> None:
        self._source = Source(repository, commit, {})
        self._line = cache(lambda: follow(repository, line, commit, aside=True).line)

    def file_of(self, place: Place) -> SourceFile | None:
        return first_of(files_of(self._source, place), self._line)


def differences(
    repository: Repository,
    line: Line,
    old: str | None,
    new: str | None,
    wanted: Wanted,
    among: Collection[str] | None = None,
) -> list[Difference]:
    """What differs between two commits, packs first, in order of their refs. None is an empty tree.

    `line` is that of some commit, the nearer the better. `among` is the paths that are asked for, None for all.
    """
    before, after = _Side(repository, old, line), _Side(repository, new, line)
    paths = [change.path for change in diff_commits(repository, old, new)]
    paths = paths if among is None else [path for path in paths if path in among]
    places = set(filter(None, map(told_place, paths)))
    places.update(*(between.places() for between in _between(repository, old, new, paths)))
    found = []
    for place in sorted(filter(wanted, places)):
        files = before.file_of(place), after.file_of(place)
        if files != (None, None):
            found.append(Difference(place, *files))
    return found


def _between(repository: Repository, old: str | None, new: str | None, paths: Sequence[str]) -> Iterator[_Between]:
    """For each pack among whose actions there are some of these paths, what is there in the two commits."""
    for pack, among in by_pack(paths).items():
        yield _Between(Actions.at(repository, old, pack), Actions.at(repository, new, pack), among)


def places_of(repository: Repository, old: str | None, new: str | None, path: str) -> list[Place]:
    """The packs and workflows that a file is part of in either of two commits."""
    found = {place for between in _between(repository, old, new, [path]) for place in between.owners(path)}
    named = any_place_of(path)
    return sorted(found or ({named} if named else ()))


def has_file(repository: Repository, commit: str | None, place: Place) -> bool:
    """True when a commit has a file of this pack or workflow."""
    return bool(files_of(Source(repository, commit, {}), place))


def by_field(contents: Contents, found: Sequence[Difference]) -> dict[str, list[dict[str, Any]]]:
    """The differences as the API gives them: those of workflows and those of packs."""
    blobs = [(item.place, file.blob) for item in found for file in (item.old, item.new) if file and file.is_regular]
    said = contents.of(blobs)

    def content(item: Difference, file: SourceFile | None) -> Content | None:
        if file is None:
            return None
        return said[item.place, file.blob] if file.is_regular else _NO_FILE

    answer: dict[str, list[dict[str, Any]]] = {"workflows": [], "packs": []}
    for item in found:
        told = difference_json(item.place, content(item, item.old), content(item, item.new))
        answer[f"{item.place.kind}s"].append(told)
    return answer


def difference_json(place: Place, old: Content | None, new: Content | None) -> dict[str, Any]:
    """What changed in one file, None where there is none; `verdict` is None where nobody can tell.

    Where one of the two cannot be read there are no changes by field, and `problem` says why.
    """
    change = "updated" if old and new else "created" if new else "deleted"
    answer: dict[str, Any] = {"ref": place.ref, "change": change, "changes": []}
    problem = (old and old.problem) or (new and new.problem)
    if problem:
        answer["problem"] = problem
    before, after = old and old.data, new and new.data
    if not problem:
        answer["changes"] = [row._asdict() for row in diff_values(before or {}, after or {})]
    if place.kind == "workflow":
        answer["verdict"] = None if problem else verdict_json(before, after)
    return answer


def verdict_json(old: dict[str, Any] | None, new: dict[str, Any] | None) -> dict[str, Any]:
    """What a change of a workflow means for those who call it."""
    judgement = judge(old, new)
    return {
        "verdict": judgement.verdict,
        "bump_needed": judgement.bump_needed,
        "bump_made": judgement.bump_made,
        "reasons": [reason._asdict() for reason in judgement.reasons],
    }


def as_text(repository: Repository, old: str | None, new: str | None, wanted: Wanted) -> bytes:
    """What differs between two commits as one unified diff: of all files of what is wanted, in order of their paths."""
    paths = [change.path for change in diff_commits(repository, old, new)]
    owners = {path: {place} for path in paths if (place := any_place_of(path))}
    for between in _between(repository, old, new, paths):
        owners |= {path: between.owners(path) for path in between.paths}
    parts = []
    for path, places in sorted(owners.items()):
        if any(map(wanted, places)):
            files = find_file(repository, old, path), find_file(repository, new, path)
            parts.append(_text_of(repository, path, *files))
    return b"".join(parts)


def _text_of(repository: Repository, path: str, old: TreeFile | None, new: TreeFile | None) -> bytes:
    # What a submodule has is in no blob.
    old, new = (None if _is_submodule(file) else file for file in (old, new))
    if old and new and (old.mode ^ new.mode) & _TYPE:
        # As git has it: a patch makes no link of a file.
        return _text_of(repository, path, old, None) + _text_of(repository, path, None, new)
    before, after = (read_blob(repository, file.blob, READ_LIMIT) if file else None for file in (old, new))
    old_mode, new_mode = (file.mode if file else REGULAR[0] for file in (old, new))
    return text_diff(path, before, after, old_mode=old_mode, new_mode=new_mode)


def _is_submodule(file: TreeFile | None) -> bool:
    return file is not None and file.mode == _SUBMODULE
