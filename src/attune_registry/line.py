"""The first-parent line of a commit: which commits touched which path, kept up by the new commits alone."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .actions import Actions, SignChange, action_file, by_pack, naming_in, signs_between, with_signs
from .git.first_parents import Walked, changes_of, find_commit, named_parent, walk
from .git.repository import Repository
from .git.shallow import cut_commits
from .git.trees import TreeChange
from .landed import told
from .layout import is_sign, workflow_of_action
from .line_rows import Row
from .line_tables import At, Step, Tables

__all__ = ["Followed", "Line", "Step", "Touch", "follow", "is_cut"]

_MAX_FORKS = 8


class Touch(NamedTuple):
    """A commit that touched a path; `date` is the committer's, in seconds, `blob` None where it deleted it."""

    commit: str
    date: int
    blob: str | None


class Line:
    """A first-parent line, oldest first. A value: extending gives another one that shares all that went before.

    Lines that grow out of one another share append-only tables, each seeing its own length of them; a line that
    leaves another before its end (a reset, another branch) has tables of its own upon that `base`.
    """

    __slots__ = ("_base", "_start", "_tables", "length")

    def __init__(self, base: "Line | None" = None, tables: Tables | None = None) -> None:
        self._base = base
        self._start: int = base.length if base else 0
        self._tables = Tables() if tables is None else tables
        self.length: int = self._start + len(self._tables)

    @property
    def tip(self) -> str | None:
        """The newest commit; None before the first one."""
        return self.commit_at(self.length - 1)[0] if self.length else None

    @property
    def begins(self) -> str | None:
        """The oldest commit; None for no history. It is another one where the clone's history is cut."""
        return self.commit_at(0)[0] if self.length else None

    def commit_at(self, position: int) -> tuple[str, int]:
        """The id and the date of the commit at a position."""
        if position < self._start and self._base:
            return self._base.commit_at(position)
        return self._tables.commit_at(position - self._start)

    def position(self, commit: str) -> int | None:
        """Where a commit stands on the line, None when it does not."""
        found = self._tables.position(commit)
        if found is not None:
            return found if found < self.length else None
        return self._base.position(commit) if self._base else None

    def touches(self, path: str) -> list[Touch]:
        """The commits that touched a path, oldest first."""
        below = self._base.touches(path) if self._base else []
        return below + [Touch(*self.commit_at(at), blob) for at, blob in self._own(path) if at < self.length]

    def positions(self, path: str) -> list[int]:
        """The positions of the commits that touched a path, oldest first."""
        below = self._base.positions(path) if self._base else []
        number = self._tables.number_of(path)
        own = [] if number is None else self._tables.touches.positions(number)
        return below + own[: bisect_left(own, self.length)]

    def touch_before(self, path: str, position: int) -> At | None:
        """The newest touch of a path before a position: where it stands, and the blob it left."""
        number = self._tables.number_of(path)
        found = None if number is None else self._tables.touches.before(number, min(position, self.length))
        return self._base.touch_before(path, position) if found is None and self._base else found

    def tells_of(self, path: str) -> bool:
        """False where the newest touch of a path may not say what is there now.

        A commit may have made a link of it, of which a touch has only the blob, or may have changed an action that
        is no workflow, which is no touch at all.
        """
        return path not in self._tables.untold and (self._base is None or self._base.tells_of(path))

    def row_count(self, pack: str | None = None) -> int:
        """How many rows there are: one for each commit and each pack or workflow (of one pack) it touched."""
        below = self._base.row_count(pack) if self._base else 0
        return below + self._tables.rows.count(self.length, pack)

    def row(self, number: int, pack: str | None = None) -> Row:
        """The row of a number, counted from the oldest, 0."""
        below = self._base.row_count(pack) if self._base else 0
        if number < below and self._base:
            return self._base.row(number, pack)
        position, path_number = self._tables.rows.get(number - below, pack)
        return Row(position, self.paths_at(position)[path_number])

    def rows_before(self, position: int) -> int:
        """How many rows belong to commits before a position."""
        return self.cut(position).row_count()

    def paths_at(self, position: int) -> tuple[str, ...]:
        """The paths that the commit at a position touched, and the signs."""
        if position < self._start and self._base:
            return self._base.paths_at(position)
        return self._tables.paths_at(position - self._start)

    def paths_since(self, position: int) -> set[str]:
        """The paths touched by the commit at a position or a later one."""
        return {path for at in range(position, self.length) for path in self.paths_at(at) if not is_sign(path)}

    def ends(self, path: str) -> tuple[Touch, Touch] | None:
        """The first and the last commit that touched a path; None when none did."""
        if self._base:
            touched = self.touches(path)
            return (touched[0], touched[-1]) if touched else None
        number, touches = self._tables.number_of(path), self._tables.touches
        last = None if number is None else touches.before(number, self.length)
        if number is None or last is None:
            return None
        first = touches.get(number, 0)
        return Touch(*self.commit_at(first[0]), first[1]), Touch(*self.commit_at(last[0]), last[1])

    def born(self, path: str, position: int) -> int | None:
        """Where the commit stands that made what is at a path before a position; None where nothing is there.

        That is the first since it was deleted last.
        """
        number = self._tables.number_of(path)
        life = None if number is None else self._tables.touches.life(number, min(position, self.length))
        if life is not None and (self._base is None or life.is_known_whole):
            return life.first
        older = self._base.born(path, position) if self._base else None
        return life.first if life is not None and older is None else older

    def cut(self, length: int) -> "Line":
        """The line as it was when it was `length` commits long."""
        if length < self._start and self._base:
            return self._base.cut(length)
        return self._view(length)

    def extended(self, steps: Sequence[Step], *, aside: bool = False) -> "Line":
        """The line with these commits after its tip; `aside` leaves the shared tables to the main line."""
        if not steps:
            return self
        longer = self._view(self.length)
        if aside or self.length != self._start + len(self._tables):
            longer = Line(self if self._forks() < _MAX_FORKS else self._flattened())
        for step in steps:
            longer._append(step)
        return longer

    def steps(self, first: int, last: int) -> Iterator[tuple[str, int]]:
        """Ids and dates of the commits at positions `first` to `last` (exclusive)."""
        return (self.commit_at(position) for position in range(first, last))

    def whole(self) -> Tables:
        """Tables of this line alone, from its beginning to its end."""
        if self._base is None and self.length == len(self._tables):
            return self._tables
        return self._flattened()._tables

    def _own(self, path: str) -> list[At]:
        number = self._tables.number_of(path)
        return [] if number is None else self._tables.touches.of(number)

    def _append(self, step: Step) -> None:
        self._tables.append(self.length, step)
        self.length += 1

    def _view(self, length: int) -> "Line":
        view = Line.__new__(Line)
        view._base, view._start, view._tables, view.length = self._base, self._start, self._tables, length
        return view

    def _forks(self) -> int:
        return 1 + self._base._forks() if self._base else 0

    def _flattened(self) -> "Line":
        flat = Line()
        for at, (commit, date) in enumerate(self.steps(0, self.length)):
            blobs = {path: self.touch_before(path, at + 1) for path in self.paths_at(at)}
            changes = [TreeChange(path, None, found[1] if found else None) for path, found in blobs.items()]
            flat._append(Step(commit, date, changes))
        flat._tables.untold.update(self._untold())
        return flat

    def _untold(self) -> set[str]:
        return self._tables.untold | (self._base._untold() if self._base else set())


class Followed(NamedTuple):
    """A line, and how many of its oldest commits it has in common with the one it was made from."""

    line: Line
    kept: int


def follow(repository: Repository, line: Line, tip: str | None, *, aside: bool = False) -> Followed:
    """The first-parent line of `tip`, given any line, in time that goes with the commits `line` lacks.

    With `aside`, for a revision that is not what is served next, the line given is not extended in place.
    """
    line = line if _begins_where_history_does(repository, line) else Line()
    way = None if aside else told(repository, line.tip, tip)
    if way is not None:
        return Followed(line.extended(way.steps), line.length)
    fresh, known = walk(repository, tip, lambda commit: line.position(commit) is not None)
    position = line.position(known) if known else None
    if position is None:
        return Followed(Line().extended(_steps(repository, fresh)), 0)
    return Followed(line.cut(position + 1).extended(_steps(repository, fresh), aside=aside), position + 1)


def is_cut(repository: Repository, line: Line) -> bool:
    """True when the line's first commit names a parent: it is that of a shallow clone, whatever has come since."""
    return _named_before(repository, line) is not None


def _begins_where_history_does(repository: Repository, line: Line) -> bool:
    """False when there are commits before the line's first one now, as after a shallow clone was deepened.

    And when that one is gone: a full clone was made shallow, and git has cleared away what it does not need any more.
    """
    first = line.begins
    if first is None:
        return True
    if find_commit(repository, first) is None:
        return False
    named = _named_before(repository, line)
    # While git is bringing the rest, some of it is here: it is not looked at before all of it is.
    return named is None or find_commit(repository, named) is None or first in cut_commits(repository)


def _named_before(repository: Repository, line: Line) -> str | None:
    """The parent that the line's first commit names, None for none."""
    try:
        return named_parent(repository, line.begins) if line.begins else None
    except KeyError:
        return None


def _steps(repository: Repository, newest_first: Sequence[Walked]) -> list[Step]:
    walked = newest_first[::-1]
    actions: dict[str, Actions] = {}
    return [
        _step(repository, one, changes, _signs(repository, one, changes, actions))
        for one, changes in zip(walked, changes_of(repository, walked), strict=True)
    ]


def _step(repository: Repository, walked: Walked, changes: Sequence[TreeChange], signs: Sequence[SignChange]) -> Step:
    told = [change for change in changes if not _is_mere_action(repository, change)]
    untold = {change.path for change in changes if not change.is_plain}
    if len(told) < len(changes):
        untold |= {change.path for change in changes} - {change.path for change in told}
    return Step(walked.commit, walked.date, with_signs(told, signs) if signs else told, tuple(untold))


def _signs(
    repository: Repository, walked: Walked, changes: Sequence[TreeChange], known: dict[str, Actions]
) -> list[SignChange]:
    """The signs that a commit changes; `known` are the actions of packs before it, and after it then."""
    found: list[SignChange] = []
    by_path = {change.path: change for change in changes}
    for pack, paths in by_pack(by_path).items():
        before = known.get(pack) or Actions.at(repository, walked.before, pack)
        changed = (by_path[path] for path in paths)
        files = {path: action_file(repository, path, new, is_plain) for path, _, new, is_plain in changed}
        known[pack] = before.changed(files)
        found += signs_between(before, known[pack], files)
    return found


def _is_mere_action(repository: Repository, change: TreeChange) -> bool:
    """True for an action that is no workflow, before and after: a change of nothing that is served."""
    if workflow_of_action(change.path) is None:
        return False
    blobs = (blob for blob in (change.old, change.new) if blob)
    return all(naming_in(repository, blob) is None for blob in blobs)
