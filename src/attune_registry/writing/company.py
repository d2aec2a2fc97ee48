"""Who else is at work: git commands running in this clone that may have read the index before it changed.

`git commit`, `git merge` and others read the index first and lock it afterwards. If the index is replaced in
between, they put back what they read, with the change undone in it, and the next `git commit` makes that a fact.
While the lock is held they fail instead, and read the index anew when they are run again. So the lock is kept, after
a change, for as long as any of them lives. Seen without this: 14 of 66 writes undone by a loop of `git commit`.
"""

import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Collection, Iterable
from functools import lru_cache
from pathlib import Path

from ..git.repository import Repository
from ..git.smallfile import read_small, read_start
from .swap import FOLDER

_PATIENCE_SECONDS = 5.0
# A pull of 500 files takes 0.4 to 1.5 s beside readers and writers who keep both cores busy.
_COURTESY_SECONDS = 2.0
# Reading and locking take a git command milliseconds, some hundred with 100,000 files; what lives longer waits for
# something else.
_OLDEST_SECONDS = 10.0
_FIRST_WAIT, _LONGEST_WAIT = 0.0005, 0.005
# A process is there a moment after its number has been given out: one that is not is looked for once more later.
_APPEARING_SECONDS = 0.2
_MOMENT_SECONDS = 0.02
# These never write the index, or only after making sure that it has not changed.
_HARMLESS = frozenset(
    b"archive blame branch cat-file check-attr clone config credential daemon describe diff diff-files diff-index "
    b"diff-tree fetch for-each-ref fsck fsmonitor--daemon gc grep hash-object http-backend index-pack log ls-files "
    b"ls-remote ls-tree maintenance merge-base pack-objects pack-refs prune pull push receive-pack reflog remote "
    b"remote-https repack rev-list rev-parse send-pack shortlog show show-ref status symbolic-ref tag update-ref "
    b"upload-pack var verify-commit worktree".split()
)
# It has others write the index, which are waited for themselves, but gives up where HEAD has moved meanwhile.
_PULL = frozenset({b"pull"})
# In a process's flags (linux/sched.h).
_PF_KTHREAD = 0x00200000
_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = "/proc"


def give_way(repository: Repository) -> None:
    """Lets the git commands that run now come to their end, if that does not take long.

    A merge or a rebase that finds HEAD moved when it is nearly done gives up where it is, and leaves the files of the
    merge as changes that nobody has committed; a pull that finds it moved when it has fetched does not even begin. Next
    to a busy writer they would hardly ever come through. A courtesy: who asked a moment ago is asked again only if
    something has begun since.
    """
    if _processes.has_begun_anything():
        _wait(repository, _HARMLESS - _PULL, _COURTESY_SECONDS)


def let_pass(repository: Repository, patience: float = _PATIENCE_SECONDS) -> None:
    """Waits, so many seconds at most, until no git command is left that may have read the index before this call."""
    _wait(repository, _HARMLESS, patience)


def _wait(repository: Repository, harmless: Collection[bytes], patience: float) -> None:
    """Waits for the git commands that run now, but for those that are harmless."""
    running = [pid for pid in _processes.young_git() if _may_interfere(pid, repository, harmless)]
    deadline = time.monotonic() + patience
    wait = _FIRST_WAIT
    while running and time.monotonic() < deadline:
        time.sleep(wait)
        wait = min(2 * wait, _LONGEST_WAIT)
        running = [pid for pid in running if _may_interfere(pid, repository, harmless)]


class _Processes:
    """The processes that have begun lately; each is looked at until it is gone, or no longer young."""

    def __init__(self) -> None:
        self._young: set[int] = set()
        # Of the latest numbers those that are no young process, and will not be one.
        self._passed: set[int] = set()
        self._marks: deque[tuple[float, int]] = deque()
        self._lock = threading.Lock()

    def has_begun_anything(self) -> bool:
        """True when a process has begun since the last look at them, or that look is not of just now."""
        now, last = time.clock_gettime(time.CLOCK_BOOTTIME), self._marks[-1] if self._marks else (0.0, 0)
        return now - last[0] > _MOMENT_SECONDS or _newest() != last[1]

    def young_git(self) -> list[int]:
        """Those that are git commands, as far as this system shows them."""
        with self._lock:
            now = time.clock_gettime(time.CLOCK_BOOTTIME)
            seen = {pid: _look_at(pid) for pid in self._young.union(self._new(now))}
            young = {pid: name for pid, (name, fields) in seen.items() if fields and is_young(fields, now)}
            # One of another name may become git yet.
            self._young = {pid for pid in young if pid in self._young or not _stays(pid, *seen[pid])}
            self._passed.update(pid for pid, (_, fields) in seen.items() if fields and pid not in self._young)
        return [pid for pid, name in young.items() if name == b"git"]

    def _new(self, now: float) -> Iterable[int]:
        """Numbers given out since the last look, and again those of shortly before."""
        newest = _newest()
        if newest is None:
            return ()
        marks = self._marks
        if not marks or newest < marks[-1][1]:
            marks.clear()
            marks.append((now, 0))
            self._passed.clear()
        while len(marks) > 1 and marks[1][0] < now - _APPEARING_SECONDS:
            marks.popleft()
        known = marks[0][1]
        marks.append((now, newest))
        self._passed = {pid for pid in self._passed if pid > known}
        return [pid for pid in _after(known) if pid not in self._passed]


_processes = _Processes()


def _newest() -> int | None:
    """The number given out last, None on a system that does not tell."""
    try:
        return int(read_small(f"{_PROC}/loadavg").rpartition(b" ")[2])
    except (OSError, ValueError):
        return None


def _after(number: int) -> list[int]:
    """The numbers of processes above this one; threads, of which `git add` makes dozens, are not among them."""
    start = number if _is_in_order(os.getpid()) else 0
    return [pid for name in _names_from(start) if name.isdigit() and (pid := int(name)) > number]


@lru_cache(1)
def _is_in_order(own: int) -> bool:
    """True where processes stand by number in the list of them, so that those before a number need not be made up."""
    return str(own) in _names_from(own)


def _names_from(position: int) -> list[str]:
    """What the list has from there on. Linux has a process at its number and some 256 (FIRST_PROCESS_ENTRY)."""
    try:
        folder = os.open(_PROC, FOLDER)
    except OSError:
        return []
    try:
        os.lseek(folder, position, os.SEEK_SET)
        return os.listdir(folder)
    finally:
        os.close(folder)


def _stays(pid: int, name: bytes, fields: list[bytes]) -> bool:
    """True for what will never be git: a thread of the kernel, and a worker of the same server."""
    if int(fields[6]) & _PF_KTHREAD:
        return True
    # A child that is about to become another program has its parent's name yet; a sibling, or a parent, of this
    # process that goes by its name is the same program, and stays so.
    own, parent = os.getpid(), os.getppid()
    return name == _own_name(own) and parent in (pid, int(fields[1]))


@lru_cache(1)
def _own_name(pid: int) -> bytes:
    return _name_of(pid)


def _name_of(pid: int) -> bytes:
    return _look_at(pid)[0]


def _look_at(pid: int) -> tuple[bytes, list[bytes]]:
    """The name of a process and the fields of its stat behind that; nothing of one that is gone."""
    try:
        stat = read_start(f"{_PROC}/{pid}/stat")
    except OSError:
        return b"", []
    name, _, rest = stat.partition(b"(")[2].rpartition(b")")
    return name, rest.split()


def _may_interfere(pid: int, repository: Repository, harmless: Collection[bytes]) -> bool:
    name, fields = _look_at(pid)
    if name != b"git" or not is_young(fields, time.clock_gettime(time.CLOCK_BOOTTIME)):
        return False
    with contextlib.suppress(OSError):
        if subcommand_of(Path(f"{_PROC}/{pid}/cmdline").read_bytes()) in harmless:
            return False
    return not _waits_for_others(pid) and _is_in(pid, repository)


def is_young(fields: list[bytes], now: float) -> bool:
    """True for a process that runs, and not for long; the fields are those of /proc/<pid>/stat behind its name."""
    return fields[0] not in (b"Z", b"X") and now - int(fields[19]) / _TICKS < _OLDEST_SECONDS


def subcommand_of(command_line: bytes) -> bytes:
    """`commit` of `git -C x -c a=b commit -m text`; empty when there is none."""
    words = iter(command_line.split(b"\0")[1:])
    for word in words:
        if word in (b"-C", b"-c", b"--git-dir", b"--work-tree", b"--namespace", b"--config-env"):
            next(words, None)
        elif not word.startswith(b"-"):
            return word
    return b""


def _waits_for_others(pid: int) -> bool:
    """True for a command that waits for an editor, a pager or a hook.

    One that waits for another git counts: `git merge` reads the index, then runs `git stash create`, then writes what
    it read.
    """
    try:
        children = read_small(f"{_PROC}/{pid}/task/{pid}/children").split()
    except OSError:
        return False
    # One that has just ended has no name any more, and is waited for no longer.
    return bool(children) and not any(_name_of(int(child)) in (b"git", b"") for child in children)


def _is_in(pid: int, repository: Repository) -> bool:
    """Where it cannot be seen (another user's process), it may be."""
    try:
        folder = Path(os.readlink(f"{_PROC}/{pid}/cwd"))
    except PermissionError:
        return True
    except OSError:
        return False
    places = [repository.git_dir, repository.common_dir, *([repository.root] if repository.root else [])]
    return any(folder.is_relative_to(place) for place in places)
