"""A long history, read by a process of its own before anybody asks for pages of it: its gists are made and kept."""

import fcntl
import os
import signal
import sys
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from .cache import Cache
from .gists import Named, gist_key, read_gist
from .git.head import read_head
from .git.repository import Repository
from .layout import told_place
from .line import Line, follow
from .line_cache import LineCache
from .pasts import content_before
from .registry import Registry
from .workbench import Aside

LOCK_NAME = "foresight"
# Fewer new commits than this are read when somebody asks for them.
_WORTH_READING = 100
# What is older than so many revisions of files is read when somebody asks for it.
_MOST = 100_000
_PORTION = 200
_NICENESS = 10


class Foresight:
    """Begins with a worker and ends before it; one of all workers' processes reads, the others find it at work."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._aside: Aside | None = None

    def start(self) -> None:
        """Have the history read, where there is enough of it that was not."""
        if _first_unread(self._registry.cache, self._registry.snapshot.line) is not None:
            self._aside = Aside(self._registry.repository, "foresight")

    def stop(self) -> None:
        """Leave it at what was read."""
        if self._aside is not None:
            self._aside.end()


def work_aside() -> None:
    """What the process does: told of a repository, it reads until it is through or its input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_input, daemon=True).start()
    os.nice(_NICENESS)
    git_dir, common_dir, root = sys.argv[-3:]
    repository = Repository(Path(git_dir), Path(common_dir), Path(root) if root else None)
    with (repository.state_folder / LOCK_NAME).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        line, _ = follow(repository, LineCache(repository).load(), read_head(repository).commit)
        read_ahead(repository, Cache.of(repository), line)


def read_ahead(repository: Repository, cache: Cache, line: Line) -> None:
    """Have the gists of all that the line tells of, the newest first."""
    first = _first_unread(cache, line)
    if first is None:
        return
    wanted = islice(_touched(line, first), _MOST)
    while portion := {gist_key(*at): at for at in islice(wanted, _PORTION)}:
        missing = portion.keys() - cache.get_gists(portion)
        made = {key: read_gist(repository, *at) for key, at in portion.items() if key in missing}
        cache.put_gists({key: raw for key, raw in made.items() if raw})
    cache.put_gists({}, mark=line.tip)


def _first_unread(cache: Cache, line: Line) -> int | None:
    """The position of the first commit whose files are to be read, None when it is not worth a process."""
    read = cache.get_mark()
    known = line.position(read) if read else None
    first = 0 if known is None else known + 1
    return first if line.length - first >= _WORTH_READING else None


def _touched(line: Line, first: int) -> Iterator[Named]:
    """The packs and workflows with what each commit from position `first` on made of them, newest first."""
    for position in range(line.length - 1, first - 1, -1):
        for name in line.paths_at(position):
            place, content = told_place(name), content_before(line, name, position + 1)
            if place and content:
                yield place, content


def _end_with_input() -> None:
    # Not by sys.stdin: its lock, held while this waits, ends an interpreter that shuts down with a fatal error.
    while os.read(0, 1):
        pass
    os._exit(0)
