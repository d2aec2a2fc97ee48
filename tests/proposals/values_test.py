"""Three-way merges of JSON values."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from attune_registry.proposals.values import ABSENT, merge_values
from attune_registry.yamldoc.sameness import same


def task(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "action": "core.noop", **more}


A, B, C, N, M = task("a"), task("b"), task("c"), task("n"), task("m")
MERGED: dict[str, tuple[Any, Any, Any, Any]] = {
    "ours alone": ({"x": 1}, {"x": 2}, {"x": 1}, {"x": 2}),
    "theirs alone": ({"x": 1}, {"x": 1}, {"x": 2}, {"x": 2}),
    "both the same": ({"x": 1}, {"x": 2}, {"x": 2}, {"x": 2}),
    "different fields": ({"x": 1, "y": 1}, {"x": 2, "y": 1}, {"x": 1, "y": 2}, {"x": 2, "y": 2}),
    "added by both": ({}, {"x": 1}, {"y": 1}, {"x": 1, "y": 1}),
    "deleted by both": ({"x": 1, "y": 1}, {"x": 1}, {"x": 1}, {"x": 1}),
    "deleted by one": ({"x": 1, "y": 1}, {"x": 1}, {"x": 1, "y": 1}, {"x": 1}),
    "deep": ({"x": {"y": 1, "z": 1}}, {"x": {"y": 2, "z": 1}}, {"x": {"y": 1, "z": 2}}, {"x": {"y": 2, "z": 2}}),
    "tags": ({"tags": ["a", "b"]}, {"tags": ["a", "b", "x"]}, {"tags": ["y", "a"]}, {"tags": ["a", "x", "y"]}),
    "different tasks": ([A, B], [A, task("b", t=1)], [task("a", t=2), B], [task("a", t=2), task("b", t=1)]),
    "different fields of a task": ([A], [task("a", x=1)], [task("a", y=1)], [task("a", x=1, y=1)]),
    "tasks added at two places": ([A, B], [N, A, B], [A, B, M], [N, A, B, M]),
    "a task added and one taken away": ([A, B], [B], [A, B, N], [B, N]),
    "moved and changed": ([A, B, C], [C, A, B], [A, task("b", t=1), C], [C, A, task("b", t=1)]),
    "moved by them, one added by us": ([A, B, C], [A, N, B, C], [C, A, B], [C, A, N, B]),
    "moved by us, one added by them": ([A, B, C], [C, A, B], [A, N, B, C], [C, A, N, B]),
    "moved and added by us, changed by them": ([A, B], [B, N, A], [A, task("b", t=1)], [task("b", t=1), N, A]),
    "moved at one end, added at the other": ([A, B, C], [B, A, C], [A, B, C, N], [B, A, C, N]),
    "moved by us, taken away by them while they move others": ([A, B, C], [C, A, B], [B, A], [B, A]),
    "the same added at one place": ([A, B], [A, N, B], [A, N, B, M], [A, N, B, M]),
    "added around one taken away": ([A, B, C], [A, C], [A, N, B, M, C], [A, N, M, C]),
    "variables in a list": ([{"x": 1}, {"y": 1}], [{"x": 2}, {"y": 1}], [{"x": 1}, {"y": 2}], [{"x": 2}, {"y": 2}]),
    "a variable added": (
        [{"x": 1}, {"y": 1}],
        [{"x": 2}, {"y": 1}],
        [{"x": 1}, {"z": 0}, {"y": 1}],
        [{"x": 2}, {"z": 0}, {"y": 1}],
    ),
    "added, with one between that stays": ([A, B, C], [A, N, B], [A, B, M, C], [A, N, B, M]),
}
CONFLICTS: dict[str, tuple[Any, Any, Any, list[str]]] = {
    "same field": ({"x": 1, "y": 1}, {"x": 2, "y": 1}, {"x": 3, "y": 2}, ["/x"]),
    "added differently": ({}, {"x": 1}, {"x": 2}, ["/x"]),
    "number and boolean": ({"x": 0}, {"x": 1}, {"x": True}, ["/x"]),
    "deleted and changed": ({"x": 1}, {}, {"x": 2}, ["/x"]),
    "changed and deleted": ({"x": 1}, {"x": 2}, {}, ["/x"]),
    "deep": ({"x": {"a/b": 1}}, {"x": {"a/b": 2}}, {"x": {"a/b": 3}}, ["/x/a~1b"]),
    "a task": ([A, B], [A, task("b", t=1)], [A, task("b", t=2)], ["/1/t"]),
    "a task where we have it": ([A, B], [N, A, task("b", t=1)], [A, task("b", t=2)], ["/2/t"]),
    "a task deleted and changed": ([A, B], [A], [A, task("b", t=2)], ["/1"]),
    "tasks added at one place": ([A, B], [A, N, B], [A, M, B], [""]),
    "added before and behind": ([A], [N, A], [A, N], [""]),
    "the same added at two places": ([A, B], [A, N, B], [A, B, N], [""]),
    "one added for another, and one behind that": ([A, B, C], [A, N, C], [A, B, M, C], [""]),
    "two added, what is before them turned round": ([A, B], [A, N, B, M], [B, A], [""]),
    "added behind the last, which goes first": ([A, B, C], [A, B, C, N], [C, A, B], [""]),
    "added where one is moved away": ([A, B, C], [A, B, N, C], [C, A, B], [""]),
    "moved to where one is added": ([A, B, C], [N, A, B, C], [C, A, B], [""]),
    "a variable": ([{"x": 1}, {"y": 1}], [{"x": 2}, {"y": 1}], [{"x": 3}, {"y": 1}], ["/0/x"]),
    "one variable twice": ([{"x": 1}, {"x": 2}], [{"x": 3}, {"x": 2}], [{"x": 1}, {"x": 3}], [""]),
    "moved differently": ([A, B, C], [C, A, B], [B, A, C], [""]),
    "lists without names": ([1, 2], [1, 3], [0, 2], [""]),
    "kinds": ({"x": {}}, {"x": []}, {"x": "text"}, ["/x"]),
}


@pytest.mark.parametrize("case", MERGED)
def test_changes_that_do_not_meet_are_merged(case: str) -> None:
    base, ours, theirs, expected = MERGED[case]
    merged = merge_values(base, ours, theirs)
    assert merged.conflicts == ()
    assert same(merged.value, expected)


@pytest.mark.parametrize("case", CONFLICTS)
def test_changes_that_meet_are_named(case: str) -> None:
    base, ours, theirs, pointers = CONFLICTS[case]
    merged = merge_values(base, ours, theirs)
    assert [conflict.pointer for conflict in merged.conflicts] == pointers


_names = st.lists(st.sampled_from("abcdxy"), unique=True, max_size=6)


@given(_names, _names, _names)
def test_no_side_finds_two_turned_round_that_it_added(base: list[str], ours: list[str], theirs: list[str]) -> None:
    sides = [[task(name) for name in side] for side in (base, ours, theirs)]
    one, other = merge_values(*sides), merge_values(sides[0], sides[2], sides[1])
    assume(not one.conflicts)
    assert same(one.value, other.value)
    found = [item["name"] for item in one.value]
    assert set(found) == {name for name in {*ours, *theirs} if name not in base or (name in ours and name in theirs)}
    for side in (ours, theirs):
        added = [name for name in side if name not in base]
        assert [name for name in found if name in added] == added


def test_a_side_that_has_nothing_there_says_so() -> None:
    (conflict,) = merge_values({"x": 1}, {}, {"x": 2}).conflicts
    assert (conflict.base, conflict.ours, conflict.theirs) == (1, ABSENT, 2)


_values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "a"]),
    lambda inner: (
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
        | st.lists(inner, max_size=3)
        | st.lists(st.builds(lambda name, t: {"name": name, "t": t}, st.sampled_from("abc"), inner), max_size=3)
    ),
    max_leaves=8,
)


@given(_values, _values)
def test_who_changes_alone_gets_it_whole(base: Any, changed: Any) -> None:
    for sides in ((base, changed, base), (base, base, changed), (base, changed, changed)):
        merged = merge_values(*sides)
        assert merged.conflicts == ()
        assert same(merged.value, changed)


@given(_values, _values, _values)
def test_both_sides_find_the_same_conflicts(base: Any, ours: Any, theirs: Any) -> None:
    one, other = merge_values(base, ours, theirs), merge_values(base, theirs, ours)
    assert len(one.conflicts) == len(other.conflicts)
