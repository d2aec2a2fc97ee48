"""Notes on commits, as `git notes` keeps them: a ref of their own, whose tree names the commits."""

from collections.abc import Callable

import pygit2

from ..errors import Conflict
from .durability import durability_of, flush
from .faults import faults
from .head import resolve_ref
from .object_writer import ObjectWriter
from .objects import Author, FileChange, blob_bytes, entry_at
from .references import move_ref
from .repository import Repository

_ATTEMPTS = 5


def read_note(repository: Repository, ref: str, commit: str) -> bytes:
    """The note on a commit; nothing where there is none."""
    return _note_at(repository, resolve_ref(repository, ref), commit)


def edit_note(
    repository: Repository, ref: str, commit: str, edit: Callable[[bytes], bytes], author: Author, message: str
) -> None:
    """Replaces the note on a commit by what `edit` makes of it; on disk when this returns.

    Raises Conflict when others (who push, or fetch) keep changing the ref.
    """
    for attempt in range(_ATTEMPTS):
        old = resolve_ref(repository, ref)
        path = _path_of(repository, old, commit) or commit
        change = FileChange(path, edit(_note_at(repository, old, commit)))
        objects = ObjectWriter(repository)
        made = objects.commit(old, [change], author, message)
        durability = durability_of(repository)
        with faults("writing a note"):
            written = objects.write()
            if durability.objects:
                flush(written, durability.method)
            objects.publish()
        try:
            move_ref(repository, ref, old, made.commit, message)
        except Conflict:
            objects.discard()
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            objects.settle()
            return


def _note_at(repository: Repository, tip: str | None, commit: str) -> bytes:
    path = _path_of(repository, tip, commit)
    entry = entry_at(repository, tip, path) if path else None
    return blob_bytes(repository, entry.blob) if entry else b""


def _path_of(repository: Repository, tip: str | None, commit: str) -> str | None:
    """Where the note on a commit is: git spreads many notes over folders of two digits each."""
    if tip is None or not isinstance(repository.handle().get(tip), pygit2.Commit):
        return None
    for folders in range(4):
        steps = [commit[2 * at : 2 * at + 2] for at in range(folders)]
        path = "/".join([*steps, commit[2 * folders :]])
        if entry_at(repository, tip, path):
            return path
    return None
