"""Records and gists kept on disk by what they were made of: lost without loss, shared by all workers and branches."""

import contextlib
import hashlib
import os
import sqlite3
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

import orjson
import structlog

from .git.repository import Repository
from .layout import Place
from .ownership import private_folder
from .records import RECORD_SHAPE, Record, unpack_record

FILE_NAME = "records.sqlite"
_MAX_IN_MEMORY = 1024
_LOCK_WAIT_SECONDS = 10
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
# What could not be opened is not asked again for so long: a start asks hundreds of times.
_REST_SECONDS = 30
_MARK = "read-ahead, with sums"
_SUM_BYTES = 4
_SELECT = {
    "record": "SELECT key, value FROM record WHERE key IN (SELECT value FROM json_each(?))",
    "gist": "SELECT key, value FROM gist WHERE key IN (SELECT value FROM json_each(?))",
}
_DELETE = {"record": "DELETE FROM record WHERE key = ?", "gist": "DELETE FROM gist WHERE key = ?"}
_log = structlog.get_logger()


def record_key(place: Place, blob: str, digest: str) -> str:
    """What a record goes with: the file's bytes, its ref and the rules it was checked by."""
    text = f"{RECORD_SHAPE} {place.kind} {place.ref} {blob} {digest}"
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


class _AtRest(Exception):
    """The database could not be opened a short while ago."""


class Cache:
    """A SQLite file of records and gists. Any failure of it (a full disk, a broken file) only costs time."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._recent: dict[str, Record] = {}
        self._told: dict[str, bytes] = {}
        self._opened = threading.local()
        self._failed_at: float | None = None

    @classmethod
    def of(cls, repository: Repository) -> "Cache":
        """The cache of a repository."""
        return cls(repository.state_folder / FILE_NAME)

    def get_many(self, keys: Iterable[str]) -> dict[str, Record]:
        """The records kept for these keys."""
        wanted = list(keys)
        found = {key: record for key in wanted if (record := self.recent(key)) is not None}
        missing = [key for key in wanted if key not in found]
        if missing:
            with self._tolerating():
                found.update((key, unpack_record(value)) for key, value in self._rows("record", missing))
        return found

    def put_many(self, records: Mapping[str, Record], packed: Mapping[str, bytes]) -> None:
        """Keep these records; `packed` has what `pack_record` makes of each of them, and maybe of others."""
        self._note(records)
        rows = {key: packed[key] for key in records}
        gathered = self._gathered()
        if gathered is None:
            self._insert(rows)
        else:
            gathered.update(rows)

    def recent(self, key: str) -> Record | None:
        """A record that this process has made, read or been told of lately."""
        packed = self._told.pop(key, None)
        if packed is not None:
            with self._tolerating():
                self._note({key: unpack_record(packed)})
        return self._recent.get(key)

    def remember(self, packed: Mapping[str, bytes]) -> None:
        """Keep records, which some other process puts on disk, in memory; unpacked when they are asked for."""
        told = {key: text for key, text in packed.items() if key not in self._recent}
        if len(self._told) + len(told) > _MAX_IN_MEMORY:
            self._told = {}
        self._told.update(told)

    def _note(self, records: Mapping[str, Record]) -> None:
        if len(self._recent) + len(records) > _MAX_IN_MEMORY:
            self._recent = {}
        self._recent.update(islice(records.items(), _MAX_IN_MEMORY))

    @contextlib.contextmanager
    def gathering(self) -> Iterator[None]:
        """Records that this thread puts here meanwhile are in memory at once, and on disk after `flush`, or at the end.

        A change of the file for each costs a writer more than what is in it, and waits for other workers' changes.
        """
        self._opened.gathered = {}
        try:
            yield
        finally:
            self.flush()
            self._opened.gathered = None

    @property
    def gathered(self) -> Mapping[str, bytes]:
        """What this thread has gathered, packed, and not put on disk yet."""
        return self._gathered() or {}

    def flush(self) -> None:
        """Puts on disk what this thread has gathered."""
        gathered = self._gathered()
        if gathered:
            self._insert(gathered)
            gathered.clear()

    def _gathered(self) -> dict[str, bytes] | None:
        gathered: dict[str, bytes] | None = getattr(self._opened, "gathered", None)
        return gathered

    def _insert(self, rows: Mapping[str, bytes]) -> None:
        with self._tolerating(), self._connection() as database:
            database.executemany("INSERT OR IGNORE INTO record VALUES (?, ?)", _summed(rows))

    def get_gists(self, keys: Iterable[str]) -> dict[str, bytes]:
        """The gists kept for these keys, packed."""
        found: dict[str, bytes] = {}
        with self._tolerating():
            found.update(self._rows("gist", list(keys)))
        return found

    def put_gists(self, packed: Mapping[str, bytes], mark: str | None = None) -> None:
        """Keep these gists; a `mark` says up to which commit there is now one for everything."""
        if not packed and not mark:
            return
        with self._tolerating(), self._connection() as database:
            database.executemany("INSERT OR IGNORE INTO gist VALUES (?, ?)", _summed(packed))
            if mark:
                database.executemany("INSERT OR REPLACE INTO gist VALUES (?, ?)", _summed({_MARK: mark.encode()}))

    def get_mark(self) -> str | None:
        """The commit up to which there is a gist for everything."""
        return self.get_gists([_MARK]).get(_MARK, b"").decode() or None

    def _rows(self, table: str, keys: list[str]) -> Iterator[tuple[str, bytes]]:
        """What is kept for these keys. A row that is not as it was written counts as none, and makes room for one."""
        asked = (orjson.dumps(keys).decode(),)
        damaged = []
        for key, value in self._connection().execute(_SELECT[table], asked):
            if isinstance(value, bytes) and value[:_SUM_BYTES] == _sum(key, value[_SUM_BYTES:]):
                yield key, value[_SUM_BYTES:]
            else:
                damaged.append((key,))
        if damaged:
            _log.warning("cache_damaged", path=str(self._path), rows=len(damaged))
            with self._connection() as database:
                database.executemany(_DELETE[table], damaged)

    @contextlib.contextmanager
    def _tolerating(self) -> Iterator[None]:
        """What goes wrong with the database is logged and forgotten, and a broken file removed."""
        try:
            yield
        except _AtRest:
            return
        except (sqlite3.Error, OSError, ValueError, EOFError, TypeError) as error:
            _log.warning("cache_unusable", path=str(self._path), error=str(error))
            if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
                self._remove()

    def _connection(self) -> sqlite3.Connection:
        # A connection must not cross a fork (sqlite.org/howtocorrupt.html, 2.6), nor a thread.
        if getattr(self._opened, "pid", None) != os.getpid():
            self._opened.connection = self._newly_opened()
            self._opened.pid = os.getpid()
        connection: sqlite3.Connection = self._opened.connection
        return connection

    def _newly_opened(self) -> sqlite3.Connection:
        if self._failed_at is not None and time.monotonic() < self._failed_at + _REST_SECONDS:
            raise _AtRest
        try:
            return _open(self._path)
        except (sqlite3.OperationalError, OSError):
            self._failed_at = time.monotonic()
            raise

    def close(self) -> None:
        """Let go of the database, before a fork; what asks next opens it again. For the thread that asked last."""
        if getattr(self._opened, "pid", None) == os.getpid():
            self._opened.pid = None
            self._opened.connection.close()

    def _remove(self) -> None:
        self._opened.pid = None
        if self._path is not None:
            for suffix in ("", "-wal", "-shm"):
                # One that is broken and cannot be removed costs time like one that cannot be opened.
                with contextlib.suppress(OSError):
                    self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)


def _summed(rows: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    return ((key, _sum(key, value) + value) for key, value in rows.items())


def _sum(key: str, value: bytes) -> bytes:
    """Tells whether a row is as it was written, and the key's own: disks and their caches lose and flip bits."""
    return zlib.crc32(value, zlib.crc32(key.encode())).to_bytes(_SUM_BYTES)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Asked of a new file by several processes at once, SQLite says that it is locked without waiting."""
    deadline = time.monotonic() + _LOCK_WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            # The lowest byte is the kind; above it stands which of that kind (sqlite.org/rescode.html).
            if error.sqlite_errorcode & 0xFF not in _LOCKED or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _open(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        private_folder(path.parent)
    connection = sqlite3.connect(path or ":memory:", timeout=_LOCK_WAIT_SECONDS)
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous=OFF")
    for table in ("record", "gist"):
        connection.execute(f"CREATE TABLE IF NOT EXISTS {table} (key TEXT PRIMARY KEY, value BLOB)")
    return connection
