"""The checked-out side of a transaction: edits of people respected, files brought to the commit."""

import contextlib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

from ..errors import Conflict
from ..git.durability import Durability
from ..git.filters import is_same_as_blob, working_bytes
from ..git.head import Head
from ..git.ids import blob_id
from ..git.index import IndexChange
from ..git.objects import FileEntry, entry_at
from ..git.repository import Repository
from ..git.stamps import stamp_of
from ..git.trees import has_folder
from ..index_trail import leave_trail
from .company import give_way, let_pass
from .index_draft import IndexDraft, draft_index
from .index_update import PreparedIndex, is_skipped, prepare, publish
from .lock import IndexLock
from .pause import pause
from .stage import Stage, folders_above, index_path, is_remembered, read_stage, remember
from .state import head_to_write, unmerged
from .swap import Replacement, draw_number, edited, in_the_way, staged_in_the_way
from .worktree import WorkTree, has_modes

_EXECUTABLE = 0o100
_contested: set[Path] = set()


class Result(NamedTuple):
    """What some commits make of a file: its content and its entry in their tree (None: no file)."""

    content: bytes | None
    entry: FileEntry | None


class Checkout:
    """Working tree and index on their way from HEAD to another commit.

    Everything up to `lock` looks on without keeping anybody out: a person's git commands do not wait for the lock,
    they fail, so it is held only while something changes. What was seen before is looked at again then.
    """

    def __init__(self, repository: Repository, root: Path, head: Head, stage: Stage) -> None:
        self.head = head
        self.files: tuple[Replacement, ...] = ()
        self.left_out: tuple[Replacement, ...] = ()
        self._repository = repository
        self._tree = WorkTree(repository, root)
        self._lock = IndexLock(repository)
        self._stage = stage
        self._seen: dict[str, str | None] = {}
        self._before: dict[str, FileEntry | None] = {}
        self._skipped: set[str] = set()
        self._contents: list[bytes | None] = []
        self._entries: dict[str, FileEntry | None] = {}
        self._swapped: list[Replacement] = []
        self._draft: IndexDraft | None = None
        self._index: PreparedIndex | None = None
        self._is_locked = False

    @classmethod
    def look(cls, repository: Repository, root: Path, *, may_lock: bool = False) -> "Checkout":
        """What is checked out and staged. Raises Conflict or Unavailable when nothing can be written.

        `may_lock` is for the holder of the WriteLock: who has lost the race against git commands once keeps them
        out from the start.
        """
        if may_lock:
            give_way(repository)
        head = head_to_write(repository)
        with contextlib.ExitStack() as on_error:
            is_locked = may_lock and repository.git_dir in _contested
            if is_locked:
                lock = IndexLock(repository)
                lock.take()
                on_error.callback(lock.release)
                let_pass(repository)
                head = head_to_write(repository)
            stage = read_stage(repository, head.commit)
            if stage.is_unmerged:
                raise unmerged()
            with contextlib.suppress(OSError):
                if not is_remembered(repository, stage):
                    leave_trail(repository, stage.trail, (stamp_of(index_path(repository)), head.commit))
                    remember(repository, stage)
            looked = cls(repository, root, head, stage)
            looked._is_locked = is_locked
            on_error.pop_all()
        return looked

    def lock(self) -> None:
        """Keeps git commands out. Raises Conflict (BRANCH_MOVED) when one has changed what matters since `look`."""
        if not self._is_locked:
            give_way(self._repository)
            self._lock.take()
            self._is_locked = True
        self._tree.close()  # git may have put other folders in the place of those that were looked into
        if head_to_write(self._repository) == self.head:
            self._stage = read_stage(self._repository, self.head.commit)
            if not self._stage.is_unmerged and not any(map(self._is_staged, self._entries)):
                return
        _contested.add(self._repository.git_dir)
        raise Conflict("A git command has changed the registry's clone meanwhile; try again.", code="BRANCH_MOVED")

    def refuse_if_edited(self, path: str) -> None:
        """Raises Conflict (UNCOMMITTED_EDITS) when file or index entry are not what HEAD has.

        Also where something is staged that the file cannot stand beside: git could commit no such index.
        """
        if path in self._seen:
            return  # what changes from now on is noticed when all is locked, and swapped
        if path in self._stage.staged:
            raise edited(path, "has staged changes")
        obstacle = self._stage.obstacle(path)
        if obstacle is not None:
            raise staged_in_the_way(path, obstacle)
        entry = entry_at(self._repository, self.head.commit, path)
        seen = self._tree.look(path)
        if entry is None:
            if seen.content is not None:
                raise edited(path, "is there already, not committed,")
            self._refuse_nested(path)
        if entry is not None and seen.content is None:
            self._refuse_deleted(path)
        if entry is not None and seen.content is not None and seen.stat is not None:
            if not is_same_as_blob(self._repository, path, seen.content, entry.blob):
                raise edited(path, first=self._way_in(path))
            if self._has_mode_changed(entry, seen.stat.st_mode):
                raise edited(path, "has another mode (executable or not)", self._way_in(path))
        self._seen[path] = seen.id
        self._before[path] = entry

    def plan(self, results: Mapping[str, Result], filtered: Collection[str]) -> None:
        """Works out what changes in the working tree and the index; `results` are what the paths come to.

        Of those that are `filtered` git makes the working file out of the blob, which is on disk.
        """
        files: list[Replacement] = []
        left_out: list[Replacement] = []
        for path, (content, new) in results.items():
            if self._before[path] == new:
                continue
            self._entries[path] = new
            if path in self._skipped:
                left_out.append(Replacement(draw_number(), path, None, None))
                continue
            wanted = working_bytes(self._repository, path, new.blob) if new and path in filtered else content
            gets = blob_id(wanted) if wanted is not None else None
            files.append(Replacement(draw_number(), path, self._seen[path], gets))
            self._contents.append(wanted)
        self.files, self.left_out = tuple(files), tuple(left_out)

    def write_beside(self) -> list[Path]:
        """Writes the new contents where nobody sees them yet; the files returned are to be flushed."""
        pairs = zip(self.files, self._contents, strict=True)
        return [
            self._tree.prepare(file, content, self._mode_of(file.path))
            for file, content in pairs
            if content is not None
        ]

    def draft_index(self) -> None:
        """Writes as much of the next index as can be before `lock`."""
        changes = [IndexChange(path, *_content_of(entry), None) for path, entry in self._entries.items()]
        self._draft = draft_index(self._repository, self._stage, changes)

    def swap_in(self, durability: Durability) -> None:
        """Brings the working tree to the new commit and prepares the index. After an error, call `undo`."""
        try:
            for file in self.files:
                self._swapped.append(file)
                self._tree.swap(file)
        except Conflict as error:
            # Seen clean when its commit was judged, edited since: judged again, it gets its own refusal.
            raise Conflict(error.message, code="BRANCH_MOVED", details=error.details) from error
        pause("worktree")
        changes = [self._index_change(path, entry) for path, entry in self._entries.items()]
        self._index = prepare(self._repository, self._stage, changes, durability, self._draft)
        pause("index-prepared")

    def undo(self) -> None:
        """Takes back what `swap_in` has done."""
        for file in reversed(self.files):
            if file in self._swapped:
                self._tree.undo(file)
            else:
                self._tree.finish(file)

    def folders(self) -> list[str]:
        """The folders in which names have changed: to be flushed."""
        return list(dict.fromkeys(self._tree.folder_of(file) for file in self.files))

    def publish(self, commit: str) -> None:
        """The branch has moved: the index follows."""
        if self._index is not None:
            publish(self._repository, self._index, self._stage, commit)

    def clear_away(self) -> None:
        """What was kept beside the files goes: nothing is to be taken back any more."""
        for file in self.files:
            self._tree.finish(file)

    def let_pass(self) -> None:
        """Keeps the lock until whoever may have read the old index has failed to get it."""
        let_pass(self._repository)
        _contested.discard(self._repository.git_dir)

    def release(self) -> None:
        """Gives the index back to people."""
        self.let_go()
        self._lock.release()

    def let_go(self) -> None:
        """Closes what is open, with the lock left as it is."""
        self._tree.close()

    def _is_staged(self, path: str) -> bool:
        return path in self._stage.staged or self._stage.obstacle(path) is not None

    def _refuse_nested(self, path: str) -> None:
        """A repository of its own that HEAD knows nothing of is somebody else's."""
        for folder in folders_above(path):
            if self._tree.is_repository(folder) and not has_folder(self._repository, self.head.commit, folder):
                raise in_the_way(path, f"'{folder}'", "is a git repository of its own")

    def _refuse_deleted(self, path: str) -> None:
        if not is_skipped(self._repository, path):
            raise edited(path, "was deleted (and that is not committed)")
        self._skipped.add(path)

    def _way_in(self, path: str) -> str:
        """What git wants before it does anything about a file."""
        return f"git update-index --no-skip-worktree {path}" if is_skipped(self._repository, path) else ""

    def _has_mode_changed(self, entry: FileEntry, mode: int) -> bool:
        return has_modes(self._repository) and bool(mode & _EXECUTABLE) != bool(entry.mode & _EXECUTABLE)

    def _mode_of(self, path: str) -> int | None:
        entry = self._entries[path]
        return entry.mode if entry is not None and has_modes(self._repository) else None

    def _index_change(self, path: str, entry: FileEntry | None) -> IndexChange:
        is_there = entry is not None and path not in self._skipped
        return IndexChange(path, *_content_of(entry), self._tree.stat(path) if is_there else None)


def _content_of(entry: FileEntry | None) -> tuple[str | None, int]:
    return (None, 0) if entry is None else (entry.blob, entry.mode)
