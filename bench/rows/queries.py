"""Filtered lists, against PostgreSQL with the equivalent table: on the server's side, warm, no term asked twice."""

import math
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import NamedTuple

from attune_registry.http.answers import entries_page
from attune_registry.query import Query
from attune_registry.registry import Registry
from attune_registry.snapshot import Snapshot

from ..measures import Row, Samples, at_least, in_turn
from ..postgres import NoPostgres, Postgres
from ..registries import search_terms
from ..session import Session
from ..vocabulary import TAGS
from ..workflows import pack_name

_PER_PAGE = 20
_REFERENCE = "PostgreSQL: count + page"
_FREQUENT_TAGS = tuple(sorted(TAGS[:12]))
_SELDOM_TAGS = tuple(sorted(TAGS[-3:]))


class _Case(NamedTuple):
    """A kind of list: a query for each term, and the page."""

    name: str
    what: str
    query: Callable[[str], Query]
    is_rare: bool
    page: int


def filtered(session: Session, size: int) -> Iterator[Row]:
    """Rare and common terms, first page and page 2,000 (of 100,000; of fewer, one as far through)."""
    snapshot = Registry.open(session.indexed(size)).snapshot
    try:
        with Postgres() as postgres:
            postgres.fill(snapshot.workflows)
            yield from _rows(session, size, snapshot, postgres)
    except NoPostgres as reason:
        yield Row("filtered", size, "filtered lists", "PostgreSQL", "ms", (), (), note=str(reason))


def _rows(session: Session, size: int, snapshot: Snapshot, postgres: Postgres) -> Iterator[Row]:
    rare, common = map(iter, search_terms())
    # What a first list makes once for all later ones is not what a term costs.
    entries_page(snapshot, "workflow", _with_tags("warm"), 1, _PER_PAGE)
    for case in _cases(size):
        terms = [next(rare if case.is_rare else common) for _ in range(4 if session.is_quick else 6)]
        queries = [case.query(term) for term in terms]
        # The term before, in capitals: no answer to that is remembered.
        others = [case.query(terms[at - 1].upper()) for at in range(len(terms))]
        samples = _samples(snapshot, postgres, queries, others, case.page)
        cached = min(_milliseconds(snapshot, query, case.page) for query in queries)
        total = postgres.total(queries[0])
        took = postgres.took(queries[0], case.page, _PER_PAGE)
        note = (
            f"{total:,} found for {terms[0]!r}; asked again {cached * 1000:.0f} us;"
            f" PostgreSQL executes that in {took.execution:.2f} ms and plans it in {took.planning:.2f}"
        )
        bar = at_least(10) if size == 100_000 else None
        yield Row(case.name, size, case.what, _REFERENCE, "ms", *samples, bar=bar, is_speed=True, note=note)


def _samples(snapshot: Snapshot, postgres: Postgres, queries: list[Query], others: list[Query], page: int) -> Samples:
    own, other = count(), count()

    def milliseconds() -> float:
        # PostgreSQL is asked a second time; here it is another term, so that no more than the term is unknown.
        at = next(own)
        _milliseconds(snapshot, others[at], page)
        return _milliseconds(snapshot, queries[at], page)

    return in_turn(
        len(queries),
        milliseconds,
        lambda: postgres.took(queries[next(other)], page, _PER_PAGE).together,
    )


def _milliseconds(snapshot: Snapshot, query: Query, page: int) -> float:
    begun = time.perf_counter()
    entries_page(snapshot, "workflow", query, page, _PER_PAGE)
    return (time.perf_counter() - begun) * 1000


def _cases(size: int) -> Iterator[_Case]:
    far = math.ceil(size / 50)
    for page, where in ((1, "page 1"), (far, f"page {far:,}")):
        suffix = "first" if page == 1 else "far"
        yield _Case(f"rare-{suffix}", f"tags + enabled + rare word, {where}", _with_tags, True, page)
        yield _Case(f"common-{suffix}", f"tags + enabled + common letters, {where}", _with_tags, False, page)
    yield _Case("pack-rare", "tags + enabled + pack + rare word", _in_pack, True, 1)
    yield _Case("pack-common", "tags + enabled + pack + common letters", _in_pack, False, 1)
    yield _Case("search-rare", "rare word alone", lambda term: Query(search=term), True, 1)
    yield _Case("search-common", "common letters alone", lambda term: Query(search=term), False, far)
    yield _Case("seldom-tags", "seldom tags + enabled + common letters", _with_seldom_tags, False, 1)


def _with_tags(term: str) -> Query:
    return Query(tags=_FREQUENT_TAGS, enabled=True, search=term)


def _with_seldom_tags(term: str) -> Query:
    return Query(tags=_SELDOM_TAGS, enabled=True, search=term)


def _in_pack(term: str) -> Query:
    return Query(tags=_FREQUENT_TAGS, enabled=True, search=term, pack_ref=pack_name(3))
