"""What the line knows of the files of one pack or workflow, of one file or of two taken together."""

from collections.abc import Iterator, Mapping

from .forms.pairs import joined
from .layout import workflow_of_action
from .line import Line, Touch


def ends_of(line: Line, path: str, graph: str = "") -> tuple[Touch, Touch] | None:
    """The first and the last commit that touched a file, or one of two; None when none did."""
    ends = [found for found in map(line.ends, (path, graph) if graph else (path,)) if found]
    if len(ends) < 2:
        return ends[0] if ends else None

    def position(touch: Touch) -> int:
        return line.position(touch.commit) or 0

    return min((first for first, _ in ends), key=position), max((last for _, last in ends), key=position)


def contents_of(line: Line, path: str, graph: str = "") -> Iterator[str | None]:
    """The ids of the contents that a file, or two, had, newest first; None where there was none."""
    if not graph:
        yield from (touch.blob for touch in reversed(line.touches(path)))
        return
    for position in sorted({*line.positions(path), *line.positions(graph)}, reverse=True):
        action, tasks = (line.touch_before(one, position + 1) for one in (path, graph))
        if action is None or action[1] is None:
            yield None
        else:
            yield joined(action[1], tasks[1] if tasks else None)


def as_one(blobs: Mapping[str, str]) -> dict[str, str]:
    """The contents in these blobs by path: an action and the file with its name are one, under the action's."""
    actions = [path for path in blobs if workflow_of_action(path)]
    if not actions:
        return dict(blobs)
    graphs = [path for path in blobs if path.startswith(f"{actions[0].rpartition('/')[0]}/workflows/")]
    found = {path: blob for path, blob in blobs.items() if path not in (*actions, *graphs)}
    return found | {actions[0]: joined(blobs[actions[0]], blobs[graphs[0]] if graphs else None)}
