"""Files that a landing replaces: they keep a name until it is answered, and go then.

What comes free is waited for, in the middle of the landing: a disk that is told of it at once (the mount option
`discard`) takes 0.3 to 2 ms for each file.
"""

import contextlib
import os
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from itertools import count
from pathlib import Path

from .repository import Repository

_numbers = count()
# Of this process, which removes them.
_kept: deque[str] = deque()
os.register_at_fork(after_in_child=_kept.clear)


def keep(repository: Repository, path: Path) -> None:
    """Gives a file that is about to be replaced a second name; where it cannot have one, it goes when it is."""
    with contextlib.suppress(OSError):
        _name(repository, lambda name: os.link(path, name))


def put_away(repository: Repository, name: Path | str, folder: int | None = None) -> None:
    """Takes away a file that nobody needs any more, in an open folder if one is given; it may not be there."""
    with contextlib.suppress(FileNotFoundError):
        try:
            _name(repository, lambda kept: os.rename(name, kept, src_dir_fd=folder))
        except OSError:
            os.unlink(name, dir_fd=folder)


def remove_kept() -> None:
    """Removes what this process has kept or put away. What cannot be removed is left for `sweep_replaced`."""
    while _kept:
        # The last one may just be another thread's.
        with contextlib.suppress(OSError, IndexError):
            os.unlink(_kept.popleft())


def sweep_replaced(repository: Repository) -> None:
    """Removes what processes that died have left."""
    for path in _folder(repository).glob("*"):
        path.unlink(missing_ok=True)


def _name(repository: Repository, give: Callable[[str], None]) -> None:
    folder = _folder(repository)
    name = f"{folder}/{os.getpid()}-{next(_numbers)}"
    try:
        give(name)
    except FileNotFoundError:
        if folder.is_dir():
            raise
        folder.mkdir(exist_ok=True)
        give(name)
    _kept.append(name)


@lru_cache
def _folder(repository: Repository) -> Path:
    return repository.state_folder / "replaced"
