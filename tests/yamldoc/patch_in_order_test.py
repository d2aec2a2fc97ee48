"""Mappings whose order says something: pairs come, go, move and get other names, and keep their comments."""

import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_values import Making
from random_yaml import Rendering
from searches import searched
from yaml_edits import changed_lines

from attune_registry.yamldoc.document import parse
from attune_registry.yamldoc.in_order import InOrder
from attune_registry.yamldoc.patch import patch
from attune_registry.yamldoc.sameness import same

TASKS = """\
tasks:
  # about build
  build:                     # first
    action: core.build
    next: test
  # about test
  test:   {action: core.test,   next: ship}
  # about ship
  ship:
    action: core.ship   # by night
    timeout: 60
after: 1   # below
"""
_NEW = {"action": "core.new", "timeout": 5}


def _patched(before: str, tasks: dict[str, Any], **more: Any) -> str:
    raw = before.encode()
    new = {**parse(raw).data, "tasks": InOrder(tasks), **more}
    after = patch(raw, new)
    assert same(parse(after).data, new)
    return after.decode()


def _tasks(names: Sequence[str], text: str = TASKS, **called: str) -> dict[str, Any]:
    """Those tasks of a text, in this order, some of them called otherwise; what is none of them is new."""
    old = parse(text.encode()).data["tasks"]
    return {called.get(name, name): old.get(name, _NEW) for name in names}


@pytest.mark.parametrize(
    ("names", "above"),
    [
        (["new", "build", "test", "ship"], "  # about build\n"),
        (["build", "new", "test", "ship"], "  # about test\n"),
        (["build", "test", "new", "ship"], "  # about ship\n"),
        (["build", "test", "ship", "new"], "after: 1   # below\n"),
    ],
)
def test_a_new_pair_comes_to_its_place_and_no_other_byte_changes(names: list[str], above: str) -> None:
    said = "  new:\n    action: core.new\n    timeout: 5\n"
    after = _patched(TASKS, _tasks(names))
    assert after == TASKS.replace(above, said + above)


def test_a_renamed_pair_gets_another_key_and_keeps_its_place_and_its_comments() -> None:
    tasks = _tasks(["build", "test", "ship"], test="check")
    tasks["build"] = {**tasks["build"], "next": "check"}
    assert _patched(TASKS, tasks) == TASKS.replace("  test:", "  check:").replace("next: test", "next: check")


def test_pairs_that_move_take_their_comments_along() -> None:
    rows = TASKS.partition("tasks:\n")[2].partition("after:")[0]
    build, test, ship = (f"  # about{row}" for row in rows.split("  # about")[1:])
    after = _patched(TASKS, _tasks(["ship", "build", "test"]))
    assert after == "tasks:\n" + ship + build + test + "after: 1   # below\n"
    after = _patched(TASKS, _tasks(["test", "new", "build"]))
    new = "  new:\n    action: core.new\n    timeout: 5\n"
    assert after == "tasks:\n" + test + new + build + "after: 1   # below\n"


def test_pairs_in_braces_change_their_order_and_nothing_else_does() -> None:
    before = "tasks: {a: {x: 1}, b: {x: 2}}   # short\nafter: 1   # below\n"
    assert _patched(before, {"b": {"x": 2}, "a": {"x": 1}}) == before.replace(
        "{a: {x: 1}, b: {x: 2}}", "{b: {x: 2}, a: {x: 1}}"
    )
    assert _patched(before, {"a": {"x": 1}, "b": {"x": 2}, "c": {"x": 3}}) == before.replace("2}}", "2}, c: {x: 3}}")


IN_BRACES = """\
tasks: {
  # about build
  build: {action: core.build, next: test}, # first
  # about test
  "test": {action: core.test, next: ship}, # second
  # about ship
  ship: {action: core.ship,
         timeout: 60} # by night
}
after: 1   # below
"""
_IN_BRACES = "  new: {action: core.new, timeout: 5},\n"


@pytest.mark.parametrize(
    ("names", "above"),
    [
        (["new", "build", "test", "ship"], "  # about build\n"),
        (["build", "new", "test", "ship"], "  # about test\n"),
        (["build", "test", "new", "ship"], "  # about ship\n"),
    ],
)
def test_so_it_does_in_braces(names: list[str], above: str) -> None:
    assert _patched(IN_BRACES, _tasks(names, IN_BRACES)) == IN_BRACES.replace(above, _IN_BRACES + above)


def test_a_pair_in_braces_is_renamed_in_its_line_and_keeps_its_quotes() -> None:
    after = _patched(IN_BRACES, _tasks(["build", "test", "ship"], IN_BRACES, build="make", test="check"))
    assert after == IN_BRACES.replace("  build:", "  make:").replace('"test"', '"check"')


def test_pairs_in_braces_move_with_their_comments() -> None:
    build, test, ship = (f"  # about{row}" for row in IN_BRACES.partition("\n}")[0].split("  # about")[1:])
    said = ship.replace("} #", "}, #") + "\n" + test + build.replace("}, #", "} #")
    after = _patched(IN_BRACES, _tasks(["ship", "test", "build"], IN_BRACES))
    assert after == f"tasks: {{\n{said}}}\nafter: 1   # below\n"


def test_pairs_of_json_stay_json() -> None:
    before = '{"tasks": {"a": {"x": 1}, "b": {"x": 2}}}\n'
    assert _patched(before, {"c": {"x": 2}, "new": {"x": 3}, "a": {"x": 1}}) == (
        '{"tasks": {"c": {"x": 2}, "new": {"x": 3}, "a": {"x": 1}}}\n'
    )


ANCHORED = """\
tasks:
  a: {action: core.x} # x
  &k c: {action: core.y, timeout: 5} # anchored
  'd': {action: core.x, next: *k} # y
last: *k   # z
"""


def test_a_key_with_an_anchor_is_renamed_alone_and_aliases_of_it_say_what_they_have_to() -> None:
    old = parse(ANCHORED.encode()).data["tasks"]
    tasks = {"a": old["a"], "cc": old["c"], "d": {**old["d"], "next": "cc"}}
    assert _patched(ANCHORED, tasks, last="cc") == ANCHORED.replace("&k c:", "&k cc:")
    tasks["d"]["next"] = "c"
    assert _patched(ANCHORED, tasks) == (
        ANCHORED.replace("&k c:", "&k cc:").replace("next: *k", "next: c").replace("last: *k", "last: c")
    )


def test_a_key_that_is_an_alias_is_written_out_where_it_gets_another_name() -> None:
    before = "name: &k c\ntasks:\n  *k : {x: 1} # one\n  'd': {x: *k} # two\n"
    assert _patched(before, {"e": {"x": 1}, "f": {"x": "c"}}) == before.replace("  *k :", "  e :").replace("'d'", "'f'")


def test_with_keys_that_others_bring_in_the_mapping_alone_is_written_anew() -> None:
    before = "base: &base\n  a: {x: 1}\ntasks:\n  <<: *base\n  b: {x: 2}\nafter: 1   # below\n"
    after = _patched(before, {"b": {"x": 2}, "a": {"x": 1}})
    old, new = changed_lines(before, after)
    assert old == ["  <<: *base", "  b: {x: 2}"]
    assert new == ["  b:", "    x: 2", "  a:", "    x: 1"]


def test_an_order_that_comes_undone_by_another_change_is_made_again() -> None:
    before = "base: &base {a: 1}\nother: &other x\nmerged:\n  <<: *base\n  b: 2\nlast: *other\n"
    new = {"base": {"c": 3}, "other": "y", "merged": InOrder(a=1, b=2), "last": "x"}
    assert same(parse(patch(before.encode(), new)).data, new)


def test_an_order_that_is_there_already_is_no_change() -> None:
    assert _patched(TASKS, _tasks(["build", "test", "ship"])) == TASKS
    assert not same(InOrder(a=1, b=2), InOrder(b=2, a=1))
    assert not same({"a": 1}, InOrder(a=True))
    assert not same([1], InOrder())


@searched
@given(st.integers(1, 4), st.integers(0, 2**32))
def test_whatever_is_put_into_another_order_reads_back_in_it(size: int, seed: int) -> None:
    dice = random.Random(seed)
    making = Making(dice)
    data = making.document(size)
    raw = Rendering(dice).rendered(data)
    new = dict(data)
    for key, value in data.items():
        if isinstance(value, dict):
            new[key] = _shuffled(dice, making, value)
    after = patch(raw, new)
    assert same(parse(after).data, new), f"{raw.decode()}\n--- after\n{after.decode()}"


def _shuffled(dice: random.Random, making: Making, value: dict[str, Any]) -> InOrder:
    """Some pairs fewer, one with another key, a new one, and another order of them all."""
    pairs = [pair for pair in value.items() if dice.random() < 0.9]
    if pairs and dice.random() < 0.5:
        pairs[0] = (f"{pairs[0][0]}-2", pairs[0][1])
    if dice.random() < 0.5:
        pairs.insert(dice.randint(0, len(pairs)), ("a new one", making.value(2)))
    if dice.random() < 0.7:
        dice.shuffle(pairs)
    return InOrder(pairs)
