"""A person in the clone with work that is not committed; it has to stay exactly as it is."""

from typing import NamedTuple

from .clone import Clone, path_of, workflow_text

EDITED, STAGED = "desk.edited", "desk.staged"
_NEW, _LOOSE = "notes/new.txt", "notes/loose.txt"
REFS = (EDITED, STAGED)
_PATHS = (path_of(EDITED), path_of(STAGED), _NEW, _LOOSE)
STAGED_PATHS = (path_of(STAGED), _NEW)


class Desk(NamedTuple):
    """What git says of the work: status, what is staged (path -> blob), the text of each file."""

    status: str
    staged: str
    texts: tuple[str, ...]


def work(clone: Clone) -> Desk:
    """Edit one file, stage another and edit it further, stage a new one, and leave one that git does not know."""
    clone.write(path_of(EDITED), workflow_text("Edited, not staged"))
    clone.write(path_of(STAGED), workflow_text("Staged"))
    clone.write(_NEW, "new\n")
    clone.git("add", "--", path_of(STAGED), _NEW)
    clone.write(path_of(STAGED), workflow_text("Edited after staging"))
    clone.write(_LOOSE, "loose\n")
    return look(clone)


def look(clone: Clone) -> Desk:
    """The work as it is now, and whatever else is not committed."""
    return _look(clone, ())


def look_at_own(clone: Clone) -> Desk:
    """The work alone: while the API commits, its files differ from HEAD or index for a moment."""
    return _look(clone, _PATHS)


def _look(clone: Clone, paths: tuple[str, ...]) -> Desk:
    staged = clone.git("diff-index", "--cached", "--raw", "--no-abbrev", "HEAD", "--", *paths)
    texts = tuple(clone.read(path) if (clone.root / path).exists() else "" for path in _PATHS)
    return Desk(clone.status(*paths), staged, texts)


def tidy(clone: Clone) -> None:
    """Give it up."""
    clone.git("reset", "-q", "--", *map(path_of, REFS), _NEW)
    clone.git("checkout", "-q", "--", *map(path_of, REFS))
    for path in (_NEW, _LOOSE):
        (clone.root / path).unlink()
