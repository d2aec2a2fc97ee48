"""Lists against a naive reimplementation: filters, order, pages, and shelves made by steps."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from attune_registry.entries import Entry
from attune_registry.query import SORTS, Query, Selection
from attune_registry.records import fold
from attune_registry.shelf import Shelf

TAGS = ["red", "green", "blue", "Ünï"]
WORDS = ["Straße", "ΣΊΣΥΦΟΣ", "deploy", "Deploy", "İstanbul", "été", "a", ""]


def entry(ref: str, **fields: Any) -> Entry:
    label, description = fields.get("label", ref), fields.get("description", "")
    return Entry(
        ref=ref,
        id=hash(ref),
        path=f"packs/{ref}",
        blob=fields.get("blob", "0" * 40),
        commit=None,
        created=fields.get("created", 0),
        updated=fields.get("updated", 0),
        born=0,
        is_edited=False,
        is_stale=False,
        problems=(),
        label=label,
        version="1.0.0",
        tags=tuple(fields.get("tags", ())),
        enabled=fields.get("enabled", True),
        folded=fold(label) + b"\0" + fold(description),
        waived=(),
        calls=(),
        summary=ref.encode(),
        detail=b"",
    )


refs = st.builds(
    lambda pack, name: f"{pack}.{name}",
    st.sampled_from(["a", "a-b", "a0", "A", "slack", "s"]),
    st.text("abz09_-", min_size=1, max_size=3),
)
entries = st.builds(
    lambda ref, **fields: (ref, fields),
    refs,
    label=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join),
    description=st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join),
    tags=st.lists(st.sampled_from(TAGS), unique=True, max_size=3),
    enabled=st.booleans(),
    created=st.integers(0, 3),
    updated=st.integers(0, 3),
)
queries = st.builds(
    Query,
    tags=st.lists(st.sampled_from([*TAGS, "none"]), unique=True, max_size=2).map(tuple),
    enabled=st.sampled_from([None, True, False]),
    search=st.sampled_from(["", "STRASSE", "σίσυφος", "deploy", "é", "a d", "zzz", "\0"]),
    pack_ref=st.sampled_from([None, "a", "slack", "nobody"]),
    sort=st.sampled_from(SORTS),
    descending=st.booleans(),
)


def naive(items: dict[str, dict[str, Any]], query: Query) -> list[str]:
    found = []
    for ref, item in sorted(items.items()):
        if query.tags and not set(query.tags) & set(item["tags"]):
            continue
        if query.enabled is not None and item["enabled"] != query.enabled:
            continue
        if query.pack_ref is not None and ref.split(".")[0] != query.pack_ref:
            continue
        texts = (item["label"].casefold(), item["description"].casefold())
        if not any(query.search.casefold() in text for text in texts):
            continue
        found.append(ref)
    if query.sort == "ref":
        return found[::-1] if query.descending else found
    return sorted(found, key=lambda ref: items[ref][query.sort], reverse=query.descending)


@settings(max_examples=300, deadline=None)
@given(st.lists(entries, max_size=40), queries, st.integers(1, 4), st.integers(1, 7), st.integers(0, 40))
def test_lists_are_what_a_naive_reimplementation_gives(
    items: list[tuple[str, dict[str, Any]]], query: Query, page: int, per_page: int, at_once: int
) -> None:
    by_ref = dict(items)
    # The others come one by one, each between some that are there.
    shelf = Shelf.of(entry(ref, **fields) for ref, fields in items[:at_once] if by_ref[ref] is fields)
    for ref, fields in items:
        shelf = shelf.changed({ref: entry(ref, **fields)})
    expected = naive(by_ref, query)
    selection = Selection(shelf, query)
    assert selection.total == len(expected)
    first = (page - 1) * per_page
    assert [found.ref for found in selection.page(first, per_page)] == expected[first : first + per_page]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.tuples(refs, st.booleans()), max_size=30), max_size=8))
def test_a_shelf_made_by_steps_is_the_one_made_at_once(steps: list[list[tuple[str, bool]]]) -> None:
    shelf, kept = Shelf(), {}
    for number, step in enumerate(steps):
        changes = {ref: entry(ref, updated=number) if is_there else None for ref, is_there in step}
        before = list(shelf)
        after = shelf.changed(changes)
        assert list(shelf) == before
        shelf = after
        kept.update(changes)
    expected = sorted(found for found in kept.values() if found)
    assert list(shelf) == expected
    assert len(shelf) == len(expected)
    assert all(shelf.get(ref) == kept[ref] for ref in kept)


def test_a_large_shelf_splits_and_joins_its_chunks_and_shares_what_does_not_change() -> None:
    shelf = Shelf.of(entry(f"p.w{number:05}") for number in range(5000))
    after = shelf.changed({"p.w02500": entry("p.w02500", updated=1), "p.w02500x": entry("p.w02500x")})
    assert len(set(map(id, after.chunks)) - set(map(id, shelf.chunks))) == 1
    emptied = shelf.changed({f"p.w{number:05}": None for number in range(4990)})
    assert [found.ref for found in emptied] == [f"p.w{number:05}" for number in range(4990, 5000)]
    assert len(emptied.chunks) == 1
    full = Shelf.of([entry("q.a")]).changed({f"q.{number:04}": entry(f"q.{number:04}") for number in range(3000)})
    assert len(full) == 3001
    assert max(map(len, full.chunks)) <= 512
