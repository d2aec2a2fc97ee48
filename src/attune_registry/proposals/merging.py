"""Two commits and where they came from -> the files that merging one into the other changes, and the conflicts."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..errors import Conflict
from ..git.differences import Difference, differences, not_plain
from ..git.objects import FileChange, blob_bytes
from ..git.repository import Repository
from ..git.trees import REGULAR, TreeFile, find_file, has_folder
from ..layout import SETTINGS_PATHS, any_place_of
from .bases import Bases
from .texts import Revisions, merge_texts
from .values import FieldConflict

_CROSSWISE = "both sides have merged each other's work and kept different things of it; merge it with git"
_SAME_LINES = "both sides changed it, in comments or layout of the same lines"


class FileConflict(NamedTuple):
    """A file that cannot be merged: why, in words, and the fields in conflict where it is they."""

    path: str
    reason: str
    fields: tuple[FieldConflict, ...] = ()


class MergedFiles(NamedTuple):
    """What a merge comes to: the changes to our side, its text before, and what is in the way.

    `compared` has all paths that their side touched, each with the commit that tells what it was before. `refusal` is
    the first that is not for the registry to merge.
    """

    compared: Mapping[str, str]
    changes: tuple[FileChange, ...]
    before: Mapping[str, bytes | None]
    conflicts: tuple[FileConflict, ...]
    refusal: Conflict | None

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that their side touched."""
        return tuple(self.compared)

    @property
    def written(self) -> set[str]:
        """The paths of the files that change on our side."""
        return {change.path for change in self.changes}


class _Touched(NamedTuple):
    """A file that their side has changed since what both sides had: since one commit, or since any of several."""

    path: str
    origins: tuple[str, ...]
    differences: tuple[Difference, ...]


def merge_commits(repository: Repository, bases: Bases, ours: str, theirs: str) -> MergedFiles:
    """The merge of `theirs` into `ours`, both grown from these bases; nothing is written."""
    compared: dict[str, str] = {}
    changes: list[FileChange] = []
    conflicts: list[FileConflict] = []
    before: dict[str, bytes | None] = {}
    refusal = None
    for touched in _touched(repository, bases, theirs):
        compared[touched.path] = touched.origins[0]
        our_file = find_file(repository, ours, touched.path)
        if our_file == touched.differences[0].new:
            continue
        if not all(_is_plain(difference, our_file) for difference in touched.differences):
            refusal = refusal or not_plain(touched.path)
            continue
        outcome = _outcome(repository, ours, touched, our_file)
        if isinstance(outcome, FileConflict):
            conflicts.append(outcome)
        else:
            changes.append(outcome)
            before[outcome.path] = blob_bytes(repository, our_file.blob) if our_file else None
    return MergedFiles(compared, tuple(changes), before, tuple(conflicts), refusal)


def _touched(repository: Repository, bases: Bases, theirs: str) -> Iterator[_Touched]:
    found: dict[str, dict[str, Difference]] = {}
    for base in bases.commits:
        for difference in differences(repository, base, theirs):
            found.setdefault(difference.path, {})[base] = difference
    for path, by_base in sorted(found.items()):
        origins = bases.origins(path)
        since = tuple(by_base[origin] for origin in origins if origin in by_base)
        if since:
            yield _Touched(path, origins, since)


def _outcome(
    repository: Repository, ours: str, touched: _Touched, our_file: TreeFile | None
) -> FileChange | FileConflict:
    """What the merge makes of a file.

    Where it was one thing here and another there before, and merging says different things of that, it is for people
    to say which side has it right.
    """
    outcome, *others = (
        (_in_the_way(repository, ours, difference) if our_file is None else None)
        or _merged(repository, difference, our_file)
        for difference in touched.differences
    )
    # Where they have it as one of the bases has it, nothing of theirs is to be merged, by that one.
    is_told = len(touched.differences) == len(touched.origins) and all(other == outcome for other in others)
    return outcome if is_told else FileConflict(touched.path, _CROSSWISE)


def _in_the_way(repository: Repository, ours: str, difference: Difference) -> FileConflict | None:
    """What keeps a file from its place: a folder there, or a file where its folder would be."""
    path = difference.path
    if difference.new is None:
        return None
    if has_folder(repository, ours, path):
        return FileConflict(path, "it is a folder on the branch served, and a file in the proposal")
    above = path.rpartition("/")[0]
    while above:
        if find_file(repository, ours, above):
            return FileConflict(path, f"'{above}' is a file on the branch served, and a folder in the proposal")
        above = above.rpartition("/")[0]
    return None


def _merged(repository: Repository, difference: Difference, our_file: TreeFile | None) -> FileChange | FileConflict:
    path, old, new = difference
    mode = new.mode if new and (our_file is None or old is None or new.mode != old.mode) else None
    if our_file == old:
        return FileChange(path, blob_bytes(repository, new.blob) if new else None, mode)
    if new is None:
        return FileConflict(path, "it is deleted by the proposal, and was changed on the branch served")
    if our_file is None:
        return FileConflict(path, "it is changed by the proposal, and was deleted on the branch served")
    if old is None:
        return FileConflict(path, "both sides added it, with different content")
    is_yaml = any_place_of(path) is not None or path in SETTINGS_PATHS
    merged = merge_texts(repository, Revisions(old, our_file, new), is_yaml=is_yaml)
    if merged.raw is not None:
        return FileChange(path, merged.raw, mode)
    return FileConflict(
        path, "both sides changed the same fields" if merged.conflicts else _SAME_LINES, merged.conflicts
    )


def _is_plain(difference: Difference, our_file: TreeFile | None) -> bool:
    """True when this is about plain files only, which is all that the registry writes."""
    files: Iterator[TreeFile] = filter(None, (difference.old, difference.new, our_file))
    return {file.mode for file in files} <= set(REGULAR)
