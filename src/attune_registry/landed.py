"""What the registry's own commits change, told by the worker that makes them: others need not compare trees.

A note in the state folder, written before the branch moves. It may be lost, half written, or tell of commits that never
come to be: whoever reads it asks for the steps between two commits, and an id stands for one content.
"""

import marshal
import zlib
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from .git.object_writer import MadeTree
from .git.recent import Tip, note_folder, note_tip
from .git.repository import Repository
from .git.smallfile import read_small, write_over
from .git.stamps import Stamp, stamp_of
from .git.tree_edit import TreeBytes
from .git.trees import TreeChange
from .git.unlanded import Unlanded, UnlandedFile, forget, note
from .line_tables import Step

# A worker that has missed more than these looks for itself.
_MOST_STEPS = 64
# Who reads now and then has missed some landings; with more, the note would be most of what a landing writes.
_MOST_RECORDS = 8
# More than this is not worth being told beforehand.
_MOST_BYTES = 1 << 20


class Landing(NamedTuple):
    """Commits about to be put on `base`: what the last of them has otherwise, and what its new files say.

    `blobs` are their contents; `records` what was made of them, and of those before, packed, by the cache's keys.
    """

    base: str | None
    steps: Sequence[Step]
    tree: MadeTree
    blobs: Mapping[str, bytes]
    records: Mapping[str, bytes]

    @property
    def tip(self) -> str:
        """The last commit."""
        return self.steps[-1].commit

    def note(self) -> None:
        """From now on whoever asks in this process for files and folders of the last commit finds them."""
        note(self.tip, Unlanded(self.base, self.tree.files), self.blobs)
        self.note_folders()

    def note_folders(self) -> None:
        """From now on whoever asks for its folders, which are on disk by then, need not look for them there."""
        note_tip(self.tip, Tip(self.tree.id, self.steps[-1].date))
        for id, raw in self.tree.folders.items():
            note_folder(id, TreeBytes(raw))

    def forget(self) -> None:
        """The last commit is on disk, or never will be."""
        forget([self.tip], self.blobs)


class Way(NamedTuple):
    """Steps from one commit, `before`, to another."""

    before: str | None
    steps: Sequence[Step] = ()

    @property
    def commits(self) -> list[str | None]:
        """The commits, both ends included."""
        return [self.before, *(step.commit for step in self.steps)]

    @property
    def paths(self) -> list[str]:
        """What they touch."""
        return [path for step in self.steps for path in (*(change.path for change in step.changes), *step.untold)]


class _Note(NamedTuple):
    """The latest way that was told of, and the last landing on it."""

    way: Way
    landing: Landing | None


_NOTHING = _Note(Way(None), None)
# By its path, the note last read and its head: the same is asked several times about each landing.
_last_read: dict[str, tuple[bytes, _Note]] = {}


def tell(repository: Repository, landing: Landing) -> None:
    """Note what is about to land. Raises OSError."""
    known, before, told_of = _read(repository), landing.base, list(landing.steps)
    if known.way.steps and known.way.commits[-1] == landing.base:
        before, told_of = known.way.before, [*known.way.steps, *landing.steps]
    if len(told_of) > _MOST_STEPS:
        before, told_of = told_of[-_MOST_STEPS - 1].commit, told_of[-_MOST_STEPS:]
    records = {**(known.landing.records if known.landing else {}), **landing.records}
    records = dict(list(records.items())[-max(_MOST_RECORDS, len(landing.records)) :])
    last, (id, files, folders) = None, landing.tree
    if sum(map(len, (*landing.blobs.values(), *records.values(), *folders.values()))) <= _MOST_BYTES:
        told_files = {path: file and tuple(file) for path, file in files.items()}
        last = (len(landing.steps), id, told_files, dict(folders), dict(landing.blobs), records)
    text = marshal.dumps((before, [_packed(step) for step in told_of], last))
    head = b"%08x %08x" % (zlib.crc32(text), len(text))
    write_over(_path(repository), head + b"\n" + text)
    # Who tells of the next landing need not read it again.
    _last_read[_path(repository)] = (
        head,
        _Note(Way(before, told_of), landing._replace(records=records) if last else None),
    )


def told(repository: Repository, old: str | None, new: str | None) -> Way | None:
    """The way from one commit to another, None where nobody has told of it."""
    if old == new:
        return Way(old)
    known = _read(repository).way
    commits = known.commits
    if old is None or old not in commits or new not in commits[commits.index(old) :]:
        return None
    return Way(old, known.steps[commits.index(old) : commits.index(new)])


def underway(repository: Repository, tip: str | None) -> Collection[str]:
    """The paths that the landing last told of touches, if it is one on this commit."""
    known = _read(repository).way
    commits = known.commits
    return Way(tip, known.steps[commits.index(tip) :]).paths if tip in commits else ()


def coming(repository: Repository, tip: str | None) -> Landing | None:
    """The landing last told of, if it is one on this commit."""
    landing = _read(repository).landing
    return landing if landing is not None and landing.base == tip else None


def come(repository: Repository, tip: str | None) -> Landing | None:
    """The landing last told of, if this is its last commit."""
    landing = _read(repository).landing
    return landing if landing is not None and landing.tip == tip else None


def note_stamp(repository: Repository) -> Stamp:
    """What tells the note as it is now from the one before."""
    return stamp_of(_path(repository))


def _packed(step: Step) -> tuple[str, int, list[tuple[str, str | None]], list[str]]:
    return step.commit, step.date, [(change.path, change.new) for change in step.changes], list(step.untold)


def _read(repository: Repository) -> _Note:
    path = _path(repository)
    try:
        known = _last_read.get(path)
        # It is asked for several times about each landing, and the first line tells one note from the next.
        if known is not None and read_small(path, is_start_enough=True).startswith(known[0] + b"\n"):
            return known[1]
        head, _, text = read_small(path).partition(b"\n")
        found = _unpacked(head, text)
    except (OSError, ValueError, EOFError, TypeError):
        return _NOTHING
    _last_read[path] = head, found
    return found


def _unpacked(head: bytes, text: bytes) -> _Note:
    checksum, size = (int(word, 16) for word in head.split(b" "))
    if checksum != zlib.crc32(text[:size]):
        return _NOTHING
    before, fields, last = marshal.loads(text[:size])
    steps = [
        Step(commit, date, [TreeChange(path, None, blob) for path, blob in changes], untold)
        for commit, date, changes, untold in fields
    ]
    way = Way(before, steps)
    if last is None or last[0] > len(steps):
        return _Note(way, None)
    count, id, files, folders, blobs, records = last
    base = way.commits[-count - 1]
    named = {path: UnlandedFile(*file) if file else None for path, file in files.items()}
    return _Note(way, Landing(base, steps[-count:], MadeTree(id, named, folders), blobs, records))


def _path(repository: Repository) -> str:
    return f"{repository.state_folder}/landed"
