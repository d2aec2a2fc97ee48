"""The actions of a pack that are workflows, at one commit, and the files of tasks that they name: whose is which."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from .blobs import READ_LIMIT
from .forms.pairs import NO_TASKS, is_whole, named_graph, names_workflow
from .git.ids import blob_id
from .git.repository import Repository
from .git.trees import REGULAR, TreeChange, files_in, read_blob
from .layout import Place, actions_folder, any_place_of, candidates, graph_path, pack_of, sign_of, workflow_of_action

_KEPT = 4096


class ActionFile(NamedTuple):
    """A file among the actions of a pack: its blob (None: there is none), and what it names (`naming`).

    `is_whole` is said of a file of tasks: that it is a workflow where no action names it.
    """

    blob: str | None
    naming: str | None = None
    is_whole: bool = False


class SignChange(NamedTuple):
    """A sign that says something else since a commit, or the same of another content; `reason` is a changed path."""

    reason: str
    change: TreeChange


class Actions:
    """Of one pack, the actions that are workflows, and the files with tasks. A value: changes make another one."""

    def __init__(self, pack: str) -> None:
        self._pack = pack
        self._files: dict[str, ActionFile] = {}
        self._namers: dict[str, tuple[str, ...]] = {}

    @classmethod
    def at(cls, repository: Repository, commit: str | None, pack: str) -> "Actions":
        """Those of a commit, or of a tree by its id; None is one without files."""
        folder = actions_folder(pack)
        below = (files_in(repository, commit, path) for path in (folder, f"{folder}/workflows"))
        found = [file for files in below for file in files.values() if any_place_of(file.path)]
        read = {file.path: action_file(repository, file.path, file.blob, file.mode in REGULAR) for file in found}
        return cls(pack).changed(read)

    def changed(self, files: Mapping[str, ActionFile]) -> "Actions":
        """Those after a change of some files."""
        after = Actions(self._pack)
        # A history has thousands of such changes: all but what they are of is copied as it is.
        after._files, after._namers = self._files.copy(), self._namers.copy()
        for path, file in files.items():
            after._put(path, file)
        return after

    def _put(self, path: str, file: ActionFile) -> None:
        named = self.tasks_of(path)
        if named:
            self._namers[named] = tuple(namer for namer in self._namers[named] if namer != path)
        self._files.pop(path, None)
        if file.blob is not None and (file.naming is not None or workflow_of_action(path) is None):
            self._files[path] = file
            named = self.tasks_of(path)
            if named:
                self._namers[named] = (*self._namers.get(named, ()), path)

    def tasks_of(self, action: str) -> str:
        """The path of the file that an action names, be it there or not; empty where it names none."""
        file = self._files.get(action)
        return graph_path(self._pack, file.naming) if file and file.naming else ""

    def namers_of(self, path: str) -> Sequence[str]:
        """The actions that name a file as that of their tasks."""
        return self._namers.get(path, ())

    def parts_of(self, workflow: Place) -> list[str]:
        """The files of tasks that are a workflow's: those that its action names, or that stand for it by themselves."""
        paths = candidates(workflow)
        found = (*map(self.tasks_of, paths[2:4]), *filter(self._is_alone, paths[4:]))
        return [path for path in dict.fromkeys(found) if path in self._files]

    def says(self, path: str) -> str | None:
        """What the sign of a path says: the blob with the workflow's tasks, or NO_TASKS; None where it is none."""
        file = self._files.get(path)
        if file is None:
            return None
        if workflow_of_action(path):
            tasks = self._files.get(self.tasks_of(path))
            return tasks.blob if tasks else NO_TASKS
        return file.blob if self._is_alone(path) else None

    def concerned(self, path: str) -> Iterator[str]:
        """The files whose signs may say something else where the file at a path is another one."""
        yield path
        yield from self.namers_of(path)
        action = workflow_of_action(path)
        if action:
            yield self.tasks_of(path)
            yield from candidates(action)[4:]

    def owners(self, path: str) -> Sequence[str]:
        """The files that stand for the workflows that a file is part of."""
        return self.namers_of(path) or ([path] if self.says(path) else [])

    def _is_alone(self, path: str) -> bool:
        """True for a whole workflow that no action names, nor one with its own name stands before."""
        at, file = any_place_of(path), self._files.get(path)
        if at is None or file is None or not file.is_whole or self.namers_of(path):
            return False
        return self._files.keys().isdisjoint(candidates(at)[2:4])


def pack_with_actions(path: str) -> str | None:
    """The pack among whose actions a file lies; None for any other file."""
    at = any_place_of(path) if "/actions/" in path else None
    return pack_of(at.ref) if at else None


def by_pack(paths: Iterable[str]) -> dict[str, list[str]]:
    """Those of some paths that lie among the actions of packs, by pack."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        pack = pack_with_actions(path)
        if pack is not None:
            found[pack].append(path)
    return found


def signs_between(before: Actions, after: Actions, paths: Collection[str]) -> list[SignChange]:
    """The signs that tell of a change of these files, which is what makes the one of the other."""
    reasons: dict[str, str] = {}
    for reason in sorted(paths, reverse=True):
        for actions in (before, after):
            reasons.update((path, reason) for path in actions.concerned(reason) if path)
    reasons.update((path, path) for path in paths)
    found = []
    for path, reason in reasons.items():
        old, new = before.says(path), after.says(path)
        parts = {path, before.tasks_of(path), after.tasks_of(path)}
        if old != new or (new is not None and not parts.isdisjoint(paths)):
            found.append(SignChange(reason, TreeChange(sign_of(path), None, new)))
    return found


def with_signs(changes: Iterable[TreeChange], signs: Iterable[SignChange]) -> list[TreeChange]:
    """What a step tells: the changed files by their paths, signs after the files that they tell of."""
    keyed = [((change.path, ""), change) for change in changes]
    keyed += [((reason, change.path), change) for reason, change in signs]
    return [change for _, change in sorted(keyed)]


def action_file(repository: Repository, path: str, blob: str | None, is_plain: bool) -> ActionFile:
    """The file of a blob at a path."""
    if blob is None or not is_plain:
        return ActionFile(blob)
    if workflow_of_action(path) is not None:
        return ActionFile(blob, naming_in(repository, blob))
    return ActionFile(blob, is_whole=_is_whole_in(repository, blob))


def written_file(path: str, content: bytes | None) -> ActionFile:
    """The file of these bytes at a path; None for one that is gone."""
    if content is None:
        return ActionFile(None)
    if workflow_of_action(path) is not None:
        return ActionFile(blob_id(content), naming(content))
    return ActionFile(blob_id(content), is_whole=is_whole(content))


def naming_in(repository: Repository, blob: str) -> str | None:
    """As `naming`, of a blob; None, too, where it is not in this clone."""
    try:
        return _naming_in(repository, blob)
    except KeyError:
        return None


def naming(raw: bytes) -> str | None:
    """What an action's file names as that of its tasks, "" for no place that one can be at; None: it is no workflow."""
    return (named_graph(raw) or "") if names_workflow(raw) else None


def _is_whole_in(repository: Repository, blob: str) -> bool:
    """As `is_whole`, of a blob; True, too, where it is not in this clone."""
    try:
        return _is_whole_there(repository, blob)
    except KeyError:
        return True


@lru_cache(_KEPT)
def _is_whole_there(repository: Repository, blob: str) -> bool:
    return is_whole(read_blob(repository, blob, READ_LIMIT))


@lru_cache(_KEPT)
def _naming_in(repository: Repository, blob: str) -> str | None:
    return naming(read_blob(repository, blob, READ_LIMIT))
