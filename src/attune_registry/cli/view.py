"""What commands that look back need of a repository: its line and what its files say, without an index of it."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..cache import Cache
from ..checks.contract import Contract
from ..contents import Contents
from ..gists import Gists
from ..git.head import Head, read_head
from ..git.repository import Repository
from ..git.revisions import resolve
from ..layout import CONFIG_PATH, PACK_SCHEMA_PATH, WORKFLOW_SCHEMA_PATH
from ..line import Line, follow
from ..line_cache import LineCache
from ..logs import configure_logs
from ..source import Source


@dataclass(frozen=True)
class View:
    """A repository as its HEAD has it; made anew when that moves."""

    repository: Repository
    head: Head
    line: Line

    @classmethod
    def of(cls, directory: Path) -> "View":
        """The view of the repository that a directory is in. Raises UnusableRepository."""
        configure_logs("error")
        repository = Repository.open(directory)
        head = read_head(repository)
        lines = LineCache(repository)
        line, known = follow(repository, lines.load(), head.commit)
        lines.keep(line, known)
        return cls(repository, head, line)

    def followed(self) -> "View":
        """The view of what HEAD is now."""
        head = read_head(self.repository)
        if head == self.head:
            return self
        return View(self.repository, head, follow(self.repository, self.line, head.commit).line)

    def line_at(self, revision: str | None) -> Line:
        """The line of a revision; None is HEAD. Raises Invalid or NotFound."""
        if revision is None:
            return self.line
        return follow(self.repository, self.line, resolve(self.repository, revision), aside=True).line

    @cached_property
    def cache(self) -> Cache:
        """What is kept of files that were read before."""
        return Cache.of(self.repository)

    @cached_property
    def gists(self) -> Gists:
        """What histories tell of revisions of files."""
        return Gists(self.contents, self.cache)

    @cached_property
    def contents(self) -> Contents:
        """What revisions of files say."""
        source = Source(self.repository, self.head.commit, {})
        paths = (CONFIG_PATH, WORKFLOW_SCHEMA_PATH, PACK_SCHEMA_PATH)
        contract = Contract.load(*map(source.read_path, paths))[0]
        return Contents(self.repository, self.cache, contract)
