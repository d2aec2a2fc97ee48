"""Workflows in two files: the action's and the one that it names, found in a source and read as one."""

from collections.abc import Callable, Collection, Iterator, Sequence

from .edits import Edit
from .entries import Entry
from .forms.pairs import is_whole, joined, named_graph, names_workflow
from .layout import Place, actions_folder, any_place_of, candidates, graph_path, pack_of, workflow_of_action
from .line import Line
from .pasts import born
from .source import Source, SourceFile


def files_of(source: Source, place: Place) -> list[SourceFile]:
    """The files that say what a pack or workflow is; what is in two files is one of them."""
    paths = candidates(place)
    found = [file for file in map(source.find, paths[:2]) if file]
    folder = actions_folder(pack_of(place.ref))
    if len(paths) > 2 and source.has_folder(folder):
        found += _actions_of(source, paths)
        found += [file for file in _unnamed_of(source, place) if _is_whole(source, file)]
    return found


def left_over(source: Source, place: Place) -> list[SourceFile]:
    """The files of tasks by the name of a workflow that no action names, and that are none by themselves."""
    return [file for file in _unnamed_of(source, place) if not _is_whole(source, file)]


def _actions_of(source: Source, paths: Sequence[str]) -> list[SourceFile]:
    found = (_pair(source, file) for file in map(source.find, paths[2:4]) if file)
    return [file for file in found if file]


def _unnamed_of(source: Source, place: Place) -> list[SourceFile]:
    """The files of tasks by the name of a workflow, where no action has the name, that no action names."""
    paths = candidates(place)
    found = [file for file in map(source.find, paths[4:]) if file]
    if not found or _actions_of(source, paths):
        return []
    named = _named_in(source, actions_folder(pack_of(place.ref)))
    return [file for file in found if file.path not in named]


def _is_whole(source: Source, file: SourceFile) -> bool:
    # What cannot be read, or was left behind by a partial clone, is a problem of the workflow's, and not of nobody's.
    raw = text_of(source, file)
    return raw is None or is_whole(raw)


def text_of(source: Source, file: SourceFile) -> bytes | None:
    """A file's bytes; None for a link, and for what a partial clone has left behind."""
    try:
        return source.read(file) if file.is_regular else None
    except KeyError:
        return None


def first_of(files: Sequence[SourceFile], line: Callable[[], Line]) -> SourceFile | None:
    """Of the files of a pack or workflow the one that it is served from; the line is asked for where there are more."""
    if len(files) < 2:
        return next(iter(files), None)
    known = line()
    return min(files, key=lambda file: (born(known, file.path), file.path))


def disturbed(
    source: Source, workflows_in: Callable[[str], list[Entry]], broken: Collection[str], paths: Collection[str]
) -> set[Place]:
    """The workflows that changes of actions, and of the files that these name, may make others of.

    `workflows_in` gives those served of a pack, `broken` are the paths of files that nothing is served from.
    """
    packs = {path.split("/")[1] for path in paths if "/actions/" in path and path.count("/") > 2}
    found: set[Place] = set()
    for pack in packs:
        folder = f"{actions_folder(pack)}/"
        served = (entry for entry in workflows_in(pack) if entry.path.startswith(folder))
        found.update(Place("workflow", entry.ref) for entry in served)
        graphs = [file.path for file in source.files_in(f"{folder}workflows")]
        known = [path for path in broken if path.startswith(folder)]
        found.update(at for at in map(any_place_of, (*known, *graphs)) if at)
    return found


def _named_in(source: Source, folder: str) -> frozenset[str]:
    """The files that actions of a folder name."""
    if folder not in source.named:
        source.named[folder] = frozenset(_read_named(source, folder))
    return source.named[folder]


def _read_named(source: Source, folder: str) -> Iterator[str]:
    for file in source.files_in(folder):
        raw = text_of(source, file) if workflow_of_action(file.path) else None
        named = named_graph(raw) if raw is not None and names_workflow(raw) else None
        if named:
            yield f"{folder}/{named}"


def _pair(source: Source, action: SourceFile) -> SourceFile | None:
    """The workflow that an action is; None for any other action."""
    # As in the history: an action that is not here is no workflow, since most actions are none.
    raw = text_of(source, action)
    if raw is None or not names_workflow(raw):
        return None
    named = named_graph(raw)
    path = graph_path(action.path.split("/")[1], named) if named else ""
    graph = source.find(path) if path else None
    blob = joined(action.blob, graph.blob if graph else None)
    is_regular = action.is_regular and (graph is None or graph.is_regular)
    edits = [file.edit for file in (action, graph) if file and file.edit]
    if not edits:
        return SourceFile(action.path, blob, is_regular, None, path)
    modified = max(edit.modified or 0 for edit in edits)
    content = (raw, text_of(source, graph) if graph else None)
    return SourceFile(action.path, blob, is_regular, Edit(blob, None, modified), path, content)
