"""Packed chunks: entries come back as they were, and columns changed by steps are those made at once."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from query_test import TAGS, WORDS, entry

from attune_registry.checks.references import Called
from attune_registry.chunk import Chunk, columns_of
from attune_registry.entries import Entry
from attune_registry.problems import Problem
from attune_registry.shelf import GrowingShelf, Shelf
from attune_registry.splice import spliced

# Of so few one more is much.
FEW = 3
REFS = ["p.a", "p.A", "p.b", "p.B", "p.c", "P.c", "q.a", "q.z"]
PROBLEM = Problem("some-rule", "advice", "Say more.", "/label", 3, 4, "Or less.", "packs/p/x.yaml")


def made(ref: str, fields: Mapping[str, Any]) -> Entry:
    calls = tuple(Called(action, "/definition/tasks/0", 3, 7, b'{"size":[1]}') for action in fields["actions"])
    return entry(ref, **fields)._replace(
        calls=calls,
        problems=(PROBLEM,) if fields["is_troubled"] else (),
        waived=((0, "some-rule"),),
        commit=fields["commit"],
        graph=fields["graph"],
        detail=b'{"label":1}',
        summary=f'{{"ref":"{ref}","label":"{fields["label"]}"}}'.encode(),
    )


fields = st.fixed_dictionaries(
    {
        "label": st.sampled_from(WORDS),
        "description": st.sampled_from(WORDS),
        "tags": st.lists(st.sampled_from(TAGS), unique=True, max_size=3),
        "enabled": st.booleans(),
        "created": st.integers(0, 1 << 40),
        "actions": st.lists(st.sampled_from(["core.noop", "p.a", "p.b", "q.a", "one"]), max_size=3),
        "is_troubled": st.booleans(),
        "commit": st.sampled_from([None, "c" * 40]),
        "graph": st.sampled_from(["", "packs/p/actions/workflows/a.yaml"]),
    }
)
changes = st.dictionaries(st.sampled_from(REFS), st.one_of(st.none(), fields), max_size=6)


def known(chunk: Chunk) -> dict[str, object]:
    columns = chunk.columns
    callers = {pack: {action: sorted(refs) for action, refs in own.items()} for pack, own in columns.callers.items()}
    return {
        **columns._asdict(),
        "items": None,
        "texts": columns.texts.kept()[0],
        "pairs": {pair: columns.texts.pairs.numbers(slots) for pair, slots in columns.texts.pairs.slots.items()},
        "summaries": columns.summaries.kept(),
        "callers": callers,
        "cased": {folded: sorted(refs) for folded, refs in columns.cased.items()},
    }


@settings(max_examples=300, deadline=None)
@given(st.lists(changes, max_size=6))
def test_a_chunk_changed_by_steps_knows_what_one_made_at_once_knows(steps: list[dict[str, Any]]) -> None:
    chunk, kept = Chunk(columns_of([])), dict[str, Entry]()
    for step in steps:
        entries = {ref: made(ref, found) if found else None for ref, found in step.items()}
        chunk = spliced(chunk, entries)
        kept = {ref: found for ref, found in {**kept, **entries}.items() if found}
        assert chunk.entries == tuple(found for _, found in sorted(kept.items()))
        assert [chunk.entry(at) for at in range(len(chunk))] == list(chunk.entries)
        assert known(chunk) == known(Chunk.of(chunk.entries))


@settings(max_examples=200, deadline=None)
@given(st.lists(changes, max_size=4), st.sampled_from(REFS))
def test_a_shelf_knows_who_calls_a_ref_and_who_claims_what_it_would(steps: list[dict[str, Any]], ref: str) -> None:
    shelf, by_ref = Shelf(), dict[str, Any]()
    for step in steps:
        shelf = shelf.changed({each: made(each, found) if found else None for each, found in step.items()})
        by_ref = {each: found for each, found in {**by_ref, **step}.items() if found}
        assert sorted(shelf.callers(ref)) == sorted(each for each, found in by_ref.items() if ref in found["actions"])
        assert shelf.holders(ref) == {each for each in by_ref if each.casefold() == ref.casefold()}
        assert (ref in shelf) == (ref in by_ref)
        assert [found.ref for found in shelf.troubled] == sorted(ref for ref in by_ref if by_ref[ref]["is_troubled"])
        called = {action for found in by_ref.values() for action in found["actions"] if action.startswith("p.")}
        assert called <= set(shelf.actions_of("p"))


def test_what_may_be_on_a_shelf_does_not_only_grow() -> None:
    shelf = Shelf.of([entry("p.a")])
    before = shelf
    for number in range(2000):
        call = Called(f"p.action{number}", "/definition/tasks/0", 3, 7, b"{}")
        shelf = shelf.changed({"p.a": entry("p.a")._replace(calls=(call,))})
        assert f"p.action{number}" in shelf.actions_of("p")
    assert len(shelf.actions_of("p")) < 1000
    assert list(shelf.callers("p.action1999")) == ["p.a"]
    assert not list(before.callers("p.action1999"))


@given(st.lists(changes, min_size=1, max_size=4))
def test_gathered_entries_are_what_they_were(turns: list[dict[str, Any]]) -> None:
    shelf = Shelf()
    for turn in turns:
        shelf = shelf.changed({ref: given and made(ref, given) for ref, given in turn.items()})
    gathered = shelf.gathered()
    assert list(gathered) == list(shelf)
    assert [known(chunk) for chunk in gathered.chunks] == [known(chunk) for chunk in shelf.chunks]
    assert sum(chunk.loose for chunk in gathered.chunks) == 0
    assert gathered.gathered() is gathered
    # What changes afterwards lies by itself until it is much.
    if len(gathered) > FEW:
        ref = next(gathered.refs)
        changed = gathered.changed({ref: gathered.chunks[0].entry(0)._replace(label="Other")})
        assert changed.gathered() is changed
        assert changed.chunks[0].loose == 1
        assert next(entry.label for entry in changed) == "Other"


@pytest.mark.parametrize("count", [0, 1, 256, 257, 600])
def test_a_shelf_that_grows_is_one_made_at_once(count: int) -> None:
    entries = [entry(f"p.w{number:03}") for number in range(count)]
    growing = GrowingShelf()
    for one in entries:
        growing.add(one)
    found, whole = growing.shelf(), Shelf.of(entries)
    assert list(found) == list(whole) == entries
    assert list(map(known, found.chunks)) == list(map(known, whole.chunks))
