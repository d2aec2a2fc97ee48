"""Brings what people save into the registry within moments; correctness never depends on it."""

import os
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import structlog
from watchdog.events import FileClosedNoWriteEvent, FileOpenedEvent, FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch
from watchdog.observers.polling import PollingObserver

from .git.trees import ROOTS
from .registry import Registry
from .snapshot import Snapshot

# A save is several events within a few milliseconds; a git command is thousands. Waiting for this much quiet,
# but never longer than the other in all, shows a save well within 250 ms.
_QUIET_SECONDS = 0.03
_LONGEST_SECONDS = 0.12
_LOCK_WAIT_SECONDS = 10.0
_POLL_SECONDS = 1.0
_log = structlog.get_logger()


class Watcher:
    """Watches `packs/`, `registry/` and the branch's ref from a thread of its own."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._touched: set[str] = set()
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)
        self._observer: BaseObserver | None = None
        self._handler = _Handler(self, registry.repository.root)
        self._watched: dict[str, tuple[int, ObservedWatch]] = {}

    def start(self) -> None:
        """Begin to watch. Where the system has no watches left, look at the files every second instead."""
        try:
            self._observer = self._observe(Observer())
        except OSError as error:
            _log.warning(
                "watching_by_polling",
                error=error.strerror,
                advice="raise fs.inotify.max_user_watches (sysctl) to see saved files at once",
            )
            self._observer = self._observe(PollingObserver(timeout=_POLL_SECONDS))
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; returns when the thread has ended."""
        self._stopping.set()
        self._news.set()
        if self._observer:
            self._observer.stop()
            self._observer.join(timeout=5)
        self._thread.join(timeout=5)

    def touched(self, path: str) -> None:
        """Something happened to this path (from the root); "" is for the repository's refs."""
        self._touched.add(path)
        self._news.set()

    def _observe(self, observer: BaseObserver) -> BaseObserver:
        repository = self._registry.repository
        try:
            observer.schedule(self._handler, str(repository.common_dir / "refs" / "heads"), recursive=True)
            observer.schedule(self._handler, str(repository.git_dir), recursive=False)
            if repository.root:
                observer.schedule(self._handler, str(repository.root), recursive=False)
                self._watch_folders(observer, repository.root)
            observer.start()
        except OSError:
            observer.unschedule_all()
            self._watched.clear()
            raise
        return observer

    def _watch_folders(self, observer: BaseObserver, root: Path) -> None:
        """Watch the folders that are there; one that was taken away and made again is another one."""
        for name in ROOTS:
            folder = root / name
            inode = folder.stat().st_ino if folder.is_dir() else None
            known = self._watched.get(name)
            if known and known[0] != inode:
                observer.unschedule(self._watched.pop(name)[1])
            if inode is not None and name not in self._watched:
                self._watched[name] = (inode, observer.schedule(self._handler, str(folder), recursive=True))

    def _run(self) -> None:
        self._make(self._registry.rescan)
        while not self._stopping.is_set():
            self._news.wait()
            self._wait_for_quiet()
            paths, self._touched = self._touched, set()
            if not self._stopping.is_set():
                inside = {path for path in paths if path}
                self._make(partial(self._registry.note, inside))
                self._watch_again()

    def _watch_again(self) -> None:
        root = self._registry.repository.root
        if root and self._observer:
            try:
                self._watch_folders(self._observer, root)
            except OSError as error:
                _log.warning("watching_failed", error=error.strerror)

    def _wait_for_quiet(self) -> None:
        longest = time.monotonic() + _LONGEST_SECONDS
        while self._news.is_set() and time.monotonic() < longest and not self._stopping.is_set():
            self._news.clear()
            self._news.wait(_QUIET_SECONDS)
        self._news.clear()
        # git holds this lock while it changes files: what is half checked out is nobody's edit.
        lock = self._registry.repository.git_dir / "index.lock"
        given_up = time.monotonic() + _LOCK_WAIT_SECONDS
        while lock.exists() and time.monotonic() < given_up and not self._stopping.is_set():
            time.sleep(0.01)

    def _make(self, snapshot: Callable[[], Snapshot]) -> None:
        try:
            snapshot()
        except Exception:
            # Whatever it is, the next request looks again and answers for itself; the watcher goes on.
            _log.exception("watcher_failed")


class _Handler(FileSystemEventHandler):
    """Turns events into paths from the root."""

    def __init__(self, watcher: Watcher, root: Path | None) -> None:
        self._watcher = watcher
        self._prefix = f"{root}{os.sep}" if root else None

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Note both ends of a move; reading a file is no event."""
        if isinstance(event, FileOpenedEvent | FileClosedNoWriteEvent):
            return
        for raw in (event.src_path, event.dest_path):
            if raw:
                self._watcher.touched(self._from_root(os.fsdecode(raw)))

    def _from_root(self, path: str) -> str:
        inside = self._prefix and path.startswith(self._prefix)
        relative = path[len(self._prefix or "") :] if inside else ""
        return relative if relative.split(os.sep)[0] in ROOTS else ""
