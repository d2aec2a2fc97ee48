"""What the registry serves for a ref: response bytes made once, and the few facts that lists are made by."""

import time
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from .checks.references import Called
from .layout import Place, identity, pack_of
from .problems import Problem
from .records import Record

_FEW_DATES = 64


class Entry(NamedTuple):
    """A pack or workflow as served.

    `blob` is the file as it is now (its ETag); the response bytes are of an earlier blob when `is_stale`.
    `created` and `updated` are in seconds; `commit` is None for a file never committed. `born` is the position on
    the line of the commit that created it: the order in which files came, where seconds do not tell. `graph` is the
    file with the tasks, where a workflow is in two files; `blob` then names the content of both.
    """

    ref: str
    id: int
    path: str
    blob: str
    commit: str | None
    created: int
    updated: int
    born: int
    is_edited: bool
    is_stale: bool
    problems: tuple[Problem, ...]
    label: str
    version: str
    tags: tuple[str, ...]
    enabled: bool
    folded: bytes
    waived: tuple[tuple[int, str], ...]
    calls: tuple[Called, ...]
    summary: bytes
    detail: bytes
    graph: str = ""

    @property
    def paths(self) -> tuple[str, ...]:
        """All its files."""
        return (self.path, self.graph) if self.graph else (self.path,)


class Found(NamedTuple):
    """A file on the way to an entry: where it is, which blob, and what the line says of it."""

    path: str
    blob: str
    commit: str | None
    created: int
    updated: int
    born: int
    is_edited: bool
    graph: str = ""


class Served(NamedTuple):
    """What is served of a file: what it says, the id of that content, and the commit that it came with."""

    record: Record
    blob: str
    commit: str | None


# All that came with one commit has its date.
@lru_cache(_FEW_DATES)
def timestamp(seconds: int) -> str:
    """`2024-01-13T10:30:00Z`; of a date that no calendar reaches the beginning of all, as git shows it."""
    try:
        found = time.gmtime(seconds)
    except (OSError, OverflowError):
        found = time.gmtime(0)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", found)


def make_entry(place: Place, found: Found, record: Record, last_valid: Served | None = None) -> Entry:
    """The entry of a file whose content is `record`, served as that, or as its last valid one."""
    is_stale = last_valid is not None
    served, blob, commit = last_valid or Served(record, found.blob, found.commit)
    head = _identification(place)
    dates = f',"created":"{timestamp(found.created)}","updated":"{timestamp(found.updated)}"'.encode()
    origin = _origin(found, blob, commit, record.problems if is_stale else None)
    return Entry(
        ref=place.ref,
        id=identity(place.kind, place.ref),
        path=found.path,
        blob=found.blob,
        commit=found.commit,
        created=found.created,
        updated=found.updated,
        born=found.born,
        is_edited=found.is_edited,
        is_stale=is_stale,
        problems=record.problems,
        label=served.label,
        version=served.version,
        tags=served.tags,
        enabled=served.enabled,
        folded=served.folded,
        waived=served.waived,
        calls=served.calls,
        summary=b"".join((b"{", _summary_identification(place), b",", served.summary, dates, b"}")),
        detail=b"".join((b"{", head, b",", served.detail, dates, b",", origin, b"}")),
        graph=found.graph,
    )


def problem_json(path: str, problem: Problem) -> dict[str, Any]:
    """A problem as the API and `validate --format json` give it."""
    return {
        "path": problem.path or path,
        "line": problem.line,
        "column": problem.column,
        "rule": problem.rule,
        "severity": problem.severity,
        "message": problem.message,
        "pointer": problem.pointer,
        "hint": problem.hint or None,
    }


def _identification(place: Place) -> bytes:
    own = f'"id":{identity(place.kind, place.ref)},"ref":"{place.ref}"'
    if place.kind == "pack":
        return own.encode()
    pack = pack_of(place.ref)
    return f'{own},"pack":{identity("pack", pack)},"pack_ref":"{pack}"'.encode()


def _summary_identification(place: Place) -> bytes:
    own = f'"id":{identity(place.kind, place.ref)},"ref":"{place.ref}"'
    return (own if place.kind == "pack" else f'{own},"pack_ref":"{pack_of(place.ref)}"').encode()


def _origin(found: Found, blob: str, commit: str | None, stale_because: tuple[Problem, ...] | None) -> bytes:
    origin: dict[str, Any] = {"git": {"path": found.path, "commit": commit, "blob": blob, "dirty": found.is_edited}}
    if stale_because is not None:
        origin["stale"] = True
        origin["problems"] = [problem_json(found.path, problem) for problem in stale_because]
    return orjson.dumps(origin)[1:-1]
