"""Brings what people save into the registry within moments; correctness never depends on it."""

import contextlib
import logging
import os
import threading
import time
import warnings
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Protocol

import structlog
from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch
from watchdog.observers.inotify_move_event_grouper import InotifyMoveEventGrouper

from .git.locks import INDEX_MARK, has_content
from .git.repository import Repository
from .git.trees import ROOTS
from .mishaps import Mishaps
from .priority import stand_back
from .watches import granted, wanted

# A save is several events within a few milliseconds; a git command is thousands. Waiting for this much quiet,
# but never longer than the other in all, shows a save well within 250 ms.
_QUIET_SECONDS = 0.03
# Files that git has written, read at once while it goes on.
_AHEAD = 32
_LONGEST_SECONDS = 0.12
_LOCK_WAIT_SECONDS = 10.0
# What has left a watched folder watchdog holds back for so long, with all that comes after it, in case that it turns up
# in another one, and for half a second by default. A write over HTTP takes the file that it replaces out of `packs/`;
# both halves of a move within come together.
_PAIRING_SECONDS = 0.02
# Where the system does not tell of saved files, they are looked for this often, and never for more than a tenth of
# the time: a look takes longer the more files there are.
_POLL_SECONDS = 1.0
_POLL_SHARE = 10

_FOLDERS: list[type[FileSystemEvent]] = [DirCreatedEvent, DirDeletedEvent, DirMovedEvent]
# Every kind that is asked for costs each worker time at each write: opening, reading and closing are not asked for,
# and of git's folder only that a lock has become the file it locks.
_FILES: list[type[FileSystemEvent]] = [
    *(FileCreatedEvent, FileModifiedEvent, FileDeletedEvent, FileMovedEvent),
    *_FOLDERS,
]
_REPLACED: list[type[FileSystemEvent]] = [FileMovedEvent]
_HEADS = ("HEAD", "packed-refs")
_log = structlog.get_logger()


class Audience(Protocol):
    """Who is told of what happens: a registry, or what passes it on to others."""

    @property
    def repository(self) -> Repository:
        """Where to watch."""

    def note(self, paths: Collection[str]) -> object:
        """These working files may have changed, and the branch may have moved."""

    def rescan(self) -> object:
        """Any working file may have changed."""

    def read_ahead(self, paths: Collection[str]) -> object:
        """git has just written these, and is not through yet."""


class Watcher:
    """Watches `packs/`, `registry/` and the branch's ref from a thread of its own."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience
        self._touched: set[str] = set()
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._reading_ahead, self._telling = Mishaps("read_ahead_failed"), Mishaps("watcher_failed")
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)
        self._observer: BaseObserver | None = None
        self._handler = _Handler(self, audience.repository.root)
        self._watched: dict[str, tuple[int, ObservedWatch]] = {}
        self._pause = 0.0
        self._lock = audience.repository.git_dir / "index.lock"

    def start(self) -> None:
        """Begin to watch; nobody waits for it. Where the system has not watches enough, the files are polled."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; returns when the thread has ended."""
        self._stopping.set()
        self._news.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def touched(self, path: str) -> None:
        """Something happened to this path (from the root); "" is for the repository's refs."""
        self._touched.add(path)
        self._news.set()

    def _observe(self) -> None:
        """Raises OSError when the system has no watches left, or not enough."""
        # Of a folder that is made while watchdog goes through them it hears twice, and says so; that does no harm.
        warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning, r"watchdog\.")
        logging.getLogger("watchdog.observers.inotify").addFilter(_is_worth_saying)
        InotifyMoveEventGrouper.delay = _PAIRING_SECONDS
        observer = self._observer = Observer()
        repository = self._audience.repository
        branches = str(repository.common_dir / "refs" / "heads")
        observer.schedule(self._handler, branches, recursive=True, event_filter=_REPLACED)
        observer.schedule(self._handler, str(repository.git_dir), event_filter=_REPLACED)
        if repository.root:
            observer.schedule(self._handler, str(repository.root), event_filter=[*_FOLDERS, FileCreatedEvent])
        observer.start()
        if repository.root:
            # After the root: of one that is made from now on, that tells.
            self._watch_folders(observer, repository.root)
        self._refuse_gaps()

    def _watch_folders(self, observer: BaseObserver, root: Path, changed: Collection[str] = ()) -> bool:
        """Watch the folders that are there. True when one is watched from now on that was not until now."""
        is_new = False
        for name in ROOTS:
            # One that has gone just then is told of by the root.
            with contextlib.suppress(FileNotFoundError):
                is_new |= self._watch_folder(observer, root, name, has_changed=name in changed)
        return is_new

    def _watch_folder(self, observer: BaseObserver, root: Path, name: str, *, has_changed: bool) -> bool:
        """As `_watch_folders`, for one; if it was taken away and made again, it is another one.

        So it is if it has changed: it may have been away just when it was to be watched.
        """
        folder = root / name
        inode = folder.stat().st_ino if folder.is_dir() else None
        known = self._watched.get(name)
        if known and (known[0] != inode or has_changed):
            observer.unschedule(self._watched.pop(name)[1])
        if inode is None or name in self._watched:
            return False
        watch = observer.schedule(self._handler, str(folder), recursive=True, event_filter=_FILES)
        self._watched[name] = (inode, watch)
        return True

    def _refuse_gaps(self) -> None:
        root = self._audience.repository.root
        found = granted()
        if root is not None and found is not None and found < wanted(root):
            raise OSError(None, "inotify watch limit reached")

    def _poll(self, reason: OSError) -> None:
        _log.warning(
            "watching_by_polling",
            error=reason.strerror,
            advice="raise fs.inotify.max_user_watches (sysctl) to see saved files at once",
        )
        self._stop_observing()
        self._pause = _POLL_SECONDS

    def _stop_observing(self) -> None:
        observer, self._observer = self._observer, None
        self._watched.clear()
        if observer:
            observer.stop()
            if observer.is_alive():
                observer.join(timeout=5)

    def _run(self) -> None:
        # Before the observer's threads begin, which have it from this one.
        stand_back()
        try:
            self._observe()
        except OSError as error:
            self._poll(error)
        self._make(self._audience.rescan)
        while not self._stopping.is_set():
            if self._observer:
                self._bring_in()
            else:
                self._look_for_saved()
        self._stop_observing()

    def _bring_in(self) -> None:
        """Wait until something is saved, and have it looked at."""
        self._news.wait()
        self._wait_for_quiet()
        paths, self._touched = self._touched, set()
        if not self._stopping.is_set():
            # Watched first: what was saved in a folder that is new before that is told by nobody, nor by the folder
            # where the file was there already and somebody has looked since.
            is_new = self._watch_again(paths)
            self._make(self._audience.rescan if is_new else partial(self._audience.note, {*filter(None, paths)}))

    def _look_for_saved(self) -> None:
        """Wait for a while, and look at all files."""
        if not self._stopping.wait(self._pause):
            begun = time.monotonic()
            self._make(self._audience.rescan)
            self._pause = max(_POLL_SECONDS, _POLL_SHARE * (time.monotonic() - begun))

    def _watch_again(self, changed: Collection[str]) -> bool:
        """True when there may be saves that nobody has told of."""
        root = self._audience.repository.root
        if root and self._observer:
            try:
                return self._watch_folders(self._observer, root, changed)
            except OSError as error:
                self._poll(error)
                return True
        return False

    def _wait_for_quiet(self) -> None:
        longest = time.monotonic() + _LONGEST_SECONDS
        ahead: set[str] = set()
        while self._news.is_set() and time.monotonic() < longest and not self._stopping.is_set():
            self._news.clear()
            if not self._read_ahead(ahead):
                # Not woken by each event: a write over HTTP is several, in each worker.
                self._stopping.wait(_QUIET_SECONDS)
        self._news.clear()
        # git holds this lock while it changes files: what is half checked out is nobody's edit.
        given_up = time.monotonic() + _LOCK_WAIT_SECONDS
        while self._lock.exists() and time.monotonic() < given_up and not self._stopping.is_set():
            if not self._read_ahead(ahead):
                time.sleep(0.01)

    def _read_ahead(self, done: set[str]) -> bool:
        """Use the time in which git changes files for those that it is done with; False when there are none."""
        # A writer of the registry's own has made what its files say, and tells.
        is_git_at_work = self._lock.exists() and not has_content(self._lock, INDEX_MARK)
        fresh = sorted(set(self._touched) - done)[:_AHEAD] if is_git_at_work else []
        done.update(fresh)
        if fresh:
            with self._reading_ahead.borne():
                self._audience.read_ahead(fresh)
        return bool(fresh)

    def _make(self, tell: Callable[[], object]) -> None:
        # Whatever it is, the next request looks again and answers for itself; the watcher goes on.
        with self._telling.borne():
            tell()


class _Handler(FileSystemEventHandler):
    """Turns events into paths from the root."""

    def __init__(self, watcher: Watcher, root: Path | None) -> None:
        self._watcher = watcher
        self._prefix = f"{root}{os.sep}" if root else None

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Note both ends of a move."""
        for raw in (event.src_path, event.dest_path):
            if raw:
                self._note(os.fsdecode(raw))

    def _note(self, path: str) -> None:
        inside = self._prefix and path.startswith(self._prefix)
        relative = path[len(self._prefix or "") :] if inside else ""
        if relative.split(os.sep)[0] in ROOTS:
            self._watcher.touched(relative)
        elif "refs" in path.split(os.sep) or os.path.basename(path) in _HEADS:
            self._watcher.touched("")


def _is_worth_saying(record: logging.LogRecord) -> bool:
    """False for what watchdog calls an error where a folder goes with events still to be read: it is looked through."""
    return "when the thread is inactive" not in record.getMessage()
