"""The note in which a worker tells the others what it is about to land: what it says, and how that is written."""

import marshal
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .git.object_writer import MadeTree
from .git.recent import Tip, note_folder, note_tip
from .git.tree_edit import TreeBytes
from .git.trees import TreeChange
from .git.unlanded import Unlanded, UnlandedFile, forget, note
from .layout import is_sign
from .line_tables import Step

# So many steps are in the note at most, and so many before the last landing; who reads each note knows more of them.
# A worker that has missed more than it knows of looks for itself.
_MOST_STEPS, _MOST_EARLIER, _MOST_KNOWN = 64, 16, 256
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
        """The files that they touch."""
        told = (change.path for step in self.steps for change in step.changes)
        return [*(path for path in told if not is_sign(path)), *(path for step in self.steps for path in step.untold)]


# A step as it is in the note: its commit, its date, the paths it changed with their blobs, and those it does not tell.
_Row = tuple[str, int, list[tuple[str, str | None]], list[str]]


class Note:
    """The latest way that was told of, and the last landing on it; both made into values when they are asked for."""

    __slots__ = ("_before", "_last", "commits", "rows")

    def __init__(self, before: str | None, rows: Sequence[_Row], last: "_Packed | Landing | None") -> None:
        self.rows = rows
        self.commits: list[str | None] = [before, *(row[0] for row in rows)]
        self._before = before
        self._last = last

    def way(self, old: str | None, new: str | None = None) -> Way | None:
        """The way from one commit to another, or to the last; None where that is not a part of this one."""
        if old not in self.commits:
            return None
        first = self.commits.index(old)
        last = len(self.rows) if new is None else self._position(new, first)
        return None if last is None else Way(old, list(map(_step, self.rows[first:last])))

    def followed_by(self, landing: Landing) -> "Note":
        """The note with another landing."""
        before, rows = landing.base, list(map(_row, landing.steps))
        if self.rows and self.commits[-1] == landing.base:
            before, rows = self._before, [*self.rows, *rows]
        most = min(_MOST_STEPS, len(landing.steps) + _MOST_EARLIER)
        if len(rows) > most:
            before, rows = rows[-most - 1][0], rows[-most:]
        records = {**(self.landing.records if self.landing else {}), **landing.records}
        records = dict(list(records.items())[-max(_MOST_RECORDS, len(landing.records)) :])
        content = (*landing.blobs.values(), *records.values(), *landing.tree.folders.values())
        is_much = sum(map(len, content)) > _MOST_BYTES
        return Note(before, rows, None if is_much else landing._replace(records=records))

    def following(self, known: "Note") -> "Note":
        """This note with the way that was known before, where that leads to it."""
        if not known.rows or known.commits[-1] not in self.commits or known.commits[0] in self.commits:
            return self
        rows = [*known.rows, *self.rows[self.commits.index(known.commits[-1]) :]]
        before = known.commits[0] if len(rows) <= _MOST_KNOWN else rows[-_MOST_KNOWN - 1][0]
        return Note(before, rows[-_MOST_KNOWN:], self._last)

    @property
    def blobs(self) -> dict[str, str | None]:
        """What the files that were told of are since."""
        return {path: blob for row in self.rows for path, blob in row[2]}

    @property
    def landing(self) -> Landing | None:
        """The last landing; None where it was too much to tell, or not whole."""
        if isinstance(self._last, _Packed):
            self._last = self._last.landing(self)
        return self._last

    def packed(self) -> tuple[bytes, bytes]:
        """The first line of the note, which no other has, and the rest."""
        way = marshal.dumps((self._before, list(self.rows)))
        last = b"" if self.landing is None else marshal.dumps(_fields(self.landing))
        return b"%08x %08x %08x %08x" % (zlib.crc32(way), len(way), zlib.crc32(last), len(last)), way + last

    def _position(self, commit: str, first: int) -> int | None:
        return self.commits.index(commit, first) if commit in self.commits[first:] else None


class _Packed(NamedTuple):
    """A landing as it is in the note, and the sum of what it should be."""

    text: bytes
    checksum: int

    def landing(self, note: Note) -> Landing | None:
        """What it says; None where it is not whole."""
        if not self.text or zlib.crc32(self.text) != self.checksum:
            return None
        count, id, files, folders, blobs, records = marshal.loads(self.text)
        way = note.way(note.commits[-count - 1]) if count <= len(note.rows) else None
        named = {path: UnlandedFile(*file) if file else None for path, file in files.items()}
        return way and Landing(way.before, way.steps, MadeTree(id, named, folders), blobs, records)


NOTHING = Note(None, (), None)


def unpacked(head: bytes, text: bytes) -> Note:
    """The note of which these are the first line and the rest. Raises ValueError, EOFError or TypeError."""
    way_sum, way_size, last_sum, last_size = (int(word, 16) for word in head.split(b" "))
    way, last = text[:way_size], text[way_size : way_size + last_size]
    if way_sum != zlib.crc32(way):
        return NOTHING
    before, rows = marshal.loads(way)
    return Note(before, rows, _Packed(last, last_sum))


def _row(step: Step) -> _Row:
    return step.commit, step.date, [(change.path, change.new) for change in step.changes], list(step.untold)


def _step(row: _Row) -> Step:
    commit, date, changes, untold = row
    return Step(commit, date, [TreeChange(path, None, blob) for path, blob in changes], untold)


def _fields(landing: Landing) -> tuple[Any, ...]:
    id, files, folders = landing.tree
    told_files = {path: file and tuple(file) for path, file in files.items()}
    return len(landing.steps), id, told_files, dict(folders), dict(landing.blobs), dict(landing.records)
