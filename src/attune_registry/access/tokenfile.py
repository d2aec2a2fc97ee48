"""The file of token digests: what it says, and writing it whole, one process at a time."""

import fcntl
import json
import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from .. import errors
from ..ownership import give, private_folder
from .principals import (
    Principal,
    fault_in_email,
    fault_in_glob,
    fault_in_name,
    fault_in_role,
)

_VERSION = 1
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_FIELDS = {"name", "email", "role", "packs", "created", "sha256"}
_LOCK_SECONDS = 10.0
_LOCK_POLL_SECONDS = 0.01


class Entry(NamedTuple):
    """One token as it is kept: whose it is, since when (UTC), and its SHA-256 in hexadecimal."""

    principal: Principal
    created: str
    sha256: str


def parse_entries(raw: bytes) -> tuple[Entry, ...]:
    """The entries of a tokens file, in its order; ValueError with a sentence for a broken file."""
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        raise ValueError("The file is not JSON; restore it, or delete it and create the tokens anew.") from None
    if not isinstance(data, dict) or data.get("version") != _VERSION or not isinstance(data.get("tokens"), list):
        raise ValueError(f"The file is not a list of tokens of version {_VERSION}.")
    entries = tuple(_parse_entry(number, entry) for number, entry in enumerate(data["tokens"], start=1))
    for what, values in (
        ("name", [entry.principal.name for entry in entries]),
        ("digest", [entry.sha256 for entry in entries]),
    ):
        if len(set(values)) != len(values):
            raise ValueError(f"Two tokens in the file have the same {what}.")
    return entries


def _parse_entry(number: int, entry: Any) -> Entry:
    if not isinstance(entry, dict) or set(entry) != _FIELDS:
        raise ValueError(f"Token {number} in the file does not have the fields {', '.join(sorted(_FIELDS))}.")
    texts = [entry[field] for field in ("name", "email", "role", "created", "sha256")]
    packs = entry["packs"]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError(f"Token {number} in the file has a field that is not a string.")
    if not isinstance(packs, list) or not all(isinstance(glob, str) for glob in packs):
        raise ValueError(f"Token {number} in the file has packs that are not a list of strings.")
    if not _DIGEST.match(entry["sha256"]):
        raise ValueError(f"Token {number} in the file has no SHA-256.")
    principal = Principal(entry["name"], entry["email"], entry["role"], tuple(packs))
    fault = fault_in(principal)
    if fault:
        raise ValueError(f"Token {number} in the file: {fault}")
    return Entry(principal, entry["created"], entry["sha256"])


def fault_in(principal: Principal) -> str:
    """The first thing wrong with what a principal says of itself, as a sentence; "" when nothing is."""
    return (
        fault_in_name(principal.name)
        or fault_in_email(principal.email)
        or fault_in_role(principal.role)
        or next(filter(None, map(fault_in_glob, principal.packs)), "")
    )


def entries_as_json(entries: Sequence[Entry]) -> bytes:
    """The file that says these entries, one readable block each."""
    tokens = [
        {
            "name": entry.principal.name,
            "email": entry.principal.email,
            "role": entry.principal.role,
            "packs": list(entry.principal.packs),
            "created": entry.created,
            "sha256": entry.sha256,
        }
        for entry in entries
    ]
    return json.dumps({"version": _VERSION, "tokens": tokens}, indent=2, ensure_ascii=False).encode() + b"\n"


def read_entries(path: Path) -> tuple[Entry, ...]:
    """The entries in the file at `path`, none when there is no file; Unavailable when it is broken."""
    try:
        return parse_entries(path.read_bytes())
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise errors.Unavailable(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise errors.Unavailable(f"{path} is broken, so nothing was changed. {error}") from error


def write_entries(path: Path, entries: Sequence[Entry]) -> None:
    """Replace the file whole, readable by its owner alone, and see it to the disk. Call it under `locked`.

    Its owner is the folder's, be it root that writes: for the server's user all tokens would be unknown.
    """
    # The name is fixed: what a crash leaves behind is overwritten next time instead of piling up.
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        give(file.fileno(), to_owner_of=path.parent)
        file.write(entries_as_json(entries))
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of the tokens file at `path`, making its folder; Unavailable when it stays taken."""
    _closed_folder(path.parent)
    descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        give(descriptor, to_owner_of=path.parent)
        _lock(descriptor)
        yield
    finally:
        # Closing lets go of the lock; the file stays, for removing it would let two hold "the" lock.
        os.close(descriptor)


def _closed_folder(folder: Path) -> None:
    private_folder(folder)
    found = folder.stat()
    if found.st_mode & 0o077 and found.st_uid == os.geteuid():
        folder.chmod(0o700)


def _lock(descriptor: int) -> None:
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise errors.Unavailable("Another process is changing the tokens; try again.") from None
            time.sleep(_LOCK_POLL_SECONDS)
        else:
            return
