"""One run of the benchmark: which sizes, how long, and the working copies that its rows share."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from .processes import python
from .registries import restore, working_copy


class Session:
    """Use it as a context manager: the copies are gone afterwards."""

    def __init__(self, *, is_quick: bool) -> None:
        self.is_quick = is_quick
        self._copies: dict[int, Path] = {}
        self._unused: dict[int, list[Path]] = {}
        self._stack = ExitStack()

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def rounds(self) -> int:
        """How often two sides are measured in turn."""
        return 3 if self.is_quick else 5

    @property
    def seconds(self) -> float:
        """How long one run under load takes."""
        return 1 if self.is_quick else 3

    def copy(self, size: int) -> Path:
        """A working copy for rows that only read it."""
        if size not in self._copies:
            self._copies[size] = self._stack.enter_context(working_copy(size))
        return self._copies[size]

    def indexed(self, size: int) -> Path:
        """The same, opened once before and its history read, so that its cache is filled."""
        directory = self.copy(size)
        if not _state(directory).exists():
            python("once", "index", str(directory))
            # Or each server would read it beside what is measured.
            python("once", "read-ahead", str(directory))
        return directory

    @contextmanager
    def own(self, size: int) -> Iterator[Path]:
        """A working copy for one row to spoil, with the cache filled.

        It is mended and used again, not deleted: where many files were deleted in the last minutes, ext4 takes a
        millisecond for each new one, and the next row would measure that.
        """
        known = _state(self.indexed(size))
        unused = self._unused.setdefault(size, [])
        directory = unused.pop() if unused else self._stack.enter_context(working_copy(size))
        restore(directory)
        shutil.copytree(known, _state(directory))
        yield directory
        unused.append(directory)


def _state(directory: Path) -> Path:
    return directory / ".git" / "attune-registry"
