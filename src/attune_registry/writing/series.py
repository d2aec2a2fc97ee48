"""Commits made one on top of the other, in memory, and what they come to."""

from collections.abc import Sequence

from ..git.object_writer import ObjectWriter
from ..git.objects import Author, FileChange, Made, entry_at
from ..git.repository import Repository
from ..git.signing import signer_of
from ..priority import breathe
from .checkout import Result


class Series:
    """What one landing is made of. Nothing of it is on disk before `objects` writes it."""

    def __init__(self, repository: Repository, base: str | None) -> None:
        self._repository = repository
        self.base = base
        self.tip = base
        self.objects = ObjectWriter(repository, signer_of(repository))
        # Commits that others may have made.
        self.foundations: set[str] = {base} if base else set()
        self.results: dict[str, Result] = {}
        self.messages: list[str] = []

    def commit(self, changes: Sequence[FileChange], author: Author, message: str, parents: Sequence[str] = ()) -> Made:
        """A commit on top of the last one (`parents` are further ones, of a merge).

        Raises Conflict for a path that is no plain file; the series goes on.
        """
        breathe()
        made = self.objects.commit(self.tip, changes, author, message, parents)
        self.tip = made.commit
        self.foundations.update(parents)
        for path, content, _ in changes:
            self.results[path] = Result(content, entry_at(self._repository, made.commit, path))
        self.messages.append(message.partition("\n")[0])
        return made
