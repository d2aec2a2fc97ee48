"""New files in a person's folder: all of them, or none."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..git.smallfile import named


class Additions:
    """Files that were not there before, and `paths` of those written so far, below `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.paths: list[str] = []
        self._folders: list[Path] = []

    def write(self, path: str, content: bytes) -> None:
        """Write a file, in folders that are made where they are missing; none over another. Raises OSError."""
        self._make_folders(path)
        file = self.root / path
        with named(file), file.open("xb") as opened:
            self.paths.append(path)
            opened.write(content)

    def _make_folders(self, path: str) -> None:
        for folder in reversed(Path(path).parents[:-1]):
            place = self.root / folder
            if not place.is_dir():
                place.mkdir()
                self._folders.append(place)

    def take_back(self) -> None:
        """Leave nothing of what was written."""
        for path in self.paths:
            (self.root / path).unlink(missing_ok=True)
        for folder in reversed(self._folders):
            # Somebody else may have put something into it.
            with suppress(OSError):
                folder.rmdir()


@contextmanager
def adding(root: Path) -> Iterator[Additions]:
    """Files to be added below a folder, taken back where something fails meanwhile."""
    additions = Additions(root)
    try:
        yield additions
    except BaseException:
        additions.take_back()
        raise
