"""What the line knows of the files of one pack or workflow, of one file or of two taken together."""

from .forms.pairs import NO_TASKS, joined
from .layout import is_sign, signed_path, workflow_of_action
from .line import Line, Touch

# The position of a file that no commit has: after all others.
NOT_YET = 1 << 62


def born(line: Line, path: str, graph: str = "") -> int:
    """The position of the first commit that touched a file, or one of two: of rivals the first has the ref."""
    ends = ends_of(line, path, graph)
    return (line.position(ends[0].commit) or 0) if ends else NOT_YET


def ends_of(line: Line, path: str, graph: str = "") -> tuple[Touch, Touch] | None:
    """The first and the last commit that touched a file, or one of two; None when none did."""
    ends = [found for found in map(line.ends, (path, graph) if graph else (path,)) if found]
    if len(ends) < 2:
        return ends[0] if ends else None

    def position(touch: Touch) -> int:
        return line.position(touch.commit) or 0

    return min((first for first, _ in ends), key=position), max((last for _, last in ends), key=position)


def content_at(line: Line, path: str, graph: str, position: int) -> str | None:
    """The id of the content that a file, or two, had after the commit at a position; None where there was none."""
    own, tasks = (line.touch_before(one, position + 1) if one else None for one in (path, graph))
    if own is None or own[1] is None or not graph:
        return own[1] if own else None
    return joined(own[1], tasks[1] if tasks else None)


def content_before(line: Line, name: str, position: int) -> str | None:
    """The id of the content that a path, or a sign, stood for before a position; None where there was none."""
    found = line.touch_before(name, position)
    if found is None or found[1] is None or not is_sign(name):
        return found[1] if found else None
    path = signed_path(name)
    if workflow_of_action(path) is None:
        return found[1]
    action = line.touch_before(path, position)
    return joined(action[1], None if found[1] == NO_TASKS else found[1]) if action and action[1] else None
