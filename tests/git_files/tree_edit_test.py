"""Trees as bytes: compared, and made from others, without taking apart what is the same."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_registry.git import tree_edit
from attune_registry.git.tree_edit import TREE_MODE, TreeBytes, TreeEntry

ENTRIES = st.dictionaries(
    st.text("ab.-0", min_size=1, max_size=3).map(str.encode).filter(lambda name: name not in (b".", b"..")),
    st.builds(TreeEntry, st.sampled_from([TREE_MODE, 0o100644, 0o100755]), st.sampled_from([b"\0" * 20, b"1" * 20])),
    max_size=12,
)


@pytest.fixture(params=["as a small tree", "as a large tree"], scope="module", autouse=True)
def size(request: pytest.FixtureRequest) -> Iterator[None]:
    """What is small is taken apart whole."""
    with patch.object(tree_edit, "_LARGE", 0 if "large" in request.param else 1 << 20):
        yield


def tree_of(entries: dict[bytes, TreeEntry]) -> TreeBytes:
    tree = TreeBytes()
    for name, entry in entries.items():
        tree = tree.with_entry(name, entry)
    return TreeBytes(tree.raw)


@given(ENTRIES, ENTRIES, st.booleans())
def test_a_tree_made_from_another_is_as_if_read_anew(
    one: dict[bytes, TreeEntry], changes: dict[bytes, TreeEntry], is_like: bool
) -> None:
    other = {**one, **changes} if is_like else changes
    before, raw = tree_of(one), tree_of(other).raw
    for _ in range(2):  # and once more, with what the first time has been remembered
        after = before.altered(raw)
        assert (after.raw, after.heads) == (raw, TreeBytes(raw).heads)
        assert {name: after.find(name) for name in one | other} == {name: other.get(name) for name in one | other}


@given(ENTRIES, ENTRIES, st.booleans())
def test_the_differences_of_two_trees_are_those_of_their_entries(
    one: dict[bytes, TreeEntry], changes: dict[bytes, TreeEntry], is_like: bool
) -> None:
    other = {**one, **changes} if is_like else changes
    before, after = tree_of(one), tree_of(other)
    expected = {
        name: (one.get(name), other.get(name)) for name in sorted(one | other) if one.get(name) != other.get(name)
    }
    for there in (after, before.altered(after.raw)):
        assert before.differences(there) == expected


def test_bytes_that_are_the_same_in_other_entries_are_no_common_end() -> None:
    """An id may be anything, text that looks like entries among it."""
    end = b"100644 b\0" + b"100644 " + b"n" * 13 + b"100644 c\0" + b"3" * 20
    before = TreeBytes(b"100644 Z\0" + b"1" * 20 + end)
    after = TreeBytes(b"100644 a\0" + b"2" * 11 + end)
    assert before.heads == [b"100644 Z", b"100644 b", b"100644 c"]
    assert after.heads == [b"100644 a", b"100644 " + b"n" * 13 + b"100644 c"]
    assert before.altered(after.raw).heads == after.heads
    assert after.altered(before.raw).heads == before.heads
    assert list(before.differences(after)) == [b"Z", b"a", b"b", b"c", b"n" * 13 + b"100644 c"]
    assert list(after.differences(before)) == [b"Z", b"a", b"b", b"c", b"n" * 13 + b"100644 c"]
