"""What changed between two values: told place by place, things with names followed by their names."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_registry.diff import Change, diff_values
from attune_registry.pointers import split
from attune_registry.yamldoc.sameness import same


def task(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "action": "core.noop", **more}


def told(old: Any, new: Any) -> list[tuple[str, str, Any, Any]]:
    return [tuple(change) for change in diff_values(old, new)]


def test_scalars_are_replaced_and_their_types_count() -> None:
    assert told({"a": 1}, {"a": 2}) == [("/a", "replace", 1, 2)]
    assert [change.op for change in diff_values({"a": 1}, {"a": True})] == ["replace"]
    assert [change.op for change in diff_values([1], [1.0])] == ["replace"]
    assert told({"a": 1, "b": [1, {"c": None}]}, {"b": [1, {"c": None}], "a": 1}) == []


def test_members_are_added_and_removed_however_deep() -> None:
    old = {"param_schema": {"properties": {"a/b": {"type": "string"}, "x": 1}}}
    new = {"param_schema": {"properties": {"x": 1, "y~": 2}}}
    assert told(old, new) == [
        ("/param_schema/properties/a~1b", "remove", {"type": "string"}, None),
        ("/param_schema/properties/y~0", "add", None, 2),
    ]


def test_a_null_is_a_value() -> None:
    assert told({"a": None}, {}) == [("/a", "remove", None, None)]
    assert told({}, {"a": None}) == [("/a", "add", None, None)]
    assert told({"a": None}, {"a": 0}) == [("/a", "replace", None, 0)]


def test_lists_of_scalars_tell_what_came_and_what_went() -> None:
    assert told({"tags": ["a", "b", "c"]}, {"tags": ["a", "c", "d"]}) == [
        ("/tags/1", "remove", "b", None),
        ("/tags/2", "add", None, "d"),
    ]
    assert told({"tags": []}, {"tags": ["a"]}) == [("/tags/0", "add", None, "a")]


def test_tasks_are_matched_by_name() -> None:
    old = [task("one"), task("two", timeout=5), task("three")]
    new = [task("zero"), task("one"), task("two", timeout=6)]
    assert told(old, new) == [
        ("/2", "remove", task("three"), None),
        ("/0", "add", None, task("zero")),
        ("/2/timeout", "replace", 5, 6),
    ]


def test_a_task_that_moved_is_told_from_one_that_changed() -> None:
    old = [task("a"), task("b"), task("c"), task("d")]
    new = [task("d"), task("a"), task("b", timeout=1), task("c")]
    assert told({"tasks": old}, {"tasks": new}) == [
        ("/tasks/0", "move", "/tasks/3", "/tasks/0"),
        ("/tasks/2/timeout", "add", None, 1),
    ]


def test_what_changed_inside_of_a_moved_task_is_told_too() -> None:
    old = [task("a", input={"x": 1}), task("b")]
    new = [task("b"), task("a", input={"x": 2, "y": 3})]
    changes = told(old, new)
    assert ("/1/input/x", "replace", 1, 2) in changes
    assert ("/1/input/y", "add", None, 3) in changes
    assert [change[:2] for change in changes if change[1] == "move"] in ([("/0", "move")], [("/1", "move")])


def test_what_was_removed_inside_of_a_moved_task_points_to_where_it_was() -> None:
    old = [task("a"), task("b"), task("c", input={"x": 1})]
    new = [task("c", input={}), task("a"), task("b")]
    assert ("/2/input/x", "remove", 1, None) in told(old, new)


@pytest.mark.parametrize("items", [[task("a"), task("a")], [task("a"), {"action": "x"}], [task("a"), 1]])
def test_names_that_do_not_tell_things_apart_do_not_match_them(items: list[Any]) -> None:
    assert told(items, items[:1]) == [("/1", "remove", items[1], None)]


def test_long_lists_take_no_longer_than_they_should() -> None:
    old = [f"{number % 7}" for number in range(30_000)]
    new = [f"{number % 11}" for number in range(30_000)]
    assert len(diff_values(old, new)) > 20_000


def test_numbers_that_are_too_large_for_others_are_compared_all_the_same() -> None:
    assert told([2**70], [2**70 + 1]) == [("/0", "replace", 2**70, 2**70 + 1)]


_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from(["a", "b", "/~", ""]))
_NAMED = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("abcdef"), "x": st.integers(0, 2)}),
    max_size=6,
    unique_by=lambda i: i["name"],
)
_VALUES = st.recursive(
    st.one_of(_SCALARS, _NAMED),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from("abc/~"), inner, max_size=4)),
    max_leaves=12,
)
_MISSING = object()


def at(value: Any, pointer: str) -> Any:
    for step in split(pointer):
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]
        except (KeyError, IndexError, TypeError, ValueError):
            return _MISSING
    return value


@given(_VALUES, _VALUES)
def test_every_change_points_to_what_it_says(old: Any, new: Any) -> None:
    changes = diff_values(old, new)
    assert bool(changes) == (not same(old, new))
    for change in changes:
        assert _is_true(change, old, new), change


@given(_VALUES, _VALUES)
def test_there_and_back_tell_of_as_many_additions_as_removals(old: Any, new: Any) -> None:
    there = [change.op for change in diff_values(old, new)]
    back = [change.op for change in diff_values(new, old)]
    if "replace" not in there + back:
        assert there.count("add") == back.count("remove")


@given(st.permutations("abcdefg"))
def test_no_more_moves_are_told_than_it_takes(order: list[str]) -> None:
    old, new = [task(name) for name in "abcdefg"], [task(name) for name in order]
    moved = {split(change.pointer)[0] for change in diff_values(old, new)}
    left = [name for number, name in enumerate(order) if str(number) not in moved]
    assert left == sorted(left)
    longest = max(_rising(order))
    assert len(left) == longest


def _rising(order: list[str]) -> list[int]:
    lengths: list[int] = []
    for here, name in enumerate(order):
        lengths.append(1 + max((lengths[before] for before in range(here) if order[before] < name), default=0))
    return lengths


def _is_true(change: Change, old: Any, new: Any) -> bool:
    if change.op == "move":
        return bool(at(old, change.old)["name"] == at(new, change.new)["name"]) and change.pointer == change.new
    if change.op == "remove":
        return same(at(old, change.pointer), change.old) and change.new is None
    if change.op == "add":
        return same(at(new, change.pointer), change.new) and change.old is None
    return same(at(new, change.pointer), change.new) and not same(change.old, change.new)
