"""What a stretch of a line knows of its commits and the paths they touched, in tables that only ever grow."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .git.trees import TreeChange
from .line_rows import Rows

ID_BYTES = 20
_DELETED = bytes(ID_BYTES)
# A commit's position and what it made of a path: a blob, or None where it deleted it.
At = tuple[int, str | None]


class Step(NamedTuple):
    """A commit of the line and the paths it changed against its first parent.

    `untold` are paths that it changed, or made something of, that `changes` do not tell: see `Line.tells_of`.
    """

    commit: str
    date: int
    changes: Sequence[TreeChange]
    untold: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PackedTouches:
    """Touches as they are kept on disk: those of path number n end at `ends[n]`, blobs are 20 bytes each."""

    numbers: dict[str, int]
    ends: "array[int]"
    positions: "array[int]"
    blobs: bytes

    def of(self, path: str) -> list[At]:
        """The touches of a path."""
        number = self.numbers.get(path)
        if number is None:
            return []
        first, end = self.ends[number - 1] if number else 0, self.ends[number]
        blobs = (self.blobs[at * ID_BYTES : (at + 1) * ID_BYTES] for at in range(first, end))
        return [
            (position, None if blob == _DELETED else blob.hex())
            for position, blob in zip(self.positions[first:end], blobs, strict=True)
        ]


class Touches:
    """For each path, the commits that touched it. What came packed from disk is unpacked when first asked for."""

    __slots__ = ("_packed", "_unpacked")

    def __init__(self, packed: PackedTouches | None = None) -> None:
        self._packed = packed
        self._unpacked: dict[str, list[At]] = {}

    def of(self, path: str) -> list[At]:
        """The touches of a path, oldest first; not to be changed."""
        found = self._unpacked.get(path)
        if found is not None:
            return found
        packed = self._packed.of(path) if self._packed else []
        # setdefault, for threads that read an older state of the line unpack while the main one appends.
        return self._unpacked.setdefault(path, packed) if packed else packed

    def append(self, path: str, touch: At) -> None:
        """Add a touch, newer than all others of its path."""
        found = self.of(path)
        self._unpacked.setdefault(path, found).append(touch)

    def paths(self) -> list[str]:
        """All paths that were ever touched."""
        packed = self._packed.numbers if self._packed else {}
        return list({**packed, **dict.fromkeys(self._unpacked)})


@dataclass(frozen=True, slots=True)
class Tables:
    """The commits of a stretch, oldest first. Positions count from the beginning of the whole line."""

    ids: list[str] = field(default_factory=list)
    dates: list[int] = field(default_factory=list)
    paths: list[tuple[str, ...]] = field(default_factory=list)
    positions: dict[str, int] = field(default_factory=dict)
    touches: Touches = field(default_factory=Touches)
    rows: Rows = field(default_factory=Rows)
    untold: set[str] = field(default_factory=set)

    def append(self, position: int, step: Step) -> None:
        """Add a commit."""
        for change in step.changes:
            self.touches.append(change.path, (position, change.new))
        paths = tuple(change.path for change in step.changes)
        self.paths.append(paths)
        self.rows.append(position, paths)
        self.untold.update(step.untold)
        self.ids.append(step.commit)
        self.dates.append(step.date)
        self.positions[step.commit] = position
