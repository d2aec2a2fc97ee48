"""After a crash: brings working tree and index in step with HEAD, for the files that the journal names."""

import time
from pathlib import Path

import structlog

from ..errors import RegistryError
from ..git.discovery import leads_to
from ..git.durability import durability_of, flush
from ..git.faults import faults
from ..git.filters import working_bytes
from ..git.head import read_head
from ..git.ids import blob_id
from ..git.index import IndexChange
from ..git.keeping import sweep
from ..git.objects import FileEntry, entry_at
from ..git.process import run
from ..git.refs import remove_stale_lock
from ..git.replaced import sweep_replaced
from ..git.repository import Repository
from ..git.worktrees import tree_of
from .company import let_pass
from .index_update import is_blank, is_skipped, is_torn, prepare, publish, rebuild
from .journal import Journal, journal_path, read_journal, remove_journal
from .lock import IndexLock, WriteLock
from .stage import index_path, read_stage
from .swap import Replacement
from .worktree import WorkTree, has_modes, sweep_aside

_log = structlog.get_logger(__name__)
# The repositories whose index this process has looked into.
_found_whole: set[Path] = set()


def recover(repository: Repository) -> bool:
    """Repairs what a dead process has left; the caller holds the WriteLock. True when there was something.

    Whether the landing counts is what the branch says: its move is one step. A file that holds exactly what the
    landing put there, or what it took away, gets what HEAD says now; anything else is a person's and stays.
    """
    with faults("repairing after a crash"):
        journal = read_journal(repository)
        if journal is None:
            IndexLock(repository).release()
            _mend_index(repository)
            return False
        _log.warning("repairing after a crash", branch=journal.branch, old=journal.old, new=journal.new)
        remove_stale_lock(repository, journal.branch, journal.new)
        tree = _tree_of(repository, journal)
        if tree is not None and tree.root is not None and journal.files:
            _repair(tree, tree.root, journal)
        _mend_index(repository)
        sweep(repository)
        remove_journal(repository)
        return True


def _tree_of(repository: Repository, journal: Journal) -> Repository | None:
    """The working tree of the landing, where it is now; None for one that is gone, or is the original's of a copy."""
    git_dir = repository.common_dir / journal.git_dir
    if git_dir == repository.git_dir:
        return repository
    if git_dir != repository.common_dir and git_dir.parent != repository.common_dir / "worktrees":
        return None
    root = tree_of(repository, git_dir)
    return Repository(git_dir, repository.common_dir, root) if leads_to(root, git_dir) else None


def repair(repository: Repository) -> None:
    """Repairs at a start; where that cannot be yet, reading goes on, and the next write tries again and says why."""
    _found_whole.discard(repository.git_dir)
    try:
        with WriteLock(repository):
            recover(repository)
            sweep(repository)
            sweep_aside(repository)
            sweep_replaced(repository)
            remove_journal(repository)  # the half of one that a loss of power may leave
    except RegistryError as error:
        _log.warning("repair_postponed", reason=error.message)


def _mend_index(repository: Repository) -> None:
    """After a loss of power, when it was not on disk yet: with it git commands fail, even those that only read."""
    # What a process has found whole once is not torn any more, short of a loss of power, which it does not survive.
    if not (is_blank if repository.git_dir in _found_whole else _is_lost)(repository):
        _found_whole.add(repository.git_dir)
        return
    lock = IndexLock(repository)
    lock.take()
    try:
        # A person's git command may have made it anew meanwhile.
        _rebuild_if_torn(repository, read_head(repository).commit)
    finally:
        lock.release()


def _rebuild_if_torn(repository: Repository, head: str | None) -> None:
    if not _is_lost(repository):
        return
    index = index_path(repository)
    is_there = index.exists() and not is_blank(repository)
    kept = _keep(repository, "index", index.read_bytes()) if is_there else None
    _log.warning("making a torn index anew", saved=kept)
    rebuild(repository, head)


def _is_lost(repository: Repository) -> bool:
    """True for a torn index, and for none where landings have left one: btrfs may lose a name just renamed.

    Of a clone in which nobody has landed anything yet, it says that nothing is checked out (`git clone --no-checkout`).
    """
    if repository.root is None or index_path(repository).exists():
        return is_torn(repository)
    return journal_path(repository).exists() and read_head(repository).commit is not None


def _repair(repository: Repository, root: Path, journal: Journal) -> None:
    lock = IndexLock(repository)
    lock.take()
    tree = WorkTree(repository, root)
    try:
        head = read_head(repository).commit
        _rebuild_if_torn(repository, head)
        for file in journal.files:
            _settle(repository, tree, file, head)
        _repair_index(repository, tree, journal, head)
    finally:
        tree.close()
        lock.release()


def _settle(repository: Repository, tree: WorkTree, file: Replacement, head: str | None) -> None:
    """One file of the working tree; what a person wrote meanwhile is kept, wherever it is found."""
    beside = tree.beside(file)
    # While the file is what it was, nothing has been swapped. Then what is beside is no edit of a person's that was
    # taken out, but what a loss of power has left of the new content, or of an earlier landing's.
    is_swapped = tree.look(file.path).id != file.had
    is_known = beside.content is None or beside.id in (file.had, file.gets)
    # Where only the mode is another one, bytes do not tell whether it has been swapped.
    has_other_mode = file.had == file.gets
    if not is_known and (has_other_mode or (is_swapped and not tree.give_back(file))):
        _save(repository, file, beside.content or b"")
    entry = entry_at(repository, head, file.path)
    content = working_bytes(repository, file.path, entry.blob) if entry else None
    wanted = blob_id(content) if content is not None else None
    now = tree.look(file.path).id
    if (now != wanted or has_other_mode) and now in (file.had, file.gets) and not is_skipped(repository, file.path):
        step = file._replace(had=now, gets=wanted)
        if content is not None:
            mode = entry.mode if entry is not None and has_modes(repository) else None
            flush([tree.prepare(step, content, mode)], durability_of(repository).method)
        tree.swap(step)
    tree.finish(file)


def _save(repository: Repository, file: Replacement, content: bytes) -> None:
    """Two edits by people in the moment of a crash: one is in the file, the other is kept here."""
    saved = _keep(repository, file.path.replace("/", "-"), content)
    _log.warning("kept an edit that came in between", path=file.path, saved=saved)


def _keep(repository: Repository, name: str, content: bytes) -> str:
    folder = repository.state_folder / "saved"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.{time.time_ns()}"
    path.write_bytes(content)
    return str(path)


def _repair_index(repository: Repository, tree: WorkTree, journal: Journal, head: str | None) -> None:
    changes = []
    for file in journal.files:
        known = [entry_at(repository, commit, file.path) for commit in (journal.old, journal.new)]
        wanted = entry_at(repository, head, file.path)
        staged = _staged(repository, file.path)
        if staged != wanted and staged in known:
            blob, mode = (wanted.blob, wanted.mode) if wanted else (None, 0)
            changes.append(IndexChange(file.path, blob, mode, tree.stat(file.path)))
    if changes:
        stage = read_stage(repository, head)
        still_staged = stage.staged - {change.path for change in changes}
        prepared = prepare(repository, stage, changes, durability_of(repository))
        publish(repository, prepared, stage._replace(staged=still_staged), head)
        let_pass(repository)


def _staged(repository: Repository, path: str) -> FileEntry | None:
    said = run(repository.directory, "ls-files", "--stage", "-z", "--", path)
    mode, blob, *_ = said.decode(errors="surrogateescape").split() or ("", "")
    return FileEntry(int(mode, 8), blob) if blob else None
