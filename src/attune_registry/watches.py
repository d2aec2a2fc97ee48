"""How many folders of the working tree the system really watches: watchdog does not say when it was refused some."""

import os
from pathlib import Path

from .git.trees import ROOTS

_DESCRIPTORS = "/proc/self/fdinfo"


def granted() -> int | None:
    """The inotify watches of this process, None where the system does not tell (proc(5), `/proc/pid/fdinfo`)."""
    try:
        return sum(map(_watches_of, os.listdir(_DESCRIPTORS)))
    except OSError:
        return None


def wanted(root: Path) -> int:
    """How many folders there are to watch below the root of a working tree."""
    return sum(1 for name in ROOTS if (root / name).is_dir() for _ in os.walk(root / name))


def _watches_of(descriptor: str) -> int:
    try:
        with open(f"{_DESCRIPTORS}/{descriptor}", "rb") as file:
            return sum(line.startswith(b"inotify ") for line in file)
    except OSError:  # closed since it was listed: the listing itself had one
        return 0
