"""Two commits and where they came from -> the files that merging one into the other changes, and the conflicts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ..errors import Conflict
from ..git.differences import Difference, differences, not_plain
from ..git.objects import FileChange, blob_bytes
from ..git.repository import Repository
from ..git.trees import REGULAR, TreeFile, find_file, has_folder
from ..layout import SETTINGS_PATHS, any_place_of
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

    `paths` are all that their side touched. `refusal` is the first that is not for the registry to merge.
    """

    paths: tuple[str, ...]
    changes: tuple[FileChange, ...]
    before: Mapping[str, bytes | None]
    conflicts: tuple[FileConflict, ...]
    refusal: Conflict | None

    @property
    def written(self) -> set[str]:
        """The paths of the files that change on our side."""
        return {change.path for change in self.changes}


def merge_commits(repository: Repository, bases: Sequence[str], ours: str, theirs: str) -> MergedFiles:
    """The merge of `theirs` into `ours`, both grown from these bases; nothing is written.

    Several there are where both sides have merged each other's work. What a file was before is then one thing from one
    of them and another from the other, and it is for people to say which side has it right.
    """
    found = [_merged_from(repository, base, ours, theirs) for base in bases]
    return found[0] if len(found) == 1 else _agreed(found)


def _agreed(found: Sequence[MergedFiles]) -> MergedFiles:
    """What merges from several bases come to alike; a file of which they say different things is in conflict."""
    said = [_outcomes(merge) for merge in found]
    changes: list[FileChange] = []
    conflicts: list[FileConflict] = []
    for path in sorted({path for outcomes in said for path in outcomes}):
        outcome, *others = (outcomes.get(path) for outcomes in said)
        if outcome is None or any(other != outcome for other in others):
            conflicts.append(FileConflict(path, _CROSSWISE))
        elif isinstance(outcome, FileConflict):
            conflicts.append(outcome)
        else:
            changes.append(outcome)
    return MergedFiles(
        paths=tuple(sorted({path for merge in found for path in merge.paths})),
        changes=tuple(changes),
        before={path: raw for merge in found for path, raw in merge.before.items()},
        conflicts=tuple(conflicts),
        refusal=next((merge.refusal for merge in found if merge.refusal), None),
    )


def _outcomes(merge: MergedFiles) -> dict[str, FileChange | FileConflict]:
    changes: Mapping[str, FileChange | FileConflict] = {change.path: change for change in merge.changes}
    return {**changes, **{conflict.path: conflict for conflict in merge.conflicts}}


def _merged_from(repository: Repository, base: str, ours: str, theirs: str) -> MergedFiles:
    paths: list[str] = []
    changes: list[FileChange] = []
    conflicts: list[FileConflict] = []
    before: dict[str, bytes | None] = {}
    refusal = None
    for difference in differences(repository, base, theirs):
        paths.append(difference.path)
        our_file = find_file(repository, ours, difference.path)
        if our_file == difference.new:
            continue
        if not _is_plain(difference, our_file):
            refusal = refusal or not_plain(difference.path)
            continue
        obstacle = _in_the_way(repository, ours, difference) if our_file is None else None
        outcome = obstacle or _merged(repository, difference, our_file)
        if isinstance(outcome, FileConflict):
            conflicts.append(outcome)
        else:
            changes.append(outcome)
            before[outcome.path] = blob_bytes(repository, our_file.blob) if our_file else None
    return MergedFiles(tuple(paths), tuple(changes), before, tuple(conflicts), refusal)


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
