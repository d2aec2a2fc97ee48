"""Files of a line or two, read and written with as few calls as can be: a write looks into twenty of them."""

import os

USUAL_SIZE = 4096
_OFTEN_ENOUGH = 1 << 14
_LARGE_SIZE = 1 << 18
_OVER = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC

PathLike = str | os.PathLike[str]


def read_small(path: PathLike, *, is_start_enough: bool = False) -> bytes:
    """A file's bytes, or its first 4 KB where those are enough. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        content = os.read(descriptor, USUAL_SIZE)
        if len(content) < USUAL_SIZE or is_start_enough:
            return content
        parts = [content]
        while found := os.read(descriptor, _LARGE_SIZE):
            parts.append(found)
        return b"".join(parts)
    finally:
        os.close(descriptor)


def read_open(descriptor: int) -> bytes:
    """All bytes of an open file, from where it is, read until nothing comes any more. Raises OSError."""
    parts = [os.read(descriptor, _OFTEN_ENOUGH)]
    while found := os.read(descriptor, _LARGE_SIZE):
        parts.append(found)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def read_end(path: PathLike, count: int) -> bytes:
    """A file's last so many bytes, or all where there are fewer. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.pread(descriptor, count, max(0, os.fstat(descriptor).st_size - count))
    finally:
        os.close(descriptor)


def write_over(path: PathLike, content: bytes) -> None:
    """Writes over what is there, and leaves what stands behind that. Raises OSError."""
    _write(os.open(path, _OVER, 0o644), content)


def write_new(path: PathLike, content: bytes, mode: int = 0o666) -> None:
    """Writes a file that is not there yet. Raises OSError."""
    _write(os.open(path, _OVER | os.O_EXCL, mode), content)


def append(path: PathLike, content: bytes) -> None:
    """Adds to the end, in one piece where other programs do that, too. Raises OSError."""
    _write(os.open(path, _OVER | os.O_APPEND, 0o666), content)


def _write(descriptor: int, content: bytes) -> None:
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
    finally:
        os.close(descriptor)
