"""Two commits and where they came from -> the files that merging one into the other changes, and the conflicts."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..errors import Conflict
from ..git.differences import Difference, differences, not_plain
from ..git.objects import FileChange, blob_bytes
from ..git.repository import Repository
from ..git.trees import REGULAR, TreeFile, find_file
from ..layout import SETTINGS_PATHS, any_place_of
from .texts import Revisions, merge_texts
from .values import FieldConflict

_PLAIN = REGULAR[0]
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


def merge_commits(repository: Repository, base: str, ours: str, theirs: str) -> MergedFiles:
    """The merge of `theirs` into `ours`, both grown from `base`; nothing is written."""
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
        outcome = _merged(repository, difference, our_file)
        if isinstance(outcome, FileConflict):
            conflicts.append(outcome)
        else:
            changes.append(outcome)
            before[outcome.path] = blob_bytes(repository, our_file.blob) if our_file else None
    return MergedFiles(tuple(paths), tuple(changes), before, tuple(conflicts), refusal)


def _merged(repository: Repository, difference: Difference, our_file: TreeFile | None) -> FileChange | FileConflict:
    path, old, new = difference
    if our_file == old:
        return FileChange(path, blob_bytes(repository, new.blob) if new else None)
    if new is None:
        return FileConflict(path, "it is deleted by the proposal, and was changed on the branch served")
    if our_file is None:
        return FileConflict(path, "it is changed by the proposal, and was deleted on the branch served")
    if old is None:
        return FileConflict(path, "both sides added it, with different content")
    is_yaml = any_place_of(path) is not None or path in SETTINGS_PATHS
    merged = merge_texts(repository, Revisions(old, our_file, new), is_yaml=is_yaml)
    if merged.raw is not None:
        return FileChange(path, merged.raw)
    return FileConflict(
        path, "both sides changed the same fields" if merged.conflicts else _SAME_LINES, merged.conflicts
    )


def _is_plain(difference: Difference, our_file: TreeFile | None) -> bool:
    """True when this is about the content of plain files only, which is all that the registry writes."""
    files: Iterator[TreeFile] = filter(None, (difference.old, difference.new, our_file))
    modes = {file.mode for file in files}
    is_new = our_file is None and difference.new is not None
    return modes <= {_PLAIN} if is_new else modes <= set(REGULAR) and _keeps_mode(difference, our_file)


def _keeps_mode(difference: Difference, our_file: TreeFile | None) -> bool:
    new = difference.new
    return new is None or our_file is None or new.mode == our_file.mode
