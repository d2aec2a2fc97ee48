"""The feed of changes: what each commit did, oldest first, from any commit on; nothing twice, nothing left out."""

from typing import Any, NamedTuple

from .entries import timestamp
from .errors import Conflict
from .git.repository import Repository
from .git.revisions import resolve
from .history import Event, event
from .line import Line

_MOST_DIGITS = 15


class Cursor(NamedTuple):
    """How far a reader is: the rows of the line before number `row` were read."""

    row: int
    line: Line

    def on(self, line: Line) -> "Cursor | None":
        """How far that is on the line of now.

        None when it has left what was read: history was rewritten, or another branch is served.
        """
        before = self.line
        if line is before or before.tip is None:
            return Cursor(self.row, line)
        position = line.position(before.tip)
        if position is None:
            return None
        if line.commit_at(0) == before.commit_at(0):
            return Cursor(self.row, line)
        # A shallow clone was deepened. What was the first commit had all that came before it for its own: who has read
        # it has had that, and goes on as many rows before the end as before.
        has_begun = self.row < before.rows_before(1)
        row = line.rows_before(position + 1) - (before.row_count() - self.row)
        return Cursor(0 if has_begun else max(row, 0), line)


def end_of(line: Line) -> Cursor:
    """The cursor of who has read everything."""
    return Cursor(line.row_count(), line)


class Portion(NamedTuple):
    """Some rows of the feed; `next_since` goes on after them, `left` are those still to come then."""

    events: list[Event]
    next_since: str | None
    left: int


def start_of(repository: Repository, line: Line, since: str) -> int:
    """The number of the first row after `since`: a revision, or `<commit>:<n>` for its first n rows; "" is the start.

    Raises NotFound or Invalid for what is no revision, Conflict (HISTORY_MOVED) for a commit the line does not have.
    """
    if not since:
        return 0
    commit, colon, count = since.partition(":")
    is_part = count.isascii() and count.isdecimal() and len(count) <= _MOST_DIGITS
    position = line.position(commit) if is_part or not colon else None
    if position is None:
        position = line.position(resolve(repository, commit if is_part else since))
    if position is None:
        raise Conflict(
            f"'{since}' is not on the first-parent line of what is served: history was rewritten, or it is a "
            "commit of another branch. Read everything anew, then start over without 'since'.",
            code="HISTORY_MOVED",
        )
    first, end = line.rows_before(position), line.rows_before(position + 1)
    if not is_part:
        return end
    # It had more rows when it was the first one of a shallow clone, with all that came before: that is to come then.
    return first + int(count) if int(count) <= end - first else 0


def portion(line: Line, first: int, count: int) -> Portion:
    """Up to `count` rows from number `first` on."""
    end = min(first + count, line.row_count())
    return Portion([event(line, number) for number in range(first, end)], since_row(line, end), line.row_count() - end)


def of_one_commit(line: Line, first: int) -> list[Event]:
    """The row of a number and those after it that are of the same commit."""
    end = line.rows_before(line.row(first).position + 1)
    return [event(line, number) for number in range(first, end)]


def since_row(line: Line, number: int) -> str | None:
    """What to give as `since` so that the feed goes on at a row; None for the beginning."""
    if number == line.row_count():
        return line.tip
    if number == 0:
        return None
    position = line.row(number - 1).position
    commit = line.commit_at(position)[0]
    if line.rows_before(position + 1) == number:
        return commit
    return f"{commit}:{number - line.rows_before(position)}"


def row_json(event: Event) -> dict[str, Any]:
    """A row as the API gives it."""
    return {
        "commit": event.commit,
        "date": timestamp(event.date),
        "kind": event.place.kind,
        "ref": event.place.ref,
        "change": event.change,
    }
