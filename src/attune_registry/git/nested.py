"""Changes of files as a tree of folders, with no path in it that could lead astray."""

from collections.abc import Mapping, Sequence

from ..errors import Invalid
from .objects import FileChange


class Nested(dict[str, "Nested | FileChange"]):
    """Changes by folder and name."""


def by_folder(changes: Sequence[FileChange]) -> Nested:
    """The changes by folder. Raises Invalid for paths that cannot be, or not together."""
    top = Nested()
    for change in changes:
        path = change.path
        *folders, name = checked_path(path).split("/")
        folder = top
        for step in folders:
            below = folder.setdefault(step, Nested())
            if not isinstance(below, Nested):
                raise Invalid(f"'{path}' is below a file that the same change writes.")
            folder = below
        if name in folder:
            raise Invalid(f"'{path}' is changed twice in one commit.")
        folder[name] = change
    return top


def checked_path(path: str) -> str:
    """The path, or Invalid when it could leave the working tree or reach into .git."""
    steps: Mapping[str, bool] = {step: step.lower() in ("", ".", "..", ".git") for step in path.split("/")}
    if any(steps.values()) or any(ord(character) < 32 or character == "\\" for character in path):
        raise Invalid(f"'{path}' is not a path inside the repository.")
    return path
