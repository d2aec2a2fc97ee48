"""A patch changes the bytes of the values that change, in every style that people write YAML in."""

from typing import Any

import pytest
from yaml_edits import drop, patched, put

from attune_registry.errors import PatchRefused, TooMuch
from attune_registry.yamldoc.patch import patch


def test_a_missing_last_line_end_stays_missing() -> None:
    assert patched("a: 1\nb: 2", put("b", 3)) == "a: 1\nb: 3"
    assert patched("a: 1\nb: 2", put("c", 3)) == "a: 1\nb: 2\nc: 3"
    assert patched("a: 1\nb: 2", drop("b")) == "a: 1"


def test_what_is_equal_keeps_its_bytes_however_odd() -> None:
    before = "a: 0x10\nb: [ 1,2 ]\nc: 'x'\nd: True\ne: ~\nf: !!str 12\n"
    raw = before.encode()
    assert patch(raw, {"f": "12", "e": None, "d": True, "c": "x", "b": [1, 2], "a": 16}) == raw
    assert patched(before, put("c", "y")) == before.replace("'x'", "'y'")


@pytest.mark.parametrize(("old", "new"), [(1, 1.0), (1, True), (0, False), (0, None), ("1", 1), (1, "1")])
def test_a_change_of_type_is_a_change(old: Any, new: Any) -> None:
    after = patched(patched("a: x # c\nb: 2\n", put("a", old)), put("a", new))
    assert after.endswith(" # c\nb: 2\n")


def test_lists_that_are_not_indented_stay_so() -> None:
    before = "tasks:\n- name: a\n  x: 1\n- name: b\nlast: 1\n"
    after = patched(before, lambda d: d["tasks"].append({"name": "c", "l": [{"k": 1}]}))
    assert after == "tasks:\n- name: a\n  x: 1\n- name: b\n- name: c\n  l:\n  - k: 1\nlast: 1\n"


def test_a_wide_indentation_is_taken_up() -> None:
    before = "a:\n    b:\n        c: 1\n"
    assert patched(before, put("a", "d", {"e": {"f": 1}})) == before + "    d:\n        e:\n            f: 1\n"


def test_blank_lines_between_tasks_are_taken_up() -> None:
    before = "tasks:\n  - name: a\n\n  - name: b\n\nlast: 1\n"
    after = patched(before, lambda d: d["tasks"].append({"name": "c"}))
    assert after == "tasks:\n  - name: a\n\n  - name: b\n\n  - name: c\n\nlast: 1\n"
    assert patched(after, drop("tasks", 2)) == before


def test_tasks_are_moved_whole_with_their_comments() -> None:
    before = "t:\n  # one\n  - name: a # x\n    v: [ 1 ]\n\n  # two\n  - name: b\n    v: '2'\n  - name: c\nz: 1\n"
    after = patched(before, lambda d: d["t"].append(d["t"].pop(0)))
    assert (
        after == "t:\n  # two\n  - name: b\n    v: '2'\n\n  - name: c\n  # one\n  - name: a # x\n    v: [ 1 ]\nz: 1\n"
    )


def test_a_moved_task_may_change_too() -> None:
    before = "t:\n  - name: a # x\n    v: 1 # y\n  - name: b\n"

    def edit(data: Any) -> None:
        data["t"].reverse()
        data["t"][1]["v"] = 2

    assert patched(before, edit) == "t:\n  - name: b\n  - name: a # x\n    v: 2 # y\n"


def test_an_item_with_another_name_is_the_item_it_was() -> None:
    before = "t:\n  - name: a # x\n    v: 1 # y\n  - {name: b}\n  - name: c\n    v: 2 # z\n"

    def edit(data: Any) -> None:
        data["t"][0]["name"], data["t"][2]["name"] = "d", "e"

    assert patched(before, edit) == before.replace("name: a", "name: d").replace("name: c", "name: e")


def test_an_item_that_shares_nothing_but_its_place_is_a_new_one() -> None:
    before = "t:\n  - name: a # of a\n    v: 1\n  - name: b\n"

    def edit(data: Any) -> None:
        data["t"][0] = {"name": "d", "v": 2}

    assert "# of a" not in patched(before, edit)


ANCHORS = "base: &b # c\n  x: 1\n  l: [1, 2]\nsame: *b # t\nmore:\n  <<: *b # m\n  z: 3\n"


def test_a_value_behind_an_alias_is_changed_only_there() -> None:
    after = patched(ANCHORS, put("same", "x", 2))
    assert after == ANCHORS.replace("same: *b # t\n", "same: # t\n  x: 2\n  l: [1, 2]\n")


def test_an_anchored_value_that_changes_leaves_its_aliases_alone() -> None:
    after = patched(ANCHORS, put("base", "x", 2))
    assert after == (
        "base: &b # c\n  x: 2\n  l: [1, 2]\nsame: # t\n  x: 1\n  l: [1, 2]\nmore:\n  <<: *b # m\n  z: 3\n  x: 1\n"
    )


def test_an_anchor_and_its_alias_may_change_together() -> None:
    def edit(data: Any) -> None:
        data["base"]["x"] = data["same"]["x"] = data["more"]["x"] = 2

    assert patched(ANCHORS, edit) == ANCHORS.replace("x: 1", "x: 2")


def test_an_anchor_that_goes_leaves_its_values_behind() -> None:
    after = patched(ANCHORS, drop("base"))
    assert after == "same: # t\n  x: 1\n  l: [1, 2]\nmore:\n  z: 3\n  x: 1\n  l: [1, 2]\n"


def test_a_merged_key_is_changed_by_writing_it_out() -> None:
    assert patched(ANCHORS, put("more", "x", 5)) == ANCHORS + "  x: 5\n"


def test_a_merged_key_is_removed_by_writing_out_the_others() -> None:
    assert patched(ANCHORS, drop("more", "x")) == ANCHORS.replace("  <<: *b # m\n", "") + "  l: [1, 2]\n"


def test_an_anchor_on_a_scalar_stays_on_its_new_value() -> None:
    before = "a: &x one # c\nb: *x\n"
    assert patched(before, lambda d: d.update(a="two", b="two")) == "a: &x two # c\nb: *x\n"
    assert patched(before, put("a", "two")) == "a: &x two # c\nb: one\n"


def test_a_list_in_brackets_over_several_lines_keeps_its_layout() -> None:
    before = "a: [\n  one, # 1\n  two,\n  three # 3\n]\n"
    assert patched(before, drop("a", 1)) == "a: [\n  one, # 1\n  three # 3\n]\n"
    assert patched(before, lambda d: d["a"].append("four")) == "a: [\n  one, # 1\n  two,\n  three, # 3\n  four\n]\n"
    assert patched(before, lambda d: d["a"].insert(1, "x")) == "a: [\n  one, # 1\n  x,\n  two,\n  three # 3\n]\n"


def test_json_stays_json() -> None:
    before = '{"a": 1, "b": {"c": ["x"]}}\n'
    after = patched(before, lambda d: d.update(a="y", b={"c": ["x", "z"], "d": None}))
    assert after == '{"a": "y", "b": {"c": ["x", "z"], "d": null}}\n'


def test_json_over_several_lines_stays_json() -> None:
    before = '{\n  "a": 1,\n  "b": [\n    1,\n    2\n  ]\n}\n'
    assert patched(before, drop("b", 1)) == before.replace("1,\n    2", "1")
    assert patched(before, drop("b")) == '{\n  "a": 1\n}\n'
    assert patched(before, put("c", "x")) == before.replace("]\n", ']\n,  "c": "x"\n').replace("]\n,", "],\n")


def test_a_task_that_loses_its_first_key_starts_with_its_second() -> None:
    before = "t:\n  - name: a # x\n    action: b # y\n  - c: 1\n"
    assert patched(before, drop("t", 0, "name")) == "t:\n  - action: b # y\n  - c: 1\n"


def test_an_empty_value_is_filled_in() -> None:
    assert patched("a:\nb: # c\nd:\n  -\n", lambda d: d.update(a=1, b="x", d=["z"])) == "a: 1\nb: x # c\nd:\n  - z\n"
    assert patched("a: {b, c: }\n", put("a", "b", 1)) == "a: {b: 1, c: }\n"


def test_an_empty_list_is_filled_in_and_emptied() -> None:
    assert patched("a: [] # c\n", put("a", [{"b": 1}])) == "a: # c\n  - b: 1\n"
    assert patched("a: # c\n  - b: 1\n", put("a", [])) == "a: [] # c\n"


def test_the_comments_around_a_file_survive_a_new_document() -> None:
    before = "# top\n---\na: 1\n# end\n"
    assert patched(before, lambda d: (d.clear(), d.update(b=2))) == "# top\n---\nb: 2\n# end\n"


def test_a_block_scalar_at_the_end_without_a_line_end_can_be_followed() -> None:
    assert patched("a: |\n  x", put("b", 1)) == "a: |-\n  x\nb: 1"
    assert patched("a: 1", put("b", "x\ny\n")) == "a: 1\nb: |\n  x\n  y\n"


@pytest.mark.parametrize(
    "raw",
    [b"a: 1\na: 2\n", b"a: [", b"", b"\xff", b"a: !x 1\n", b"1: x\n"],
    ids=["twice", "open", "empty", "latin", "tag", "key"],
)
def test_a_file_that_cannot_be_read_cannot_be_patched(raw: bytes) -> None:
    with pytest.raises(PatchRefused, match="before it is mended"):
        patch(raw, {"a": 3})


def test_what_yaml_cannot_hold_is_refused() -> None:
    for value in (float("nan"), float("inf"), 2**70, "\ud800"):
        with pytest.raises(PatchRefused):
            patch(b"a: 1\n", {"a": value})
    deep: Any = 1
    for _ in range(100):
        deep = [deep]
    with pytest.raises(TooMuch, match="levels deep"):
        patch(b"a: 1\n", {"a": deep})


def test_what_could_not_be_read_again_is_refused() -> None:
    with pytest.raises(TooMuch, match="100,000"):
        patch(b"a: 1\n", {"a": [1] * 100_000})
    with pytest.raises(TooMuch, match="larger than"):
        patch(b"a: 1 # " + b"x" * 1000 + b"\n", {"a": "x" * (1 << 20)})
