"""Pages of a long history, never asked for before, and the walk of all its commits."""

import time
from collections.abc import Iterator
from random import Random
from statistics import median

from attune_registry.cache import Cache
from attune_registry.registry import CACHE_NAME

from ..client import Connection
from ..measures import Row, at_most, in_turn
from ..processes import python, registry_server
from ..registries import MANY_COMMITS, git, working_copy
from ..session import Session

_PAGES = 60
_MOST_MILLISECONDS = 10.0
_PATIENCE_SECONDS = 300


def of_many_commits(session: Session, size: int) -> Iterator[Row]:
    """Any page, each once; the walk is in a process of its own, each time from nothing."""
    with working_copy(size, MANY_COMMITS) as directory:

        def log() -> float:
            begun = time.perf_counter()
            git(directory, "log", "--first-parent", "--raw", "--no-abbrev", "--no-renames", "--format=%H %ct")
            return time.perf_counter() - begun

        walks = in_turn(session.rounds, lambda: float(python("once", "walk", str(directory))), log)
        with (
            registry_server(directory, workers=1) as served,
            Connection(served.port, served.headers) as connection,
        ):
            revision = connection.get("/api/v1/history").headers["x-registry-revision"]
            kept = Cache(directory / ".git" / "attune-registry" / CACHE_NAME)
            deadline = time.monotonic() + _PATIENCE_SECONDS
            while kept.get_mark() != revision:
                if time.monotonic() > deadline:
                    raise RuntimeError("The history was not read ahead.")
                time.sleep(0.2)
            took = []
            for page in Random(1).sample(range(2, MANY_COMMITS // 20), _PAGES):
                begun = time.perf_counter()
                answer = connection.get(f"/api/v1/history?page={page}")
                took.append((time.perf_counter() - begun) * 1000)
                if answer.status != 200:
                    raise RuntimeError(f"Page {page} answers {answer.status}.")
    what = f"{MANY_COMMITS:,} commits"
    yield Row(
        *("history-page", size, f"a page of 20 of the history of {what}", "10 ms", "ms"),
        *(tuple(took), (_MOST_MILLISECONDS,) * _PAGES),
        bar=at_most(1),
        note=f"median {median(took):.1f} ms, no page asked for twice",
    )
    yield Row("history-walk", size, f"the walk of {what}", "git log --first-parent --raw", "s", *walks, bar=at_most(3))
