"""Where two sides have parted, and what a file was there: in one commit, or in several where they have crossed."""

from functools import cached_property

from ..git.repository import Repository
from ..git.revisions import merge_bases
from ..git.trees import find_file


class Bases:
    """The best commits that both sides grew from, in an order of their own: git names them in any.

    There are several where both sides have merged each other's work.
    """

    def __init__(self, repository: Repository, commits: list[str]) -> None:
        self.commits = tuple(sorted(commits))
        self._repository = repository

    def __str__(self) -> str:
        """What an approval is bound to: the commits themselves."""
        return " ".join(self.commits)

    def origins(self, path: str) -> tuple[str, ...]:
        """The one that has the file as it was when both sides had it alike; all of them where nobody can tell.

        As git does it, with the bases of the bases: where only one of them has changed the file since then, it is as
        that one has it.
        """
        if len(self.commits) < 2:
            return self.commits
        files = {commit: find_file(self._repository, commit, path) for commit in self.commits}
        if len(set(files.values())) == 1:
            return self.commits[:1]
        below = self._below.origins(path)
        if len(below) != 1:
            return self.commits
        before = find_file(self._repository, below[0], path)
        changed = [commit for commit, file in files.items() if file != before]
        return tuple(changed[:1]) if len({files[commit] for commit in changed}) == 1 else self.commits

    @cached_property
    def _below(self) -> "Bases":
        return Bases(self._repository, merge_bases(self._repository, *self.commits))
