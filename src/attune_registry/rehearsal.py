"""A workflow's text as if it were committed now -> its problems, alone and with others; nothing is written or kept."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from .cache import Cache
from .checks.graph import picture
from .contents import content_of
from .entries import problem_json
from .indexer import Indexer
from .layout import Place, candidates
from .problems import Problem, each_once
from .records import Record
from .registry import Registry
from .regressions import Located, call_errors_brought, errors_brought
from .snapshot import Snapshot
from .source import Source

# What is said about the path of a file, of which nothing is known where nobody says its ref.
_ABOUT_PATHS = frozenset({"ref-path-mismatch", "ref-snake-case"})


class Rehearsal(NamedTuple):
    """Problems as the API gives them, in the text and elsewhere, and the shape of its graph if it has one.

    `has_wrong_calls` says that there are errors between workflows which the text brings, so that it would be refused.
    """

    problems: list[dict[str, Any]]
    elsewhere: list[dict[str, Any]]
    has_wrong_calls: bool
    graph: dict[str, Any] | None


class _Untouched(Cache):
    """A cache that keeps nothing new: what somebody tries out is not worth a place on disk."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def get_many(self, keys: Iterable[str]) -> dict[str, Record]:
        """What the other cache has."""
        return self._cache.get_many(keys)

    def put_many(self, records: Mapping[str, Record], packed: Mapping[str, bytes]) -> None:
        """Nothing is kept."""


def rehearse(registry: Registry, snapshot: Snapshot, ref: str | None, raw: bytes) -> Rehearsal:
    """Hold a workflow's text against a snapshot; None for a workflow without a ref, which is then that of no pack.

    The problems are those of the text, and what it would bring to others; of a text that has no ref
    their `path` is None.
    """
    place = Place("workflow", ref or _free_ref(snapshot))
    path, files = _as_file(registry, snapshot, place, raw)
    indexer = Indexer(registry.repository, _Untouched(registry.cache))
    after = indexer.imagine(snapshot, files)
    has_wrong_calls = bool(call_errors_brought(snapshot, after, place.ref))
    own = [problem_json(path, problem) for problem in _problems_at(after, place, path)]
    if ref is None:
        own = [{**problem, "path": None} for problem in own if problem["rule"] not in _ABOUT_PATHS]
        return Rehearsal(own, [], has_wrong_calls, _graph(place, raw))
    others = [problem_json(*found) for found in sorted(each_once(_brought(snapshot, after, files))) if found[0] != path]
    return Rehearsal(own, others, has_wrong_calls, _graph(place, raw))


def _free_ref(snapshot: Snapshot) -> str:
    pack = "unnamed"
    while snapshot.packs.get(pack) or snapshot.has_workflows(pack):
        pack += "_"
    return f"{pack}.workflow"


def _as_file(registry: Registry, snapshot: Snapshot, place: Place, raw: bytes) -> tuple[str, dict[str, bytes | None]]:
    """Where the text would be, and the files that change: any other file of the workflow makes way for it."""
    source = Source(registry.repository, snapshot.head.commit, snapshot.edits)
    there = [path for path in candidates(place) if source.find(path)]
    own = candidates(place)[:2]
    path = next((known for known in there if known in own), own[0])
    files: dict[str, bytes | None] = dict.fromkeys(there)
    files[path] = raw
    return path, files


def _problems_at(after: Snapshot, place: Place, path: str) -> tuple[Problem, ...]:
    entry = after.find(place)
    if entry is None or entry.path != path:
        return after.others.get(path, ())
    # Of a text that cannot be served an earlier one is: what that calls is not what this one does.
    return entry.problems if entry.is_stale else entry.problems + after.links.get(place.ref, ())


def _brought(before: Snapshot, after: Snapshot, files: Collection[str]) -> set[Located]:
    """The errors that the text brings elsewhere, and whatever it brings to those who call the workflow."""
    found = set(errors_brought(before, after, files))
    for ref, problems in after.links.items():
        caller = after.workflows.get(ref)
        if caller and problems != before.links.get(ref):
            news = set(problems).difference(before.links.get(ref, ()))
            found.update((caller.path, problem) for problem in news)
    return found


def _graph(place: Place, raw: bytes) -> dict[str, Any] | None:
    definition = (content_of(place, raw).data or {}).get("definition")
    return picture(definition) if isinstance(definition, dict) else None
