"""A file on disk as a value that is never out of date, at the price of one stat."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import structlog

from ..git.stamps import RACY_NS, STAMP, Stamp, stamp_of

Value = TypeVar("Value")

_log = structlog.get_logger(__name__)


class _Held(NamedTuple, Generic[Value]):
    value: Value
    stamp: Stamp
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
        self._name = os.fsencode(path)
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
        stamp = stamp_of(self._name)
        return held.value if stamp is not None and stamp == held.stamp else self._reread()

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


def _read_with_stamp(path: str) -> tuple[bytes, Stamp]:
    """The bytes of a file and their stamp; no stamp when it could not tell a change made from now on."""
    with open(path, "rb") as file:
        now = time.time_ns()
        found = os.fstat(file.fileno())
        raw = file.read()
    return raw, None if now - found.st_ctime_ns < RACY_NS else STAMP(found)
