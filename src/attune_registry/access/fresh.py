"""A file on disk as a value that is never out of date, at the price of one stat."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import structlog

Value = TypeVar("Value")

# Linux stamps files with the time of the last clock tick, at most 10 ms ago. A file that was changed this shortly
# before it was read may change again within the same tick and look the same.
_TOO_YOUNG_NS = 20_000_000

_log = structlog.get_logger(__name__)


class Stamp(NamedTuple):
    """What changes when a file does."""

    mtime_ns: int
    ctime_ns: int
    size: int
    inode: int


class _Held(NamedTuple, Generic[Value]):
    value: Value
    stamp: Stamp | None
    fault: str


class FreshFile(Generic[Value]):
    """What `parse` makes of a file's bytes, parsed anew whenever the file has changed.

    `parse` raises ValueError, with a sentence that holds no secret, for a broken file. A broken or unreadable
    file counts as `nothing`, and so does a missing one; each is said once in the log (a missing one only where
    the file is `required`). Any thread may ask: what is held is replaced in one assignment, and a stale
    replacement is noticed at the next question.
    """

    def __init__(self, path: Path, parse: Callable[[bytes], Value], *, nothing: Value, required: bool = False) -> None:
        self._path = os.fspath(path)
        self._parse = parse
        self._nothing = nothing
        self._required = required
        self._held = _Held(nothing, None, "")

    @property
    def fault(self) -> str:
        """Why the file counts as nothing, as of the last `value()`; "" when all is well."""
        return self._held.fault

    def value(self) -> Value:
        """What the file says now."""
        held = self._held
        try:
            found = os.stat(self._path)
        except OSError:
            return self._reread()
        stamp = held.stamp
        if (
            stamp is None
            or found.st_mtime_ns != stamp.mtime_ns
            or found.st_ctime_ns != stamp.ctime_ns
            or found.st_size != stamp.size
            or found.st_ino != stamp.inode
        ):
            return self._reread()
        return held.value

    def _reread(self) -> Value:
        held = self._read()
        if held.fault and held.fault != self._held.fault:
            _log.error("access file counts as empty", path=self._path, fault=held.fault)
        self._held = held
        return held.value

    def _read(self) -> _Held[Value]:
        try:
            raw, stamp = _read_with_stamp(self._path)
        except FileNotFoundError:
            return _Held(self._nothing, None, "The file is missing." if self._required else "")
        except OSError as error:
            return _Held(self._nothing, None, f"The file cannot be read: {error.strerror}.")
        try:
            return _Held(self._parse(raw), stamp, "")
        except ValueError as error:
            return _Held(self._nothing, stamp, str(error))


def _read_with_stamp(path: str) -> tuple[bytes, Stamp | None]:
    """The bytes of a file and their stamp; no stamp when it could not tell a change made from now on."""
    with open(path, "rb") as file:
        now = time.time_ns()
        found = os.fstat(file.fileno())
        raw = file.read()
    if now - found.st_ctime_ns < _TOO_YOUNG_NS:
        return raw, None
    return raw, Stamp(found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
