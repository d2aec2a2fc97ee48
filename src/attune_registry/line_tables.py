"""What a stretch of a line knows of its commits and the paths they touched, in tables that only ever grow."""

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from struct import Struct
from typing import NamedTuple

from .git.trees import TreeChange
from .line_rows import Rows

ID_BYTES = 20
DELETED = bytes(ID_BYTES)
# A commit's position and what it made of a path: a blob, or None where it deleted it.
At = tuple[int, str | None]
# The same as it is kept.
_TOUCH = Struct(f"=I{ID_BYTES}s")


class Step(NamedTuple):
    """A commit of the line and the paths it changed against its first parent, with signs of what these are part of.

    `untold` are paths that it changed, or made something of, that `changes` do not tell: see `Line.tells_of`.
    """

    commit: str
    date: int
    changes: Sequence[TreeChange]
    untold: Sequence[str] = ()


class Kept(NamedTuple):
    """Touches as they are read from disk: those of path number n end at `ends[n]`, blobs are 20 bytes each."""

    ends: Sequence[int]
    positions: Sequence[int]
    blobs: bytes


class Life(NamedTuple):
    """What is at a path since a commit made it: where the first that touched it stands, None for what is deleted.

    It is known to be whole where the path was deleted before that.
    """

    first: int | None
    is_known_whole: bool


class Touches:
    """For each path, by its number, the commits that touched it, oldest first: those kept, and those since."""

    __slots__ = ("_added", "_kept")

    def __init__(self, kept: Kept | None = None) -> None:
        self._kept = kept or Kept((), (), b"")
        self._added: dict[int, bytearray] = {}

    def count(self, path: int) -> int:
        """How many there are."""
        first, end = self._bounds(path)
        return end - first + len(self._added.get(path, b"")) // _TOUCH.size

    def get(self, path: int, number: int) -> At:
        """One of them, counted from the oldest, 0."""
        first, end = self._bounds(path)
        if number < end - first:
            at = first + number
            position, blob = self._kept.positions[at], self._kept.blobs[at * ID_BYTES : (at + 1) * ID_BYTES]
        else:
            position, blob = _TOUCH.unpack_from(self._added[path], (number - end + first) * _TOUCH.size)
        return position, None if blob == DELETED else blob.hex()

    def of(self, path: int) -> list[At]:
        """All touches of a path."""
        first, end = self._bounds(path)
        kept = (self._kept.blobs[at * ID_BYTES : (at + 1) * ID_BYTES] for at in range(first, end))
        # A copy, since what is being looked through cannot grow.
        since = _TOUCH.iter_unpack(bytes(self._added.get(path, b"")))
        touches = (*zip(self._kept.positions[first:end], kept, strict=True), *since)
        return [(position, None if blob == DELETED else blob.hex()) for position, blob in touches]

    def positions(self, path: int) -> list[int]:
        """The positions of all of them."""
        first, end = self._bounds(path)
        since = _TOUCH.iter_unpack(bytes(self._added.get(path, b"")))
        return [*self._kept.positions[first:end], *(position for position, _ in since)]

    def before(self, path: int, position: int) -> At | None:
        """The newest touch of a path before a position."""
        count = self._count_before(path, position)
        return self.get(path, count - 1) if count else None

    def life(self, path: int, position: int) -> Life | None:
        """The touches of a path before a position since it was deleted last; None where there are none at all."""
        count = self._count_before(path, position)
        if not count:
            return None
        deleted = self._newest_deletion(path, count)
        return Life(None if deleted == count - 1 else self.get(path, deleted + 1)[0], deleted >= 0)

    def append(self, path: int, position: int, blob: str | None) -> None:
        """Add a touch, newer than all others of its path."""
        touch = _TOUCH.pack(position, bytes.fromhex(blob) if blob else DELETED)
        added = self._added.get(path)
        if added is None:
            self._added[path] = bytearray(touch)
        else:
            added += touch

    def _count_before(self, path: int, position: int) -> int:
        count = self.count(path)
        if not count or self.get(path, count - 1)[0] < position:
            return count
        return bisect_left(range(count), position, key=lambda at: self.get(path, at)[0])

    def _newest_deletion(self, path: int, count: int) -> int:
        """The number of the newest deletion among so many touches, -1 for none."""
        first, end = self._bounds(path)
        kept = min(count, end - first)
        # A file that a program writes all day has tens of thousands of touches, of which none is looked at here.
        added = _newest(self._added.get(path, b""), _TOUCH.size - ID_BYTES, count - kept, _TOUCH.size)
        return kept + added if added >= 0 else _newest(self._kept.blobs, first * ID_BYTES, kept, ID_BYTES)

    def _bounds(self, path: int) -> tuple[int, int]:
        ends = self._kept.ends
        if path >= len(ends):
            return 0, 0
        return ends[path - 1] if path else 0, ends[path]


def _newest(raw: bytes | bytearray, begin: int, count: int, stride: int) -> int:
    """The number of the last deletion among so many blobs, each that far from the one before; -1 for none."""
    at = raw.rfind(DELETED, begin, begin + count * stride)
    while at >= 0 and (at - begin) % stride:
        at = raw.rfind(DELETED, begin, at + ID_BYTES - 1)
    return (at - begin) // stride if at >= 0 else -1


class Tables:
    """The commits of a stretch, oldest first. Positions count from the beginning of the whole line.

    Paths have numbers, in the order of `names`; those that the commit of an index touched end at `path_ends` of it.
    """

    def __init__(
        self,
        ids: bytes = b"",
        dates: Sequence[int] = (),
        names: Sequence[str] = (),
        path_ends: Sequence[int] = (),
        path_numbers: Sequence[int] = (),
        kept: Kept | None = None,
    ) -> None:
        self.ids = bytearray(ids)
        self.dates = array("q", dates)
        self.names = list(names)
        self.path_ends = array("I", path_ends)
        self.path_numbers = array("I", path_numbers)
        self.touches = Touches(kept)
        self.rows = Rows()
        self.untold: set[str] = set()
        self._numbers: dict[str, int] = {name: number for number, name in enumerate(self.names)}
        commits = (ids[at : at + ID_BYTES] for at in range(0, len(ids), ID_BYTES))
        self._positions: dict[bytes, int] = {commit: at for at, commit in enumerate(commits)}

    def __len__(self) -> int:
        return len(self.dates)

    def commit_at(self, index: int) -> tuple[str, int]:
        """The id and the date of a commit."""
        return self.ids[index * ID_BYTES : (index + 1) * ID_BYTES].hex(), self.dates[index]

    def position(self, commit: str) -> int | None:
        """Where a commit stands on the line, None when it is not one of these."""
        try:
            return self._positions.get(bytes.fromhex(commit))
        except ValueError:
            return None

    def paths_at(self, index: int) -> tuple[str, ...]:
        """The paths that a commit touched."""
        first, end = self.path_ends[index - 1] if index else 0, self.path_ends[index]
        return tuple([self.names[number] for number in self.path_numbers[first:end]])

    def number_of(self, path: str) -> int | None:
        """The number of a path; None when no commit has touched it."""
        return self._numbers.get(path)

    def append(self, position: int, step: Step) -> None:
        """Add a commit."""
        for change in step.changes:
            number = self._numbered(change.path)
            self.touches.append(number, position, change.new)
            self.path_numbers.append(number)
        self.path_ends.append(len(self.path_numbers))
        self.rows.append(position, tuple(change.path for change in step.changes))
        self.untold.update(step.untold)
        commit = bytes.fromhex(step.commit)
        self.ids += commit
        self._positions[commit] = position
        self.dates.append(step.date)

    def _numbered(self, path: str) -> int:
        number = self._numbers.get(path)
        if number is None:
            number = self._numbers[path] = len(self.names)
            self.names.append(path)
        return number
