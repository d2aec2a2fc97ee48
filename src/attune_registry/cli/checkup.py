"""All that is wrong in a registry, in its working tree or at any commit, found as the server finds it."""

from collections.abc import Mapping
from dataclasses import dataclass

from .. import errors
from ..cache import Cache
from ..edits import Edit, all_edits
from ..forms.pairs import names_workflow
from ..git.head import Head, read_head
from ..git.repository import Repository
from ..indexer import Indexer
from ..layout import file_matters, setting_of, workflow_of_action
from ..line import Line
from ..pairs import text_of
from ..snapshot import Snapshot
from ..source import Source, SourceFile
from ..workbench import Progress
from .report import Located, located

# Which of several files is to blame is said by which was there first: only then is the history walked.
_ASK_FOR_HISTORY = frozenset({"ref-duplicate", "ref-collision"})


@dataclass(frozen=True)
class Checkup:
    """A registry that has been looked over: its files, what is served of them, and every problem."""

    source: Source
    snapshot: Snapshot
    paths: frozenset[str]
    problems: tuple[Located, ...]

    def read(self, path: str) -> bytes | None:
        """The bytes that were checked; None where there are none here."""
        try:
            return self.source.read_path(path)
        except errors.NotFound:
            return None


def working_edits(repository: Repository) -> dict[str, Edit]:
    """What the working tree, if there is one, says otherwise than its commit."""
    return all_edits(repository, read_head(repository).commit) if repository.root else {}


def check_up(
    repository: Repository, commit: str | None, edits: Mapping[str, Edit], progress: Progress | None
) -> Checkup:
    """Check every file of a commit with these edits over it."""
    indexer = Indexer(repository, Cache.of(repository))
    head = Head(None, commit)
    snapshot = indexer.index(head, edits, progress, line=Line())
    problems = located(snapshot.problems)
    if any(problem.rule in _ASK_FOR_HISTORY for problem in problems):
        snapshot = indexer.index(head, edits, progress)
        problems = located(snapshot.problems)
    source = Source(repository, commit, edits)
    ours = (file for file in source.files() if file.path in snapshot.others or _is_ours(source, file))
    paths = frozenset(setting_of(file.path) or file.path for file in ours)
    return Checkup(source, snapshot, paths, tuple(problems))


def _is_ours(source: Source, file: SourceFile) -> bool:
    """True for files that the registry has something to say of; an action that is no workflow is none of them."""
    if workflow_of_action(file.path) is None:
        return file_matters(file.path)
    return names_workflow(text_of(source, file))
