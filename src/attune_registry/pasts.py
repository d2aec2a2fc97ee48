"""What the line knows of a pack or workflow, given the file that stands for it: of two files, the action's."""

from .forms.pairs import NO_TASKS, joined
from .layout import is_sign, signed_path, told_by, workflow_of_action
from .line import Line, Touch

# The position of a file that no commit has: after all others.
NOT_YET = 1 << 62


def born(line: Line, path: str) -> int:
    """The position of the commit that made the workflow which a file stands for: of rivals the first has the ref.

    What was deleted and came back is as young as that.
    """
    found = line.born(told_by(path), line.length)
    return NOT_YET if found is None else found


def ends_of(line: Line, path: str) -> tuple[Touch, Touch] | None:
    """The first and the last commit that touched what a file stands for; None when none did."""
    # Of tasks that an action names in the last commit, and no longer in the working tree, no sign tells.
    return line.ends(told_by(path)) or line.ends(path)


def positions_of(line: Line, path: str) -> list[int]:
    """The positions of the commits that touched what a file stands for, oldest first."""
    return line.positions(told_by(path))


def content_at(line: Line, path: str, position: int) -> str | None:
    """The id of the content of what a file stands for after the commit at a position; None where there was none."""
    return content_before(line, told_by(path), position + 1)


def origin_at(line: Line, path: str, position: int) -> str | None:
    """The commit that the content came with which there was after the one at a position."""
    touch = line.touch_before(told_by(path), position + 1)
    return line.commit_at(touch[0])[0] if touch else None


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
