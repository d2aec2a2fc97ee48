"""What is in a clone already and differs from a new ref by capitals alone: of the two, only one could be served."""

from collections.abc import Iterator
from pathlib import Path

from ..forms.pairs import names_workflow
from ..layout import Place, candidates, workflow_of_action


def rivals(root: Path, at: Place) -> list[str]:
    """The folders of packs or files of workflows, from the root, whose refs differ from this place's by case alone."""
    own = [Path(path).parent if at.kind == "pack" else Path(path) for path in candidates(at)]
    return [path for name in dict.fromkeys(own) for path in _alike(root, name) if _is_one(root, path)]


def _alike(root: Path, name: Path) -> Iterator[str]:
    folder = root / name.parent
    there = sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []
    for each in there:
        if each != name.name and each.casefold() == name.name.casefold():
            yield (name.parent / each).as_posix()


def _is_one(root: Path, path: str) -> bool:
    """False for an action that is no workflow, which may be called as it likes."""
    return workflow_of_action(path) is None or names_workflow((root / path).read_bytes())
