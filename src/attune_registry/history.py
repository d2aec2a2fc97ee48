"""What the commits of a line did to packs and workflows: found in the line, told with what the commits say."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

from .entries import timestamp
from .gists import NO_FILE, Gist, Gists, changed_fields
from .git.commits import read_commit
from .git.repository import Repository
from .layout import Place, signs, told_place
from .line import Line
from .pasts import content_before

Deed = Literal["created", "updated", "deleted", "restored"]


class Event(NamedTuple):
    """What a commit did to a pack or workflow. `old` and `new` are the blobs before and after; None for no file."""

    commit: str
    date: int
    place: Place
    change: Deed
    old: str | None
    new: str | None


class Page(NamedTuple):
    """Some of the events, and how many there are."""

    events: list[Event]
    total: int


def history_of(line: Line, place: Place, first: int, count: int) -> Page:
    """Events of one pack's file or workflow, newest first, from number `first`."""
    positions = sorted({at for name in signs(place) for at in line.positions(name)}, reverse=True)
    events = [event_at(line, at, place) for at in positions[first : first + count]]
    return Page(events, len(positions))


def history(line: Line, pack: str | None, first: int, count: int) -> Page:
    """Events of everything, or of a pack and its workflows, newest first, from number `first`."""
    total = line.row_count(pack)
    newest = total - 1 - first
    return Page([event(line, number, pack) for number in range(newest, max(newest - count, -1), -1)], total)


def event(line: Line, number: int, pack: str | None = None) -> Event:
    """The event of a row of the line."""
    position, name = line.row(number, pack)
    place = told_place(name)
    if place is None:
        raise LookupError(name)
    return event_at(line, position, place)


def event_at(line: Line, position: int, place: Place) -> Event:
    """What the commit at a position did to a pack or workflow that it touched."""
    commit, date = line.commit_at(position)
    names = signs(place)
    was_known = any(line.touch_before(name, position) for name in names)
    old, new = (_blob(line, names, before) for before in (position, position + 1))
    change: Deed = "updated"
    if old is None and new is not None:
        change = "restored" if was_known else "created"
    elif new is None:
        change = "deleted"
    return Event(commit, date, place, change, old, new)


def _blob(line: Line, names: Iterable[str], before: int) -> str | None:
    """The blob that a ref was served from; of two files, the one that is there for longer has the ref."""
    contents = ((name, content_before(line, name, before)) for name in names)
    found = {name: content for name, content in contents if content}
    if len(found) < 2:
        return next(iter(found.values()), None)
    return found[min(found, key=lambda name: (line.born(name, before) or 0, name))]


def told(repository: Repository, gists: Gists, events: Sequence[Event]) -> list[dict[str, Any]]:
    """Events as the API gives them, with what their commits and files say. Opens nothing but what is on the page."""
    said = gists.of((event.place, blob) for event in events for blob in (event.old, event.new) if blob)

    def gist(event: Event, blob: str | None) -> Gist:
        return said[event.place, blob] if blob else NO_FILE

    return [_entry(repository, event, gist(event, event.old), gist(event, event.new)) for event in events]


def _entry(repository: Repository, event: Event, old: Gist, new: Gist) -> dict[str, Any]:
    author, email, message = read_commit(repository, event.commit)
    return {
        "commit": event.commit,
        "date": timestamp(event.date),
        "author": author,
        "email": email,
        "subject": message.subject,
        "body": message.body,
        "trailers": message.trailers,
        "kind": event.place.kind,
        "ref": event.place.ref,
        "change": event.change,
        "version_before": old.version,
        "version_after": new.version,
        "fields": changed_fields(old, new),
    }
