"""The working tree beside the branch: what people have edited there, found by looking at as few files as can be."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from .edits import Edit, all_edits, edits_among
from .folders import Folders, Known
from .git.head import Head
from .git.locks import INDEX_MARK, has_content
from .git.repository import Repository
from .git.trees import files_in
from .index_trail import trail_of
from .landed import told, underway
from .layout import file_matters
from .snapshot import Snapshot


class Sight(NamedTuple):
    """How the working tree was when it was last looked at: all that tells which files to look at next time.

    `trail` is that of the writers who have led there, None where somebody else has left the index. What is `postponed`
    is to be looked at when whoever is at work is done.
    """

    folders: Known
    trail: str | None
    postponed: frozenset[str] = frozenset()


class Looked(NamedTuple):
    """What the working tree says otherwise than the head; with `is_partial`, git is at work on it."""

    edits: Mapping[str, Edit]
    sight: Sight
    is_partial: bool


class WorkingTree:
    """Looks at files, of which a bare repository has none. What was seen is in the Sight that it gives and is given."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._folders = Folders(repository.root) if repository.root else None
        self._lock = repository.git_dir / "index.lock"

    def is_git_at_work(self) -> bool:
        """True while a git command, or a writer of the registry's, changes files."""
        return self._lock.exists()

    def first_sight(self, head: Head) -> Sight:
        """For somebody who goes on to look at all files."""
        nothing = Known({}, {})
        if self._folders is None:
            return Sight(nothing, None)
        trail = trail_of(self._repository, [head.commit])
        return Sight(self._folders.look(nothing).known, trail)

    def all_edits(self, head: Head) -> dict[str, Edit]:
        """Every edit, in time that goes with the registry."""
        return all_edits(self._repository, head.commit) if self._folders else {}

    def look(self, sight: Sight, before: Snapshot, head: Head, moved: set[str], noted: Collection[str]) -> Looked:
        """The edits under this head; `moved` is what its commit has otherwise than `before`, `noted` what to look at.

        While git is at work, files come one by one; what is half checked out is nobody's edit. A writer of the
        registry's own is no reason to wait: what the branch has is in its place, and it has told what it changes next.
        Where the files would have to be looked at after a write, that is left until its index is there, or it would
        have to be done twice.
        """
        if self._folders is None:
            return Looked({}, sight, is_partial=False)
        is_at_work = self.is_git_at_work()
        is_writer = is_at_work and has_content(self._lock, INDEX_MARK)
        way = told(self._repository, before.head.commit, head.commit)
        trail = trail_of(self._repository, way.commits if way else [head.commit])
        is_known = trail is not None and trail == sight.trail
        is_partial = is_at_work and not (is_writer and head != before.head and (way is None or is_known))
        named = moved | set(noted)
        suspects = named | sight.postponed
        if not is_partial:
            sight = sight._replace(trail=trail)
            # With a folder that was noted, files may have come that nobody has told of.
            if not is_known or not all(map(file_matters, noted)):
                known, changed = self._folders.look(sight.folders)
                sight = sight._replace(folders=known)
                suspects |= self._files_in(self._folders, known, changed, before, head)
        postponed = suspects.intersection(underway(self._repository, head.commit) if is_writer else ()) - named
        found = edits_among(self._repository, head.commit, suspects - postponed)
        if is_at_work:
            # Where files are filtered (line ends), git is asked, which looks at an index that may still be to come.
            doubtful = named if is_writer else moved
            postponed |= {path for path in doubtful if found.get(path) not in (None, before.edits.get(path))}
        news = {path: edit for path, edit in found.items() if path not in postponed}
        return Looked(_merged(before.edits, news), sight._replace(postponed=frozenset(postponed)), is_partial)

    def _files_in(
        self, folders: Folders, known: Known, changed: Sequence[str], before: Snapshot, head: Head
    ) -> set[str]:
        """All that is in these folders, was edited there (or in one that is gone), or is there in the commit."""
        # One that came after the last look at folders, and went before this one, is not among those that changed.
        around = {path: path.rpartition("/")[0] for path in before.edits}
        files = {path for path, folder in around.items() if folder in changed or folder not in known.stamps}
        # What was a folder may be a link now, or a repository of its own.
        files.update(changed)
        for folder in changed:
            files.update(folders.files_in(folder))
            files.update(f"{folder}/{name}" for name in files_in(self._repository, head.commit, folder))
        return files


def _merged(edits: Mapping[str, Edit], news: Mapping[str, Edit | None]) -> dict[str, Edit]:
    together = {**edits, **news}
    return {path: edit for path, edit in together.items() if edit is not None}
