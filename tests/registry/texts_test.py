"""Joined texts and their index of pairs, against looking at each text for itself."""

from hypothesis import given, settings
from hypothesis import strategies as st
from query_test import entry

from attune_registry import bits
from attune_registry.chunk import Chunk
from attune_registry.records import fold
from attune_registry.texts import Term, Texts

LETTERS = "aabbcÉßÿİ\u4e16\U0001f600 \0"
texts = st.lists(st.text(LETTERS, max_size=12), max_size=70)
terms = st.text(LETTERS.replace("\0", ""), min_size=1, max_size=5)


def chunk_of(labels: list[str]) -> Chunk:
    return Chunk.of([entry(f"p.w{number:03}", label=label) for number, label in enumerate(labels)])


@settings(max_examples=400, deadline=None)
@given(texts, terms, st.integers(0))
def test_a_search_finds_what_looking_at_each_text_finds(labels: list[str], term: str, some: int) -> None:
    chunk = chunk_of(labels)
    among = some & chunk.everything
    found = chunk.containing(Term.of(fold(term)), among)
    assert list(bits.ones(found)) == [
        at for at, label in enumerate(labels) if among >> at & 1 and fold(term) in fold(label)
    ]
    assert chunk.containing(Term.of(fold(term)), among) == found


@settings(max_examples=200, deadline=None)
@given(
    texts,
    st.lists(st.tuples(st.sampled_from(["new", "other", "gone"]), st.integers(0, 80), st.text(LETTERS, max_size=9))),
    terms,
)
def test_texts_made_by_steps_are_those_made_at_once(
    labels: list[str], steps: list[tuple[str, int, str]], term: str
) -> None:
    kept = list(map(fold, labels))
    by_steps = Texts.of(kept)
    max_count = len(kept)
    for deed, at, label in steps:
        if deed == "new":
            kept.insert(min(at, len(kept)), fold(label))
            by_steps = by_steps.with_one(min(at, len(by_steps)), fold(label))
        elif at < len(kept) and deed == "other":
            kept[at] = fold(label)
            by_steps = by_steps.with_other(at, fold(label))
        elif at < len(kept):
            del kept[at]
            by_steps = by_steps.without(at)
        max_count = max(max_count, len(kept))
    at_once = Texts.of(kept)
    assert [by_steps[at] for at in range(len(by_steps))] == kept
    assert by_steps.kept()[0] == at_once.kept()[0]
    read = Texts.read(by_steps.kept())
    for index in (by_steps.pairs, read.pairs):
        assert {pair: index.numbers(slots) for pair, slots in index.slots.items()} == at_once.pairs.slots
        # What was taken out leaves its slot to what is put in.
        assert max(index.order or (-1,)) < max_count
    assert read.kept() == by_steps.kept()
    assert Texts.read(by_steps.kept()).containing(term, 0, len(kept)) == at_once.containing(term, 0, len(kept))


def test_a_term_does_not_span_two_texts_nor_a_label_and_its_description() -> None:
    chunk = Chunk.of([entry("p.a", label="end", description="ing"), entry("p.b", label="other", description="end")])
    for term in ("ending", "ingother", "ing other", "endother", "dend"):
        assert chunk.containing(Term.of(fold(term)), chunk.everything) == 0, term
    assert chunk.containing(Term.of(fold("end")), chunk.everything) == 0b11


def test_hits_that_overlap_count_once() -> None:
    chunk = chunk_of(["aaaa", "aa", "a", "xaax"])
    assert list(bits.ones(chunk.containing(Term.of(b"aa"), chunk.everything))) == [0, 1, 3]
    assert list(bits.ones(chunk.containing(Term.of(b"aaa"), chunk.everything))) == [0]
    assert list(bits.ones(chunk.containing(Term.of(b"a"), chunk.everything))) == [0, 1, 2, 3]
