"""What the registry's own commits change, told by the worker that makes them: others need not compare trees.

A note in the state folder, written before the branch moves. It may be lost, half written, or tell of commits that never
come to be: whoever reads it asks for the steps between two commits, and an id stands for one content.
"""

from collections.abc import Collection, Mapping

from .edits import open_folder, read_working_file
from .git.head import read_head
from .git.ids import blob_id
from .git.repository import Repository
from .git.smallfile import read_small, read_start, write_over
from .git.stamps import Stamp, stamp_of
from .landed_note import NOTHING, Landing, Note, Way, unpacked

# By its path, the first line of the note last read, and the note: the same is asked several times about each landing.
_last_read: dict[str, tuple[bytes, Note]] = {}


def tell(repository: Repository, landing: Landing) -> None:
    """Note what is about to land. Raises OSError."""
    note = _read(repository).followed_by(landing)
    head, rest = note.packed()
    write_over(_path(repository), head + b"\n" + rest)
    # Who tells of the next landing need not read it again.
    _last_read[_path(repository)] = (head, note)


def told(repository: Repository, old: str | None, new: str | None) -> Way | None:
    """The way from one commit to another, None where nobody has told of it."""
    if old == new:
        return Way(old)
    return None if old is None or new is None else _read(repository).way(old, new)


def has_landed(repository: Repository, commit: str) -> bool:
    """True when a writer has told of this commit, which is on a branch: it was on disk before it came to be there."""
    return commit in _read(repository).commits[1:]


def underway(repository: Repository, tip: str | None) -> Collection[str]:
    """The paths that the landing last told of touches, if it is one on this commit."""
    way = _read(repository).way(tip)
    return way.paths if way else ()


def coming(repository: Repository, tip: str | None) -> Landing | None:
    """The landing last told of, if it is one on this commit."""
    landing = _read(repository).landing
    return landing if landing is not None and landing.base == tip else None


def come(repository: Repository, tip: str | None) -> Landing | None:
    """The landing last told of, if this is its last commit."""
    note = _read(repository)
    return note.landing if note.rows and note.commits[-1] == tip else None


def records_told(repository: Repository, tip: str | None) -> Mapping[str, bytes]:
    """What was made of the files of the latest landings, up to this commit or beyond, by the cache's keys."""
    note = _read(repository)
    return note.landing.records if tip in note.commits and note.landing else {}


def keep_up(repository: Repository) -> Mapping[str, bytes]:
    """The records of the landing last told of. Who asks after each of them knows the way from further back."""
    landing = _read(repository).landing
    return landing.records if landing is not None else {}


def has_told(repository: Repository, paths: Collection[str]) -> bool:
    """True when the branch is where writers have told it to be, and these working files are as they have told.

    Raises OSError.
    """
    note = _read(repository)
    if read_head(repository).commit not in note.commits:
        return False
    blobs = note.blobs
    return all(path in blobs and _blob_at(repository, path) == blobs[path] for path in paths)


def _blob_at(repository: Repository, path: str) -> str | None:
    folder, _, name = path.rpartition("/")
    with open_folder(repository.directory, folder) as descriptor:
        found = read_working_file(descriptor, name)
    return blob_id(found[0]) if found else None


def note_stamp(repository: Repository) -> Stamp:
    """What tells the note as it is now from the one before."""
    return stamp_of(_path(repository))


def _read(repository: Repository) -> Note:
    path = _path(repository)
    try:
        known = _last_read.get(path)
        if known is not None and read_start(path).startswith(known[0] + b"\n"):
            return known[1]
        head, _, text = read_small(path).partition(b"\n")
        found = unpacked(head, text)
        if known is not None:
            found = found.following(known[1])
    except (OSError, ValueError, EOFError, TypeError):
        return NOTHING
    _last_read[path] = head, found
    return found


def _path(repository: Repository) -> str:
    return f"{repository.state_folder}/landed"
