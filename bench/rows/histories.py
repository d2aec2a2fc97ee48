"""Pages of a long history, never asked for before, and the walk of all its commits."""

import time
from collections.abc import Iterator

from ..measures import Row, at_most, in_turn
from ..processes import python
from ..registries import MANY_COMMITS, git, working_copy
from ..session import Session

_MOST_MILLISECONDS = 10.0


def of_many_commits(session: Session, size: int) -> Iterator[Row]:
    """Any page, each once; the walk is in a process of its own, each time from nothing."""
    with working_copy(size, MANY_COMMITS) as directory:

        def log() -> float:
            begun = time.perf_counter()
            git(directory, "log", "--first-parent", "--raw", "--no-abbrev", "--no-renames", "--format=%H %ct")
            return time.perf_counter() - begun

        walks = in_turn(session.rounds, lambda: float(python("once", "walk", str(directory))), log)
        python("once", "read-ahead", str(directory))
        # Each of them has sixty pages, and takes as long to open the registry.
        pages = tuple(float(python("once", "pages", str(directory))) for _ in range(1 if session.is_quick else 3))
    what = f"{MANY_COMMITS:,} commits"
    yield Row(
        *("history-page", size, f"a page of 20 of the history of {what}", "10 ms", "ms"),
        *(pages, (_MOST_MILLISECONDS,) * len(pages)),
        bar=at_most(1),
        note="time of the processor, median of 60 pages that nobody has asked for, in a process of its own",
    )
    yield Row("history-walk", size, f"the walk of {what}", "git log --first-parent --raw", "s", *walks, bar=at_most(3))
