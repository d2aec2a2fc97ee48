"""The table of row families: by name, what measures them and at which sizes."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from .measures import Row
from .registries import SIZES
from .rows import disturbance, freshness, histories, indexing, memory, paging, queries, reads, writes
from .session import Session

_SMALL, _MIDDLE, _LARGE = SIZES


class Family(NamedTuple):
    """Rows that are measured together. `quick` are its sizes in `make bench`, `full` in `make bench-full`."""

    measure: Callable[[Session, int], Iterator[Row]]
    quick: tuple[int, ...] = (_SMALL, _MIDDLE)
    full: tuple[int, ...] = SIZES


# In the order in which they run; the first ones fill the caches that the others start from. The quick ones are
# to take less than five minutes together.
FAMILIES: dict[str, Family] = {
    "index": Family(indexing.index_and_validate, quick=(_MIDDLE,)),
    "restart": Family(indexing.restart, quick=(_MIDDLE,)),
    "get-one": Family(reads.get_one, quick=(_MIDDLE,)),
    "not-modified": Family(reads.not_modified, quick=(_MIDDLE,)),
    "list-page": Family(reads.list_page, quick=(_MIDDLE,)),
    "filtered": Family(queries.filtered, quick=(_MIDDLE,)),
    "paging": Family(paging.last_page, quick=(_MIDDLE,)),
    "history": Family(histories.of_many_commits, quick=(_MIDDLE,), full=(_MIDDLE,)),
    "git-commit": Family(freshness.commit_until_served, quick=(_MIDDLE,), full=(_MIDDLE, _LARGE)),
    "write": Family(writes.sequential),
    "write-16": Family(writes.concurrent, quick=(_MIDDLE,)),
    "write-growth": Family(writes.growth, quick=(_MIDDLE,), full=(_MIDDLE, _LARGE)),
    "p99": Family(disturbance.under_writes, quick=(_MIDDLE,), full=(_MIDDLE, _LARGE)),
    "memory": Family(memory.of_workers, quick=(_MIDDLE,)),
}
