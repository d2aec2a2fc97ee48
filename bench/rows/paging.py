"""The page with the last item, against the first page: the time to the first byte, neither asked before."""

import time
from collections.abc import Iterator
from itertools import count

from ..client import Connection
from ..measures import Row, at_most, in_turn
from ..processes import registry_server
from ..session import Session

_LARGEST_PAGE = 100


def last_page(session: Session, size: int) -> Iterator[Row]:
    """Each page size is used once a side, so that no answer is one already made."""
    with (
        registry_server(session.indexed(size), workers=1) as served,
        Connection(served.port, served.headers) as connection,
    ):
        pages = [f"/api/v1/workflows?per_page={_LARGEST_PAGE}&page={page}" for page in range(2, 12)]
        for page in pages:
            connection.get(page)

        def milliseconds(path: str) -> float:
            begun = time.perf_counter()
            connection.send("GET", path)
            connection.wait()
            took = time.perf_counter() - begun
            status = connection.receive().status
            if status != 200:
                raise RuntimeError(f"{path} answers {status}")
            return took * 1000

        lasts, firsts = count(_LARGEST_PAGE, -1), count(_LARGEST_PAGE, -1)

        def last() -> float:
            per_page = next(lasts)
            return milliseconds(f"/api/v1/workflows?per_page={per_page}&page={-(-size // per_page)}")

        samples = in_turn(25, last, lambda: milliseconds(f"/api/v1/workflows?per_page={next(firsts)}&page=1"))
    yield Row(
        *("paging", size, f"first byte of the page with item {size:,}", "first page", "ms"),
        *samples,
        bar=at_most(2) if size == 100_000 else None,
    )
