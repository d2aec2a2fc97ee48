"""Files of a line or two, read with as few calls of the system as can be: a write looks into twenty of them."""

import os

_USUAL_SIZE = 4096


def read_small(path: str | os.PathLike[str], *, is_start_enough: bool = False) -> bytes:
    """A file's bytes, or its first 4 KB where those are enough. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        content = found = os.read(descriptor, _USUAL_SIZE)
        while len(found) == _USUAL_SIZE and not is_start_enough:
            found = os.read(descriptor, _USUAL_SIZE)
            content += found
        return content
    finally:
        os.close(descriptor)
