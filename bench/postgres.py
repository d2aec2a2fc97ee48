"""A PostgreSQL cluster for one run, with the table that a registry in a database would have."""

import csv
import io
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import orjson

from attune_registry.entries import Entry
from attune_registry.query import Query

_COLUMNS = "ref, pack_ref, label, description, version, tags, enabled, created, updated"
_TABLE = f"""
CREATE TABLE workflow (
    id bigint PRIMARY KEY, ref text NOT NULL, pack_ref text NOT NULL, label text NOT NULL, description text,
    version text NOT NULL, tags text[] NOT NULL, enabled boolean NOT NULL, created timestamptz NOT NULL,
    updated timestamptz NOT NULL, definition jsonb NOT NULL);
COPY workflow (id, {_COLUMNS}, definition) FROM STDIN WITH (FORMAT csv);
"""
_INDEXES = """
CREATE UNIQUE INDEX ON workflow (ref);
CREATE INDEX ON workflow (pack_ref);
CREATE INDEX ON workflow USING gin (tags);
VACUUM ANALYZE workflow;
"""
_FROM = "FROM workflow WHERE"
# More than the defaults, so that everything is in its memory; it never has to write anything down.
_SETTINGS = ("shared_buffers=1GB", "work_mem=64MB", "fsync=off", "listen_addresses=")


class NoPostgres(Exception):
    """PostgreSQL cannot be had here; the message says why."""


class PostgresFailed(Exception):
    """One of PostgreSQL's programs ended badly; the message is its own."""


class Took(NamedTuple):
    """What a query took inside PostgreSQL, in milliseconds."""

    planning: float
    execution: float

    @property
    def together(self) -> float:
        """What whoever asks waits for, without the way there and back."""
        return self.planning + self.execution


class Postgres:
    """Use it as a context manager: the cluster is gone afterwards."""

    def __init__(self) -> None:
        self._programs = programs()
        self._stack = ExitStack()
        self._folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="bench-pg-")))

    def __enter__(self) -> "Postgres":
        try:
            if os.getuid() == 0:
                shutil.chown(self._folder, "postgres", "postgres")
            data = str(self._folder / "data")
            self._run("initdb", "--pgdata", data, "--locale=C.UTF-8", "--encoding=UTF8", "--auth=trust")
            options = " ".join(f"-c {setting}" for setting in (*_SETTINGS, f"unix_socket_directories={self._folder}"))
            log = str(self._folder / "log")
            self._run("pg_ctl", "start", "--wait", "--pgdata", data, "--log", log, "--options", options)
            self._stack.callback(self._run, "pg_ctl", "stop", "--pgdata", data, "--mode=immediate")
        except (OSError, LookupError, PostgresFailed) as error:
            self._stack.close()
            raise NoPostgres(f"PostgreSQL does not start: {error}") from error
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def fill(self, entries: Iterable[Entry]) -> None:
        """The table with these workflows, its indexes and statistics."""
        rows = io.StringIO()
        writer = csv.writer(rows, lineterminator="\n")
        writer.writerows(_row(entry) for entry in entries)
        self._sql(_TABLE + rows.getvalue() + "\\.\n" + _INDEXES)

    def took(self, query: Query, page: int, per_page: int) -> Took:
        """Its own time for the count and the page, the second time it is asked."""
        count = f"SELECT count(*) {_FROM} {_condition(query)}"
        window = f"ORDER BY ref LIMIT {per_page} OFFSET {(page - 1) * per_page}"
        listed = f"SELECT id, {_COLUMNS} {_FROM} {_condition(query)} {window}"
        explain = "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON)"
        script = "\n".join(f"{explain} {statement};" for statement in (count, listed, count, listed))
        plans = _plans(self._sql(script))[2:]
        return Took(sum(plan["Planning Time"] for plan in plans), sum(plan["Execution Time"] for plan in plans))

    def total(self, query: Query) -> int:
        """How many there are."""
        return int(self._sql(f"SELECT count(*) {_FROM} {_condition(query)};"))

    def _sql(self, script: str) -> str:
        options = ("--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "--file=-")
        return self._run("psql", *options, "--host", str(self._folder), "--dbname=postgres", stdin=script)

    def _run(self, program: str, *arguments: str, stdin: str = "") -> str:
        command: Sequence[str] = (str(self._programs / program), *arguments)
        if os.getuid() == 0:
            command = ("runuser", "--user=postgres", "--", *command)
        # What pg_ctl starts would keep a pipe open for ever.
        quiet = program == "pg_ctl"
        done = subprocess.run(
            command,
            input=stdin,
            text=True,
            check=False,
            cwd=self._folder,
            stdout=subprocess.DEVNULL if quiet else subprocess.PIPE,
            stderr=subprocess.DEVNULL if quiet else subprocess.PIPE,
        )
        if done.returncode:
            raise PostgresFailed(f"{program} ended with {done.returncode}: {done.stderr or ''}")
        return done.stdout or ""


def programs() -> Path:
    """Where PostgreSQL's programs are; Debian has them on nobody's PATH. Raises NoPostgres."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    wanted = [path for path in found if path.parts[-3] == "15"] or found
    on_path = shutil.which("initdb")
    if not wanted and not on_path:
        raise NoPostgres("PostgreSQL is not installed: apt-get install postgresql")
    return wanted[-1].parent if wanted else Path(str(on_path)).parent


def _condition(query: Query) -> str:
    parts = ["true"]
    if query.tags:
        parts.append(f"tags && ARRAY[{', '.join(map(_literal, query.tags))}]")
    if query.enabled is not None:
        parts.append("enabled" if query.enabled else "NOT enabled")
    if query.pack_ref is not None:
        parts.append(f"pack_ref = {_literal(query.pack_ref)}")
    if query.search:
        term = _literal(f"%{query.search}%")
        parts.append(f"(label ILIKE {term} OR description ILIKE {term})")
    return " AND ".join(parts)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _row(entry: Entry) -> tuple[object, ...]:
    data = orjson.loads(entry.detail)
    names = ("id", "ref", "pack_ref", "label", "description", "version", "tags", "enabled", "created", "updated")
    values = {**data, "tags": "{" + ",".join(data["tags"]) + "}"}
    return (*(values[name] for name in names), json.dumps(data["definition"]))


def _plans(output: str) -> list[dict[str, float]]:
    decoder = json.JSONDecoder()
    plans, at = [], 0
    while (at := output.find("[", at)) >= 0:
        found, at = decoder.raw_decode(output, at)
        plans.extend(found)
    return plans
