"""Files of a line or two, read and written with as few calls as can be: a write looks into twenty of them.

They are read without letting go of the interpreter, which `os.open` and `os.read` hand over each time: beside a thread
that is busy a file of a line took 70 us instead of 17; where nobody else is, it costs the same.
"""

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_USUAL_SIZE = 4096
_OFTEN_ENOUGH = 1 << 14
# What workers tell each other of a landing has some 50 KB.
_ROOM_SIZE = 1 << 16
_LARGE_SIZE = 1 << 18
_OVER = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_CLOEXEC
# Unlike CDLL, it calls without letting go of the interpreter (docs.python.org, ctypes).
_libc = ctypes.PyDLL(None)

PathLike = str | os.PathLike[str]


class Room(threading.local):
    """So many bytes for each thread, where calls of the C library leave what they found."""

    def __init__(self, size: int) -> None:
        self.bytes = ctypes.create_string_buffer(size)


_room = Room(_ROOM_SIZE)


def read_small(path: PathLike) -> bytes:
    """A file's bytes. Raises OSError."""
    content = _read(path, _ROOM_SIZE, at_once=False)
    return content if len(content) < _ROOM_SIZE else _read_by_python(path)


def read_start(path: PathLike) -> bytes:
    """A file's first 4 KB, or all where there are fewer: of a file of /proc its first piece. Raises OSError."""
    return _read(path, _USUAL_SIZE, at_once=True)


def _read(path: PathLike, most: int, *, at_once: bool) -> bytes:
    """The first bytes of a file, so many at most, or what one call gives of them."""
    descriptor = _libc.open(os.fsencode(path), _READ)
    if descriptor < 0:
        # What is wrong, Python says.
        return _read_by_python(path)[:most]
    room, count = _room.bytes, 0
    # Until nothing comes any more: files of /proc come in pieces.
    while count < most and (more := _libc.read(descriptor, ctypes.byref(room, count), most - count)) > 0:
        count += more
        if at_once:
            break
    _libc.close(descriptor)
    return ctypes.string_at(room, count) if more >= 0 else _read_by_python(path)[:most]


def _read_by_python(path: PathLike) -> bytes:
    descriptor = os.open(path, _READ)
    try:
        with named(path):
            return read_open(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def named(path: PathLike) -> Iterator[None]:
    """Have an OSError say which file it is about: of what is open already, or a draft of it, it would not."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error


def read_open(descriptor: int) -> bytes:
    """All bytes of an open file, from where it is, read until nothing comes any more. Raises OSError."""
    parts = [os.read(descriptor, _OFTEN_ENOUGH)]
    while found := os.read(descriptor, _LARGE_SIZE):
        parts.append(found)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def read_end(path: PathLike, count: int) -> bytes:
    """A file's last so many bytes, or all where there are fewer. Raises OSError."""
    descriptor = os.open(path, _READ)
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
